"""Connecting, replacing key and secrets, disconnecting: over HTTP with the stand-in processor."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest

from billing import clock
from billing.access.roles import MerchantRole
from billing.audit.actor import SYSTEM
from billing.crypto import reveal
from billing.providers import limiter
from billing.providers.connect import connect_account
from billing.providers.models import ProviderAccount
from billing.sync.models import RunKind, SyncRun
from portal.access.draft import Draft
from tests.billing.deliveries import SECRET as SIGNED_WITH
from tests.billing.deliveries import make_connection
from tests.billing.providers.conftest import UNHURRIED
from tests.billing.providers.gatekeeper import keeping_back
from tests.portal.payments import address, pay
from tests.portal.people import make_person, signed_in
from tests.portal.requests import ask
from tests.simulator.processes import Simulator, running

pytestmark = pytest.mark.django_db
SECRET = "whsec_of_the_endpoint"
_numbers = count()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    limiter.configure(test=UNHURRIED)
    with running() as simulator:
        yield simulator
    limiter.configure()


@pytest.fixture
def client(shop):
    return signed_in(make_person(merchant=shop, role=MerchantRole.ADMIN))


@pytest.fixture
def base(simulator, settings):
    settings.PROCESSOR_BASES = [simulator.url]
    return simulator.url


@pytest.fixture
def key():
    return f"sk_test_page{next(_numbers)}"


@pytest.fixture
def account(shop, base, key):
    given = {"api_key": key, "webhook_secret": SECRET, "api_base": base}
    return connect_account(merchant=shop, livemode=False, by=SYSTEM, **given)


def at(shop, rest=""):
    return address(shop, f"settings/connections/{rest}")


def page_of(account, rest=""):
    return at(account.merchant, f"{account.public_id}/{rest}")


def test_an_account_is_connected_by_form_and_read_at_once(client, shop, base, key):
    assert b"Simulated processor" in client.get(at(shop, "new/")).content
    answer = client.post(at(shop, "new/"), {"api_key": key, "webhook_secret": SECRET, "api_base": base})
    made = ProviderAccount.objects.get()
    assert answer["Location"] == page_of(made)
    assert answer.status_code == 303
    assert made.external_account.startswith("acct_")
    run = SyncRun.objects.get()
    assert (run.account, run.kind, run.since) == (made, RunKind.BACKFILL, None)
    html = client.get(page_of(made)).content.decode()
    assert "Everything is being read" in html
    assert "Simulated" in html
    assert key not in html


def test_stripe_is_the_only_processor_unless_others_are_allowed(client, shop):
    assert b"Simulated processor" not in client.get(at(shop, "new/")).content


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"api_key": ""}, "This field is required"),
        ({"api_key": "sk_live_of_a_test"}, "This is a key of live mode"),
        ({"api_key": "sk_test_!"}, "Stripe does not know the key"),
        ({"webhook_secret": "whsec"}, "too short"),
        ({"account": "nobody"}, "starts with acct_"),
        ({"account": "acct_nobody"}, "no access to the account acct_nobody"),
        ({"account": "acct_1", "is_platform": "on"}, "its own key"),
        ({"api_base": "http://127.0.0.1:9"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(client, shop, base, key, given, words):
    answer = client.post(at(shop, "new/"), {"api_key": key, "api_base": base, **given})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert words in html
    assert 'id="error-summary"' in html
    assert key not in html
    assert not ProviderAccount.objects.exists()
    assert not SyncRun.objects.exists()


def test_all_that_is_wrong_is_said_at_once(client, shop):
    given = {"api_key": "sk_live_of_a_test", "webhook_secret": "whsec", "account": "nobody"}
    html = client.post(at(shop, "new/"), given).content.decode()
    for words in ("This is a key of live mode", "too short", "starts with acct_"):
        assert words in html


def test_a_key_that_may_read_too_little_names_what_it_lacks(client, shop, base, key, settings):
    with keeping_back(base, "/v1/charges", "/v1/events") as narrow:
        settings.PROCESSOR_BASES = [narrow]
        answer = client.post(at(shop, "new/"), {"api_key": key, "api_base": narrow})
    assert (answer.status_code, b"may not read charges and events" in answer.content) == (422, True)


def test_a_processor_that_does_not_answer_is_told(client, shop, key, settings):
    settings.PROCESSOR_BASES = ["http://127.0.0.1:9"]
    answer = client.post(at(shop, "new/"), {"api_key": key, "api_base": "http://127.0.0.1:9"})
    assert (answer.status_code, b"does not answer" in answer.content) == (422, True)


def test_an_account_is_connected_once(client, shop, base, account, key):
    answer = client.post(at(shop, "new/"), {"api_key": key, "api_base": base})
    assert (answer.status_code, b"is already connected in test mode" in answer.content) == (422, True)
    assert ProviderAccount.objects.count() == 1


def test_a_test_tells_what_it_found(client, account):
    answer = client.post(page_of(account, "test/"), follow=True)
    assert b"the key works and may read everything that is needed" in answer.content
    account.api_key = "sk_test_!"
    account.save()
    answer = client.post(page_of(account, "test/"), follow=True)
    assert b"Tested: the key is refused." in answer.content
    assert b"Replace the key." in answer.content


def test_a_test_that_finds_an_account_twice_says_what_to_do(client, account, key, base):
    other = make_connection(account.merchant, api_base=base, api_key=key)
    answer = client.post(page_of(other, "test/"))
    assert (answer.status_code, b"disconnect one of the two" in answer.content) == (409, True)


def test_the_key_is_replaced_by_another_of_the_same_account(client, account, key):
    new = key.replace("sk_", "rk_")
    assert key.encode() not in client.get(page_of(account, "key/")).content
    refused = client.post(page_of(account, "key/"), {"api_key": "sk_test_of_somebody_else"})
    assert (refused.status_code, b"and not acct_" in refused.content) == (422, True)
    assert client.post(page_of(account, "key/"), {"api_key": new})["Location"] == page_of(account)
    account.refresh_from_db()
    assert reveal(account, "api_key") == new


def test_a_secret_is_added_and_the_old_one_removed(client, account):
    old = account.secrets.get()
    assert client.post(page_of(account, "secret/"), {"webhook_secret": "whsec"}).status_code == 422
    only = client.post(page_of(account, "secret/remove/"), {"secret": old.pk})
    assert (only.status_code, b"add the new one first" in only.content) == (409, True)
    assert b"checked" in client.get(page_of(account, "secret/")).content
    client.post(page_of(account, "secret/"), {"webhook_secret": "whsec_of_another_time", "replaces": "on"})
    assert account.secrets.filter(expires_at__isnull=False).get() == old
    assert b"until it is replaced" in client.get(page_of(account)).content
    assert client.post(page_of(account, "secret/remove/"), {"secret": old.pk})["Location"] == page_of(account)
    assert account.secrets.get().last4 == "time"
    for nothing in ("", "nonsense", uuid4()):
        assert client.post(page_of(account, "secret/remove/"), {"secret": nothing}).status_code == 409


def test_the_first_secret_makes_no_older_one_expire(client, account):
    account.secrets.all().delete()
    given = {"webhook_secret": SECRET, "replaces": "on"}
    html = client.post(page_of(account, "secret/"), given, follow=True).content.decode()
    assert "The new secret is valid." in html
    assert "Older ones expire" not in html
    given["webhook_secret"] = "whsec_of_another_time"
    assert b"Older ones expire in 24 hours." in client.post(page_of(account, "secret/"), given, follow=True).content


def test_a_platforms_second_endpoint_replaces_nothing(client, account):
    type(account).objects.filter(pk=account.pk).update(is_platform=True)
    assert b"checked" not in client.get(page_of(account, "secret/")).content
    client.post(page_of(account, "secret/"), {"webhook_secret": "whsec_of_its_accounts"})
    assert account.secrets.filter(expires_at__isnull=True).count() == 2


def test_disconnecting_tells_of_requests_whose_end_nobody_would_learn(client, account):
    url = page_of(account, "disconnect/")
    assert b"not ended" not in client.get(url).content
    account.secrets.create(secret=SIGNED_WITH, last4=SIGNED_WITH[-4:], created_at=clock.now())
    ask(pay(account))
    assert b"1 request about money has not ended." in client.get(url).content


def test_disconnecting_takes_the_right_words(client, account):
    html = client.get(page_of(account, "disconnect/")).content.decode()
    assert "What stops" in html
    assert "What stays" in html
    assert f"Type {account.external_account} to confirm" in html
    for typed in ("", "yes", account.public_id):
        refused = client.post(page_of(account, "disconnect/"), {"confirmation": typed})
        assert refused.status_code == 422
    assert f"This is not {account.external_account}" in refused.content.decode()
    account.refresh_from_db()
    assert account.is_connected
    answer = client.post(page_of(account, "disconnect/"), {"confirmation": account.external_account}, follow=True)
    assert b"stays here" in answer.content
    account.refresh_from_db()
    assert not account.is_connected
    assert account.api_key is None
    for path in ("key/", "secret/", "disconnect/"):
        for again in (
            client.get(page_of(account, path)),
            client.post(page_of(account, path), {"confirmation": "acme"}),
        ):
            assert (again.status_code, b"disconnected meanwhile" in again.content) == (409, True)
            assert b"Connect again" in again.content


def test_the_merchants_short_name_confirms_too_and_the_account_comes_back(client, shop, account, base, key):
    client.post(page_of(account, "disconnect/"), {"confirmation": "acme"})
    answer = client.post(at(shop, "new/"), {"api_key": key, "api_base": base})
    assert answer["Location"] == page_of(account)
    assert ProviderAccount.objects.get().is_connected
    assert SyncRun.objects.count() == 1


def test_a_platform_in_use_is_not_left(client, account):
    type(account).objects.filter(pk=account.pk).update(is_platform=True)
    make_connection(account.merchant, external_account="acct_inside", is_connect=True, platform=account)
    answer = client.post(page_of(account, "disconnect/"), {"confirmation": "acme"})
    assert (answer.status_code, b"1 account is reached" in answer.content) == (422, True)


def test_an_account_of_a_platform_has_no_key_and_no_secret_to_change(client, account):
    inside = make_connection(
        account.merchant, external_account="acct_inside", is_connect=True, platform=account, api_key=None
    )
    for path in ("key/", "secret/"):
        assert client.get(page_of(inside, path)).status_code == 404
        assert client.post(page_of(inside, path), {"webhook_secret": SECRET}).status_code == 404
    assert "Key and secrets" not in client.get(page_of(inside)).content.decode()
    assert "no longer taken from its platform" in client.get(page_of(inside, "disconnect/")).content.decode()
    client.post(page_of(inside, "disconnect/"), {"confirmation": "acct_inside"})
    html = client.get(page_of(inside)).content.decode()
    assert "its platform has to connect it again" in html
    assert "Connect again" not in html


def test_changes_ask_for_a_fresh_code_and_keep_no_secret_meanwhile(shop, base, key):
    person = make_person(merchant=shop)
    client = signed_in(person, factor_at=clock.now() - timedelta(minutes=6))
    account = make_connection(shop)
    for path in ("key/", "secret/", "disconnect/"):
        assert client.get(page_of(account, path))["Location"].startswith("/accounts/reauthenticate/")
    given = {"api_key": key, "webhook_secret": SECRET, "account": "acct_1", "api_base": base}
    answer = client.post(at(shop, "new/"), given)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    draft = Draft.objects.get()
    kept = reveal(draft, "fields")
    assert "acct_1" in kept
    assert key not in kept
    assert SECRET not in kept
    again = signed_in(person).get(f"{at(shop, 'new/')}?draft={draft.pk}")
    assert b'value="acct_1"' in again.content
    assert ProviderAccount.objects.count() == 1


def test_what_was_typed_before_the_code_is_there_after_it(shop):
    person = make_person(merchant=shop)
    account = make_connection(shop, external_account="acct_here")
    late = signed_in(person, factor_at=clock.now() - timedelta(minutes=6))
    typed = {
        "disconnect/": ({"confirmation": "acct_here"}, 'value="acct_here"', True),
        "secret/": ({"webhook_secret": SECRET}, "checked", False),
    }
    for path, (fields, shown, expected) in typed.items():
        assert late.post(page_of(account, path), fields)["Location"].startswith("/accounts/reauthenticate/")
        draft = Draft.objects.latest("created_at")
        assert SECRET not in reveal(draft, "fields")
        again = signed_in(person).get(f"{page_of(account, path)}?draft={draft.pk}").content.decode()
        assert (shown in again) is expected
    assert b"checked" in signed_in(person).get(page_of(account, "secret/")).content


def test_looking_and_reading_anew_need_no_fresh_code(shop):
    client = signed_in(make_person(merchant=shop), factor_at=clock.now() - timedelta(hours=6))
    account = make_connection(shop)
    assert client.get(page_of(account)).status_code == 200
    assert client.post(page_of(account, "run/"), {"kind": "gaps"}).status_code == 303
