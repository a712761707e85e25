"""A merchant whose connections are in every mood that a page can show."""

from datetime import timedelta
from typing import Any

from billing import clock
from billing.access.roles import MerchantRole
from billing.merchants.models import Merchant
from billing.payouts.models import Payout
from billing.providers import scopes
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.models import State
from billing.sync.models import Finding, FindingKind, RunEnd, RunKind, SyncCursor, SyncRun
from tests.billing.deliveries import make_connection
from tests.portal.people import make_merchant, make_person

SLUG = "tin-soldiers"
GRANTED = {str(what): "" for what in scopes.WORDS}
_CAUSE = "The event stood in the processor's list, and no delivery of it ever arrived here."


def make() -> dict[str, str]:
    """Public ids by mood. The merchant has an owner and a developer, and nothing in test mode."""
    merchant = make_merchant(SLUG)
    for role in (MerchantRole.OWNER, MerchantRole.DEVELOPER):
        make_person(f"{role}@{SLUG}.example", merchant=merchant, role=role)
    moods = {"sound": _sound, "busy": _busy, "broken": _broken, "wrong": _wrong, "left": _left}
    return {mood: put(merchant, mood).public_id for mood, put in moods.items()}


def make_unshowable() -> str:
    """A merchant that has a payout in a currency that is none, with its owner."""
    merchant = make_merchant("wooden-tops")
    make_person(f"owner@{merchant.slug}.example", merchant=merchant, role=MerchantRole.OWNER)
    account = _connect(merchant, "sound")
    now = clock.now()
    Payout.objects.create(
        merchant=merchant,
        account=account,
        livemode=True,
        public_id="pyt_unshowable",
        external_id="po_unshowable",
        amount=1,
        currency="?",
        provider_status="in_transit",
        created_at=now,
        updated_at=now,
    )
    return merchant.slug


def _connect(merchant: Merchant, mood: str, **fields: Any) -> ProviderAccount:
    values = {
        "api_base": "",
        "name": f"Tin Soldiers, {mood}",
        "external_account": f"acct_1Q{mood}8dK2eZvKYlo2C",
        "key_last4": "4xT9",
        "granted": GRANTED,
        "tested_at": clock.now() - timedelta(hours=3),
    }
    return make_connection(merchant, livemode=True, **{**values, **fields})


def _sound(merchant: Merchant, mood: str) -> ProviderAccount:
    account, now = _connect(merchant, mood), clock.now()
    SyncCursor.objects.create(account=account, complete_until=now, compared_at=now)
    _run(account, days=2, state=State.DONE, end=RunEnd.COMPLETE, progress=1000)
    # However long the tests take, nobody looked long ago.
    _run(account, kind=RunKind.GAPS, days=-1, state=State.DONE, end=RunEnd.COMPLETE, progress=1000)
    return account


def _busy(merchant: Merchant, mood: str) -> ProviderAccount:
    account, now = _connect(merchant, mood), clock.now()
    _run(
        account,
        days=0,
        # Taken by a worker that never comes back, so that it stays as it is.
        state=State.LEASED,
        lease_until=now + timedelta(days=1),
        lease_token="00000000-0000-4000-8000-000000000001",
        phase="charge",
        progress=437,
        tally={"customer": {"read": 1834, "made": 1834}, "charge": {"read": 13_344, "made": 9120, "changed": 3}},
    )
    return account


def _broken(merchant: Merchant, mood: str) -> ProviderAccount:
    lacking = {"review": "The key may not read reviews: it lacks the permission rak_review_read."}
    refusal = "Stripe does not know the key: it was mistyped, rolled or deleted."
    account = _connect(merchant, mood, name="", external_account="", granted={**GRANTED, **lacking}, refusal=refusal)
    account.secrets.all().delete()
    _run(account, days=2, state=State.DONE, end=RunEnd.FAILED, tally={"reason": refusal})
    return account


def _wrong(merchant: Merchant, mood: str) -> ProviderAccount:
    account, now = _connect(merchant, mood), clock.now()
    secret = "whsec_of_last_year"
    account.secrets.create(secret=secret, last4=secret[-4:], created_at=now, expires_at=now + timedelta(hours=20))
    SyncCursor.objects.create(account=account, complete_until=now - timedelta(hours=30), compared_at=now)
    _run(account, kind=RunKind.GAPS, days=1, state=State.DONE, end=RunEnd.COMPLETE, progress=1000)
    for number in range(30):
        _find(account, number)
    return account


def _find(account: ProviderAccount, number: int) -> None:
    kind = list(FindingKind)[number % 4]
    differs = kind == FindingKind.DIFFERENT
    told = {} if differs else {"event_type": "charge.refunded", "event_external_id": f"evt_1Q{number:02}eZvKYlo2C0abcd"}
    Finding.objects.create(
        account=account,
        merchant=account.merchant,
        livemode=account.livemode,
        kind=kind,
        object_type=("charge", "payout", "refund", "balance_transaction")[number % 4],
        object_id=f"ch_3QXyz{number:02}eZvKYlo2C0abcd",
        **told,
        **({"field": "amount_refunded", "ours": "0", "theirs": "1200"} if differs else {}),
        amount=1200 + number * 731,
        currency=("EUR", "JPY", "KWD")[number % 3],
        cause=_CAUSE,
        repair="Brought here from the processor." if number % 5 else "",
        found_at=clock.now() - timedelta(hours=number * 7),
        repaired_at=clock.now() if number % 5 else None,
    )


def _left(merchant: Merchant, mood: str) -> ProviderAccount:
    account = _connect(merchant, mood)
    account.secrets.all().delete()
    ProviderAccount.objects.filter(pk=account.pk).update(
        status=ConnectionStatus.DISCONNECTED, api_key=None, key_last4="", granted={}, disconnected_at=clock.now()
    )
    return account


def _run(account: ProviderAccount, *, days: int, **fields: Any) -> SyncRun:
    at = clock.now() - timedelta(days=days, minutes=4)
    ended = None if fields["state"] == State.LEASED else at
    values = {"kind": RunKind.BACKFILL, "asked_at": at, "started_at": at, "ended_at": ended, **fields}
    return SyncRun.objects.create(account=account, **values)
