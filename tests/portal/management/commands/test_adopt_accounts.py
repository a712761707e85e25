from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.audit.models import AuditEvent
from billing.providers.models import ProviderAccount
from tests.billing.deliveries import make_connection
from tests.billing.factories import make_merchant
from tests.simulator.processes import running

pytestmark = pytest.mark.django_db


def run(platform: ProviderAccount | str, **options: str) -> str:
    out = StringIO()
    name = platform if isinstance(platform, str) else platform.public_id
    call_command("adopt_accounts", connection=name, **options, stdout=out)
    return out.getvalue()


def test_all_accounts_of_the_platform_are_made_and_on_record() -> None:
    with running() as simulator:
        client = simulator.client("sk_test_adopting")
        for number in range(2):
            client.v1.accounts.create({"type": "standard", "business_profile": {"name": f"Shop {number}"}})
        platform = make_connection(is_platform=True, api_base=simulator.url, api_key="sk_test_adopting")
        assert run(platform) == "accounts 2, new 2, back 0\n"
        assert run(platform) == "accounts 2, new 0, back 0\n"
    adopted = AuditEvent.objects.filter(action="connection.adopted")
    assert set(adopted.values_list("actor_kind", "actor_id")) == {("command", "adopt_accounts")}


def test_one_account_is_given_to_a_merchant() -> None:
    platform, acme = make_connection(is_platform=True), make_merchant(slug="acme")
    said = run(platform, account="acct_1", merchant="acme")
    account = platform.accounts.get()
    assert said == f"connection {account.public_id}\n"
    assert (account.merchant, account.external_account) == (acme, "acct_1")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"account": "acct_1"}, "go together"),
        ({"merchant": "acme"}, "go together"),
        ({"account": "acct_1", "merchant": "nobody"}, "There is no merchant 'nobody'"),
        ({"account": "cus_1", "merchant": "acme"}, "acct_"),
        ({}, "Refused"),
    ],
)
def test_what_cannot_be_done_says_why(options: dict[str, str], sentence: str) -> None:
    platform = make_connection(is_platform=True)
    make_merchant(slug="acme")
    with pytest.raises(CommandError, match=sentence):
        run(platform, **options)
    assert not platform.accounts.exists()


def test_an_unknown_connection_is_named() -> None:
    with pytest.raises(CommandError, match="con_none"):
        run("con_none")


def test_connect_stripe_makes_a_platform_and_leaves_it_one() -> None:
    make_merchant(slug="acme")
    given = {"merchant": "acme", "mode": "test", "secret_key": "sk_test_1", "webhook_secret": "whsec_12345678"}
    for platform in (False, True, False):
        call_command("connect_stripe", **given, platform=platform, stdout=StringIO())
    assert ProviderAccount.objects.get().is_platform
    assert AuditEvent.objects.filter(after__platform=True).count() == 1


def test_an_account_of_a_platform_gets_no_key_and_no_platform_an_account() -> None:
    platform = make_connection(is_platform=True, api_base="")
    run(platform, account="acct_1", merchant=make_merchant(slug="acme").slug)
    given = {"merchant": "acme", "mode": "test", "secret_key": "sk_test_1", "webhook_secret": "whsec_12345678"}
    with pytest.raises(CommandError, match="through its platform"):
        call_command("connect_stripe", **given, account="acct_1")
    with pytest.raises(CommandError, match="its own key"):
        call_command("connect_stripe", **given, account="acct_2", platform=True)
