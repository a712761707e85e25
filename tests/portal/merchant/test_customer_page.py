"""The page of one customer: what it says, where its figures lead, who sees whom."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing import clock, totals
from billing.access.roles import MerchantRole, StaffRole
from billing.audit.models import AuditEvent
from billing.customers.models import Customer, PaymentMethod
from billing.merchants.models import Merchant
from billing.notes.models import Note
from billing.providers.models import ProviderAccount
from tests.billing.deliveries import make_connection
from tests.portal.access.test_visit import visiting
from tests.portal.fragments import element, hidden_fields, rows_of, swap
from tests.portal.merchant.test_customers import befriend, pay
from tests.portal.mirrored import mirrored
from tests.portal.money import write_dispute, write_refund
from tests.portal.payments import address, utc, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
PERSONAL = ("Lena", "Vogt", "lena@", "170 123")
PANELS = ("summary", "figures", "latest", "methods", "customer", "details")


@pytest.fixture
def client(shop: Merchant) -> Client:
    return signed_in(make_person(merchant=shop, role=MerchantRole.SUPPORT))


@pytest.fixture
def lena(account: ProviderAccount) -> Customer:
    return befriend(account)


@pytest.fixture
def live_lena(shop: Merchant) -> Customer:
    """With what people write about her in every place where they do."""
    lena = befriend(make_connection(shop, livemode=True))
    told = {"reference": "for lena@vogt.example", "description": "Tent for lena@vogt.example"}
    payment = pay(lena, {**told, "customer_name": "Lena Vogt", "customer_email": "lena@vogt.example"})[0]
    write_refund(payment)
    write_dispute(payment)
    return lena


def keep(customer: Customer, **fields) -> PaymentMethod:
    card = {"method_type": "card", "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031}
    whose = {"customer_id": customer.external_id, "holder_name": "Lena Vogt", "holder_email": "lena@vogt.example"}
    return mirrored(PaymentMethod, customer.account, **{**card, **whose, **fields})


def page_of(customer: Customer, rest: str = "") -> str:
    mode = "live" if customer.livemode else "test"
    return address(customer.merchant, f"customers/{customer.public_id}/{rest}", mode)


def read(client: Client, customer: Customer, rest: str = "") -> str:
    response = client.get(page_of(customer, rest))
    assert response.status_code == 200
    return response.content.decode()


def part(page: str, id_: str) -> str:
    """Markup of a region, up to the next one's beginning."""
    return page[page.index(f'id="{id_}"') :].split('hx-swap="outerHTML"', 2)[1]


def test_the_page_says_who_it_is(client, lena):
    page = read(client, lena)
    assert "<title>Customer Lena Vogt · Counterfoil</title>" in page
    assert '<h1 id="page-title" class="cf-title" tabindex="-1"><bdi>Lena Vogt</bdi></h1>' in page
    for text in ("lena@vogt.example", "+49 170 1234567", "Lena from the fair", lena.external_id, lena.public_id):
        assert f">{text}<" in page, text
    assert "<dt>plan</dt><dd>gold</dd>" in page
    assert "This customer has not tried to pay yet." in page
    assert "The processor keeps none for this customer." in page
    assert "Deleted" not in page


def test_a_customer_without_a_name_is_called_by_what_there_is(client, account):
    nameless, bare = befriend(account, name=""), befriend(account, name="", email="", phone="", external_id="cus_bare")
    assert 'tabindex="-1"><bdi>lena@vogt.example</bdi></h1>' in read(client, nameless)
    assert 'tabindex="-1"><bdi>cus_bare</bdi></h1>' in read(client, bare)


def test_a_deleted_customer_says_so_and_keeps_what_they_paid(client, account):
    gone = befriend(account, deleted=True)
    pay(gone, {"reference": "AO-1"})
    page = read(client, gone)
    assert "Deleted at the processor." in page
    assert ">AO-1</a>" in page


def test_one_that_the_processor_does_not_know_is_marked(client, account):
    assert "Unconfirmed." in read(client, befriend(account, unconfirmed_since=clock.now()))


def test_means_of_payment_name_the_usual_one_first_and_what_has_expired(client, account):
    lena = befriend(account, default_method_id="pm_usual")
    with time_machine.travel("2026-11-20T12:00:00Z"):
        client = signed_in(make_person(merchant=lena.merchant))
        keep(lena, external_id="pm_usual", created_at=utc("2020-01-01T00:00:00+00:00"))
        keep(lena, last4="1881", exp_month=10, exp_year=2026, wallet="apple_pay")
        keep(lena, last4="5100", exp_month=11, exp_year=2026)
        keep(befriend(account), last4="9999")
        methods = part(read(client, lena), "methods")
    lines = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)) for line in re.findall(r"<li>.*?</li>", methods)]
    assert ["4242" in lines[0], "usual" in lines[0], "08/2031" in lines[0]] == [True] * 3
    assert [("expired" in line, "Apple Pay" in line) for line in lines if "1881" in line] == [(True, True)]
    assert ["expired" in line for line in lines if "5100" in line] == [False]
    assert len(lines) == 3


def test_the_newest_of_everything_leads_to_its_payment_and_to_the_list_of_all(client, shop, lena):
    # What belongs to somebody with the same id at another account is somebody else's.
    other = befriend(make_connection(shop, external_account="acct_2"), external_id=lena.external_id)
    write_refund(pay(other, {"reference": "THEIRS"})[0])
    now = clock.now()
    paid = pay(lena, *({"reference": f"AO-{n}", "created_at": now - timedelta(hours=n)} for n in range(7)))
    refund, dispute = write_refund(paid[6], reason="duplicate"), write_dispute(paid[6])
    latest = part(read(client, lena), "latest")
    assert rows_of(latest) == [
        *(each.public_id for each in paid[:5]),
        *(refund.public_id, dispute.public_id),
    ]
    assert "THEIRS" not in latest
    back = f"?back={address(shop)}?customer={lena.public_id}".replace("?customer=", "%3Fcustomer%3D")
    assert f'href="{address(shop)}{paid[0].public_id}/{back}"' in latest
    assert f'href="{address(shop)}{paid[6].public_id}/{back}#{refund.public_id}"' in latest
    for name, wanted in {"transactions": paid, "refunds": [refund], "disputes": [dispute]}.items():
        url = f"{address(shop, f'{name}/')}?customer={lena.public_id}"
        assert f'<a href="{url}">Show all' in latest
        rows = rows_of(client.get(url))
        assert set(rows) == {each.public_id for each in wanted}


def figures(page: str) -> dict[str, dict[str, tuple[str, str]]]:
    """By currency and label, what the figures say and where they lead."""
    found = {}
    for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", part(page, "figures"), re.DOTALL):
        currency = re.search(r"<th scope=\"row\">(.*?)</th>", row)[1]
        cells = re.findall(r'<td[^>]*data-label="([^"]+)">(.*?)</td>', row, re.DOTALL)
        found[currency] = {
            label: (
                re.sub(r"<[^>]+>", "", cell),
                unescape(link[1]) if (link := re.search(r'href="([^"]+)"', cell)) else "",
            )
            for label, cell in cells
        }
    return found


def totals_at(client: Client, url: str) -> list[str]:
    """What the totals of the list at that address say, without the currency; the address is tidy."""
    path, _mark, query = url.partition("?")
    assert client.get(url).status_code == 200, url
    html = swap(client, f"{path}_/totals/?{query}", "totals-panel").content.decode()
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", html)
    assert len(rows) == 1, url
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", rows[0])]


def test_every_figure_equals_the_sum_of_the_list_that_it_leads_to(client, shop, account, lena):
    now = clock.now()
    for n in range(40):
        taken = 1000 + n if n % 4 else 0
        fields = {
            "created_at": now - timedelta(days=n),
            "currency": ("EUR", "JPY", "KWD")[n % 3],
            "amount_captured": taken,
            "amount_refunded": taken // 2 if n % 5 == 0 else 0,
            "amount_lost": taken // 3 if n % 7 == 1 else 0,
            "status": "succeeded" if taken else ("failed", "blocked", "in_progress")[n % 3],
        }
        payment = pay(lena, fields)[0]
        if payment.amount_lost or n % 11 == 0:
            write_dispute(payment, amount=500 + n)
    # Somebody else's.
    write_payments(account, [{"amount_captured": 99}])
    found = figures(read(client, lena))
    assert list(found) == ["EUR", "JPY", "KWD"]
    for line in found.values():
        for label, column in (("Captured", 1), ("Refunded", 2), ("Lost to disputes", 3), ("Net before fees", 4)):
            said, url = line[label]
            assert said == totals_at(client, url)[column], url
        assert line["Payments"][0] == totals_at(client, line["Payments"][1])[0]
        assert line["Disputed"][0] == totals_at(client, line["Disputed"][1])[1]


def test_success_rate_and_first_and_last_payment_lead_to_what_they_are_about(client, shop, lena):
    now = utc("2026-11-20T12:00:00+00:00")
    states = ("succeeded", "failed", "succeeded", "blocked", "in_progress")
    paid = pay(
        lena,
        *(
            {"status": state, "amount_captured": 100 * (state == "succeeded"), "created_at": now - timedelta(days=n)}
            for n, state in enumerate(states)
        ),
    )
    line = figures(read(client, lena))["EUR"]
    assert line["Succeeded"][0] == "50.0 %"
    assert (line["First"][0], line["Last"][0]) == ("16 Nov 2026", "20 Nov 2026")

    def rows(label: str) -> list[str]:
        return rows_of(client.get(line[label][1]))

    assert rows("Succeeded") == [paid[1].public_id, paid[3].public_id]
    assert rows("First")[0] == paid[4].public_id
    assert rows("Last")[0] == paid[0].public_id


def test_of_too_many_payments_the_newest_are_added_up_and_nothing_claims_more(client, lena, monkeypatch):
    monkeypatch.setitem(totals.totals_of.__kwdefaults__, "limit", 3)
    pay(lena, *({"amount_captured": 100} for _ in range(4)))
    page = read(client, lena)
    assert "Of the newest 3 payments" in page
    line = figures(page)["EUR"]
    assert line["Captured"] == ("3.00", "")
    assert {url for _said, url in line.values()} == {""}


@pytest.mark.parametrize("role", [MerchantRole.OWNER, MerchantRole.ADMIN, MerchantRole.SUPPORT])
def test_live_customers_are_masked_until_they_are_revealed_which_is_recorded(shop, live_lena, role):
    keep(live_lena)
    person = make_person(merchant=shop, role=role)
    client = signed_in(person)
    page = read(client, live_lena)
    assert [mark for mark in PERSONAL if mark in page] == []
    assert "L•••• V••••" in page
    assert "••••67" in page
    answer = client.post(page_of(live_lena, "reveal/"))
    assert answer["Location"] == f"{page_of(live_lena)}#customer"
    page = read(client, live_lena)
    for text in ("Lena Vogt", "lena@vogt.example", "+49 170 1234567", "Lena from the fair", "for lena@vogt.example"):
        assert f">{text}<" in page, text
    # Windows keep their titles longer than ten minutes.
    assert "<title>Customer L•••• V•••• ·" in page
    assert "Shown to you until" in page
    row = AuditEvent.objects.get(action="customer.revealed")
    assert (row.actor_id, row.object_type, row.object_id) == (person.public_id, "customer", live_lena.public_id)


def test_after_ten_minutes_it_is_masked_again(shop, live_lena):
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as time:
        client = signed_in(make_person(merchant=shop))
        client.post(page_of(live_lena, "reveal/"))
        assert "Lena" in read(client, live_lena)
        time.shift(timedelta(minutes=10))
        assert "Lena" not in read(client, live_lena)


@pytest.mark.parametrize("role", [MerchantRole.FINANCE, MerchantRole.DEVELOPER, MerchantRole.VIEWER])
def test_who_sees_no_customers_reveals_none_and_writes_no_notes(shop, live_lena, role):
    client = signed_in(make_person(merchant=shop, role=role))
    for rest in ("", "_/summary/"):
        assert client.get(page_of(live_lena, rest)).status_code == 403
    for rest in ("reveal/", "notes/"):
        assert client.post(page_of(live_lena, rest)).status_code == 403
    assert not AuditEvent.objects.filter(action="customer.revealed").exists()


def test_visiting_staff_see_it_masked_in_both_modes_and_change_nothing(shop, lena, live_lena):
    keep(lena)
    client = visiting(make_person(staff_role=StaffRole.AGENT))
    for customer in (lena, live_lena):
        page = read(client, customer)
        assert [mark for mark in PERSONAL if mark in page] == []
        assert "L•••• V••••" in page
        assert ">Reveal</button>" not in page
        assert 'id="note-form"' not in page
        # No Owner gives them another role.
        assert "can change your role" not in page
        assert "Customers are masked for staff who look at a merchant’s pages." in page
        assert "You are only looking here." in page
        for rest in ("reveal/", "notes/"):
            assert client.post(page_of(customer, rest)).status_code == 403
    listed = client.get(address(shop, "customers/")).content.decode()
    assert [mark for mark in PERSONAL if mark in listed] == []
    assert "L•••• V••••" in listed
    assert b"data-row" not in client.get(f"{address(shop, 'customers/')}?q=lena").content


def test_notes_are_about_the_customer(client, shop, lena):
    key = hidden_fields(client.get(page_of(lena)).content)["form_key"]
    answer = client.post(page_of(lena, "notes/"), {"text": "Prefers mail.", "form_key": key})
    assert answer["Location"] == f"{page_of(lena)}#notes"
    assert "Prefers mail.</p>" in read(client, lena)
    note = Note.objects.get()
    assert (note.subject_kind, note.subject_id, note.audience) == ("customer", lena.public_id, "merchant_and_staff")
    refused = client.post(page_of(lena, "notes/"), {"text": " ", "form_key": key})
    assert refused.status_code == 422
    assert "<title>Error:" in refused.content.decode()
    assert client.get(page_of(lena, "notes/"))["Location"] == f"{page_of(lena)}#notes"


def test_parts_listen_to_what_they_tell_of_and_equal_the_fresh_page(client, shop, live_lena):
    client.post(page_of(live_lena, "reveal/"))
    with time_machine.travel(clock.now(), tick=False):
        fresh = read(client, live_lena)
        topics = f'data-live="cst:{live_lena.public_id} {live_lena.external_id}"'
        for panel in PANELS:
            assert f'id="{panel}"' in fresh
            swapped = swap(client, page_of(live_lena, f"_/{panel}/"), panel)
            assert element(swapped.content, panel) == element(fresh, panel), panel
            assert topics in swapped.content.decode(), panel
            assert client.get(page_of(live_lena, f"_/{panel}/"))["Location"] == f"{page_of(live_lena)}#{panel}"
    assert client.get(page_of(live_lena, "_/nothing/")).status_code == 404


def test_a_page_reads_as_much_for_one_payment_as_for_many(client, lena):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(client, lena)
        return len(captured)

    def more(count: int) -> None:
        for payment in pay(lena, *({"amount_captured": 100} for _ in range(count))):
            write_refund(payment)
            write_dispute(payment)
            keep(lena)

    more(1)
    one = queries()
    more(2)
    three = queries()
    more(20)
    assert (three, queries()) == (one, one)
    assert one <= 18


def test_it_leads_on_to_the_next_in_the_list_that_one_came_from(client, shop, account):
    now = clock.now()
    third, second, first = (befriend(account, created_at=now - timedelta(hours=n)) for n in (3, 2, 1))
    befriend(account, name="Marek", created_at=now - timedelta(hours=2, minutes=30))
    page = unescape(read(client, second, f"?back={address(shop, 'customers/')}%3Fq%3Dlena"))
    for public_id, key in ((first.public_id, "["), (third.public_id, "]")):
        step = re.search(rf'href="{address(shop, "customers/")}{public_id}/\?back=[^"]+" data-shortcut="(.)"', page)
        assert step[1] == key


def test_foreign_customers_do_not_exist(client, shop, lena):
    theirs = befriend(make_connection(make_merchant("globex")))
    for public_id in (theirs.public_id, "cst_nobody"):
        for rest in ("", "_/summary/"):
            assert client.get(address(shop, f"customers/{public_id}/{rest}")).status_code == 404
        for rest in ("reveal/", "notes/"):
            assert client.post(address(shop, f"customers/{public_id}/{rest}")).status_code == 404
    assert client.get(address(shop, f"customers/{lena.public_id}/", "live")).status_code == 404


def test_search_and_the_page_of_a_payment_lead_here(client, shop, lena):
    payment = pay(lena, {})[0]
    jump = client.get(address(shop, "search/"), {"q": lena.external_id})
    assert jump["Location"].startswith(f"{page_of(lena)}?back=")
    payment_url = address(shop, f"transactions/{payment.public_id}/")
    assert f'<a href="{page_of(lena)}">' in client.get(payment_url).content.decode()
    finance = signed_in(make_person(merchant=shop, role=MerchantRole.FINANCE))
    assert page_of(lena) not in finance.get(payment_url).content.decode()
    found = finance.get(address(shop, "search/"), {"q": lena.external_id})
    assert found["Location"] == f"{address(shop)}?customer={lena.external_id}"


def test_hostile_text_stays_text(client, account):
    hostile = "<script>alert(1)</script>"
    texts = dict.fromkeys(("name", "email", "phone", "description"), hostile)
    lena = befriend(account, **texts, metadata={hostile: "<i>x"}, default_method_id="<b>y")
    write_refund(pay(lena, {"reference": hostile, "brand": "<b>z", "currency": "EUR"})[0], reason=hostile)
    keep(lena, brand="<b>w", wallet="<b>v")
    page = read(client, lena)
    for mark in ("<script>alert", "<i>x", "<b>"):
        assert mark not in page
