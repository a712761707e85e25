"""What stands below a list is what its rows add up to, on all of its pages."""

import re
from collections import defaultdict
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db.models import F
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.merchants.models import Merchant
from billing.money import Money, format_amount
from billing.payments.models import Payment
from billing.payouts.models import BalanceTransaction
from billing.refunds.models import LIVE, Refund
from billing.totals import totals_of
from disputes.chargebacks.models import Dispute
from portal.web.movements import KINDS
from portal.web.reasons import DISPUTE_REASONS, REFUND_REASONS
from tests.billing.deliveries import make_connection
from tests.portal.fragments import rows_of, swap
from tests.portal.money import write_dispute, write_movement, write_refund
from tests.portal.payments import address, utc, write_payments
from tests.portal.people import make_merchant

pytestmark = pytest.mark.django_db
# The last Sunday of October has 25 hours in Paris.
NOW = utc("2026-10-27T12:00:00+00:00")
CURRENCIES = ("EUR", "JPY", "KWD")
DAYS = [f"2026-10-{day:02}" for day in range(22, 29)]


def captured(payment: Payment) -> tuple[int, ...]:
    taken, returned, lost = payment.amount_captured, payment.amount_refunded, payment.amount_lost
    return taken, -returned, -lost, taken - returned - lost


def refunded(refund: Refund) -> tuple[int, ...]:
    return (-refund.amount if refund.provider_status in LIVE else 0,)


def disputed(dispute: Dispute) -> tuple[int, ...]:
    return dispute.amount, -dispute.amount_withdrawn


def moved(movement: BalanceTransaction) -> tuple[int, ...]:
    if movement.type in ("payout", "payout_cancel", "payout_failure"):
        return 0, -movement.fee, -movement.fee, movement.amount
    return movement.amount, -movement.fee, movement.net, 0


LISTS = {
    "transactions": (Payment, captured, {"status": ["succeeded", "failed", "refunded"], "risk": ["normal"]}),
    "refunds": (Refund, refunded, {"status": ["succeeded", "failed", "pending"], "reason": list(REFUND_REASONS)}),
    "disputes": (Dispute, disputed, {"status": ["won", "lost", "needs_response"], "reason": list(DISPUTE_REASONS)}),
    "activity": (BalanceTransaction, moved, {"status": ["pending", "available"], "type": list(KINDS)}),
}


@pytest.fixture
def rows(shop: Merchant) -> None:
    """Some of everything, most of it around the night in which clocks are set back."""
    account = make_connection(shop)
    wanted = []
    for n in range(60):
        taken = 1000 + 7 * n if n % 4 else 0
        wanted.append(
            {
                "created_at": NOW - timedelta(hours=2 * n, seconds=n),
                "currency": CURRENCIES[n % 3],
                "amount": 1000 + 7 * n,
                "amount_captured": taken,
                "amount_refunded": taken // 2 if n % 5 == 0 else 0,
                "amount_lost": taken // 3 if n % 7 == 1 else 0,
                "status": ("succeeded", "failed", "refunded")[n % 3],
            }
        )
    for n, payment in enumerate(write_payments(account, wanted)):
        shared = {"created_at": payment.created_at}
        reason = list(DISPUTE_REASONS)[n % 5]
        if payment.amount_lost:
            write_dispute(payment, amount_withdrawn=payment.amount_lost, reason=reason, **shared)
        write_dispute(payment, provider_status=("won", "lost", "strange")[n % 3], reason=reason, **shared)
        write_refund(payment, amount=1 + n, provider_status=("succeeded", "failed", "canceled", "new")[n % 4], **shared)
        kinds = (("charge", ""), ("adjustment", "dispute"), ("payout", ""), ("payout_failure", ""), ("stripe_fee", ""))
        type_, category = kinds[n % 5]
        kind = {"type": type_, "reporting_category": category, "currency": payment.currency, "fee": n - 20}
        write_movement(account, amount=(-1) ** n * (500 + n), **kind, **shared)
    # Of the other mode and of another merchant: counted nowhere.
    for other in (make_connection(shop, livemode=True), make_connection(make_merchant("globex"))):
        for payment in write_payments(other, [{"amount_captured": 99, "created_at": NOW}]):
            write_refund(payment)
            write_dispute(payment)
            write_movement(other)


def shown(client: Client, shop: Merchant, name: str, query: str) -> dict[str, tuple[str, ...]]:
    """By currency, what the totals say: results and sums."""
    html = swap(client, f"{address(shop, f'{name}/_/totals/')}?{query}", "totals-panel").content.decode()
    found = {}
    for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", html):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        currency, *texts = (re.sub(r"<[^>]+>", "", cell) for cell in cells)
        found[currency] = tuple(texts)
    return found


def added_up(client: Client, shop: Merchant, name: str, query: str) -> dict[str, tuple[str, ...]]:
    """The same from all pages of the list."""
    model, of, _ = LISTS[name]
    url, ids = f"{address(shop, f'{name}/')}?{query}", []
    while url:
        page = client.get(url, follow=True).content.decode()
        ids += rows_of(page)
        following = re.search(r'<a rel="next" href="([^"]+)"', page)
        url = unescape(following[1]) if following else ""
    assert len(ids) == len(set(ids))
    sums: dict[str, list[int]] = defaultdict(list)
    for row in model.objects.filter(public_id__in=ids):
        adds = (1, *of(row))
        sums[row.currency] = [a + b for a, b in zip(sums[row.currency] or [0] * len(adds), adds, strict=True)]
    return {
        currency: (str(count), *(format_amount(Money(each, currency), locale="en_GB", minus="−") for each in amounts))
        for currency, (count, *amounts) in sorted(sums.items())
    }


def some_of(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_totals_are_the_sum_over_all_pages(client, shop, rows, name, data):
    own = LISTS[name][2]
    since, until = sorted(data.draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=2)))
    period = data.draw(
        st.sampled_from(
            [{}, {"since": since, "until": until}, {"since": since}, {"until": until, "until_time": "02:30"}]
        )
    )
    chosen = {key: data.draw(some_of(values)) for key, values in own.items()}
    amounts = data.draw(st.sampled_from([{}, {}, {"amount_op": "gte", "amount": "12"}]))
    currency = data.draw(st.sampled_from(["", *CURRENCIES]))
    narrowing = {**period, **amounts, "currency": currency, **(chosen if data.draw(st.booleans()) else {})}
    query = urlencode(narrowing, doseq=True)
    assert shown(client, shop, name, query) == added_up(client, shop, name, query), query


def test_totals_of_many_rows_say_that_they_are_of_the_newest(rows):
    newest = Refund.objects.order_by("-created_at", "-id")
    whole, bounded = (totals_of(newest, {"taken": F("amount")}, limit=limit) for limit in (newest.count(), 7))
    assert whole.is_whole
    assert (bounded.is_whole, bounded.rows) == (False, 7)
    assert sum(line.sums[0] for line in bounded.lines) == sum(refund.amount for refund in newest[:7])


def test_the_page_asks_for_its_totals_and_shows_them_without_scripts(client, shop, rows):
    page = client.get(f"{address(shop)}?status=succeeded&sort=amount&size=50", follow=True).content.decode()
    asked = unescape(re.search(r'hx-get="([^"]+/_/totals/[^"]*)" hx-trigger="load"', page)[1])
    assert asked == f"{address(shop, 'transactions/_/totals/')}?status=succeeded"
    without = unescape(re.search(r'<noscript><a href="([^"]+)"', page)[1])
    assert "Totals of all 20 results" in client.get(without).content.decode()
    assert client.get(asked)["Location"] == f"{address(shop)}?status=succeeded&totals=shown#totals"


def test_there_are_no_totals_of_nothing_and_of_mistakes(client, shop, rows):
    assert b"/_/totals/" not in client.get(f"{address(shop)}?q=nothing").content
    assert b"/_/totals/" not in client.get(f"{address(shop)}?amount=x").content
    assert swap(client, f"{address(shop, 'transactions/_/totals/')}?amount=x", "totals-panel").status_code == 422


def test_totals_follow_a_live_list_and_stay_while_one_turns_pages(client, shop, rows):
    totals = swap(client, address(shop, "refunds/_/totals/"), "totals-panel").content.decode()
    assert 'data-live="ref" hx-trigger="live"' in totals
    page = client.get(address(shop)).content.decode()
    second = unescape(re.search(r'<a rel="next" href="([^"]+)"', page)[1])
    assert b'id="totals"' not in swap(client, second).content
