"""Reading payments: rows of a list, what people search by, and one payment with all that belongs to it."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from billing.arrays import array
from billing.compiled import Compiled
from billing.customers.models import Customer
from billing.merchants.models import Merchant
from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.mirror.queries import Accounts, begins, by_any, with_keys
from billing.money import Money
from billing.payments.models import Payment, PaymentActivity, PaymentAttempt, PaymentQuerySet
from billing.providers.base import CardChecks, Lapse
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
    return capped(rows).count()


def capped(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """As many of them as are counted."""
    return rows.order_by().values_list("pk")[: COUNTED_EXACTLY + 1]


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


def load_for_merchant(merchant: Merchant, livemode: bool, public_id: str) -> PaymentRecord:
    """A payment of that merchant and mode. Three queries. Raises Payment.DoesNotExist."""
    found = _OF_MERCHANT(merchant.pk, public_id, livemode=livemode)
    for payment in found:
        payment.merchant = merchant
    return _record(found)


def load_of_any_merchant(public_id: str) -> PaymentRecord:
    """A payment with whose it is, for staff. Three queries. Raises Payment.DoesNotExist."""
    return _record(_OF_ANY(public_id))


def _record(found: list[Payment]) -> PaymentRecord:
    if not found:
        raise Payment.DoesNotExist
    (payment,) = found
    attempts = sorted(_ATTEMPTS(payment.pk), key=lambda attempt: (attempt.created_at, attempt.external_id))
    return PaymentRecord(payment, attempts, _ACTIVITY(payment.pk))


def _of_merchant(merchant: int, public_id: str, *, livemode: bool) -> PaymentQuerySet:
    found = Payment.objects.for_merchant(merchant, livemode).filter(public_id=public_id)
    return found.select_related("account").defer("account__api_key")


def _of_any(public_id: str) -> PaymentQuerySet:
    found = Payment.objects.filter(public_id=public_id)
    return found.select_related("account", "merchant").defer("account__api_key")


def _activity(payment: int) -> QuerySet[PaymentActivity]:
    found = PaymentActivity.objects.filter(payment=payment).select_related("event")
    columns = (
        *("source", "charge_id", "object_id", "type", "occurred_at", "status", "amount", "currency", "note"),
        *("changes", "payment_id"),
        *("event__public_id", "event__external_id"),
    )
    return found.only(*columns).order_by("-occurred_at", "-id")


_OF_MERCHANT, _OF_ANY, _ACTIVITY = Compiled(_of_merchant), Compiled(_of_any), Compiled(_activity)
_ATTEMPTS = Compiled(lambda payment: PaymentAttempt.objects.filter(payment=payment))


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
    source = _kept(kept[-1]) if kept else {}
    return adapter(record.payment.account.provider).checks(source) if source else None


def lapse_of(payment: Payment, attempts: Iterable[PaymentAttempt]) -> Lapse | None:
    """When what is authorised ends by itself, as far as the charge's kept event says; None where nothing is
    authorised. ``attempts`` are all of the payment's, oldest first."""
    held = [each for each in attempts if each.status == "succeeded" and not each.captured]
    if not held:
        return None
    source = _kept(held[-1].source_event_id) if held[-1].source_event_id is not None else {}
    return adapter(payment.account.provider).lapse(source, authorised_at=held[-1].created_at)


def _kept(event: int) -> Mapping[str, Any]:
    """The object that an event carried; empty where its body is gone."""
    found = _KEPT(event)
    return found[0].payload["data"]["object"] if found else {}


_KEPT = Compiled(lambda event: WebhookEvent.objects.filter(pk=event).exclude(body=b""))


def related(payment: Payment, *, also: Collection[int] = (), limit: int = 5) -> list[Payment]:
    """Newest other payments of the merchant and mode with the same e-mail address or card, or of those in ``also``
    (primary keys). Two queries, each way of the first by an index of its own."""
    email, card = payment.customer_email, (payment.last4, payment.fingerprint)
    keys, shape = set(also), {"livemode": payment.livemode, "limit": limit}
    ways = {**({"email": (email,)} if email else {}), **({"card": card} if all(card) else {})}
    if ways:
        values = (value for way in ways.values() for value in way)
        keys |= {pk for (pk,) in _LINKED(payment.merchant_id, payment.pk, *values, ways=tuple(ways), **shape)}
    return _OTHERS(payment.merchant_id, payment.pk, array(keys), **shape) if keys else []


def _linked(
    merchant: int, payment: int, *values: str, ways: Collection[str], livemode: bool, limit: int
) -> QuerySet[Any, tuple[int]]:
    """By the ``ways`` named: an e-mail address, the last digits and the fingerprint of a card."""
    rest, asked = iter(values), []
    if "email" in ways:
        asked.append(Q(customer_email__iexact=next(rest)) & ~Q(customer_email=""))
    if "card" in ways:
        asked.append(Q(last4=next(rest), fingerprint=next(rest)))
    others = _others_of(merchant, payment, livemode)
    first, *more = (others.filter(way).values_list("pk")[:limit] for way in asked)
    return first.union(*more, all=True)


def _others(merchant: int, payment: int, keys: str, *, livemode: bool, limit: int) -> PaymentQuerySet:
    columns = ("public_id", "status", "provider_status", "amount", "currency", "reference", "description")
    compared = ("customer_email", "fingerprint", "last4", "created_at")
    return _others_of(merchant, payment, livemode).filter(pk__among=keys).only(*columns, *compared)[:limit]


def _others_of(merchant: int, payment: int, livemode: bool) -> PaymentQuerySet:
    return Payment.objects.for_merchant(merchant, livemode).exclude(pk=payment).order_by("-created_at", "-id")


_LINKED, _OTHERS = Compiled(_linked), Compiled(_others)
