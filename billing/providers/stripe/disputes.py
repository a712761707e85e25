"""Disputes and inquiries, from any API version, in neutral words."""

from collections.abc import Mapping, Sequence
from typing import Any

from billing.providers.base import UnreadableObject
from billing.providers.events import DisputeObserved
from billing.providers.stripe.fields import (
    clean,
    currency,
    currency_or_none,
    entries,
    flag,
    identity,
    metadata,
    minor,
    moment,
    moment_or_none,
    payment_of,
    reference,
    section,
    signed,
    small,
    text,
    within,
)

_RANK = {
    "warning_needs_response": 0,
    "warning_under_review": 10,
    "warning_closed": 20,
    "needs_response": 30,
    "under_review": 40,
    "appeal_needs_response": 50,
    "appeal_under_review": 60,
    "lost": 70,
    "won": 80,
    "prevented": 90,
}
_UNKNOWN = 45
# A lost dispute can be won by a late withdrawal, and a won one can go into an appeal.
_FINAL = {"warning_closed", "prevented"}
_RANK_STEP = 1000
# Stripe takes 150,000 characters for all texts together, in 27 fields.
_LONGEST, _MOST_FIELDS = 150_000, 64


def dispute(source: Mapping[str, Any]) -> DisputeObserved:
    """A dispute. Raises UnreadableObject without id, amount or currency, or when it is about no payment."""
    status = text(source, "status", 40)
    charge_id, intent_id = payment_of(source)
    if not charge_id and not intent_id:
        raise UnreadableObject("the dispute names no payment")
    method = section(source, "payment_method_details")
    part = section(method, text(method, "type", 40))
    details = section(source, "evidence_details")
    evidence = _evidence(source)
    booked = _booked(source)
    code = currency(source)
    return DisputeObserved(
        external_id=identity(source),
        status=status,
        rank=_rank(status, booked, details),
        final=status in _FINAL,
        known=status in _RANK,
        charge_id=charge_id,
        intent_id=intent_id,
        amount=minor(source, "amount", code),
        currency=code,
        amount_withdrawn=_withdrawn(source, code),
        fee=_fee(source, code),
        reason=text(source, "reason", 80),
        network_reason_code=text(part, "network_reason_code", 40)
        or text(part, "reason_code", 40)
        or text(source, "network_reason_code", 40),
        case_type=text(part, "case_type", 40),
        brand=text(part, "brand", 40),
        is_charge_refundable=flag(source, "is_charge_refundable"),
        due_by=moment_or_none(details, "due_by") or moment_or_none(source, "evidence_due_by"),
        # Before evidence had fields and details it was one text.
        has_evidence=flag(details, "has_evidence") or (isinstance(source.get("evidence"), str) and bool(evidence)),
        past_due=flag(details, "past_due"),
        submission_count=small(details, "submission_count") or 0,
        submission_method=text(details, "submission_method", 40),
        created_at=moment(source, "created"),
        balance_transaction_ids=booked,
        evidence=evidence,
        metadata=metadata(source),
    )


def _rank(status: str, booked: Sequence[str], details: Mapping[str, Any]) -> int:
    # These three only grow, so within one status they tell which snapshot is the later.
    grown = min(len(booked), 4) * 100 + min(small(details, "submission_count") or 0, 49) * 2
    return _RANK.get(status, _UNKNOWN) * _RANK_STEP + grown + flag(details, "has_evidence")


def _booked(source: Mapping[str, Any]) -> tuple[str, ...]:
    named = source.get("balance_transactions")
    found = [reference({"id": item}, "id") for item in named] if isinstance(named, list) else []
    # Before there were several, one field held the withdrawal's.
    return tuple(filter(None, found)) or tuple(filter(None, [reference(source, "balance_transaction")]))


def _withdrawn(source: Mapping[str, Any], code: str) -> int:
    """What is withdrawn, in the dispute's currency.

    Balance transactions are in the currency that the account settles in. Where that is another one, the share of them
    that has not come back is the share of the disputed amount.
    """
    own, other = _moved(source, code)
    withdrawn = max(-sum(own), 0)
    taken = -sum(amount for amount in other if amount < 0)
    if taken:
        left = min(max(-sum(other), 0), taken)
        withdrawn += minor(source, "amount", code) * left // taken
    return within(withdrawn, "balance_transactions")


def _moved(source: Mapping[str, Any], code: str) -> tuple[list[int], list[int]]:
    own: list[int] = []
    other: list[int] = []
    for item in entries(source, "balance_transactions"):
        booked = currency_or_none(item) or code
        (own if booked == code else other).append(signed(item, "amount", booked))
    return own, other


def _fee(source: Mapping[str, Any], code: str) -> int:
    """What it cost, as far as that is in the dispute's currency: sums of two currencies mean nothing."""
    booked = [item for item in entries(source, "balance_transactions") if currency_or_none(item) in {code, ""}]
    return within(max(sum(signed(item, "fee", code, 0) for item in booked), 0), "balance_transactions")


def _evidence(source: Mapping[str, Any]) -> dict[str, str]:
    """Texts, and ids of files, by field. What has parts of its own (``enhanced_evidence``) is left out."""
    fields = source.get("evidence")
    if isinstance(fields, str):
        fields = {"uncategorized_text": fields}
    if not isinstance(fields, Mapping):
        return {}
    found = {
        clean(str(name))[:60]: reference(fields, name)
        if isinstance(fields[name], Mapping)
        else text(fields, name, _LONGEST)
        for name in fields
    }
    return {name: value for name, value in list(found.items())[:_MOST_FIELDS] if value}
