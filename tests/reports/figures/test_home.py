"""What the home page says equals what the rows say."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.figures import read
from billing.figures.read import Sums
from billing.merchants.models import Merchant
from billing.payouts.models import Payout
from billing.providers.models import ProviderAccount
from disputes.chargebacks.models import Dispute
from reports.figures import home
from tests.billing.deliveries import T0, deliver_all, event, make_connection
from tests.billing.factories import make_merchant
from tests.billing.figures.histories import CURRENCIES, NIGHTS, histories, live, make_accounts, zones
from tests.billing.figures.sums import contributions
from tests.portal.follow_ups import dispute, tell
from tests.portal.payments import pay, write_payments

moments = st.builds(
    lambda night, minutes: night.replace(tzinfo=UTC) + timedelta(days=7, minutes=minutes, seconds=17),
    st.sampled_from(NIGHTS),
    st.integers(0, 700),
)


def raw(account: ProviderAccount, currency: str, since: datetime, until: datetime) -> Sums:
    """From one moment up to, but not including, another."""
    found = dict.fromkeys(Sums._fields, 0)
    for row, at, sums in contributions():
        if (row.merchant_id, row.currency) == (account.merchant_id, currency) and since <= at < until:
            found.update({name: found[name] + value for name, value in sums.items() if name in found})
    return Sums(**found)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=zones, history=histories, now=moments, currency=st.sampled_from(CURRENCIES))
def test_part_of_a_day_and_many_days_are_exact(db, names, history, now, currency):
    currency = currency.upper()
    with transaction.atomic():
        accounts = make_accounts(names)
        for number, account in enumerate(accounts):
            live(account, [step for whose, step in history if whose == number])
            merchant, mode = account.merchant, account.livemode
            told = home.today(merchant, mode, currency, now, Sums())
            begun = datetime.combine(told.before_day, datetime.min.time(), merchant.zone)
            clock = now.astimezone(merchant.zone)
            until = home.end_of_minute(told.before_day, clock, merchant)
            assert told.before == raw(account, currency, begun, until)
            days = home.volume(merchant, mode, currency, told.before_day, 7)
            first = datetime.combine(days.days[0][0], datetime.min.time(), merchant.zone)
            after = datetime.combine(told.before_day + timedelta(days=1), datetime.min.time(), merchant.zone)
            assert days.total == raw(account, currency, first, after)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_same_minute_of_last_week_is_included():
    account = make_connection(make_merchant(timezone="Europe/Paris"))
    # T0 is Wed 18 Nov 2026, 12:06:40 in Paris.
    pay(account, at=T0)
    for seconds, there in [(-60, 0), (-1, 1), (18, 1), (60, 1)]:
        now = datetime.fromtimestamp(T0 + 7 * 86_400 + seconds, UTC)
        before = home.today(account.merchant, False, "EUR", now, Sums()).before
        assert before.payments == there, seconds


@pytest.mark.parametrize(
    ("local", "end"),
    [
        # Paris turned its clocks back on 28 Oct 2018 at 03:00: an hour comes twice.
        ("2018-11-04T01:59:30", "2018-10-28T00:00:00"),
        ("2018-11-04T02:00:30", "2018-10-28T01:01:00"),
        ("2018-11-04T02:59:30", "2018-10-28T02:00:00"),
        ("2018-11-04T03:00:30", "2018-10-28T02:01:00"),
        # And forward on 25 Mar 2018 at 02:00: no clock shows the hour behind it.
        ("2018-04-01T02:00:30", "2018-03-25T01:01:00"),
        ("2018-04-01T03:00:30", "2018-03-25T01:01:00"),
    ],
)
def test_a_minute_of_last_week_ends_where_its_clock_shows_the_next(local, end):
    merchant = Merchant(timezone="Europe/Paris")
    now = datetime.fromisoformat(local).replace(tzinfo=merchant.zone)
    told = home.end_of_minute(now.date() - timedelta(days=7), now, merchant)
    assert told.astimezone(UTC) == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.django_db
def test_disputes_wait_while_an_answer_is_owed():
    payment = pay(make_connection(), amount=5000)
    source = dispute(payment, amount=1200)
    tell(payment, ("charge.dispute.created", source, 100))
    due = Dispute.objects.get().due_by
    assert due is not None
    waiting = home.disputes_owed(payment.merchant, False)
    assert (waiting.count, waiting.at, waiting.amounts) == (1, due, [("EUR", 1200)])
    assert home.disputes_owed(payment.merchant, True).count == 0
    tell(payment, ("charge.dispute.updated", {**source, "status": "under_review"}, 300))
    assert home.disputes_owed(payment.merchant, False).count == 0


@pytest.mark.django_db
def test_held_payments_wait_by_currency():
    account = make_connection()
    held = {"status": "held_for_review", "amount": 700}
    made = write_payments(account, [held, {**held, "currency": "JPY"}, held, {"status": "succeeded"}])
    waiting = home.payments_held(account.merchant, False)
    assert (waiting.count, waiting.amounts) == (3, [("EUR", 1400), ("JPY", 700)])
    assert waiting.at == min(payment.created_at for payment in made[:3])


def payout(number: int, status: str, *, after: int = 0, currency: str = "eur") -> dict[str, object]:
    source = {"id": f"po_{number}", "object": "payout", "amount": 900, "currency": currency, "status": status}
    return event(f"payout.{status}", {**source, "created": T0 + after, "arrival_date": T0 + 86_400}, at=T0 + after)


@pytest.mark.django_db
def test_a_failed_payout_waits_for_a_newer_one_of_its_currency():
    account = make_connection()

    def shown() -> list[str]:
        return [each.external_id for each in home.open_payouts(account.merchant, False)]

    deliver_all(
        account, [payout(1, "paid"), payout(2, "failed", after=10), payout(3, "paid", after=20, currency="jpy")]
    )
    assert shown() == ["po_2"]
    deliver_all(account, [payout(4, "in_transit", after=30)])
    assert shown() == ["po_4"]
    assert Payout.objects.count() == 4


@pytest.mark.django_db
def test_a_payout_of_another_account_makes_up_for_none():
    account = make_connection()
    deliver_all(account, [payout(1, "failed")])
    other = make_connection(account.merchant, external_account="acct_other")
    deliver_all(other, [payout(2, "in_transit", after=10)])
    shown = home.open_payouts(account.merchant, False)
    assert [each.provider_status for each in shown] == ["in_transit", "failed"]


@pytest.mark.django_db
def test_as_many_queries_for_many_rows_as_for_one():
    account = make_connection()
    now = datetime.fromtimestamp(T0, UTC)

    def ask() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            home.today(account.merchant, False, "EUR", now, Sums())
            home.volume(account.merchant, False, "EUR", now.date(), 90)
            home.disputes_owed(account.merchant, False)
            home.payments_held(account.merchant, False)
            home.open_payouts(account.merchant, False)
            home.to_place(account.merchant, False)
            home.differing_balances(account.merchant, False)
            read.currencies(account.merchant, False)
        return len(asked)

    write_payments(account, [{}])
    one = ask()
    write_payments(account, [{"currency": "JPY", "status": "held_for_review"}] * 100)
    assert ask() == one
