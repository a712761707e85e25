"""Every figure of the home page equals the sum of the list that it leads to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import time_machine
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import clock
from billing.figures.keep import Differences, count
from billing.payments.figures import PAYMENTS
from billing.payments.models import FAILED, Payment, PaymentStatus
from billing.payouts.handlers import COUNTED as MOVEMENTS
from billing.payouts.models import LEFT, BalanceTransaction
from billing.providers.models import ProviderAccount
from billing.refunds.handlers import COUNTED as REFUNDS
from billing.refunds.models import Refund
from disputes.chargebacks.handlers import COUNTED as DISPUTES
from disputes.chargebacks.models import Dispute
from portal.merchant.activity.listing import ActivityListing
from portal.merchant.disputes.listing import DisputeListing
from portal.merchant.home.attention import attention_context
from portal.merchant.home.place import DAYS, NAMES, Home
from portal.merchant.home.today import today_context
from portal.merchant.home.volume import volume_context
from portal.merchant.lists import load_list
from portal.merchant.refunds.listing import RefundListing
from portal.merchant.transactions.listing import TransactionListing
from portal.web.query_string import ListAddress
from reports.templatetags.money import amount_text
from tests.billing.deliveries import make_connection
from tests.billing.factories import make_merchant
from tests.billing.figures.histories import NIGHTS, ZONES

LISTS = {
    "transactions": TransactionListing,
    "refunds": RefundListing,
    "disputes": DisputeListing,
    "activity": ActivityListing,
}
CURRENCIES = ("EUR", "JPY", "KWD")
# Where a day, a minute or a week may be cut wrongly.
NEAR = [timedelta(0), timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(hours=5)]

rows = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["payment", "payment", "refund", "dispute", "movement", "payout"]),
            "days": st.sampled_from([0, 0, 7, 7, 7, 7, 1, 6, 8, 27, 28, 90, 180]),
            "shift": st.builds(lambda near, sign: near * sign, st.sampled_from(NEAR), st.sampled_from([1, -1])),
            "seconds": st.integers(-90, 90),
            "is_shown": st.sampled_from([True, True, True, False]),
            "amount": st.integers(1, 100_000),
            "status": st.sampled_from(["succeeded"] * 9 + PaymentStatus.values),
            "provider_status": st.sampled_from(["pending", "succeeded", "failed", "canceled", "needs_response", "won"]),
        }
    ),
    min_size=5,
    max_size=25,
)
nows = st.builds(
    lambda night, week, minutes, seconds: (
        night.replace(tzinfo=UTC) + timedelta(days=week, minutes=minutes, seconds=seconds)
    ),
    st.sampled_from(NIGHTS),
    st.sampled_from([0, 1, 7]),
    st.integers(0, 1440),
    st.integers(0, 59),
)


def write(account: ProviderAccount, told: list[dict[str, Any]], now: datetime, currency: str) -> None:
    """Rows as they stand in the database, and the figures that were kept with them; most of the currency shown."""
    differences = Differences()
    payment = _keep(differences, account, Payment, PAYMENTS, 0, now - timedelta(days=400), currency="EUR")
    for number, row in enumerate(told, start=1):
        at = now - timedelta(days=row["days"]) + row["shift"] + timedelta(seconds=row["seconds"])
        money = {"currency": currency if row["is_shown"] else "USD", "amount": row["amount"]}
        if row["kind"] == "payment":
            captured = row["amount"] if row["status"] in ("succeeded", "refunded", "disputed") else 0
            facts = {**money, "status": row["status"], "amount_captured": captured}
            _keep(differences, account, Payment, PAYMENTS, number, at, **facts)
        elif row["kind"] in ("refund", "dispute"):
            model, sources = (Refund, (REFUNDS,)) if row["kind"] == "refund" else (Dispute, (DISPUTES,))
            facts = {**money, "payment": payment, "provider_status": row["provider_status"]}
            _keep(differences, account, model, sources, number, at, **facts)
        else:
            facts = {"type": "payout_failure" if row["kind"] == "payout" else "charge", "fee": 7}
            net = row["amount"] - 7
            _keep(differences, account, BalanceTransaction, (MOVEMENTS,), number, at, **money, **facts, net=net)
    differences.save()


def _keep(
    differences: Differences,
    account: ProviderAccount,
    model: Any,
    sources: Any,
    number: int,
    at: datetime,
    **facts: Any,
) -> Any:
    whose = {"merchant": account.merchant, "account": account, "livemode": account.livemode}
    ids = {"public_id": f"{model.__name__}{number}-{account.pk}"[:40], "external_id": f"x{number}"}
    row = model.objects.create(**whose, **ids, created_at=at, updated_at=at, **facts)
    differences.change(account.merchant, account.livemode, sources, before=None, after=count(row, sources))
    return row


class Reading:
    """The home page of one merchant, and the lists that it leads to."""

    def __init__(self, account: ProviderAccount, currency: str, days: str) -> None:
        self.merchant, self.livemode = account.merchant, account.livemode
        self.request: Any = RequestFactory().get("/")
        self.request.merchant, self.request.livemode = account.merchant, account.livemode
        self.request.visit, self.request.can = None, lambda verb: True
        path = f"/m/{self.merchant.slug}/{'live' if self.livemode else 'test'}/"
        address = ListAddress(path, QueryDict(f"currency={currency}&days={days}"), NAMES)
        self.home = Home(self.merchant, self.livemode, address, clock.now(), lambda verb: True, True, "req_1")

    def rows(self, url: str, name: str) -> QuerySet[Any]:
        """What the list at an address finds, by its own filters; the address is one that it would not change."""
        parts = urlsplit(url)
        assert parts.path == f"{self.home.address.path}{name}/"
        listing = load_list(LISTS[name], self.request, self.merchant, self.livemode, data=QueryDict(parts.query))
        assert listing.is_valid
        assert listing.address.is_tidy
        return listing.filters.qs

    def total(self, url: str, name: str, column: Any) -> str:
        return amount_text(self.rows(url, name).aggregate(sum=Sum(column))["sum"] or 0, self.home.currency)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone=st.sampled_from(ZONES),
    now=nows,
    told=rows,
    livemode=st.booleans(),
    currency=st.sampled_from(CURRENCIES),
    days=st.sampled_from(list(DAYS)),
)
def test_every_figure_is_the_sum_of_its_list(db, zone, now, told, livemode, currency, days):
    with transaction.atomic(), time_machine.travel(now, tick=False):
        account = make_connection(make_merchant(timezone=zone), livemode=livemode)
        write(account, told, now, currency)
        reading = Reading(account, currency, days)
        figures = [*of_today(reading), *of_volume(reading), *of_attention(reading)]
        assert [(where, shown, listed) for where, shown, listed in figures if shown != listed] == []
        transaction.set_rollback(True)


def of_today(reading: Reading) -> Iterator[tuple[str, Any, Any]]:
    """Where each figure leads, what it says, and what the list there comes to."""
    volume, net, success, refunds, disputes = today_context(reading.home)["figures"]
    sums = [
        (volume, "transactions", "amount_captured"),
        (net, "activity", LEFT),
        (refunds, "refunds", "amount"),
        (disputes, "disputes", "amount"),
    ]
    for figure, name, column in sums:
        for url, said in [(figure.url, figure.value), (figure.change.before_url, figure.change.before)]:
            yield url, said, reading.total(url, name, column)
    for figure, name in ((refunds, "refunds"), (disputes, "disputes")):
        yield figure.url, str(figure.label).split()[0], str(reading.rows(figure.url, name).count())
    if success.note_url:
        tried = reading.rows(success.url, "transactions")
        failed = reading.rows(success.note_url, "transactions").count()
        ended = tried.filter(amount_captured__gt=0).count() + tried.filter(status__in=FAILED).count()
        yield success.note_url, success.note, f"{failed} of {ended} failed"


def of_volume(reading: Reading) -> Iterator[tuple[str, Any, Any]]:
    told = volume_context(reading.home)
    before = told["change"]
    figures = [(told["total_url"], told["total"]), (before.before_url, before.before)]
    if not told["is_empty"]:
        days = list(zip(told["links"], told["columns"].values, strict=True))[-8:]
        figures += [(url, amount_text(value, reading.home.currency)) for url, value in days]
    for url, said in figures:
        yield url, said, reading.total(url, "transactions", "amount_captured")


def of_attention(reading: Reading) -> Iterator[tuple[str, Any, Any]]:
    for row in attention_context(reading.home)["rows"]:
        name = "disputes" if "/disputes/" in row.url else "transactions" if "/transactions/" in row.url else ""
        if not name:
            continue
        found = reading.rows(row.url, name)
        yield row.url, row.text.split()[0], str(found.count())
        sums = dict(found.order_by().values_list("currency").annotate(Sum("amount")))
        yield row.url, {currency: abs(minor) for minor, currency in row.amounts}, sums
