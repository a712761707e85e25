"""A lease that passes on while its first holder is still at work."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from billing import clock
from billing.outbox.models import OutboxEvent
from billing.queue.models import State
from billing.queue.registry import Queue
from billing.queue.run import TryAgain, claim_and_run


def pass_on(row_id: int) -> None:
    with transaction.atomic():
        OutboxEvent.objects.filter(pk=row_id).update(lease_token=uuid.uuid4())
    connection.close()


def test_an_interruption_after_the_lease_passed_on_leaves_the_row_to_its_new_holder(committed_db):
    OutboxEvent.objects.create(type="probe", object_id="1", created_at=clock.now())

    def work(batch):
        if len(tries) == 3:
            # The batch has given up; this is the row alone.
            with ThreadPoolExecutor(1) as other:
                other.submit(pass_on, batch[0].pk).result()
        tries.append(1)
        raise TryAgain("somebody was faster")

    tries: list[int] = []
    assert claim_and_run(Queue("probe", OutboxEvent, "created_at", work)) == 1
    assert set(OutboxEvent.objects.values_list("state", "attempts")) == {(State.LEASED, 1)}
