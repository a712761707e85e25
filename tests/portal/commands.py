"""Money requests written straight into the table, in any state that they can be in."""

import uuid
from datetime import timedelta
from typing import Any

from billing import clock
from billing.commands.models import METADATA, CommandExchange, CommandKind, CommandState, MoneyCommand
from billing.ids import new_id
from billing.payments.models import Payment


def write_command(payment: Payment, is_in: CommandState | str, *, age: float = 0, **fields: Any) -> MoneyCommand:
    """A refund, unless ``fields`` say otherwise, that is in that state and was asked for ``age`` seconds ago."""
    at, key = clock.now() - timedelta(seconds=age), uuid.uuid4()
    amount, currency = fields.pop("amount", 1_230), payment.currency
    values: dict[str, Any] = {
        "parameters": {
            "charge": payment.external_charge_id,
            "amount": amount,
            "currency": currency,
            "reason": "requested_by_customer",
            "metadata": {METADATA: str(key)},
        },
        "public_id": new_id("ref"),
        "kind": CommandKind.REFUND,
        "reason": "customer_request",
        "requested_by_kind": "user",
        "requested_by_id": "usr_1",
        "requested_by": "ada@shop.example",
        "requested_at": at,
        "first_sent_at": None if is_in in ("requested", "approved") else at,
        "unknown_since": at if is_in == CommandState.UNKNOWN else None,
        "settled_at": at if is_in in ("succeeded", "failed") else None,
        "state": "done" if is_in in ("succeeded", "failed") else "parked" if is_in == "requested" else "pending",
    }
    return MoneyCommand.objects.create(
        key=key,
        merchant_id=payment.merchant_id,
        account_id=payment.account_id,
        livemode=payment.livemode,
        payment=payment,
        charge_id=payment.external_charge_id,
        amount=amount,
        currency=currency,
        command_state=is_in,
        **{**values, **fields},
    )


def write_exchange(command: MoneyCommand, call: str, reply: str, *, age: float = 0, **fields: Any) -> CommandExchange:
    """A call that began ``age`` seconds ago and took two."""
    began = clock.now() - timedelta(seconds=age)
    ended = began + timedelta(seconds=2) if reply else None
    return command.exchanges.create(call=call, reply=reply, began_at=began, ended_at=ended, **fields)
