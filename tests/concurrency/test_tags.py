"""Several people who change the tags of the same payments at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from billing.audit.models import AuditEvent
from billing.tags.change import Tagged, add_tag, remove_tag
from billing.tags.models import MOST, PaymentTag
from billing.tags.queries import tags_on
from tests.billing.factories import TESTER, make_merchant

PEOPLE = 6
PAYMENTS = [f"pay_{number}" for number in range(40)]


def at_once(act: Callable[[int], Tagged]) -> list[Tagged]:
    together = threading.Barrier(PEOPLE)

    def one(person: int) -> Tagged:
        try:
            together.wait(10)
            return act(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(one, range(PEOPLE)))


def test_nobody_is_told_of_what_somebody_else_did_or_puts_one_tag_too_many(committed_db: str) -> None:
    merchant = make_merchant()
    for number in range(MOST - 1):
        add_tag(merchant=merchant, livemode=True, payments=PAYMENTS, word=f"t{number}", by=TESTER)

    def add(person: int) -> Tagged:
        # Half of them use one word, and each goes through the payments the other way round.
        word, payments = f"w{person // 2}", PAYMENTS[:: -1 if person % 2 else 1]
        return add_tag(merchant=merchant, livemode=True, payments=payments, word=word, by=TESTER)

    added = at_once(add)
    assert sum(each.changed for each in added) == len(PAYMENTS)
    assert {len(words) for words in tags_on(PAYMENTS).values()} == {MOST}

    def remove(person: int) -> Tagged:
        payments = PAYMENTS[:: -1 if person % 2 else 1]
        return remove_tag(merchant=merchant, livemode=True, payments=payments, word="t0", by=TESTER)

    assert sum(each.changed for each in at_once(remove)) == len(PAYMENTS)
    assert AuditEvent.objects.filter(action="tag.removed").count() == 1
    assert not PaymentTag.objects.filter(word="t0").exists()
