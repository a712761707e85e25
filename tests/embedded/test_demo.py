"""The demo: its people exist, and its payments come from a processor through the real door."""

import os
from pathlib import Path

import pytest

from billing.merchants.models import Membership, Merchant
from billing.payments.models import Payment
from billing.providers.models import ProviderAccount
from billing.queue import registry
from billing.queue.run import claim_and_run
from billing.webhooks.models import WebhookEvent
from portal.accounts.user import User
from portal.embedded import demo, feed, incidents, stand_in
from portal.embedded.connections import read_connections
from portal.embedded.spawn import end, spawn


@pytest.fixture
def data(tmp_path) -> Path:
    return tmp_path


@pytest.fixture
def processor(data):
    opened = stand_in.open_stand_in(data)
    process = spawn(stand_in.program(opened, data=data, environment=dict(os.environ), log=data / "simulator.log"))
    yield opened
    end(process, asking_with=stand_in.program(opened, data=data, environment={}, log=data / "log").stop, within=5)


@pytest.fixture
def quick_hashes(settings, processor):
    # Twenty people's passwords at full strength take seconds; that argon2 works is tested elsewhere.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.DEMO = True
    settings.PROCESSOR_BASES = [processor.base]


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


def test_a_processor_that_moved_is_followed_and_one_that_forgot_is_met_anew(
    committed_db, quick_hashes, settings, data, processor
):
    demo.seed(data)
    before = read_connections(data)["acme"]
    ProviderAccount.objects.update(api_base="http://127.0.0.1:1")
    demo.seed(data)
    assert read_connections(data)["acme"] == before
    assert set(ProviderAccount.objects.values_list("api_base", flat=True)) == {processor.base}
    processor.call(before.account, "DELETE", f"/v1/webhook_endpoints/{before.endpoint}")
    demo.seed(data)
    after = read_connections(data)["acme"]
    assert after.key != before.key
    assert processor.knows(after)


def test_connections_of_another_version_are_made_anew(data):
    (data / "demo-connections.json").write_text('[{"merchant": "acme", "path": "/webhooks/x/", "secret": "whsec_1"}]')
    assert read_connections(data) == {}


def test_the_password_is_kept_and_hard_to_guess(data):
    password = demo.demo_password(data)
    assert demo.demo_password(data) == password
    assert len(password) >= 12
    assert any(letter.isdigit() for letter in password)
    assert (data / "demo-password").stat().st_mode & 0o777 == 0o600
    assert password in demo.how_to_sign_in(data, "http://127.0.0.1:8000")


def work_off() -> None:
    """What worker and sweeper do."""
    for name in registry.names():
        while claim_and_run(registry.get(name)):
            pass


def test_history_becomes_payments_once(own_stack, quick_hashes, data, processor):
    demo.seed(data)
    own_stack.start("web")
    feed.point_at(processor, data, own_stack.url)
    feed.write_history(processor, data, days=4)
    told = WebhookEvent.objects.count()
    assert told > 30
    work_off()
    assert not WebhookEvent.objects.exclude(state="done").exists()
    started = WebhookEvent.objects.filter(type="payment_intent.created").values("object_id").distinct().count()
    assert Payment.objects.exclude(external_id__startswith="ch_").count() == started
    assert set(Payment.objects.values_list("merchant__slug", flat=True)) == {"acme", "globex"}
    feed.write_history(processor, data, days=4)
    assert WebhookEvent.objects.count() == told


def test_payments_keep_coming(own_stack, quick_hashes, data, processor):
    demo.seed(data)
    own_stack.start("web")
    feed.point_at(processor, data, own_stack.url)
    processor.clock(follow=None)
    feed.keep_alive(processor, data)
    feed.keep_alive(processor, data)
    assert len(processor.ask("GET", "/worlds")) == 1
    processor.clock(advance=1800)
    processor.ask("POST", "/deliveries/settle")
    assert WebhookEvent.objects.filter(type="payment_intent.succeeded").exists()


def test_every_incident_happens_at_a_shop_with_a_past(committed_db, quick_hashes, data, processor):
    demo.seed(data)
    feed.write_history(processor, data, days=4)
    account = read_connections(data)["acme"].account
    seen = set()

    def faults():
        return {fault["kind"] for fault in processor.ask("GET", "/faults")}

    for incident in incidents.INCIDENTS:
        incident(processor, account)
        seen |= faults()

    def count(path):
        return len(processor.call(account, "GET", path, limit=100)["data"])

    assert count("/v1/disputes") >= incidents.INCIDENTS.count(incidents.dispute)
    assert count("/v1/radar/early_fraud_warnings") >= 1
    assert count("/v1/reviews") >= 1
    assert seen == {"lose", "delay", "double", "error"}
    # Those that were lost are used up by now.
    assert "lose" not in faults()


def test_somebody_else_orders_again_where_a_card_is_declined(committed_db, quick_hashes, data, processor):
    demo.seed(data)
    feed.write_history(processor, data, days=4)
    account = read_connections(data)["acme"].account
    charges = processor.call(account, "GET", "/v1/charges", limit=100)["data"]
    known = [each for each in charges if each["status"] == "succeeded" and each["customer"] and each["payment_method"]]
    left = {each["customer"] for each in known[:3]}
    for each in known:
        # Who is refunded as a fraud is put on a block list.
        if each["customer"] not in left and not each["refunded"] and not each["disputed"]:
            processor.call(account, "POST", "/v1/refunds", charge=each["id"], reason="fraudulent")
    incidents.hold(processor, account)
    [newest] = processor.call(account, "GET", "/v1/payment_intents", limit=1)["data"]
    assert newest["status"] == "requires_capture"


def test_an_incident_without_a_payment_is_left_out_with_a_word(committed_db, quick_hashes, data, processor, capsys):
    demo.seed(data)
    incidents.happen(processor, [read_connections(data)["acme"].account], incidents.INCIDENTS.index(incidents.dispute))
    assert "no dispute this time" in capsys.readouterr().err


def test_incidents_take_turns_by_the_clock():
    first = incidents.turn_at(incidents.EVERY * 7)
    assert incidents.turn_at(incidents.EVERY * 7 + incidents.EVERY - 1) == first
    assert incidents.turn_at(incidents.EVERY * 8) == first + 1


def test_the_launcher_tells_its_processes_where_the_data_is(monkeypatch, data):
    monkeypatch.setitem(os.environ, "COUNTERFOIL_DATA", str(data))
    assert demo.data_of_process() == data
