"""The demo: its people exist, and its payments come through the real door."""

import http.client
import os
from pathlib import Path

import pytest

from billing.merchants.models import Membership, Merchant
from billing.payments.models import Payment
from billing.queue import registry
from billing.queue.run import claim_and_run
from billing.webhooks.models import WebhookEvent
from portal.accounts.user import User
from portal.embedded import demo, feed, shops
from portal.embedded.connections import DemoConnection, read_connections, write_connections
from portal.embedded.environment import read_values, write_values
from portal.embedded.feed import DoorClosed, Sender, post_history, post_trickle


@pytest.fixture
def data(tmp_path) -> Path:
    return tmp_path


@pytest.fixture
def quick_hashes(settings):
    # Twenty people's passwords at full strength take seconds; that argon2 works is tested elsewhere.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.DEMO = True
    settings.PROCESSOR_BASES = [demo.PROCESSOR]


def test_seeding_makes_merchants_people_and_connections_once(committed_db, quick_hashes, data):
    demo.seed(data)
    before = read_connections(data)
    demo.seed(data)
    assert read_connections(data) == before
    assert set(Merchant.objects.values_list("slug", "timezone", "default_currency")) == {
        ("acme", "Europe/Paris", "EUR"),
        ("globex", "Africa/Nairobi", "KES"),
    }
    assert User.objects.count() == 21
    assert Membership.objects.filter(merchant__slug="acme", user__email="finance@acme.example", role="finance").exists()
    assert User.objects.get(email="risklead@counterfoil.example").check_password(demo.demo_password(data))


def test_the_password_is_kept_and_hard_to_guess(data):
    password = demo.demo_password(data)
    assert demo.demo_password(data) == password
    assert len(password) >= 12
    assert any(letter.isdigit() for letter in password)
    assert (data / "demo-password").stat().st_mode & 0o777 == 0o600
    assert password in demo.how_to_sign_in(data, "http://127.0.0.1:8000")


@pytest.fixture
def connections(committed_db, quick_hashes, data) -> dict[str, DemoConnection]:
    for shop in shops.SHOPS:
        demo.run("create_merchant", shop.slug, name=shop.name, timezone=shop.zone, currency=shop.currency)
    write_connections(data, [demo.kept_or_new(shop.slug, None) for shop in shops.SHOPS])
    return read_connections(data)


@pytest.fixture
def sender(own_stack):
    own_stack.start("web")
    with Sender(own_stack.url) as sender:
        yield sender


def work_off() -> None:
    """What worker and sweeper do."""
    for name in registry.names():
        while claim_and_run(registry.get(name)):
            pass


def test_history_becomes_payments_once(connections, sender, data, monkeypatch):
    monkeypatch.setattr(feed, "HISTORY_DAYS", 4)
    posted = post_history(sender, data)
    assert posted == WebhookEvent.objects.count() > 30
    work_off()
    started = WebhookEvent.objects.filter(type="payment_intent.created").count()
    assert Payment.objects.count() == started
    assert not WebhookEvent.objects.exclude(state="done").exists()
    assert set(Payment.objects.values_list("merchant__slug", flat=True)) == {"acme", "globex"}

    assert post_history(sender, data) == 0
    # A start that was interrupted posts the same events again.
    state = read_values(data / "demo-feed")
    write_values(data / "demo-feed", {"UNTIL": state["UNTIL"]})
    assert post_history(sender, data) == posted == WebhookEvent.objects.count()


def test_the_trickle_posts_payments_and_what_becomes_of_them(connections, sender, data, monkeypatch):
    monkeypatch.setattr(feed, "PAUSE", (0.0, 0.0))
    monkeypatch.setattr(feed, "PACE", 0)
    monkeypatch.setattr(feed, "STEP", 0.0)
    monkeypatch.setattr("portal.embedded.stories.SECONDS", (0, 0))
    post_trickle(sender, data, payments=5)
    assert WebhookEvent.objects.filter(type="payment_intent.created").count() == 5
    assert read_values(data / "demo-feed")["NUMBER"] == "5"


def test_a_door_that_refuses_is_named(connections, sender):
    stranger = DemoConnection("acme", connections["acme"].path, "whsec_another")
    with pytest.raises(DoorClosed, match="answers 400"):
        sender.post(stranger, {"id": "evt_1", "type": "charge.succeeded"})


def test_a_site_that_is_away_is_waited_for(connections, own_stack):
    with Sender(own_stack.url) as sender:
        assert sender.attempt(connections["acme"], b"{}") == 0
        own_stack.start("web")
        assert sender.attempt(connections["acme"], b"{}") == http.client.BAD_REQUEST


def test_the_launcher_tells_its_processes_where_the_data_is(monkeypatch, data):
    monkeypatch.setitem(os.environ, "COUNTERFOIL_DATA", str(data))
    assert demo.data_of_process() == data
