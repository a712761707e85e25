"""Note that the processor should be asked who an account is."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import connection

from billing import clock
from billing.outbox.models import OutboxEvent
from billing.outbox.subscribe import subscriber
from billing.providers.models import ProviderAccount
from billing.queue.nudge import nudge

# Several events about one account come together often.
PAUSE = timedelta(seconds=1)
_ASK = """
INSERT INTO account_description AS known (state, attempts, error, ticket, account_id, asked_at, next_attempt_at)
SELECT 'pending', 0, '', 1, wanted.*, %s, %s FROM unnest(%s::uuid[]) AS wanted (account_id)
    ON CONFLICT (account_id) DO UPDATE SET
       ticket = known.ticket + 1,
       state = CASE known.state WHEN 'leased' THEN 'leased' ELSE 'pending' END,
       attempts = CASE known.state WHEN 'leased' THEN known.attempts ELSE 0 END,
       next_attempt_at = CASE known.state WHEN 'pending' THEN known.next_attempt_at ELSE excluded.next_attempt_at END,
       asked_at = CASE known.state WHEN 'pending' THEN known.asked_at ELSE excluded.asked_at END,
       processed_at = NULL
"""


def ask_description(accounts: Iterable[UUID], *, pause: timedelta = PAUSE) -> None:
    """Have these accounts described after this transaction, each once however often it is wanted meanwhile."""
    # In one order, so that two workers cannot wait for each other.
    wanted = sorted(set(accounts))
    if not wanted:
        return
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [now, now + pause, wanted])
    nudge("descriptions")


@subscriber("connection.adopted")
def describe_adopted(events: Sequence[OutboxEvent]) -> None:
    """The door knows no more of a new account than its id."""
    adopted = ProviderAccount.objects.filter(public_id__in=[event.object_id for event in events])
    ask_description(adopted.values_list("pk", flat=True), pause=timedelta(0))
