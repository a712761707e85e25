"""Replays that are refused answer the event's page, on both faces."""

from datetime import timedelta

import pytest
import time_machine

from billing.access.roles import StaffRole
from billing.clock import now
from billing.queue.models import State
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import charge, deliver, event, make_connection, process_all
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["merchant", "staff"])
def replaying(request):
    """A client and the address of its list of events, for one merchant's connection."""
    shop = make_merchant("acme")
    account = make_connection(shop)
    if request.param == "merchant":
        return account, signed_in(make_person(merchant=shop)), "/m/acme/test/events/"
    return account, signed_in(make_person(staff_role=StaffRole.ADMIN)), "/ops/system/events/"


def test_an_event_whose_content_is_gone_cannot_be_replayed(replaying):
    account, client, list_url = replaying
    with time_machine.travel(now() - timedelta(days=100), tick=False):
        stored = deliver(account, event("charge.succeeded", charge(), at=int(now().timestamp())))
        process_all()
    WebhookEvent.objects.filter(pk=stored.pk).update(body=b"")
    page = client.get(f"{list_url}{stored.public_id}/").content.decode()
    assert "no longer kept, so it cannot be replayed" in page
    assert "does not let you replay" not in page
    assert client.post(f"{list_url}{stored.public_id}/replay/").status_code == 409


def test_the_way_on_from_a_busy_event_is_its_page(replaying):
    account, client, list_url = replaying
    stored = deliver(account, event("charge.succeeded", charge()))
    WebhookEvent.objects.filter(pk=stored.pk).update(
        state=State.LEASED, lease_token="5e8bd4b0-0000-4000-8000-000000000001", lease_until=now() + timedelta(minutes=2)
    )
    answer = client.post(f"{list_url}{stored.public_id}/replay/")
    assert answer.status_code == 409
    assert f'<a href="{list_url}{stored.public_id}/">Reload</a>' in answer.content.decode()


def test_an_empty_form_for_a_range_is_refused(replaying):
    _account, client, list_url = replaying
    assert client.post(f"{list_url}replay/").status_code == 422
