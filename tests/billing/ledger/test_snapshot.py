"""What is verified is verified as it is at one moment."""

import pytest
from django.db import connection, transaction

from billing.ledger.verify import one_snapshot


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


def test_what_comes_meanwhile_is_not_seen_and_nothing_is_written(committed_db: str) -> None:
    with one_snapshot():
        assert shown("transaction_isolation") == "repeatable read"
        assert shown("transaction_read_only") == "on"


@pytest.mark.django_db
def test_inside_a_transaction_it_is_that_one() -> None:
    with transaction.atomic(), one_snapshot():
        assert shown("transaction_isolation") == "read committed"
