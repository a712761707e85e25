"""Connecting by command: what it prints, where, and what it begins."""

from collections.abc import Iterator
from io import StringIO
from itertools import count

import pytest
from django.core.management import CommandError, call_command

from billing.providers import limiter
from billing.providers.models import ProviderAccount
from billing.providers.stripe.types import EVENT_TYPES, PLATFORM_TYPES
from billing.sync.models import RunKind, SyncRun
from tests.billing.providers.conftest import UNHURRIED
from tests.billing.providers.gatekeeper import keeping_back
from tests.portal.people import make_merchant
from tests.simulator.processes import Simulator, running

pytestmark = pytest.mark.django_db
_numbers = count()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    limiter.configure(test=UNHURRIED)
    with running() as simulator:
        yield simulator
    limiter.configure()


@pytest.fixture
def connect(simulator, settings):
    make_merchant("bakery")
    settings.PUBLIC_URL = "https://pay.bakery.example"
    key = f"sk_test_command{next(_numbers)}"

    def call(**given):
        said, complained = StringIO(), StringIO()
        values = {
            "merchant": "bakery",
            "mode": "test",
            "secret_key": key,
            "webhook_secret": "whsec_of_the_endpoint",
            "api_base": simulator.url,
            **given,
        }
        settings.PROCESSOR_BASES = [values["api_base"]]
        call_command("connect_stripe", stdout=said, stderr=complained, **values)
        return said.getvalue(), complained.getvalue()

    return call


def test_it_prints_id_and_address_tests_the_key_and_reads_the_account(connect):
    said, complained = connect()
    made = ProviderAccount.objects.get()
    door = f"https://pay.bakery.example/webhooks/stripe/{made.public_id}/"
    assert said == f"connection {made.public_id}\nwebhook {door}\n"
    assert complained == ""
    assert made.external_account.startswith("acct_")
    assert SyncRun.objects.get().kind == RunKind.BACKFILL


def test_again_it_changes_and_begins_nothing(connect):
    assert connect() == connect()
    assert ProviderAccount.objects.count() == SyncRun.objects.count() == 1


def test_a_platform_is_marked(connect):
    connect(platform=True)
    assert ProviderAccount.objects.get().is_platform


def test_the_connection_stands_when_the_processor_does_not_answer(connect):
    said, complained = connect(api_base="http://127.0.0.1:9")
    assert said.startswith("connection con_")
    assert "The key was not tested" in complained
    assert not SyncRun.objects.exists()


def test_what_the_key_may_not_read_is_said_beside_the_output(connect, simulator):
    with keeping_back(simulator.url, "/v1/reviews") as base:
        said, complained = connect(api_base=base)
    assert len(said.splitlines()) == 2
    assert complained == "The key may not read reviews.\n"
    assert SyncRun.objects.exists()


def test_a_key_that_is_refused_is_kept_and_nothing_is_read(connect):
    said, complained = connect(secret_key="sk_test_!")
    assert said.startswith("connection con_")
    assert "does not know the key" in complained
    assert not SyncRun.objects.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"merchant": "nobody"}, "There is no merchant 'nobody'"),
        ({"secret_key": "sk_live_x"}, "sk_test_ or rk_test_"),
        ({"webhook_secret": "short"}, "too short"),
        ({"account": "nonsense"}, "starts with acct_"),
    ],
)
def test_what_cannot_be_is_refused(connect, given, words):
    with pytest.raises(CommandError, match=words):
        connect(**given)
    assert not ProviderAccount.objects.exists()


def test_the_events_to_choose_are_printed_one_a_line():
    said = StringIO()
    call_command("stripe_events", stdout=said)
    assert said.getvalue().splitlines() == list(EVENT_TYPES)
    said = StringIO()
    call_command("stripe_events", platform=True, stdout=said)
    assert said.getvalue().splitlines() == [*EVENT_TYPES, *PLATFORM_TYPES]
