"""Somebody who clicks twice before the answer came."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import connection

from billing.audit.models import AuditEvent
from billing.customers.reveal import reveal_people
from tests.billing.factories import TESTER, make_merchant

CLICKS = 6


def test_clicks_at_the_same_moment_are_one_look(committed_db: str) -> None:
    merchant, together = make_merchant(), threading.Barrier(CLICKS)

    def click(_number: int) -> datetime:
        try:
            together.wait(10)
            return reveal_people(merchant=merchant, object_type="payment", object_id="pay_1", by=TESTER)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLICKS) as pool:
        untils = list(pool.map(click, range(CLICKS)))
    assert len(set(untils)) == 1
    assert AuditEvent.objects.filter(action="customer.revealed").count() == 1
