"""The newest payments, refunds and disputes of one customer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from billing.mirror.models import MirroredQuerySet
from billing.payments.models import Payment, PaymentQuerySet
from billing.refunds.models import LIVE, Refund
from disputes.chargebacks.models import Dispute
from portal.web.methods import method_text
from portal.web.payments.table import MOVED_NOTHING
from portal.web.reasons import DISPUTE_REASONS, REFUND_REASONS, refund_trouble, words_of

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """``kind`` and ``value`` name its status, ``raw`` is the processor's word. ``amount`` is signed, in minor units;
    ``counts`` is False where nothing moved. ``what`` is the payment's reference, and ``url`` leads to its page."""

    public_id: str
    kind: str
    value: str
    raw: str
    amount: int
    currency: str
    counts: bool
    what: str
    detail: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells rows to one reader: ``shown`` takes out of a text what they may not see, ``url_of`` is a payment's page."""

    shown: Callable[[str], str]
    url_of: Callable[[Payment], str]

    def payments(self, payments: PaymentQuerySet) -> Sequence[Row]:
        return [self._payment(each) for each in payments.order_by("-created_at", "-id")[:SHOWN]]

    def refunds(self, refunds: MirroredQuerySet[Refund]) -> Sequence[Row]:
        newest = refunds.select_related("payment").order_by("-created_at", "-id")
        return [self._refund(each) for each in newest[:SHOWN]]

    def disputes(self, disputes: MirroredQuerySet[Dispute]) -> Sequence[Row]:
        newest = disputes.select_related("payment").order_by("-created_at", "-id")
        return [self._dispute(each) for each in newest[:SHOWN]]

    def _payment(self, payment: Payment) -> Row:
        return Row(
            *(payment.public_id, "payment", payment.status, payment.provider_status),
            *(payment.amount, payment.currency, payment.status not in MOVED_NOTHING),
            what=self._what(payment),
            detail=method_text(payment.method_type, payment.brand, payment.last4),
            url=self.url_of(payment),
            at=payment.created_at,
        )

    def _refund(self, refund: Refund) -> Row:
        trouble = refund_trouble(refund.provider_status, refund.failure_reason, refund.pending_reason)
        return Row(
            *(refund.public_id, "refund", refund.provider_status, ""),
            *(-refund.amount, refund.currency, refund.provider_status in LIVE),
            what=self._what(refund.payment),
            detail=" · ".join(filter(None, (words_of(refund.reason, REFUND_REASONS), trouble))),
            url=f"{self.url_of(refund.payment)}#{refund.public_id}",
            at=refund.created_at,
        )

    def _dispute(self, dispute: Dispute) -> Row:
        return Row(
            *(dispute.public_id, "dispute", dispute.provider_status, ""),
            *(dispute.amount, dispute.currency, True),
            what=self._what(dispute.payment),
            detail=words_of(dispute.reason, DISPUTE_REASONS),
            url=f"{self.url_of(dispute.payment)}#{dispute.public_id}",
            at=dispute.created_at,
        )

    def _what(self, payment: Payment) -> str:
        return self.shown(payment.reference or payment.description or payment.public_id)
