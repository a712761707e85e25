"""Columns that one may add to the list of transactions; its address remembers them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole
from billing.payments.models import Payment, PaymentAttempt
from tests.billing.deliveries import make_connection
from tests.portal.fragments import element, row_of, swap, swapped_out_of_band
from tests.portal.money import write_movement
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
ALL = "columns=refunded&columns=fee&columns=net&columns=country&columns=id&columns=tags&columns=metadata"


def book(payment: Payment, **fields) -> None:
    movement = write_movement(payment.account, source_id=payment.external_charge_id, **fields)
    PaymentAttempt.objects.filter(payment=payment).update(balance_transaction_id=movement.external_id)


def heads(page: str) -> list[str]:
    found = re.findall(r"<th scope=\"col\".*?</th>", page[page.index("<thead>") : page.index("</thead>")])
    # The first is that of the boxes to tick.
    return [re.sub(r"<[^>]+>", "", head) for head in found][1:]


def cells(page: str, payment: Payment) -> list[str]:
    row = row_of(page, payment.public_id)
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh][^>]*>.*?</t[dh]>", row)][1:]


def test_without_a_choice_the_list_is_as_ever(client, shop, account):
    pay(account)
    usual = ["Status", "Amount", "Customer", "Reference", "Method", "Risk", "Created"]
    assert heads(client.get(address(shop)).content.decode()) == usual
    assert heads(client.get(f"{address(shop)}?columns=nothing").content.decode()) == usual


def test_chosen_columns_say_what_the_payment_and_its_movement_hold(client, shop, account):
    card = {"type": "card", "card": {"brand": "visa", "last4": "4242", "country": "FR"}}
    payment = pay(account, reference="AO-1", amount_refunded=500, payment_method_details=card)
    book(payment, amount=2260, fee=66, currency="USD")
    page = client.get(f"{address(shop)}?{ALL}").content.decode()
    names = ["Refunded", "Fee", "Net after fees", "Country", "Processor’s id", "Tags", "Metadata"]
    assert heads(page)[6:-1] == names
    said = dict(zip(heads(page), cells(page, payment), strict=True))
    assert [said[name] for name in names] == [
        *("−5.00 EUR", "−0.66 USD", "21.94 USD", "FR", payment.external_id, "—", "order_id: AO-1")
    ]


def test_what_is_not_known_of_a_payment_is_a_dash(client, shop, account):
    payment = pay(account)
    Payment.objects.filter(pk=payment.pk).update(card_country="")
    page = client.get(f"{address(shop)}?columns=fee&columns=net&columns=country").content.decode()
    assert cells(page, payment)[6:-1] == ["—", "—", "—"]


def test_a_movement_of_another_connection_says_nothing(client, shop, account):
    payment = pay(account)
    other = pay(make_connection(make_merchant("globex")))
    book(other)
    stolen = PaymentAttempt.objects.get(payment=other).balance_transaction_id
    PaymentAttempt.objects.filter(payment=payment).update(balance_transaction_id=stolen)
    assert cells(client.get(f"{address(shop)}?columns=fee").content.decode(), payment)[6] == "—"


def test_columns_stay_while_one_filters_sorts_and_turns_pages(client, shop, account):
    for _ in range(3):
        pay(account)
    page = client.get(f"{address(shop)}?columns=fee&status=succeeded", follow=True).content.decode()
    form = page[page.index('<form class="cf-filters"') :].split("</form>")[0]
    assert '<input type="hidden" name="columns" value="fee">' in form
    assert "columns=fee" in re.search(r'<a class="cf-sort" href="([^"]+)"', page)[1]
    assert "columns=fee" in re.search(r'<a class="cf-clear" href="([^"]+)"', page)[1]
    chooser = page[page.index('<div id="columns"') :].split("</details>")[0]
    assert '<input type="hidden" name="status" value="succeeded">' in chooser


def test_a_payment_leads_back_to_the_columns_and_filters_one_came_from(client, shop, account):
    for _ in range(3):
        pay(account)
    here = f"{address(shop)}?status=succeeded&columns=fee"
    link = re.search(r'<a class="cf-row-link" href="([^"]+)"', client.get(here).content.decode())[1]
    page = client.get(link, headers={"Referer": f"http://testserver{here}"}).content.decode()
    assert f'href="{here.replace("&", "&amp;")}" data-back' in page
    assert "status%3Dsucceeded%26columns%3Dfee" in re.search(r'href="([^"]+)" data-shortcut="\]"', page)[1]


def test_a_swap_brings_the_chooser_as_the_fresh_page_has_it(client, shop, account):
    pay(account)
    partial = swap(client, f"{address(shop)}?columns=net&columns=fee&size=50")
    fresh = client.get(partial["HX-Push-Url"]).content
    assert swapped_out_of_band(partial.content)["columns"] == element(fresh, "columns")
    assert element(partial.content, "results") == element(fresh, "results")


def test_metadata_are_redacted_like_everything_about_people(shop):
    account = make_connection(shop, livemode=True)
    payment = pay(account)
    Payment.objects.filter(pk=payment.pk).update(metadata={"email": "lena@vogt.example", "n": "<b>7</b>"})
    client = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    page = client.get(f"{address(shop, mode='live')}?columns=metadata").content.decode()
    assert "lena@" not in page
    assert "n: &lt;b&gt;7&lt;/b&gt;" in page


def test_all_columns_cost_the_same_queries_for_one_row_three_or_a_hundred(client, shop, account):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{address(shop)}?{ALL}&size=100", follow=True).status_code == 200
        return len(captured)

    book(pay(account))
    one = queries()
    counts = []
    for more in (2, 97):
        for _ in range(more):
            book(pay(account))
        counts.append(queries())
    assert counts == [one, one]
