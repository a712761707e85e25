"""Sends customers the mails about their refunds, and goes on trying while the mail server is away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, parseaddr
from functools import partial

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from billing import clock
from billing.queue.registry import Done, Queue, Verdict, Work
from billing.refunds.models import ReceiptKind, ReceiptOutcome, Refund, RefundReceipt
from billing.refunds.receipts import QUEUE, Reach, ReceiptBarrier, conclude, kind_due, last_sent, reach_of
from portal.notifications.mail_server import GIVEN_UP_AFTER, MailRefused, hand_over, headers_of
from portal.notifications.receipt_words import called, receipt_words

_OUTCOMES = {ReceiptBarrier.NO_ADDRESS: ReceiptOutcome.NO_ADDRESS, ReceiptBarrier.DELETED: ReceiptOutcome.DELETED}


@dataclass(frozen=True, slots=True)
class _Told:
    outcome: ReceiptOutcome
    address: str
    at: datetime


def send_receipts(receipts: Sequence[RefundReceipt]) -> Work:
    """Outside of any transaction: the server may be slow. Raises Interrupted while it is away."""
    return partial(_settle, {receipt.pk: _send(receipt) for receipt in receipts})


def _settle(told: Mapping[int, _Told], receipts: Sequence[RefundReceipt]) -> Mapping[int, Verdict]:
    return {receipt.pk: Done(_columns(receipt, told[receipt.pk])) for receipt in receipts}


def _columns(receipt: RefundReceipt, told: _Told) -> Mapping[str, object]:
    return conclude(receipt=receipt, outcome=told.outcome, address=told.address, at=told.at)


def _send(receipt: RefundReceipt) -> _Told:
    refund = Refund.objects.select_related("merchant", "payment").get(pk=receipt.refund_id)
    reach = reach_of(refund.payment)
    outcome = _hindrance(receipt, refund, reach)
    if outcome is not None:
        return _Told(outcome, "", clock.now())
    address = _address(receipt, refund, reach)
    try:
        hand_over(message_of(receipt, refund, address, _language(reach)))
    except MailRefused:
        return _Told(ReceiptOutcome.REFUSED, "", clock.now())
    return _Told(ReceiptOutcome.SENT, address, clock.now())


def _hindrance(receipt: RefundReceipt, refund: Refund, reach: Reach) -> ReceiptOutcome | None:
    if kind_due(refund) != receipt.kind:
        return ReceiptOutcome.OVERTAKEN
    if clock.now() - receipt.requested_at > GIVEN_UP_AFTER:
        return ReceiptOutcome.NOT_TAKEN
    return _OUTCOMES[reach.barrier] if reach.barrier is not None else None


def _address(receipt: RefundReceipt, refund: Refund, reach: Reach) -> str:
    """What has to be put right goes to whoever read it."""
    read = last_sent(refund) if receipt.kind == ReceiptKind.CORRECTION else None
    return read.address if read is not None else reach.address


def _language(reach: Reach) -> str:
    """The first that is offered of those that the customer likes to read: ``fr-CA`` is read by whoever likes ``fr``."""
    for each in reach.languages:
        try:
            return translation.get_supported_language_variant(each.lower())
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def message_of(receipt: RefundReceipt, refund: Refund, address: str, language: str) -> EmailMultiAlternatives:
    """From the merchant, by its name, for a customer who has never heard of this site."""
    with translation.override(language):
        said = receipt_words(receipt.kind, refund)
        facts = {"said": said, "language": language, "rtl": translation.get_language_bidi()}
        text = render_to_string("receipts/mail.txt", facts)
        html = render_to_string("receipts/mail.html", facts)
    sender = formataddr((called(refund.merchant), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    headers = headers_of(receipt.public_id)
    message = EmailMultiAlternatives(said.subject, text.strip() + "\n", sender, [address], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


# One at a time: a mail that is sent again after another failed would be sent twice.
RECEIPTS = Queue(QUEUE, RefundReceipt, "requested_at", send_receipts, batch=1, asks=True, pool="documents")
