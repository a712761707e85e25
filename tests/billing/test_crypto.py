import copy
import pickle
import threading
import uuid
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.state import ModelState, ProjectState

from billing import clock
from billing.crypto import (
    EncryptedField,
    Reseal,
    SecretEmpty,
    SecretMisplaced,
    SecretNotSealed,
    SecretUnreadable,
    Unsealed,
    newest_key_id,
    reseal_all,
    reveal,
    seal,
    unseal,
)
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount, WebhookSecret
from tests.billing.factories import make_merchant

SECRET = "sk_live_0123456789abcdef"
OLD, NEW, OTHER = (urlsafe_b64encode(letter * 32).decode() for letter in (b"o", b"n", b"x"))


@pytest.fixture(autouse=True)
def field_keys(settings: Any) -> None:
    settings.FIELD_KEYS = [OLD]


@pytest.fixture
def merchant(db: None) -> Merchant:
    return make_merchant()


def make_account(merchant: Merchant, secret: str = SECRET, **fields: Any) -> ProviderAccount:
    account = ProviderAccount(
        merchant=merchant,
        livemode=False,
        external_account=uuid.uuid4().hex,
        api_key=secret,
        created_at=clock.now(),
        **fields,
    )
    account.save()
    return account


def stored(row: Any, column: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def overwrite(row: Any, column: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s", [value, row.pk])
    row.refresh_from_db()


def outcome_of(field: str) -> Reseal:
    return next(outcome for outcome in reseal_all() if outcome.label == f"billing.{field}")


def test_a_secret_comes_back_from_the_database(merchant: Merchant) -> None:
    account = ProviderAccount.objects.get(pk=make_account(merchant).pk)
    assert reveal(account, "api_key") == SECRET
    assert SECRET not in stored(account, "api_key")


def test_a_secret_can_be_read_before_and_after_the_row_is_saved(merchant: Merchant) -> None:
    account = ProviderAccount(merchant=merchant, livemode=False, created_at=clock.now(), api_key=SECRET)
    assert reveal(account, "api_key") == SECRET
    account.save()
    assert reveal(account, "api_key") == SECRET


@pytest.mark.parametrize("secret", ["x", "ключ\n\0:", "s" * 10_000])
def test_any_text_can_be_a_secret(merchant: Merchant, secret: str) -> None:
    assert reveal(ProviderAccount.objects.get(pk=make_account(merchant, secret).pk), "api_key") == secret


def test_the_attribute_never_shows_the_text(merchant: Merchant) -> None:
    fresh = ProviderAccount(merchant=merchant, livemode=False, created_at=clock.now(), api_key=SECRET)
    for account in (fresh, make_account(merchant)):
        value = account.api_key
        for shown in (repr(value), str(value), f"{value}", f"{value!r}", repr(account), str(account.__dict__)):
            assert SECRET not in shown


def test_a_row_travels_without_its_plain_text_once_it_is_saved(merchant: Merchant) -> None:
    account = make_account(merchant)
    assert SECRET.encode() not in pickle.dumps(account)
    assert reveal(copy.deepcopy(account), "api_key") == SECRET


def test_the_same_secret_looks_different_in_every_row(merchant: Merchant) -> None:
    assert make_account(merchant).api_key != make_account(merchant).api_key


def test_the_key_is_named_beside_the_secret(merchant: Merchant) -> None:
    account = make_account(merchant)
    assert stored(account, "api_key_key_id") == newest_key_id() == account.api_key.key_id
    assert ProviderAccount.objects.get(pk=account.pk).api_key_key_id == newest_key_id()
    assert newest_key_id() not in OLD


def test_a_deferred_secret_is_loaded_when_it_is_needed(merchant: Merchant) -> None:
    account = ProviderAccount.objects.defer("api_key").get(pk=make_account(merchant).pk)
    assert reveal(account, "api_key") == SECRET


def test_saving_other_fields_leaves_the_secret_alone(merchant: Merchant) -> None:
    account = make_account(merchant)
    before = stored(account, "api_key")
    ProviderAccount.objects.get(pk=account.pk).save()
    account.save(update_fields=["status"])
    assert stored(account, "api_key") == before


def test_a_secret_can_be_replaced(merchant: Merchant) -> None:
    account = make_account(merchant)
    account.api_key = "sk_live_another"
    account.save(update_fields=["api_key"])
    assert reveal(ProviderAccount.objects.get(pk=account.pk), "api_key") == "sk_live_another"


def test_many_rows_at_once_are_sealed_each_to_itself(merchant: Merchant) -> None:
    rows = [
        ProviderAccount(
            merchant=merchant, livemode=False, external_account=str(number), api_key=SECRET, created_at=clock.now()
        )
        for number in range(3)
    ]
    ProviderAccount.objects.bulk_create(rows)
    assert {reveal(row, "api_key") for row in ProviderAccount.objects.all()} == {SECRET}


def test_an_empty_secret_is_refused(merchant: Merchant) -> None:
    with pytest.raises(SecretEmpty):
        ProviderAccount(merchant=merchant, api_key="")
    with pytest.raises(SecretEmpty):
        make_account(merchant).api_key = ""
    with pytest.raises(SecretEmpty):
        seal("", owner="somebody")


def test_a_missing_secret_is_refused_by_the_database(merchant: Merchant) -> None:
    account = ProviderAccount(merchant=merchant, livemode=False, created_at=clock.now())
    assert reveal(account, "api_key") is None
    with pytest.raises(IntegrityError), transaction.atomic():
        account.save()


def test_plain_text_cannot_slip_past_save(merchant: Merchant) -> None:
    account = make_account(merchant)
    with pytest.raises(SecretNotSealed), transaction.atomic():
        ProviderAccount.objects.update(api_key="sk_live_plain")
    account.api_key = "sk_live_plain"
    with pytest.raises(SecretNotSealed), transaction.atomic():
        ProviderAccount.objects.bulk_update([account], ["api_key"])
    assert reveal(ProviderAccount.objects.get(pk=account.pk), "api_key") == SECRET


@pytest.mark.parametrize(
    "lookup", ["api_key", "api_key__contains", "api_key__startswith", "api_key__in", "api_key__gt"]
)
def test_secrets_cannot_be_searched(db: None, lookup: str) -> None:
    with pytest.raises(FieldError):
        ProviderAccount.objects.filter(**{lookup: SECRET}).exists()


def test_a_row_needs_its_identity_first(merchant: Merchant) -> None:
    account = ProviderAccount(merchant=merchant, livemode=False, created_at=clock.now(), api_key=SECRET)
    account.pk = None
    with pytest.raises(SecretNotSealed):
        account._meta.get_field("api_key").pre_save(account, add=True)


def test_a_model_with_secrets_needs_a_uuid() -> None:
    field = EncryptedField()
    field.model, field.name = Merchant, "secret"
    assert "billing.E001" in {problem.id for problem in field.check()}
    assert "billing.E001" not in {problem.id for problem in WebhookSecret._meta.get_field("secret").check()}


def test_forms_never_offer_the_field() -> None:
    assert ProviderAccount._meta.get_field("api_key").editable is False


def test_a_secret_of_another_row_is_refused(merchant: Merchant) -> None:
    mine, foreign = make_account(merchant), make_account(make_merchant(), "sk_live_foreign")
    overwrite(mine, "api_key", stored(foreign, "api_key"))
    with pytest.raises(SecretMisplaced):
        reveal(mine, "api_key")


def test_a_secret_of_another_field_is_refused(merchant: Merchant) -> None:
    account = make_account(merchant)
    secret = WebhookSecret(id=account.id, account=account, secret="whsec_1", last4="sec1", created_at=clock.now())
    secret.save()
    overwrite(account, "api_key", stored(secret, "secret"))
    with pytest.raises(SecretMisplaced):
        reveal(account, "api_key")


def test_the_owner_cannot_be_stretched_into_the_text() -> None:
    with pytest.raises(ValueError, match="NUL"):
        seal("b", owner="a\0")
    assert unseal(seal("\0b", owner="a"), owner="a") == "\0b"


@pytest.mark.parametrize("damage", ["", "garbage", "no:token", "кл:юч"])
def test_damaged_text_is_refused(merchant: Merchant, damage: str) -> None:
    account = make_account(merchant)
    overwrite(account, "api_key", damage)
    with pytest.raises(SecretUnreadable):
        reveal(account, "api_key")


def test_a_flipped_character_is_refused(merchant: Merchant) -> None:
    account = make_account(merchant)
    text = stored(account, "api_key")
    middle = len(text) // 2
    overwrite(account, "api_key", text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :])
    with pytest.raises(SecretUnreadable):
        reveal(account, "api_key")


def test_refusals_do_not_tell_the_secret(merchant: Merchant, settings: Any) -> None:
    account = make_account(merchant)
    token = stored(account, "api_key")
    settings.FIELD_KEYS = [OTHER]
    with pytest.raises(SecretUnreadable) as refused:
        reveal(account, "api_key")
    assert token not in str(refused.value)
    assert refused.value.__cause__ is None


def test_rotation_makes_the_old_key_useless(merchant: Merchant, settings: Any) -> None:
    accounts = [make_account(merchant, f"sk_live_{number}") for number in range(3)]
    WebhookSecret(account=accounts[0], secret="whsec_1", last4="sec1", created_at=clock.now()).save()
    settings.FIELD_KEYS = [NEW, OLD]
    assert reveal(ProviderAccount.objects.get(pk=accounts[0].pk), "api_key") == "sk_live_0"

    assert outcome_of("ProviderAccount.api_key") == Reseal("billing.ProviderAccount.api_key", 3, frozenset(), 0)
    assert {stored(row, "api_key_key_id") for row in accounts} == {newest_key_id()}
    settings.FIELD_KEYS = [NEW]
    rows = ProviderAccount.objects.order_by("created_at")
    assert [reveal(row, "api_key") for row in rows] == ["sk_live_0", "sk_live_1", "sk_live_2"]
    assert reveal(WebhookSecret.objects.get(), "secret") == "whsec_1"
    settings.FIELD_KEYS = [OLD]
    with pytest.raises(SecretUnreadable):
        reveal(ProviderAccount.objects.get(pk=accounts[0].pk), "api_key")


def test_rotation_has_nothing_to_do_twice(merchant: Merchant, settings: Any) -> None:
    account = make_account(merchant)
    settings.FIELD_KEYS = [NEW, OLD]
    reseal_all()
    before = stored(account, "api_key")
    assert outcome_of("ProviderAccount.api_key").resealed == 0
    assert stored(account, "api_key") == before


def test_rotation_goes_on_past_what_it_cannot_open(
    merchant: Merchant, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.crypto._BATCH", 2)
    good = [make_account(merchant) for _ in range(5)]
    settings.FIELD_KEYS = [OTHER]
    lost = make_account(merchant)
    settings.FIELD_KEYS = [OLD]
    swapped = make_account(merchant)
    overwrite(swapped, "api_key", stored(good[0], "api_key"))
    settings.FIELD_KEYS = [NEW, OLD]

    outcome = outcome_of("ProviderAccount.api_key")

    assert (outcome.resealed, outcome.busy) == (5, 0)
    assert outcome.unreadable == {str(lost.pk), str(swapped.pk)}
    assert {stored(row, "api_key_key_id") for row in good} == {newest_key_id()}


def test_rotation_waits_for_nobody_and_counts_what_others_hold(
    committed_db: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.crypto._PAUSE_SECONDS", 0.01)
    merchant = make_merchant()
    free, held = make_account(merchant), make_account(merchant)
    settings.FIELD_KEYS = [NEW, OLD]
    holding, finished = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                ProviderAccount.objects.select_for_update().get(pk=held.pk)
                holding.set()
                finished.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(10)
    outcome = outcome_of("ProviderAccount.api_key")
    finished.set()
    thread.join()

    assert (outcome.resealed, outcome.busy) == (1, 1)
    assert stored(free, "api_key_key_id") == newest_key_id()
    assert outcome_of("ProviderAccount.api_key").resealed == 1


def test_rotation_loses_no_change_made_meanwhile(committed_db: str, settings: Any) -> None:
    merchant = make_merchant()
    accounts = [make_account(merchant) for _ in range(20)]
    settings.FIELD_KEYS = [NEW, OLD]
    stop = threading.Event()
    written: dict[uuid.UUID, str] = {}

    def write() -> None:
        try:
            for number in range(10_000):
                if stop.is_set():
                    return
                row = ProviderAccount.objects.get(pk=accounts[number % 20].pk)
                row.api_key = f"sk_live_{number}"
                row.save(update_fields=["api_key"])
                written[row.pk] = f"sk_live_{number}"
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    for _ in range(5):
        reseal_all()
    stop.set()
    thread.join()

    for row in ProviderAccount.objects.all():
        assert reveal(row, "api_key") == written.get(row.pk, SECRET)


def test_migrations_see_the_key_column_once() -> None:
    state = ProjectState()
    for model in (Merchant, ProviderAccount):
        state.add_model(ModelState.from_model(model, exclude_rels=True))
    again = ProjectState()
    for copied in state.apps.get_models():
        again.add_model(ModelState.from_model(copied, exclude_rels=True))
    columns = [field.name for field in again.apps.get_model("billing", "ProviderAccount")._meta.local_fields]
    assert columns.count("api_key_key_id") == 1
    assert MigrationAutodetector(state, again).changes(graph=MigrationGraph()) == {}


def test_unsealed_secrets_are_handed_over_as_they_are() -> None:
    assert Unsealed(SECRET).expose() == SECRET
