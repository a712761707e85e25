"""How a refund is sent, and found again when no answer came, or when a person names it."""

from datetime import timedelta
from typing import cast

from billing.commands.kinds import DoesNotFit, Handling, Misfit, command_kind
from billing.commands.models import METADATA, CommandKind, MoneyCommand
from billing.money import Money
from billing.providers.base import Access, Adapter, Answer, Kind, RefundOrder, Window
from billing.providers.events import RefundObserved

_CLOCKS_DIFFER = timedelta(minutes=1)


def _send(adapter: Adapter, access: Access, command: MoneyCommand) -> Answer:
    frozen = command.parameters
    order = RefundOrder(
        key=str(command.key),
        charge_id=frozen["charge"],
        money=Money(frozen["amount"], frozen["currency"]),
        reason=frozen["reason"],
        metadata=frozen["metadata"],
    )
    return adapter.refund(access, order)


def _find(adapter: Adapter, access: Access, command: MoneyCommand) -> Answer | None:
    """The charge's refund that carries the command's key, out of all of them: a charge embeds only its last ten."""
    after = ""
    while True:
        page = adapter.list_page(access, Kind.REFUND, Window(after=after), of=command.parameters["charge"])
        for source in page.sources:
            refund = cast(RefundObserved, adapter.read(source))
            if refund.metadata.get(METADATA) == str(command.key):
                return Answer(source, page.observed_at)
            after = refund.external_id
        if not page.has_more:
            return None


def _named(adapter: Adapter, access: Access, command: MoneyCommand, refund_id: str) -> Answer | None:
    answer = adapter.fetch(access, Kind.REFUND, refund_id)
    if answer.source is None:
        return None
    refund = cast(RefundObserved, adapter.read(answer.source))
    differ = {
        Misfit.CHARGE: refund.charge_id != command.charge_id,
        Misfit.CURRENCY: refund.currency != command.currency,
        Misfit.AMOUNT: refund.amount != command.amount,
        Misfit.TIME: refund.created_at < command.requested_at - _CLOCKS_DIFFER,
        Misfit.COMMAND: refund.metadata.get(METADATA, str(command.key)) != str(command.key),
    }
    for misfit in (misfit for misfit, differs in differ.items() if differs):
        raise DoesNotFit(misfit)
    return answer


command_kind(CommandKind.REFUND, Handling(_send, _find, _named))
