"""What stands round a list is kept for all that look alike: nobody may get what is somebody else's."""

import random
from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.utils.translation import override

from billing.audit.actor import SYSTEM
from billing.merchants.create import create_merchant
from portal.merchant.activity.listing import ActivityListing
from portal.merchant.bulk.listing import TickedListing
from portal.merchant.customers.filters import LIST_NAMES, CustomerFilters, CustomerPanel
from portal.merchant.disputes.listing import DisputeFilters, DisputeListing
from portal.merchant.refunds.listing import RefundFilters, RefundListing
from portal.merchant.transactions.listing import TransactionListing
from portal.staff.transactions.listing import StaffPaymentFilters, StaffPaymentListing
from portal.web.kept_markup import KeptMarkup
from portal.web.money_lists.kept import _PARTS
from portal.web.money_lists.listing import list_context
from portal.web.money_lists.panel import _FIELDS, MoneyPanel
from portal.web.money_lists.scope import MerchantScope, PlatformScope
from portal.web.payments.filters import PaymentFilters
from portal.web.query_string import ListAddress
from portal.web.saved_views.bar import ViewsBar
from reports.dates import zone_of
from tests.billing.deliveries import make_connection
from tests.portal.payments import write_payments
from tests.portal.people import make_merchant, make_person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
QUERIES = (
    *("", "status=failed", "status=failed&status=blocked", "risk=highest&method=visa", "disputed=won&held=no"),
    *("date=today", "date=last-30-days", "since=2026-01-02", "since=2026-01-02&until=2026-03-04&date=custom"),
    *("email=lena%40vogt.example", "email=marek%40novak.example", "tag=vip&metadata=a:%25b", "q=Lena", "columns=fee"),
    *("amount=5", "amount=7&amount_op=gte", "amount=1&amount_to=9&amount_op=between", "currency=EUR&last4=4242"),
    *("last4=nonsense", "amount=nonsense", "until=2026-03-04&since=2026-05-06", "connection=acc_nobody"),
)


STATES = (
    *(
        "sort=amount&size=50",
        "size=100",
        "view=viw_1&columns=fee",
        "view=viw_2",
        "columns=fee&columns=net&status=failed",
    ),
    *(
        "cursor=n.2.1.1&status=failed",
        "status=failed",
        "status=succeeded",
        "q=%3Cb%3E%25%26&metadata=k:%22%3E",
        "status=failed&method=visa",
    ),
)
KINDS = (TransactionListing, TickedListing, RefundListing, DisputeListing, ActivityListing)


@pytest.fixture
def scopes():
    acme = make_merchant("acme")
    globex, hooli = (
        create_merchant(slug=slug, name=slug.title(), timezone="Africa/Nairobi", currency=currency, by=SYSTEM)
        for slug, currency in (("globex", "KES"), ("hooli", "JPY"))
    )
    for livemode in (True, False):
        for account in ("acct_a", "acct_b"):
            make_connection(acme, livemode=livemode, external_account=f"{account}{livemode:d}")
    return [
        *(MerchantScope(mode, True, NOW, merchant=acme) for mode in (True, False)),
        *(MerchantScope(False, knows, NOW, merchant=globex) for knows in (True, False)),
        MerchantScope(False, True, NOW, merchant=hooli),
    ]


def panel(kind, scope, query):
    names = LIST_NAMES if kind is CustomerFilters else kind.list_names()
    filters = kind(ListAddress("/x/", QueryDict(query), names), scope.of(kind._meta.model), scope)
    return CustomerPanel(filters) if kind is CustomerFilters else MoneyPanel(filters)


def listing(kind, scope, query):
    path = f"/m/{scope.merchant.slug}/{scope.livemode}/{kind.name}/" if isinstance(scope, MerchantScope) else "/ops/"
    here = ListAddress(path, QueryDict(query), kind.filters_type.list_names())
    filters = kind.filters_type(here, scope.of(kind.model), scope)
    return kind(scope, here, kind.table_type(here), filters, "/m/transactions/")


def test_everybody_gets_their_own_drop_downs(scopes):
    platform = [PlatformScope(True, False, NOW, own_zone=zone_of(zone)) for zone in ("UTC", "Asia/Tokyo")]
    kinds = (PaymentFilters, RefundFilters, DisputeFilters, CustomerFilters)
    asked = [(PaymentFilters, scopes[0], query) for query in QUERIES]
    asked += [(PaymentFilters, scope, query) for scope in scopes[1:] for query in ("", "amount=5", "date=today")]
    asked += [(kind, scope, "status=failed") for kind in kinds for scope in scopes[:2]]
    asked += [(StaffPaymentFilters, scope, query) for scope in platform for query in ("", "last4=4242")]
    random.Random(5).shuffle(asked)
    _FIELDS.clear()
    for kind, scope, query in asked:
        for language in ("en-gb", "fr"):
            with override(language):
                shown = panel(kind, scope, query)
                # Two long pages beside each other say little.
                is_own = shown.fields == shown._render_fields()
                assert is_own, (kind, scope, query, language)


def test_drop_downs_are_rendered_once_whatever_is_typed(scopes, monkeypatch):
    _FIELDS.clear()
    rendered = []
    render = MoneyPanel._render_fields
    monkeypatch.setattr(MoneyPanel, "_render_fields", lambda self: rendered.append(self) or render(self))
    for query in ("email=lena%40vogt.example", "email=marek%40novak.example"):
        assert query.removeprefix("email=").replace("%40", "@") in panel(PaymentFilters, scopes[0], query).fields
    assert len(rendered) == 1


def test_everybody_gets_their_own_forms(scopes, monkeypatch):
    write_payments(scopes[1].accounts[0], [{} for _ in range(30)])
    write_payments(scopes[0].accounts[0], [{"status": "failed"} for _ in range(3)])
    ours, tokyo = (PlatformScope(True, False, NOW, own_zone=zone_of(zone)) for zone in ("UTC", "Asia/Tokyo"))
    asked = [(kind, scope, "") for kind in KINDS for scope in scopes]
    asked += [(TickedListing, scope, query) for scope in scopes[:2] for query in (*QUERIES[::4], *STATES)]
    asked += [(StaffPaymentListing, scope, f"{query}&mode=live") for scope in (ours, tokyo) for query in STATES]
    random.Random(7).shuffle(asked)
    person = make_person(merchant=scopes[0].merchant)

    def parts(kind, scope, query, may_keep, **more):
        shown = listing(kind, scope, query)
        whose = getattr(scope, "merchant", None)
        bar = ViewsBar(shown, whose, person, may_keep=may_keep, may_share=True) if whose else None
        kept = list_context(shown, views=bar, **more)["kept"]
        return (
            *(kept.filters, kept.pagination, kept.selection if kind.ticks else ""),
            kept.no_views if whose else "",
        )

    for each in asked:
        for language, may_keep, more in (
            *(("en-gb", True, {}), ("en-gb", False, {})),
            *(("fr", True, {}), ("en-gb", True, {"swapped": True})),
        ):
            with override(language):
                shown = parts(*each, may_keep, **more)
                with monkeypatch.context() as patch:
                    patch.setattr("portal.web.money_lists.kept._PARTS", KeptMarkup(most=0))
                    is_own = parts(*each, may_keep, **more) == shown
                assert is_own, (each, language, may_keep, more)


def test_nothing_that_somebody_typed_is_kept(scopes):
    _FIELDS.clear()
    _PARTS.clear()
    typed = "&".join(f"{name}={value}" for name, value in {"q": "Lena", "email": "lena%40vogt.example"}.items())
    kept = list_context(listing(TickedListing, scopes[0], typed))["kept"]
    assert "lena" in kept.filters.lower()
    assert "lena" in kept.selection.lower()
    assert "lena" not in repr([_FIELDS._kept, _PARTS._kept]).lower()
