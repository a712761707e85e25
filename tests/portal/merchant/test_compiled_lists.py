"""Queries of filtered lists are compiled once for all of one shape: each finds its own rows all the same."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.sql.compiler import SQLCompiler
from django.http import QueryDict

from billing.payments.queries import capped_count
from portal.merchant.activity.listing import ActivityListing
from portal.merchant.disputes.listing import DisputeListing
from portal.merchant.refunds.listing import RefundListing
from portal.merchant.transactions.listing import TransactionListing
from portal.staff.transactions.listing import StaffPaymentListing
from portal.web.money_lists.listing import _QUERIES
from portal.web.money_lists.scope import MerchantScope, PlatformScope
from portal.web.pagination import ordered
from portal.web.query_string import ListAddress
from tests.billing.deliveries import make_connection
from tests.portal.money import write_dispute, write_movement, write_refund
from tests.portal.payments import write_payments
from tests.portal.people import make_merchant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ANYWHERE = (
    *("", "status=succeeded", "status=failed", "status=failed&status=succeeded"),
    *("date=today", "date=last-7-days", "since=2026-06-30", "until=2026-06-30", "since=2026-06-29&until=2026-06-30"),
    *("currency=EUR", "currency=JPY", "amount=10", "amount=9&amount_op=gte", "amount=11&amount_op=lte&currency=USD"),
    *("amount=9&amount_to=11&amount_op=between", "sort=amount", "sort=-amount&status=failed", "sort=created"),
)
OF_PAYMENTS = (
    *("email=lena%40vogt.example", "email=MAREK%40novak.example", "last4=4242", "last4=1111&country=FR", "country=DE"),
    *("risk=highest", "risk=highest&risk=normal", "refunded=yes", "refunded=no", "refunded=no&status=failed"),
    *("method=visa", "disputed=yes", "held=no", "tag=vip", "q=AO", "metadata=a:b", "columns=country&country=FR"),
    *("email=lena%40vogt.example&refunded=yes&risk=highest&since=2026-06-29&amount=10&status=succeeded",),
)
OF_STAFF = ("merchant=acme", "merchant=globex", "merchant=globex&status=failed")


def fields(number: int) -> dict[str, object]:
    def one_of(*values):
        return values[random.Random(number * 7 + len(values)).randrange(len(values))]

    return {
        "created_at": NOW - timedelta(hours=number * 5),
        "status": one_of("succeeded", "failed", "blocked"),
        "amount": one_of(900, 1000, 1100, 1200),
        "currency": one_of("EUR", "JPY", "USD", "EUR", "EUR"),
        "customer_email": one_of("lena@vogt.example", "Marek@novak.example", ""),
        "last4": one_of("4242", "1111"),
        "card_country": one_of("FR", "DE", ""),
        "brand": one_of("visa", "mastercard"),
        "risk_level": one_of("highest", "normal"),
        "amount_refunded": one_of(0, 5),
        "reference": f"AO-{number}",
    }


@pytest.fixture
def scopes():
    found = []
    for place, slug in enumerate(("acme", "globex")):
        merchant = make_merchant(slug)
        for livemode in (True, False):
            account = make_connection(merchant, livemode=livemode)
            shift = 3 * place + livemode
            payments = write_payments(account, [fields(number + shift) for number in range(12)])
            for number, payment in enumerate(payments[:4]):
                write_refund(payment, amount=900 + 100 * number, provider_status=("failed", "succeeded")[number % 2])
                write_dispute(payment, provider_status=("won", "lost")[number % 2])
                write_movement(account, amount=900 + 100 * number)
            found.append(MerchantScope(livemode, True, NOW, merchant=merchant))
    return found


def listing(kind, scope, query):
    here = ListAddress("/x/", QueryDict(query), kind.filters_type.list_names())
    filters = kind.filters_type(here, scope.of(kind.model), scope)
    return kind(scope, here, kind.table_type(here), filters, "/x/")


def check(kind, scope, query):
    shown = listing(kind, scope, query)
    assert shown.is_valid, query
    plain = shown.filters.qs
    rows = list(ordered(plain.values_list(*shown.queried), shown.order))
    assert shown.fetch(None, False, 26) == rows, (kind, query)
    assert shown.fetch(None, True, 26) == rows[::-1]
    assert shown.count_all() == capped_count(plain) == len(rows)
    for after in rows[1:2]:
        assert shown.fetch(shown.key_of_fetched(after), False, 5) == rows[2:7]
    return len(rows)


def test_every_merchant_and_mode_finds_its_own(scopes):
    asked = [(TransactionListing, scope, query) for scope in scopes for query in (*ANYWHERE, *OF_PAYMENTS)]
    asked += [
        (kind, scope, query)
        for kind, queries in (
            (RefundListing, ("", "status=failed", "status=succeeded", "amount=10", "reason=fraudulent&currency=EUR")),
            (DisputeListing, ("", "status=lost", "status=won&status=lost", "date=today")),
            (ActivityListing, ("", "status=available", "type=payments", "amount=10&amount_op=gte")),
        )
        for scope in scopes
        for query in queries
    ]
    staff = [PlatformScope(mode, knows, NOW, own_zone=UTC) for mode, knows in ((True, False), (False, False))]
    euros = [query for query in (*ANYWHERE, *OF_PAYMENTS) if "amount" not in query]
    asked += [(StaffPaymentListing, scope, query) for scope in staff for query in (*euros, *OF_STAFF)]
    assert len({check(*each) for each in random.Random(3).sample(asked, 150)}) > 5


def test_a_second_query_of_the_same_shape_is_not_compiled(scopes, monkeypatch):
    listing(TransactionListing, scopes[0], "status=failed&since=2026-06-01").fetch(None, False, 26)
    again = listing(TransactionListing, scopes[2], "status=blocked&since=2026-06-02")
    monkeypatch.setattr(type(again.filters), "filter_queryset", None)
    assert again.fetch(None, False, 26)


def test_a_shape_keeps_nothing_that_anybody_asked_for(scopes):
    listing(TransactionListing, scopes[0], "email=lena%40vogt.example&last4=4242").fetch(None, False, 26)
    kept = {shape: vars(statement) for shape, statement in _QUERIES._here.statements.items()}
    assert "lena" not in repr(kept).lower()
    # A compiler knows the query that it was made for, values included.
    assert not any(isinstance(part, SQLCompiler) for each in kept.values() for part in each.values())
