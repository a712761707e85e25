"""Everything that the page of one payment shows."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from billing.access.verbs import P
from billing.merchants.models import Merchant
from billing.payments.models import Payment, PaymentAttempt
from billing.payments.queries import PaymentRecord, raw_objects, related
from portal.access.people_seen import sees_people
from portal.access.way_back import is_ours
from portal.merchant.lists import load_list
from portal.merchant.transactions.follow_ups import load_follow_ups
from portal.merchant.transactions.listing import TransactionListing, listing_of
from portal.merchant.transactions.payment_words import attempt_decline
from portal.merchant.transactions.timeline import tell
from portal.web.declines import Decline, decline_of
from portal.web.json_text import json_lines, redacted
from portal.web.masking import mask_email, mask_name
from portal.web.methods import RISK_BANDS, WALLETS, method_text
from portal.web.money_lists.panel import connection_label
from portal.web.request import MerchantRequest

# Nothing changes about a payment in one of these.
FINAL = frozenset({"cancelled", "expired"})


@dataclass(frozen=True, slots=True)
class AttemptRow:
    attempt: PaymentAttempt
    method: str
    decline: Decline | None


@dataclass(frozen=True, slots=True)
class RelatedRow:
    payment: Payment
    linked_by: str


def detail_context(
    request: MerchantRequest, merchant: Merchant, livemode: bool, record: PaymentRecord
) -> dict[str, Any]:
    payment = record.payment
    by_person = sees_people(request)
    back = _back(request)
    listing = (listing_of(request, merchant, livemode, back) if back else None) or load_list(
        TransactionListing, request, merchant, livemode, data=QueryDict("")
    )
    page_url = f"{listing.base_url}{payment.public_id}/"
    return {
        "payment": payment,
        "customer_name": payment.customer_name if by_person else mask_name(payment.customer_name),
        "customer_email": payment.customer_email if by_person else mask_email(payment.customer_email),
        "reference": redacted(payment.reference, personal=not by_person),
        "description": redacted(payment.description, personal=not by_person),
        "is_masked": not by_person,
        "method": method_text(payment.method_type, payment.brand, payment.last4),
        "wallet": WALLETS.get(payment.wallet, payment.wallet),
        "risk_band": RISK_BANDS.get(payment.risk_level, payment.risk_level),
        "refunded": -payment.amount_refunded,
        "lost": -payment.amount_lost,
        "net": payment.amount_captured - payment.amount_refunded - payment.amount_lost,
        "net_label": gettext("Net of refunds and disputes") if payment.amount_lost else gettext("Net of refunds"),
        "follow_ups": load_follow_ups(payment, merchant, livemode),
        "connection": connection_label(payment.account),
        "decline": _decline(payment),
        "attempts": [_attempt(each) for each in reversed(record.attempts)],
        "timeline": tell(record, zone=merchant.zone),
        "related": _related(payment, merchant, livemode) if by_person else [],
        "raw": _raw(request, record),
        "is_live": payment.status not in FINAL,
        "back_url": back or listing.base_url,
        "has_back": bool(back),
        "page_url": page_url,
        "suffix": f"?back={quote(back)}" if back else "",
        "list_url": listing.base_url,
        "events_url": f"{listing.base_url.removesuffix('transactions/')}events/",
        # Pairs: a template would take a key called "items" for the method.
        "metadata": list(redacted(payment.metadata, personal=not by_person).items()),
        "can_see_events": request.can(P.EVENTS_VIEW),
        "can_see_raw": request.can(P.PAYMENTS_RAW),
        **_neighbours(listing, payment, back),
    }


def _back(request: MerchantRequest) -> str:
    """Where the person came from: a path of this site, nothing else."""
    back = request.GET.get("back", "")
    return back if back.startswith("/") and is_ours(request, back) else ""


def _neighbours(listing: TransactionListing, payment: Payment, back: str) -> dict[str, str]:
    if not back or listing.address.path != back.partition("?")[0]:
        return {"previous_url": "", "next_url": ""}
    before, after = listing.neighbours(listing.key_of(payment))
    suffix = f"/?back={quote(back)}"
    return {
        "previous_url": f"{listing.base_url}{before}{suffix}" if before else "",
        "next_url": f"{listing.base_url}{after}{suffix}" if after else "",
    }


def _attempt(attempt: PaymentAttempt) -> AttemptRow:
    decline = attempt_decline(attempt) if attempt.status == "failed" else None
    return AttemptRow(attempt, method_text(attempt.method_type, attempt.brand, attempt.last4), decline)


def _decline(payment: Payment) -> Decline | None:
    if payment.status not in ("failed", "blocked"):
        return None
    blocked = "highest_risk_level" if payment.status == "blocked" else ""
    fallback = Decline(gettext("no reason given"), gettext("The processor gave no reason that is known here."))
    return decline_of(blocked, payment.decline_code, payment.failure_code) or fallback


def _related(payment: Payment, merchant: Merchant, livemode: bool) -> list[RelatedRow]:
    rows = []
    for other in related(Payment.objects.for_merchant(merchant, livemode), payment):
        by = [gettext("Customer")] if _same_person(payment, other) else []
        if payment.fingerprint and other.fingerprint == payment.fingerprint:
            by.append(gettext("Card"))
        rows.append(RelatedRow(other, ", ".join(by)))
    return rows


def _same_person(payment: Payment, other: Payment) -> bool:
    return bool(payment.customer_email) and other.customer_email.upper() == payment.customer_email.upper()


def _raw(request: MerchantRequest, record: PaymentRecord) -> list[tuple[str, str, list[SafeString]]]:
    """The processor's objects with an id for each text, when they are asked for and may be seen."""
    if not request.GET.get("raw") or not request.can(P.PAYMENTS_RAW):
        return []
    personal = not sees_people(request)
    return [
        (object_id, f"raw-text-{number}", json_lines(redacted(found, personal=personal)))
        for number, (object_id, found) in enumerate(raw_objects(record).items(), start=1)
    ]
