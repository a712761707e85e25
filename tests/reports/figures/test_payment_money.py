"""What became of the money of one payment."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from billing.payments.models import Payment, PaymentAttempt
from billing.payouts.models import BalanceTransaction
from billing.refunds.models import Refund
from disputes.chargebacks.models import Dispute
from reports.figures.payment_money import Part, break_down, movements_of
from tests.billing.deliveries import make_connection

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def payment(currency="JPY", captured=24_800, refunded=0, lost=0, **fields):
    amounts = {"amount": captured, "amount_captured": captured, "amount_refunded": refunded, "amount_lost": lost}
    return Payment(external_id="pi_1", currency=currency, created_at=AT, **{**amounts, **fields})


def attempt(**fields):
    return PaymentAttempt(**{"external_id": "ch_1", "created_at": AT, "balance_transaction_id": "txn_1", **fields})


def refund(number=1, amount=4_200, status="succeeded", **fields):
    values = {"external_id": f"re_{number}", "amount": amount, "currency": "JPY", "provider_status": status}
    return Refund(created_at=AT + timedelta(hours=number), **{**values, **fields})


def dispute(number=1, withdrawn=0, **fields):
    values = {"external_id": f"du_{number}", "amount": 9_000, "currency": "JPY", "amount_withdrawn": withdrawn}
    return Dispute(created_at=AT + timedelta(days=number), **{**values, **fields})


def movement(number, source, amount, fee=0, currency="EUR", **fields):
    rate = {"exchange_rate": None, "status": "available", "available_on": None}
    values = {"external_id": f"txn_{number}", "source_id": source, "amount": amount, "fee": fee, "net": amount - fee}
    return BalanceTransaction(currency=currency, created_at=AT, **{**values, **rate, **fields})


def told(breakdown):
    return [(line.part, line.charged, line.settled, line.currency) for line in breakdown.lines]


def test_charged_and_settled_stand_side_by_side_and_the_fee_below():
    found = break_down(
        payment(refunded=4_200),
        [attempt()],
        [refund(balance_transaction_id="txn_2")],
        [],
        [
            movement(1, "ch_1", 15_143, fee=485, exchange_rate=Decimal("0.006106")),
            movement(2, "re_1", -2_561, exchange_rate=Decimal("0.006098")),
        ],
    )
    assert told(found) == [
        (Part.PAYMENT, 24_800, 15_143, "EUR"),
        (Part.REFUND, -4_200, -2_561, "EUR"),
        (Part.FEE, None, -485, "EUR"),
    ]
    assert (found.charged, found.nets, found.unknown) == (20_600, [("EUR", 12_097)], 0)
    assert [line.rate for line in found.lines] == [Decimal("0.006106"), Decimal("0.006098"), None]
    assert found.fee_permille == 32


@pytest.mark.parametrize(
    ("rate", "shown"),
    # Between whole units, between minor ones, and one that explains nothing.
    [("0.006106", "0.006106"), ("0.6106", "0.006106"), ("3", None)],
)
def test_a_rate_is_shown_between_whole_units_where_it_explains_the_amounts(rate, shown):
    found = break_down(payment(), [attempt()], [], [], [movement(1, "ch_1", 15_143, exchange_rate=Decimal(rate))])
    assert found.lines[0].rate == (Decimal(shown) if shown else None)
    assert found.converted is (shown is not None)


def test_a_dispute_tells_what_it_took_and_what_it_cost():
    took = dispute(withdrawn=9_000, balance_transaction_ids=["txn_2"])
    found = break_down(
        payment("EUR", 9_000, lost=9_000),
        [attempt()],
        [],
        [took],
        [movement(1, "ch_1", 9_000, fee=300), movement(2, "du_1", -9_000, fee=2_000)],
    )
    assert told(found) == [
        (Part.PAYMENT, 9_000, 9_000, "EUR"),
        (Part.DISPUTE, -9_000, -9_000, "EUR"),
        (Part.FEE, None, -300, "EUR"),
        (Part.DISPUTE_FEE, None, -2_000, "EUR"),
    ]
    assert (found.charged, found.nets) == (0, [("EUR", -2_300)])


def test_what_went_and_came_back_is_told_and_takes_nothing():
    failed = refund(1, 500, "failed", balance_transaction_id="txn_2", failure_balance_transaction_id="txn_3")
    movements = [movement(1, "ch_1", 9_000), movement(2, "re_1", -500), movement(3, "re_1", 500)]
    found = break_down(payment("EUR", 9_000), [attempt()], [failed], [], movements)
    assert told(found) == [(Part.PAYMENT, 9_000, 9_000, "EUR"), (Part.REFUND, None, 0, "EUR")]


def test_what_is_not_booked_yet_is_not_made_up():
    found = break_down(payment(refunded=4_200), [attempt()], [refund(balance_transaction_id="txn_2")], [], [])
    assert told(found) == [(Part.PAYMENT, 24_800, None, ""), (Part.REFUND, -4_200, None, "")]
    assert (found.nets, found.unknown, found.fee_permille) == ([], 2, None)


def test_refunds_and_losses_without_rows_of_their_own_still_add_up():
    found = break_down(payment(refunded=5_000, lost=800), [attempt()], [refund()], [dispute()], [])
    assert told(found)[1:] == [
        (Part.REFUND, -4_200, None, ""),
        (Part.OTHER_REFUNDS, -800, None, ""),
        (Part.DISPUTE, -800, None, ""),
    ]
    assert found.charged == sum(line.charged for line in found.lines)


def test_what_was_never_taken_is_the_payments_own_and_no_refund():
    held = attempt(status="succeeded", amount=2_000, amount_captured=800, amount_refunded=300, captured=True)
    let_go = refund(1, 1_200, charge_id="ch_1", balance_transaction_id="txn_2")
    given = refund(2, 300, charge_id="ch_1", balance_transaction_id="txn_3")
    movements = [
        movement(1, "ch_1", 2_000, fee=51),
        movement(2, "re_1", -1_200),
        movement(3, "re_2", -300),
    ]
    found = break_down(payment("EUR", 800, refunded=300), [held], [given, let_go], [], movements)
    assert told(found) == [
        (Part.PAYMENT, 800, 800, "EUR"),
        (Part.REFUND, -300, -300, "EUR"),
        (Part.FEE, None, -51, "EUR"),
    ]
    assert (found.charged, found.nets, found.unknown) == (500, [("EUR", 449)], 0)
    # As much of what was taken as the processor kept.
    assert found.fee_permille == 64


def test_the_payments_own_share_says_when_it_can_be_paid_out():
    due = AT + timedelta(days=7)
    movements = [
        movement(1, "ch_1", 100, status="pending", available_on=due),
        movement(2, "re_1", -50, status="available", available_on=AT),
    ]
    found = break_down(payment("EUR", 100), [attempt()], [refund(1, 50)], [], movements)
    assert (found.available_on, found.pending) == (due, True)


_amounts = st.integers(-(10**9), 10**9)
_currencies = st.sampled_from(["EUR", "JPY", "KWD"])


@st.composite
def stories(draw):
    refunds = [
        refund(n, draw(st.integers(1, 9_999)), draw(st.sampled_from(["succeeded", "pending", "failed", "odd"])))
        for n in range(draw(st.integers(0, 4)))
    ]
    disputes = [dispute(n, draw(st.integers(0, 9_999))) for n in range(draw(st.integers(0, 3)))]
    sources = ["ch_1", "ch_0", "elsewhere", "", *(each.external_id for each in [*refunds, *disputes])]
    movements = [
        # Net, amount and fee as a processor might tell them, whether they fit each other or not.
        movement(
            n, draw(st.sampled_from(sources)), draw(_amounts), draw(_amounts), draw(_currencies), net=draw(_amounts)
        )
        for n in range(draw(st.integers(0, 9)))
    ]
    amounts = [draw(st.integers(0, 10**6)) for _ in range(3)]
    return payment(draw(_currencies), *amounts), [attempt(), attempt(external_id="ch_0")], refunds, disputes, movements


@given(stories())
def test_what_is_shown_as_settled_is_the_sum_of_all_that_was_booked(story):
    found = break_down(*story)
    shown, booked = Counter(), Counter()
    for line in found.lines:
        if line.settled is not None:
            shown[line.currency] += line.settled
    for each in story[-1]:
        booked[each.currency] += each.net
    assert dict(found.nets) == booked
    assert {code: total for code, total in shown.items() if total} == {c: t for c, t in booked.items() if t}
    assert sum(line.charged or 0 for line in found.lines) == found.charged


@pytest.mark.django_db
def test_movements_are_found_by_their_source_or_by_name_in_one_query():
    account, other = make_connection(), make_connection()
    here = {"merchant": account.merchant, "livemode": False, "updated_at": AT}
    rows = []
    for owner, number, source in [
        (account, 1, "ch_1"),
        (account, 2, "re_1"),
        (account, 3, ""),
        (account, 9, "ch_x"),
        (other, 1, "ch_1"),
    ]:
        rows.append(movement(number, source, 100, account=owner, public_id=f"blt_{len(rows)}", **here))
    BalanceTransaction.objects.bulk_create(rows)
    named = dispute(balance_transaction_ids=["txn_3"])
    counts = set()
    for total in (1, 3, 100):
        refunds = [refund(n) for n in range(1, total + 1)]
        with CaptureQueriesContext(connection) as captured:
            found = movements_of(payment(account=account), [attempt()], refunds, [named])
        counts.add(len(captured))
        assert [each.external_id for each in found] == ["txn_1", "txn_2", "txn_3"]
    assert counts == {1}
