from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.audit.models import AuditEvent
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.sync.models import RunKind, SyncRun
from tests.billing.deliveries import make_connection

pytestmark = pytest.mark.django_db


def read(account: ProviderAccount, **options: str) -> str:
    out = StringIO()
    call_command("sync_account", connection=account.public_id, stdout=out, **options)
    return out.getvalue()


def test_a_full_sync_is_begun_and_on_record():
    account = make_connection()
    said = read(account)
    run = SyncRun.objects.get()
    assert said == f"run {run.public_id}\n"
    assert (run.account, run.kind, run.since) == (account, RunKind.BACKFILL, None)
    assert AuditEvent.objects.get(action="sync.started").actor_id == "sync_account"


def test_a_day_leaves_out_what_is_older():
    read(make_connection(), since="2026-11-01")
    assert SyncRun.objects.get().since == datetime(2026, 11, 1, tzinfo=UTC)


def test_a_search_for_gaps_can_be_asked_for():
    read(make_connection(), kind="gaps")
    assert SyncRun.objects.get().kind == RunKind.GAPS


@pytest.mark.parametrize("typed", ["yesterday", "2026-13-01", "01.11.2026"])
def test_what_is_no_day_is_refused_in_words(typed):
    with pytest.raises(CommandError, match="is no day"):
        read(make_connection(), since=typed)


def test_a_second_one_is_told_of_the_first():
    account = make_connection()
    read(account)
    with pytest.raises(CommandError, match="is under way"):
        read(account)
    assert SyncRun.objects.count() == 1


def test_a_connection_that_was_left_has_no_key_to_ask_with():
    account = make_connection()
    account.status, account.api_key = ConnectionStatus.DISCONNECTED, None
    account.save()
    with pytest.raises(CommandError, match="disconnected"):
        read(account)


def test_an_unknown_connection_is_named():
    with pytest.raises(CommandError, match="no connection 'con_nobody'"):
        call_command("sync_account", connection="con_nobody")
