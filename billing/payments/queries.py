"""Reading payments: rows of a list, what people search by, and one payment with all that belongs to it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from billing.customers.models import Customer
from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.mirror.queries import Accounts, begins, by_any, with_keys
from billing.money import Money
from billing.payments.models import Payment, PaymentActivity, PaymentAttempt, PaymentQuerySet
from billing.providers.base import CardChecks
from billing.providers.registry import adapter
from billing.webhooks.models import WebhookEvent

COUNTED_EXACTLY = 10_000
# Columns of a row of the list.
ROW = (
    *("id", "public_id", "status", "provider_status", "amount", "currency", "customer_name", "customer_email"),
    *("reference", "description", "method_type", "brand", "last4", "risk_score", "risk_level", "created_at"),
)
# What a row of something that belongs to a payment tells of it.
PAYMENT_OF_ROW = tuple(
    f"payment__{name}"
    for name in (
        *("public_id", "customer_name", "customer_email", "reference", "description", "method_type", "brand", "last4"),
    )
)
_LAST4 = re.compile(r"\d{4}", re.ASCII)
_PROCESSOR_ID = re.compile(r"[a-z]{2,4}_\w+", re.ASCII)
_SEARCHED = ("reference", "customer_name")
Follower = TypeVar("Follower", bound=MirroredRow)


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment, its attempts oldest first and its timeline newest first, each line with its event's ids."""

    payment: Payment
    attempts: list[PaymentAttempt]
    activity: list[PaymentActivity]


def capped_count(rows: QuerySet[Any, Any]) -> int:
    """How many there are, up to COUNTED_EXACTLY + 1, which stands for "more"."""
    return rows.order_by().values("pk")[: COUNTED_EXACTLY + 1].count()


def search(
    payments: PaymentQuerySet,
    text: str,
    *,
    accounts: Accounts,
    by_person: bool = True,
    amount: Money | None = None,
) -> PaymentQuerySet:
    """Payments that ``text`` names: an id of ours or of the processor, an e-mail address or last four digits exactly,
    a reference or a name by its beginning. Without ``by_person`` neither names nor addresses are looked at. ``amount``
    is what the text says when it is read as one.

    ``accounts`` are the connections that processor's ids may belong to. Every way has an index of its own.
    """
    if text.startswith("pay_"):
        return payments.filter(public_id=text)
    if "@" in text:
        return of_email(payments, text) if by_person else payments.none()
    ways = [begins("reference", text)]
    if by_person:
        ways.append(begins("customer_name", text))
    if amount is not None:
        ways.append(Q(currency=amount.currency, amount=amount.minor))
    if _LAST4.fullmatch(text):
        ways.append(Q(last4=text))
    if _PROCESSOR_ID.fullmatch(text):
        charged = PaymentAttempt.objects.filter(account__in=accounts, external_id=text)
        ways += [Q(account__in=accounts, external_id=text), Q(pk__in=charged.values("payment"))]
    return by_any(with_keys(payments, *_SEARCHED), ways)


def search_following(
    rows: MirroredQuerySet[Follower],
    payments: PaymentQuerySet,
    text: str,
    *,
    accounts: Accounts,
    by_person: bool = True,
) -> MirroredQuerySet[Follower]:
    """Rows that belong to a payment, such as refunds, that ``text`` names: by an id of ours or of the processor, or by
    what finds their payment among ``payments``."""
    if text.startswith(f"{rows.model.PREFIX}_"):
        return rows.filter(public_id=text)
    if _PROCESSOR_ID.fullmatch(text):
        own = rows.filter(account__in=accounts, external_id=text)
        if own.exists():
            return own
    return rows.filter(payment__in=search(payments, text, accounts=accounts, by_person=by_person))


def of_email(payments: PaymentQuerySet, address: str) -> PaymentQuerySet:
    """Payments of one e-mail address, whatever its capitals."""
    # The second condition is the partial index's own.
    return payments.filter(~Q(customer_email=""), customer_email__iexact=address)


def of_customer(payments: PaymentQuerySet, customers: MirroredQuerySet[Customer], text: str) -> PaymentQuerySet:
    """Payments of the customer that ``text`` names: one of ``customers`` by its public id, else whoever has that id at
    the processor."""
    # The first condition is the partial index's own.
    named = payments.filter(~Q(customer_external_id=""))
    if not text.startswith(f"{Customer.PREFIX}_"):
        return named.filter(customer_external_id=text)
    found = customers.filter(public_id=text).values_list("account", "external_id").first()
    return named.filter(account=found[0], customer_external_id=found[1]) if found else payments.none()


def load_record(payments: PaymentQuerySet, public_id: str) -> PaymentRecord:
    """One payment out of ``payments`` in three queries. Raises Payment.DoesNotExist."""
    payment = payments.select_related("account").defer("account__api_key").get(public_id=public_id)
    attempts = sorted(payment.attempts.all(), key=lambda attempt: (attempt.created_at, attempt.external_id))
    activity = payment.activity.select_related("event").only(
        *("source", "charge_id", "object_id", "type", "occurred_at", "status", "amount", "currency", "note"),
        *("changes", "payment_id"),
        *("event__public_id", "event__external_id"),
    )
    return PaymentRecord(payment, attempts, list(activity.order_by("-occurred_at", "-id")))


def raw_objects(record: PaymentRecord) -> Mapping[str, dict[str, Any]]:
    """The processor's newest objects behind a payment, by the processor's id, as its events carried them.

    Objects whose event lost its body to age are left out.
    """
    sources = [record.payment.source_event_id, *(attempt.source_event_id for attempt in record.attempts)]
    events = WebhookEvent.objects.filter(pk__in=[pk for pk in sources if pk is not None]).exclude(body=b"")
    return {event.object_id: event.payload["data"]["object"] for event in events.order_by("object_id")}


def card_checks(record: PaymentRecord) -> CardChecks | None:
    """How the card was checked at the newest attempt, as far as its kept event says; None where nothing is known."""
    kept = [each.source_event_id for each in record.attempts if each.source_event_id is not None]
    event = WebhookEvent.objects.filter(pk__in=kept[-1:]).exclude(body=b"").first()
    if event is None:
        return None
    return adapter(record.payment.account.provider).checks(event.payload["data"]["object"])


def related(
    payments: PaymentQuerySet, payment: Payment, *, also: Collection[int] = (), limit: int = 5
) -> list[Payment]:
    """Newest other payments with the same e-mail address or card, or of those in ``also`` (primary keys). Two queries,
    each way of the first by an index of its own."""
    ways = [Q(pk__in=also)] if also else []
    if payment.customer_email:
        ways.append(Q(customer_email__iexact=payment.customer_email) & ~Q(customer_email=""))
    if payment.last4 and payment.fingerprint:
        ways.append(Q(last4=payment.last4, fingerprint=payment.fingerprint))
    if not ways:
        return []
    others = payments.exclude(pk=payment.pk).order_by("-created_at", "-id")
    first, *more = (others.filter(way).values_list("pk", flat=True)[:limit] for way in ways)
    columns = ("public_id", "status", "provider_status", "amount", "currency", "reference", "description")
    compared = ("customer_email", "fingerprint", "last4", "created_at")
    return list(others.filter(pk__in=set(first.union(*more, all=True))).only(*columns, *compared)[:limit])
