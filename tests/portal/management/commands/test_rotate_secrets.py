from base64 import urlsafe_b64encode
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from billing import clock
from billing.audit.models import AuditEvent
from billing.crypto import newest_key_id, reveal
from billing.providers.models import ProviderAccount
from tests.billing.factories import make_merchant

pytestmark = pytest.mark.django_db
OLD, NEW = (urlsafe_b64encode(letter * 32).decode() for letter in (b"o", b"n"))


def run() -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("rotate_secrets", stdout=out, stderr=err)
    except CommandError as failure:
        err.write(str(failure))
    return out.getvalue(), err.getvalue()


@pytest.fixture
def account(settings: Any) -> ProviderAccount:
    settings.FIELD_KEYS = [OLD]
    account = ProviderAccount(merchant=make_merchant(), livemode=False, api_key="sk_test_1", created_at=clock.now())
    account.save()
    return account


def test_secrets_move_to_the_newest_key(account: ProviderAccount, settings: Any) -> None:
    settings.FIELD_KEYS = [NEW, OLD]
    out, err = run()
    assert "billing.ProviderAccount.api_key: 1 sealed anew" in out
    assert f"All secrets are sealed by key {newest_key_id()}." in out
    assert err == ""
    settings.FIELD_KEYS = [NEW]
    assert reveal(ProviderAccount.objects.get(), "api_key") == "sk_test_1"


def test_a_rotation_is_on_record_once(account: ProviderAccount, settings: Any) -> None:
    settings.FIELD_KEYS = [NEW, OLD]
    run()
    run()
    event = AuditEvent.objects.get(action="secrets.resealed")
    assert (event.merchant_id, event.object_id) == (None, newest_key_id())
    assert event.after == {"resealed": 1, "left": 0}


def test_a_secret_that_no_key_opens_is_named(account: ProviderAccount, settings: Any) -> None:
    settings.FIELD_KEYS = [NEW]
    out, err = run()
    assert f"1 cannot be opened by any key: {account.pk}" in err
    assert "keep the older keys" in err
    assert "All secrets" not in out
    assert "sk_test_1" not in out + err


def test_without_secrets_there_is_nothing_to_do() -> None:
    out, err = run()
    assert "All secrets are sealed" in out
    assert err == ""
    assert not AuditEvent.objects.exists()
