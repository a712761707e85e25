"""Asks the processor what came of a command, writes that down, and puts the answer in neutral words."""

from dataclasses import dataclass
from datetime import datetime

from billing import clock
from billing.commands.exchange import Told, note_question
from billing.commands.kinds import Overtaken, handling_of
from billing.commands.models import MoneyCommand, Reply
from billing.providers.base import Answer, ProviderDeclined, ProviderUnavailable, UnreadableObject
from billing.providers.models import ProviderAccount
from billing.providers.registry import access_of, adapter
from billing.webhooks.asked import inbound_of, read_object
from billing.webhooks.handlers import Inbound, Source

NO_ANSWER = (ProviderUnavailable, ProviderDeclined, UnreadableObject)


@dataclass(frozen=True, slots=True)
class Asked:
    """``answer`` is what the command made, None where there is nothing of it or where the question ended in ``error``:
    Overtaken, or one of NO_ANSWER."""

    began_at: datetime
    told: Told
    answer: Answer | None = None
    error: Exception | None = None


def look_for(row: MoneyCommand, account: ProviderAccount) -> Asked:
    """What the command made, looked for in all that the processor has. Leaves the database alone."""
    began_at = clock.now()
    try:
        answer = handling_of(row.kind).find(adapter(account.provider), access_of(account), row)
    except NO_ANSWER as away:
        return Asked(began_at, Told(Reply.UNAVAILABLE, str(away)), error=away)
    except Overtaken as overtaken:
        return Asked(began_at, Told(Reply.NOT_FOUND, str(overtaken)), error=overtaken)
    return Asked(began_at, Told(Reply.NOT_FOUND if answer is None else Reply.FOUND), answer)


def ask_about(row: MoneyCommand, account: ProviderAccount) -> Answer | None:
    """As look_for(), and writes the question down. Outside of transactions. Raises Overtaken, or one of NO_ANSWER."""
    asked = look_for(row, account)
    note_question(row, began_at=asked.began_at, told=asked.told)
    if asked.error is not None:
        raise asked.error
    return asked.answer


def inbound(row: MoneyCommand, account: ProviderAccount, answer: Answer) -> Inbound:
    """What the command made, on its way to the mirror. Raises UnreadableObject."""
    event, told = read_object(account, answer.source or {}), f"{row.kind}.answered"
    return inbound_of(account, event, number=-row.pk, told=told, at=answer.observed_at, source=Source.ANSWER)
