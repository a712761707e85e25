"""The state of the system, as staff see it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import StaffRole
from billing.outbox.models import OutboxEvent
from billing.providers.base import ProviderUnavailable
from billing.providers.breaker import FAILURES, breaker
from billing.queue import registry
from billing.queue.models import ScheduledWork, State
from billing.queue.schedule import schedules
from billing.queue.standing import depth_of, done_lately, due_since
from billing.webhooks.models import WebhookEvent
from billing.webhooks.process import INBOX
from portal.staff.system.health import _WORK
from portal.staff.system.queues import WORDS
from tests.billing.deliveries import deliver, event, make_connection
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def account():
    return make_connection(make_merchant("acme"))


def staff(role=StaffRole.ADMIN):
    return signed_in(make_person(staff_role=role))


def put(account, number, **fields):
    told = deliver(account, event("charge.succeeded", {"id": f"ch_{number}", "object": "charge"}))
    WebhookEvent.objects.filter(pk=told.pk).update(**fields)
    return told


def row_of(page, name):
    """The texts of a queue's cells."""
    row = page.split(f'data-row="{name}"')[1].split("</tr>")[0]
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]


@pytest.mark.parametrize("role", list(StaffRole))
@pytest.mark.parametrize("path", ["/ops/system/jobs/", "/ops/system/health/"])
def test_the_system_is_for_those_who_watch_it(role, path):
    status = 200 if role in {StaffRole.ADMIN, StaffRole.AUDITOR} else 403
    assert staff(role).get(path).status_code == status


def test_every_queue_and_every_round_has_words():
    assert set(registry.names()) == set(WORDS)
    assert {each.name for each in schedules()} == set(_WORK)


def test_a_queue_shows_what_waits_what_is_late_and_what_was_done(account):
    now = clock.now()
    with time_machine.travel(now - 3 * HOUR, tick=False):
        put(account, 1)
    put(account, 2)
    put(account, 3, attempts=2, next_attempt_at=now - HOUR)
    put(account, 4, attempts=2, next_attempt_at=now + HOUR)
    put(account, 5, state=State.LEASED, attempts=1, lease_until=now + HOUR)
    put(account, 6, state=State.PARKED, attempts=1, next_attempt_at=now + HOUR)
    put(account, 7, state=State.DEAD, attempts=8)
    put(account, 8, state=State.DONE, processed_at=now - timedelta(minutes=59))
    put(account, 9, state=State.DONE, processed_at=now - timedelta(minutes=61))
    page = staff().get("/ops/system/jobs/").content.decode()
    fresh, retrying, leased, parked, age, done, dead = row_of(page, "inbox")
    assert (fresh, retrying, leased, parked, done, dead.split()[0]) == ("2", "2", "1", "1", "1", "1")
    assert age.endswith("3 h")
    assert 'href="/ops/system/events/?state=dead_letter"' in page
    assert row_of(page, "sync")[4] == "—"
    depth = depth_of(INBOX)
    assert depth.open + depth.dead == WebhookEvent.objects.exclude(state=State.DONE).count()
    assert (due_since(INBOX), done_lately(INBOX)) == (now - 3 * HOUR, 1)


def test_what_waits_for_its_next_try_is_not_due(account):
    now = clock.now()
    put(account, 1, attempts=2, next_attempt_at=now + HOUR)
    assert due_since(INBOX) is None
    with time_machine.travel(now + 2 * HOUR, tick=False):
        assert due_since(INBOX) == now + HOUR


def test_other_dead_letters_are_listed_without_people(account):
    OutboxEvent.objects.create(
        type="payment.changed",
        merchant_id=account.merchant_id,
        livemode=False,
        object_id="pay_1",
        payload={},
        created_at=clock.now(),
        state=State.DEAD,
        attempts=8,
        error="ValueError: cannot tell lena@vogt.example",
    )
    page = staff().get("/ops/system/jobs/").content.decode()
    letters = page.split('id="letters"')[1]
    assert "ValueError" in letters
    assert "vogt" not in letters
    assert 'href="/ops/system/jobs/#letters"' in page


@pytest.mark.parametrize(("path", "panel"), [("jobs", "queues"), ("health", "checks")])
def test_a_region_is_a_part_of_its_page(account, path, panel):
    client = staff()
    with time_machine.travel(clock.now(), tick=False):
        page = client.get(f"/ops/system/{path}/").content.decode()
        part = client.get(f"/ops/system/{path}/_/{panel}/", HTTP_HX_REQUEST="true").content.decode()
    assert part.strip() in page
    assert client.get(f"/ops/system/{path}/_/{panel}/")["Location"] == f"/ops/system/{path}/"


def test_a_sweeper_is_known_by_what_it_began():
    client, now = staff(), clock.now()
    assert "Never seen" in client.get("/ops/system/health/").content.decode()
    ScheduledWork.objects.create(name="visits", last_started_at=now, last_ended_at=now)
    assert "Never seen" not in client.get("/ops/system/health/").content.decode()
    ScheduledWork.objects.update(last_started_at=now - timedelta(minutes=4))
    page = client.get("/ops/system/health/").content.decode()
    assert "Not seen lately" in page
    assert "last seen 4 min ago" in page


def test_redis_that_is_away_is_no_alarm(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    page = staff().get("/ops/system/health/").content.decode()
    assert "Away, nothing is lost" in page


def test_a_processor_that_is_left_alone_is_told():
    client = staff()
    before = client.get("/ops/system/health/").content.decode()
    guarded = breaker("an account of this test")
    for _ in range(FAILURES):
        with pytest.raises(ProviderUnavailable), guarded.call():
            raise ProviderUnavailable("no answer")
    page = client.get("/ops/system/health/").content.decode()
    assert "1 account is paused" not in before
    assert "1 account is paused" in page
    assert "an account of this test" not in page


def test_jobs_cost_the_same_with_many_rows(account):
    client = staff()

    def queries():
        client.get("/ops/system/jobs/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/ops/system/jobs/").status_code == 200
        return len(captured)

    put(account, 1)
    before = queries()
    for number in range(2, 6):
        put(account, number, state=State.DEAD, attempts=8)
    assert queries() == before
