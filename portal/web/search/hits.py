"""Rows of any kind as lines that look alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from billing.commands.models import CommandBatch, MoneyCommand
from billing.money import CurrencyMalformed, Money
from billing.payments.queries import ROW
from portal.web.json_text import redacted
from portal.web.masking import mask_email, mask_name
from portal.web.methods import method_text
from portal.web.reasons import DISPUTE_REASONS, REFUND_REASONS, words_of
from portal.web.search.find import WHOSE
from reports.dates import day_text
from reports.status import event_value
from reports.templatetags.money import number
from reports.templatetags.status import status

Text = str | Promise
_PAYMENT = (*ROW, *WHOSE)


@dataclass(frozen=True, slots=True)
class Hit:
    """``amount`` in minor units of ``currency``, None for what has none. Without ``url`` there is no page behind it."""

    id: str
    title: Text
    url: str = ""
    detail: str = ""
    badge: SafeString | str = ""
    amount: int | None = None
    currency: str = ""
    at: datetime | None = None
    merchant: str = ""
    livemode: bool = False
    icon: str = ""


class Links(Protocol):
    """Where the pages of a face are; empty for what has none, or none for this reader."""

    def payment(self, public_id: str, part: str = "") -> str: ...
    def refund(self, public_id: str, payment: str) -> str: ...
    def batch(self, public_id: str) -> str: ...
    def customer(self, row: dict[str, Any]) -> str: ...
    def payout(self, row: dict[str, Any]) -> str: ...
    def event(self, public_id: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells rows to one reader."""

    links: Links
    by_person: bool

    def tell(self, kind: str, rows: list[Any]) -> list[Hit]:
        tellers: dict[str, Callable[[Any], Hit]] = {
            "payments": self._payment,
            "refunds": lambda row: self._following("refund", row, REFUND_REASONS),
            "disputes": lambda row: self._following("dispute", row, DISPUTE_REASONS),
            "payouts": self._payout,
            "customers": self._customer,
            "events": self._event,
        }
        return [tellers[kind](row) for row in rows]

    def _payment(self, found: tuple[Any, ...]) -> Hit:
        row = dict(zip(_PAYMENT, found, strict=True))
        name, email = row["customer_name"], row["customer_email"]
        if not self.by_person:
            name, email = mask_name(name), mask_email(email)
        method = method_text(row["method_type"], row["brand"], row["last4"])
        state = row["status"]
        return Hit(
            id=row["public_id"],
            title=self._what(row["reference"], row["description"]) or row["public_id"],
            url=self.links.payment(row["public_id"]),
            detail=_joined(name or email, method),
            badge=status("payment", state, raw=row["provider_status"] if state == "unknown" else ""),
            at=row["created_at"],
            **_money(row),
            **_whose(row),
        )

    def _following(self, kind: str, row: dict[str, Any], reasons: Any) -> Hit:
        """A refund, which may have a page of its own, or a dispute, which stands on that of its payment."""
        what = self._what(row["payment__reference"], row["payment__description"])
        # What goes back to the customer is less for the merchant, as on the payment's page.
        money = _money({**row, "amount": -row["amount"] if kind == "refund" else row["amount"]})
        return Hit(
            id=row["public_id"],
            title=row["external_id"],
            url=self.links.refund(row["public_id"], row["payment__public_id"])
            if kind == "refund"
            else self.links.payment(row["payment__public_id"], "disputes"),
            detail=_joined(what, words_of(row["reason"], reasons).capitalize()),
            badge=status(kind, row["provider_status"]),
            at=row["created_at"],
            **money,
            **_whose(row),
        )

    def tell_request(self, command: MoneyCommand, merchant: str) -> Hit:
        """A refund that was asked for here, with its payment, while none is known of it."""
        payment = command.payment
        return Hit(
            id=command.public_id,
            title=command.public_id,
            url=self.links.refund(command.public_id, payment.public_id),
            detail=self._what(payment.reference, payment.description),
            badge=status("command", command.command_state),
            at=command.requested_at,
            amount=-command.amount,
            currency=command.currency,
            merchant=merchant,
            livemode=command.livemode,
        )

    def tell_batch(self, batch: CommandBatch, merchant: str) -> Hit:
        """Refunds that were asked for together."""
        counted = ngettext("Refund of %(n)s payment", "Refund of %(n)s payments", batch.count)
        return Hit(
            id=batch.public_id,
            title=batch.public_id,
            url=self.links.batch(batch.public_id),
            detail=counted % {"n": number(batch.count)},
            at=batch.requested_at,
            amount=-batch.amount,
            currency=batch.currency,
            merchant=merchant,
            livemode=batch.livemode,
        )

    def _payout(self, row: dict[str, Any]) -> Hit:
        # The day on which a bank has it is midnight in UTC.
        arrives = day_text(row["arrival_at"]) if row["arrival_at"] else ""
        return Hit(
            id=row["public_id"],
            title=row["external_id"],
            url=self.links.payout(row),
            detail=gettext("At the bank on %(day)s") % {"day": arrives} if arrives else "",
            badge=status("payout", row["provider_status"]),
            at=row["created_at"],
            **_money(row),
            **_whose(row),
        )

    def _customer(self, row: dict[str, Any]) -> Hit:
        name, email = row["name"], row["email"]
        if not self.by_person:
            name, email = mask_name(name), mask_email(email)
        return Hit(
            id=row["public_id"],
            title=name or email or row["external_id"],
            url=self.links.customer(row),
            detail=_joined(email if name else "", row["external_id"] if name or email else ""),
            at=row["created_at"],
            **_whose(row),
        )

    def _event(self, row: dict[str, Any]) -> Hit:
        value = event_value(state=row["state"], attempts=row["attempts"], outcome=row["outcome"])
        return Hit(
            id=row["public_id"],
            title=row["type"],
            url=self.links.event(row["public_id"]),
            detail=_joined(row["external_id"], row["object_id"]),
            badge=status("event", value),
            at=row["received_at"],
            **_whose(row),
        )

    def _what(self, reference: str, description: str) -> str:
        text = reference or description
        return text if self.by_person else str(redacted(text, personal=True))


def _money(row: dict[str, Any]) -> dict[str, Any]:
    """Nothing where a processor told a currency that nobody can write."""
    try:
        Money(row["amount"], row["currency"])
    except CurrencyMalformed:
        return {}
    return {"amount": row["amount"], "currency": row["currency"]}


def _whose(row: dict[str, Any]) -> dict[str, Any]:
    return {"merchant": row["merchant__name"], "livemode": row["livemode"]}


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
