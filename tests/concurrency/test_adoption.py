"""Many deliveries at once that name an account that nobody knows yet."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from billing.audit.verify import verify_all
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.webhooks import accounts
from billing.webhooks.models import WebhookEvent
from billing.webhooks.receive import receive
from tests.billing.deliveries import charge, event, make_connection, signature
from tests.billing.factories import make_merchant

DELIVERIES = 50


def send_all(deliveries: list[tuple[ProviderAccount, dict]]) -> None:
    """Each from a thread with a connection of its own, all at the same moment."""
    together = threading.Barrier(len(deliveries))

    def send(platform: ProviderAccount, payload: dict) -> None:
        body = json.dumps(payload).encode()
        headers = {"stripe-signature": signature(body)}
        try:
            with connection.cursor() as cursor:
                # On a busy machine a queue of so many outlasts the two seconds after which a processor would be told to
                # come again.
                cursor.execute("SET lock_timeout = '30s'")
            together.wait(30)
            receive(provider="stripe", connection_id=platform.public_id, body=body, headers=headers, address="")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deliveries)) as pool:
        for outcome in [pool.submit(send, *delivery) for delivery in deliveries]:
            outcome.result()


def test_fifty_deliveries_of_one_new_account_make_one_and_lose_none(committed_db: str) -> None:
    platform = make_connection(is_platform=True)
    accounts._known.clear()
    send_all([(platform, event("charge.succeeded", charge(), account="acct_1")) for _ in range(DELIVERIES)])
    account = ProviderAccount.objects.get(platform=platform)
    assert Merchant.objects.exclude(pk=platform.merchant_id).get() == account.merchant
    assert WebhookEvent.objects.filter(account=account, merchant=account.merchant).count() == DELIVERIES
    assert verify_all().breaks == ()


def test_both_modes_of_a_new_account_at_once_make_one_merchant(committed_db: str) -> None:
    merchant = make_merchant()
    platforms = [make_connection(merchant, is_platform=True, livemode=livemode) for livemode in (False, True)]
    send_all(
        [
            (platform, event("charge.succeeded", charge(), account=f"acct_{number}", livemode=platform.livemode))
            for number in range(12)
            for platform in platforms
        ]
    )
    assert ProviderAccount.objects.filter(platform__isnull=False).count() == 24
    assert Merchant.objects.count() == 1 + 12


def test_two_platforms_that_meet_the_same_account_get_a_merchant_each(committed_db: str) -> None:
    platforms = [make_connection(is_platform=True) for _ in range(8)]
    send_all([(platform, event("charge.succeeded", charge(), account="acct_1")) for platform in platforms])
    taken = set(ProviderAccount.objects.filter(platform__isnull=False).values_list("merchant", flat=True))
    assert len(taken) == 8
