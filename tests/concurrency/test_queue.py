"""A lease that passes on while its first holder is still at work."""

import uuid
from concurrent.futures import ThreadPoolExecutor, wait

from django.db import connection, transaction

from billing import clock
from billing.mirror.ask import Wanted, ask
from billing.mirror.models import Refetch
from billing.mirror.refetch import ask_again
from billing.outbox.models import OutboxEvent
from billing.providers.base import Kind
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.models import State
from billing.queue.registry import Queue
from billing.queue.run import TryAgain, claim_and_run
from tests.billing.deliveries import make_connection


def pass_on(row_id: int) -> None:
    with transaction.atomic():
        OutboxEvent.objects.filter(pk=row_id).update(lease_token=uuid.uuid4())
    connection.close()


def test_an_interruption_after_the_lease_passed_on_leaves_the_row_to_its_new_holder(committed_db):
    OutboxEvent.objects.create(type="probe", object_id="1", created_at=clock.now())

    def work(batch):
        if len(tries) == 2:
            # The last of its three tries at once.
            with ThreadPoolExecutor(1) as other:
                other.submit(pass_on, batch[0].pk).result()
        tries.append(1)
        raise TryAgain("somebody was faster")

    tries: list[int] = []
    assert claim_and_run(Queue("probe", OutboxEvent, "created_at", work)) == 1
    assert set(OutboxEvent.objects.values_list("state", "attempts")) == {(State.LEASED, 1)}


def test_a_doubt_that_comes_while_another_is_settled_is_not_lost(committed_db):
    account = make_connection()
    # Nobody asks it, so that nothing but the row of the doubt is locked.
    ProviderAccount.objects.update(status=ConnectionStatus.DISCONNECTED, api_key=None)
    doubt = Wanted(account.pk, Kind.BALANCE_TRANSACTION, "newest", "a movement is missing")
    ask([doubt])
    Refetch.objects.update(next_attempt_at=None)
    others = ThreadPoolExecutor(1)
    asked = []

    def ask_elsewhere() -> None:
        try:
            ask([doubt])
        finally:
            connection.close()

    def while_another_comes(batch):
        settle = ask_again(batch)

        def settle_slowly(claimed):
            verdicts = settle(claimed)
            asked.append(others.submit(ask_elsewhere))
            # It waits for this transaction; if it did not, it would be through by then.
            wait(asked, timeout=0.2)
            return verdicts

        return settle_slowly

    with others:
        claim_and_run(Queue("refetch", Refetch, "asked_at", while_another_comes, asks=True))
    row = Refetch.objects.get()
    assert (row.ticket, row.state) == (2, State.PENDING)
