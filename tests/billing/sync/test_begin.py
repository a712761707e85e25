"""The first full sync of a connection, and its end when the connection is left."""

import pytest

from billing.providers.models import ProviderAccount
from billing.queue.models import State
from billing.sync.begin import begin_sync
from billing.sync.leave import leave_account
from billing.sync.models import RunEnd, RunKind, SyncRun
from billing.sync.start import NotConnected
from tests.billing.deliveries import make_connection
from tests.billing.factories import TESTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_connection()


def end(run, how):
    SyncRun.objects.filter(pk=run.pk).update(state=State.DONE, end=how)


def test_an_account_that_was_just_connected_is_read_in_full_once(account):
    run = begin_sync(account=account, by=TESTER)
    assert (run.kind, run.since, run.asked_by) == (RunKind.BACKFILL, None, TESTER.label)
    assert begin_sync(account=account, by=TESTER) is None
    end(run, RunEnd.COMPLETE)
    assert begin_sync(account=account, by=TESTER) is None


@pytest.mark.parametrize("how", [RunEnd.CANCELLED, RunEnd.FAILED])
def test_what_was_given_up_is_begun_again(account, how):
    end(begin_sync(account=account, by=TESTER), how)
    assert begin_sync(account=account, by=TESTER) is not None


def test_leaving_stops_what_is_read_and_coming_back_begins_anew(account):
    run = begin_sync(account=account, by=TESTER)
    left = leave_account(account=account, by=TESTER)
    run.refresh_from_db()
    assert run.cancel_asked
    with pytest.raises(NotConnected):
        begin_sync(account=left, by=TESTER)
    end(run, RunEnd.COMPLETE)
    left.status, left.api_key, left.reconnected_at = "connected", "sk_test_key_of_a_test", left.disconnected_at
    left.save()
    assert begin_sync(account=ProviderAccount.objects.get(pk=left.pk), by=TESTER) is not None
