"""Until when what was authorised can be captured."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.providers.base import Lapse
from billing.providers.stripe.holds import lapse
from tests.billing.deliveries import charge

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def told(kind="card", **details):
    return charge(captured=False, payment_method_details={"type": kind, kind: details})


@pytest.mark.parametrize("kind", ["card", "card_present"])
def test_a_charge_that_names_the_moment_is_believed(kind):
    until = AT + timedelta(days=30, minutes=1)
    assert lapse(told(kind, capture_before=int(until.timestamp())), authorised_at=AT) == Lapse(until, is_told=True)


@pytest.mark.parametrize(
    "source",
    [
        {},
        charge(captured=False),
        told("klarna"),
        told(capture_before=None),
        told(capture_before="soon"),
        {"payment_method_details": {"type": ["card"], "card": {"capture_before": 1}}},
        {"source": {"brand": "Visa"}},
    ],
)
def test_else_it_is_the_usual_week(source):
    assert lapse(source, authorised_at=AT) == Lapse(AT + timedelta(days=7), is_told=False)
