"""What accounts tell of themselves."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.audit.models import AuditEvent
from billing.platforms.models import Description
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.models import State
from billing.webhooks.models import Outcome, WebhookEvent
from tests.billing.deliveries import T0, charge, deliver_to, event, make_connection, process_all

pytestmark = pytest.mark.django_db
GONE = {"id": "ca_1", "object": "application", "name": "Platform"}


@pytest.fixture
def platform() -> ProviderAccount:
    return make_connection(is_platform=True)


def told(platform: ProviderAccount, type_: str, target: dict, *, at: int = T0) -> WebhookEvent:
    row = deliver_to(platform, event(type_, target, at=at, account="acct_1"))
    process_all()
    row.refresh_from_db()
    return row


def account(**fields) -> dict:
    said = {"business_profile": {"name": "Lena's Shop"}, "country": "DE", "default_currency": "eur"}
    return {"id": "acct_1", "object": "account", "created": T0, **said, **fields}


def lines(platform: ProviderAccount) -> list[str]:
    connection = platform.accounts.get()
    chain = AuditEvent.objects.filter(merchant_id=connection.merchant_id, object_id=connection.public_id)
    return list(chain.order_by("seq").values_list("action", flat=True))[1:]


def test_an_update_names_the_connection_and_its_merchant_and_is_settled_by_asking(platform):
    row = told(platform, "account.updated", account())
    connection = platform.accounts.get()
    assert (connection.name, connection.country) == ("Lena's Shop", "DE")
    assert (connection.merchant.name, connection.merchant.default_currency) == ("Lena's Shop", "EUR")
    assert row.outcome == Outcome.CHANGED
    assert row.runs.get().effects == [["changed", "connection", connection.public_id]]
    assert Description.objects.get().account == connection


def test_an_update_that_says_nothing_new_asks_nobody(platform):
    told(platform, "account.updated", account())
    Description.objects.update(state=State.DONE)
    assert told(platform, "account.updated", account()).outcome == Outcome.NO_CHANGE
    assert Description.objects.get().state == State.DONE


def test_an_update_about_another_account_changes_nothing(platform):
    assert told(platform, "account.updated", account(id="acct_2")).outcome == Outcome.NO_CHANGE
    assert platform.accounts.get().name == ""


def test_an_account_that_leaves_is_disconnected_with_a_line(platform):
    told(platform, "charge.succeeded", charge())
    row = told(platform, "account.application.deauthorized", GONE, at=T0 + 60)
    connection = platform.accounts.get()
    assert (connection.status, row.outcome) == (ConnectionStatus.DISCONNECTED, Outcome.CHANGED)
    assert connection.left_at.timestamp() == T0 + 60
    assert lines(platform) == ["connection.left"]


def test_a_later_event_connects_it_again_and_a_late_one_does_not(platform):
    told(platform, "account.application.deauthorized", GONE, at=T0 + 60)
    told(platform, "charge.succeeded", charge(), at=T0)
    assert platform.accounts.get().status == ConnectionStatus.DISCONNECTED
    told(platform, "charge.succeeded", charge(id="ch_2"), at=T0 + 61)
    assert platform.accounts.get().status == ConnectionStatus.CONNECTED
    assert lines(platform) == ["connection.left", "connection.returned"]


def test_leaving_that_is_told_late_disconnects_nobody_who_is_back(platform):
    told(platform, "charge.succeeded", charge(), at=T0 + 61)
    told(platform, "account.application.deauthorized", GONE, at=T0 + 60)
    assert platform.accounts.get().status == ConnectionStatus.CONNECTED


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0), (0, 2, 1), (2, 0, 1)])
def test_leaving_twice_ends_away_in_any_order(platform, order):
    story = [
        ("account.application.deauthorized", GONE, T0 + 60),
        ("charge.succeeded", charge(), T0 + 70),
        ("account.application.deauthorized", GONE, T0 + 80),
    ]
    for number in order:
        type_, target, at = story[number]
        told(platform, type_, target, at=at)
    assert platform.accounts.get().status == ConnectionStatus.DISCONNECTED


def test_a_connection_with_a_key_of_its_own_never_leaves_by_itself():
    own = make_connection(is_connect=True, external_account="acct_1")
    deliver_to(own, event("account.application.deauthorized", GONE, account="acct_1"))
    process_all()
    own.refresh_from_db()
    assert own.status == ConnectionStatus.CONNECTED


def test_the_lock_of_the_audit_trail_comes_after_all_others(platform):
    """So that no two batches wait for each other; disputes come last of all else."""
    dispute = {"id": "du_1", "object": "dispute", "charge": "ch_1", "amount": 2000, "currency": "eur", "created": T0}
    told(platform, "charge.succeeded", charge())
    deliver_to(platform, event("account.updated", account(), account="acct_1"))
    deliver_to(
        platform, event("charge.dispute.created", {**dispute, "status": "needs_response"}, at=T0 + 9, account="acct_1")
    )
    with CaptureQueriesContext(connection) as asked:
        process_all()
    told_of = [query["sql"] for query in asked if "pg_advisory_xact_lock" in query["sql"] or "FOR " in query["sql"]]
    assert any('"payment"' in sql for sql in told_of)
    first_audit = next(number for number, sql in enumerate(told_of) if "pg_advisory_xact_lock" in sql)
    assert not any('"payment"' in sql for sql in told_of[first_audit:])


def test_descriptions_wait_a_moment_for_company(platform):
    told(platform, "account.updated", account())
    assert Description.objects.get().next_attempt_at > clock.now() - timedelta(seconds=1)
