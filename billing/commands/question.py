"""Asks the processor what came of a command, writes that down, and puts the answer in neutral words."""

from billing import clock
from billing.commands.exchange import note_question
from billing.commands.kinds import Overtaken, handling_of
from billing.commands.models import MoneyCommand, Reply
from billing.providers.base import Answer, ProviderDeclined, ProviderUnavailable, UnreadableObject
from billing.providers.models import ProviderAccount
from billing.providers.registry import access_of, adapter
from billing.webhooks.asked import inbound_of, read_object
from billing.webhooks.handlers import Inbound, Source

NO_ANSWER = (ProviderUnavailable, ProviderDeclined, UnreadableObject)


def ask_about(row: MoneyCommand, account: ProviderAccount) -> Answer | None:
    """What the command made, looked for in all that the processor has; None where there is nothing of it. Outside of
    transactions. Raises Overtaken, or one of NO_ANSWER."""
    began_at = clock.now()
    try:
        answer = handling_of(row.kind).find(adapter(account.provider), access_of(account), row)
    except NO_ANSWER as away:
        note_question(row, began_at=began_at, reply=Reply.UNAVAILABLE, detail=str(away))
        raise
    except Overtaken as overtaken:
        note_question(row, began_at=began_at, reply=Reply.NOT_FOUND, detail=str(overtaken))
        raise
    note_question(row, began_at=began_at, reply=Reply.NOT_FOUND if answer is None else Reply.FOUND)
    return answer


def inbound(row: MoneyCommand, account: ProviderAccount, answer: Answer) -> Inbound:
    """What the command made, on its way to the mirror. Raises UnreadableObject."""
    event, told = read_object(account, answer.source or {}), f"{row.kind}.answered"
    return inbound_of(account, event, number=-row.pk, told=told, at=answer.observed_at, source=Source.ANSWER)
