"""Refunds at the processor that gave nothing back: of what was authorised and never taken, it makes a refund, too."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from billing.commands.models import METADATA
from billing.payments.models import PaymentAttempt
from billing.refunds.models import LIVE, Refund


class Release(StrEnum):
    """What was let go: the rest, once a part was captured, or all of it."""

    REST = "rest"
    ALL = "all"


def lets_go(attempt: PaymentAttempt) -> bool:
    """Whether anything that it authorised was not taken."""
    return attempt.status == "succeeded" and attempt.amount_captured < attempt.amount


def releases_of(attempts: Iterable[PaymentAttempt], refunds: Iterable[Refund]) -> Mapping[str, Release]:
    """Which refunds of a payment those are, by the processor's ids; both are all of the payment's.

    A charge of which nothing was captured has nothing to give back. Of one that was captured in part the rest is let go
    in that moment, before anything could be refunded; where the charge counts as much refunded as its refunds come to,
    the processor made none of the rest.
    """
    refunds = list(refunds)
    return {
        external_id: release
        for attempt in attempts
        if lets_go(attempt)
        for external_id, release in _of(attempt, [each for each in refunds if each.charge_id == attempt.external_id])
    }


def _of(attempt: PaymentAttempt, refunds: list[Refund]) -> Iterator[tuple[str, Release]]:
    if not attempt.captured and not attempt.amount_captured:
        yield from ((each.external_id, Release.ALL) for each in refunds)
        return
    rest, first = attempt.amount - attempt.amount_captured, min((each.created_at for each in refunds), default=None)
    made = sum(each.amount for each in refunds if each.provider_status in LIVE)
    if attempt.captured and made - attempt.amount_refunded >= rest:
        found = (each for each in refunds if (each.amount, each.created_at) == (rest, first) and not _is_ours(each))
        yield from ((each.external_id, Release.REST) for each in list(found)[:1])


def _is_ours(refund: Refund) -> bool:
    """Whether it was asked for here."""
    return METADATA in refund.metadata
