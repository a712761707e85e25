from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing.access.roles import MerchantRole
from billing.audit.actor import SYSTEM, Actor, command
from billing.audit.digest import digest
from billing.audit.models import GENESIS, AuditEvent
from billing.audit.record import AuditOutsideTransaction, AuditValueRefused, record, recorded_together
from billing.audit.triggers import append_freely, append_only
from tests.billing.factories import TESTER


def note(merchant_id: int | None = 1, **fields: Any) -> AuditEvent:
    values = {"actor": TESTER, "action": "thing.done", "object_type": "thing", "object_id": "th_1"}
    return record(merchant_id=merchant_id, **{**values, **fields})


@pytest.mark.django_db
@time_machine.travel("2026-11-20T14:32:01.123456Z", tick=False)
def test_a_row_says_who_did_what_from_where_and_why() -> None:
    actor = Actor("staff", "9", "Ada", request_id="req_1", address="192.0.2.7", on_behalf_of="7")
    note(actor=actor, before={"role": "viewer"}, after={"role": "owner"}, reason="Promoted.")
    assert AuditEvent.objects.values().get() == {
        "id": AuditEvent.objects.get().pk,
        "merchant_id": 1,
        "seq": 1,
        "occurred_at": datetime(2026, 11, 20, 14, 32, 1, 123456, tzinfo=UTC),
        "actor_kind": "staff",
        "actor_id": "9",
        "actor_label": "Ada",
        "on_behalf_of": "7",
        "request_id": "req_1",
        "address": "192.0.2.7",
        "action": "thing.done",
        "object_type": "thing",
        "object_id": "th_1",
        "before": {"role": "viewer"},
        "after": {"role": "owner"},
        "reason": "Promoted.",
        "prev_hash": GENESIS,
        "hash": digest(AuditEvent.objects.get()),
    }


@pytest.mark.django_db
def test_each_row_names_the_one_before() -> None:
    first, second, third = note(), note(), note()
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert [second.prev_hash, third.prev_hash] == [first.hash, second.hash]


@pytest.mark.django_db
def test_every_merchant_and_the_platform_have_chains_of_their_own() -> None:
    rows = [note(1), note(None), note(2), note(1), note(None)]
    assert [row.seq for row in rows] == [1, 1, 1, 2, 2]
    assert rows[4].prev_hash == rows[1].hash


def test_a_row_without_a_transaction_is_refused(committed_db: str) -> None:
    with pytest.raises(AuditOutsideTransaction, match=r"thing\.done"):
        note()


def test_a_row_vanishes_with_the_act(committed_db: str) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note()
        _ = 1 / 0
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_what_is_stored_hashes_like_what_was_written() -> None:
    values = {
        "text": 'Zoë \u202e\U0001f4b6 "quoted"',
        "empty": "",
        "none": None,
        "yes": True,
        "large": 2**63 - 1,
        "larger": 10**40,
        "negative": -5,
        "money": Decimal("10.50"),
        "id": UUID(int=7),
        "day": date(2026, 11, 20),
        "moment": datetime(2026, 11, 20, 12, tzinfo=UTC),
        "role": MerchantRole.OWNER,
        "list": [1, ("two", {"three": []})],
        "": "empty key",
    }
    written = note(after=values)
    assert digest(AuditEvent.objects.get(pk=written.pk)) == written.hash


@pytest.mark.django_db
def test_what_postgresql_cannot_store_does_not_stop_the_act() -> None:
    row = note(reason="a\0b\ud800c", after={"te\0xt": "\udfff"}, actor=Actor("user", "7", "Nul\0l"))
    row = AuditEvent.objects.get(pk=row.pk)
    assert (row.reason, row.after, row.actor_label) == ("a\ufffdb?c", {"te\ufffdxt": "?"}, "Nul\ufffdl")
    assert digest(row) == row.hash


@pytest.mark.django_db
@pytest.mark.parametrize("value", [1.5, float("nan"), b"bytes", object(), {1: "number as a key"}, {"set"}])
def test_values_without_one_spelling_are_refused(value: object) -> None:
    with pytest.raises(AuditValueRefused):
        note(after={"value": value})
    with pytest.raises(AuditValueRefused):
        note(before={"nested": [{"value": value}]})


@pytest.mark.django_db
def test_empty_and_absent_states_differ() -> None:
    note(before={})
    assert AuditEvent.objects.values_list("before", "after").get() == ({}, None)


@pytest.mark.django_db
@pytest.mark.parametrize("merchant_id", [1, None])
@pytest.mark.parametrize("same", ["seq", "prev_hash"])
def test_the_database_refuses_a_fork(merchant_id: int | None, same: str) -> None:
    first = note(merchant_id)
    values = {field.attname: getattr(first, field.attname) for field in AuditEvent._meta.concrete_fields}
    values |= {"id": UUID(int=1), "seq": 2, "prev_hash": "f" * 64, same: getattr(first, same)}
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.create(**values)


@pytest.mark.django_db
@pytest.mark.as_owner
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET reason = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "TRUNCATE audit_event CASCADE",
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_event",
        "SET LOCAL session_replication_role = replica; TRUNCATE audit_event",
    ],
)
def test_the_database_refuses_changes_even_of_the_owner(statement: str) -> None:
    """Only a superuser may ask to be taken for a replica; where the owner is none, that is refused before."""
    note()
    refused = pytest.raises(DatabaseError, match=r"append-only|permission denied to set parameter")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.as_owner
def test_the_triggers_can_be_taken_off_and_put_back() -> None:
    row = note()
    with connection.cursor() as cursor:
        cursor.execute(append_freely("audit_event"))
        cursor.execute("UPDATE audit_event SET reason = 'x'")
        cursor.execute(append_only("audit_event"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        row.delete()


@pytest.mark.django_db
def test_a_row_costs_three_statements_and_a_savepoint(django_assert_num_queries: Any) -> None:
    note()
    with django_assert_num_queries(5):
        note()


def test_our_own_automation_and_commands_have_names() -> None:
    assert (SYSTEM.kind, SYSTEM.label) == ("system", "Counterfoil")
    assert command("create_merchant") == Actor("command", "create_merchant", "manage.py create_merchant")


@pytest.mark.django_db
def test_rows_recorded_together_are_chained_in_their_order() -> None:
    before = note(1)
    with recorded_together():
        first, others, second = note(1), note(2), note(1)
    after = note(1)
    assert [before.seq, first.seq, second.seq, after.seq] == [1, 2, 3, 4]
    assert [first.prev_hash, second.prev_hash, after.prev_hash] == [before.hash, first.hash, second.hash]
    assert (others.seq, others.prev_hash) == (1, GENESIS)
    assert [row.hash for row in AuditEvent.objects.order_by("merchant_id", "seq")] == [
        digest(row) for row in AuditEvent.objects.order_by("merchant_id", "seq")
    ]


@pytest.mark.django_db
def test_of_a_block_that_fails_nothing_is_recorded() -> None:
    with pytest.raises(ZeroDivisionError), recorded_together():
        note(1)
        raise ZeroDivisionError
    assert not AuditEvent.objects.exists()
    assert note(1).seq == 1
