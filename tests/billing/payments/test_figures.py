"""The daily figures equal the sums of the rows, after any history."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.payments.figures import COLUMNS, contribution
from billing.payments.models import DailyFigures, Payment
from tests.billing.deliveries import T0, charge, deliver_all, event, intent, make_connection
from tests.billing.factories import make_merchant

DAY = 86_400


def raw_sums() -> Counter:
    sums: Counter = Counter()
    for payment in Payment.objects.select_related("merchant"):
        day = payment.created_at.astimezone(payment.merchant.zone).date()
        for name, value in zip(COLUMNS, contribution(payment), strict=True):
            sums[payment.merchant_id, payment.livemode, payment.currency, day, name] += value
    return +sums


def kept_sums() -> Counter:
    return +Counter(
        {
            (row.merchant_id, row.livemode, row.currency, row.day, name): getattr(row, name)
            for row in DailyFigures.objects.all()
            for name in COLUMNS
        }
    )


events_of_a_month = st.lists(
    st.builds(
        lambda number, status, captured, refunded, day, later, currency, with_intent: (
            number,
            status,
            captured,
            refunded,
            day,
            later,
            currency,
            with_intent,
        ),
        number=st.integers(1, 6),
        status=st.sampled_from(["succeeded", "failed", "pending", "unheard_of"]),
        captured=st.booleans(),
        refunded=st.integers(0, 2000),
        day=st.integers(0, 2),
        later=st.integers(0, 3),
        currency=st.sampled_from(["eur", "jpy"]),
        with_intent=st.sampled_from(["none", "charge", "intent"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=events_of_a_month)
def test_figures_equal_the_raw_sums(committed_db, history):
    account = make_connection()
    payloads = []
    for number, status, captured, refunded, day, later, currency, with_intent in history:
        created = T0 + day * DAY
        if with_intent == "intent":
            target = intent(id=f"pi_{number}", status=status, amount_received=2000, currency=currency, created=created)
        else:
            target = charge(
                id=f"ch_{number}",
                payment_intent=f"pi_{number}" if with_intent == "charge" else None,
                status=status,
                captured=captured,
                amount_refunded=refunded,
                currency=currency,
                created=created,
            )
        kind = "payment_intent.updated" if with_intent == "intent" else "charge.updated"
        payloads.append(event(kind, target, at=created + later))
    for start in range(0, len(payloads), 3):
        deliver_all(account, payloads[start : start + 3])
    assert kept_sums() == raw_sums()


def test_days_are_those_of_the_merchants_zone(db):
    # 1795046400 is 2026-11-19 00:00 UTC: the evening before in New York, the morning in Tokyo.
    midnight = 1_795_046_400
    for zone, day in [("America/New_York", date(2026, 11, 18)), ("Asia/Tokyo", date(2026, 11, 19))]:
        account = make_connection(make_merchant(timezone=zone))
        deliver_all(account, [event("payment_intent.created", intent(created=midnight), at=midnight)])
        assert DailyFigures.objects.get(merchant=account.merchant).day == day


@pytest.mark.parametrize("livemode", [True, False])
def test_modes_are_counted_apart(db, livemode):
    account = make_connection(livemode=livemode)
    deliver_all(account, [event("charge.succeeded", charge(), livemode=livemode)])
    figures = DailyFigures.objects.get()
    assert (figures.livemode, figures.amount_captured, figures.succeeded) == (livemode, 2000, 1)
