"""Secrets at rest: each is sealed together with the identity of its row, so that it opens nowhere else.

The keys stand in settings.FIELD_KEYS, newest first: the first one seals, all of them open.
"""

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import models, transaction
from django.db.models.query_utils import DeferredAttribute

_BATCH = 100
# A row that somebody else holds is passed over and met again in the next pass.
_PASSES = 5
_PAUSE_SECONDS = 0.2


class SecretEmpty(ValueError):
    """There is nothing to keep secret: a mistake upstream, since an empty secret would verify anything."""


class SecretUnreadable(Exception):
    """No key of this installation opens the secret: its key was removed, or the text was damaged."""


class SecretMisplaced(Exception):
    """The secret opens, but was sealed for another row or field."""


class SecretNotSealed(Exception):
    """Plain text on its way to the database past save(), or a row without an identity to seal it to."""


class Sealed:
    """A sealed secret, ``<key id>:<token>``. Shows its key's id only."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"<sealed by {self.key_id}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def key_id(self) -> str:
        return self.text.partition(":")[0]


class Unsealed:
    """A secret that was set on a row and waits for save() to seal it."""

    __slots__ = ("_plaintext",)

    def __init__(self, plaintext: str) -> None:
        if not plaintext:
            raise SecretEmpty("A secret cannot be empty.")
        self._plaintext = plaintext

    def __repr__(self) -> str:
        return "<secret, not sealed yet>"

    def expose(self) -> str:
        return self._plaintext


def newest_key_id() -> str:
    """The id of the key that seals: the first hexadecimal digits of its hash."""
    return _key_id(settings.FIELD_KEYS[0])


def seal(plaintext: str, *, owner: str) -> Sealed:
    """Seal for ``owner``, such as ``billing.provideraccount:<pk>:api_key``. Raises SecretEmpty."""
    if not plaintext:
        raise SecretEmpty("A secret cannot be empty.")
    if "\0" in owner:
        raise ValueError("the owner of a secret ends at the first NUL")
    token = _fernet().encrypt(f"{owner}\0{plaintext}".encode())
    return Sealed(f"{newest_key_id()}:{token.decode('ascii')}")


def unseal(sealed: Sealed, *, owner: str) -> str:
    """The plain text. Raises SecretUnreadable, SecretMisplaced."""
    try:
        content = _fernet().decrypt(sealed.text.partition(":")[2].encode()).decode()
    except InvalidToken:
        raise SecretUnreadable(f"No key opens the secret of {owner}.") from None
    bound, _, plaintext = content.partition("\0")
    if not hmac.compare_digest(bound.encode(), owner.encode()):
        raise SecretMisplaced(f"The secret of {owner} was sealed for something else.")
    return plaintext


def reveal(row: models.Model, field: str) -> str | None:
    """The plain text of an EncryptedField, None where none is kept. Raises SecretUnreadable, SecretMisplaced."""
    value = getattr(row, field)
    if isinstance(value, Unsealed):
        return value.expose()
    return None if value is None else unseal(value, owner=_owner(row, field))


def _key_id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def _owner(row: models.Model, field: str) -> str:
    if row.pk is None:
        raise SecretNotSealed(f"{row._meta.label} needs its primary key before it can hold a secret.")
    model = row._meta.concrete_model or type(row)
    return f"{model._meta.label_lower}:{row.pk}:{field}"


class _Slot(DeferredAttribute):
    """Turns text that is assigned to the field into Unsealed, so that no repr or log can show it."""

    def __set__(self, row: models.Model, value: str | Sealed | Unsealed | None) -> None:
        row.__dict__[self.field.attname] = Unsealed(value) if isinstance(value, str) else value


if TYPE_CHECKING:
    _Text = models.TextField[str | Sealed | Unsealed | None, Sealed | Unsealed | None]
else:
    _Text = models.TextField


class EncryptedField(_Text):
    """Assign text, read it back with reveal(); the attribute itself never gives the text away.

    Beside it stands the generated column ``<name>_key_id``. The row's primary key must be a UUID, because the
    secret is bound to it before the row exists.
    """

    descriptor_class = _Slot
    # The default of a missing secret is None, which NOT NULL refuses, and not an empty one.
    empty_strings_allowed = False

    def __init__(self, *args: Any, with_key_id: bool = True, **kwargs: Any) -> None:
        self.with_key_id = with_key_id
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        # Migrations list the generated column by itself; it must not be added a second time there.
        return name, path, args, {**kwargs, "with_key_id": False}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if self.with_key_id and not cls._meta.abstract:
            cls.add_to_class(f"{name}_key_id", _key_id_column(name))

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        problems = super().check(**kwargs)
        if not isinstance(self.model._meta.pk, models.UUIDField):
            problems.append(checks.Error("A model with secrets needs a UUID primary key.", obj=self, id="billing.E001"))
        return problems

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if isinstance(value, Unsealed):
            value = seal(value.expose(), owner=_owner(model_instance, self.name))
            setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, Sealed):
            return value.text
        raise SecretNotSealed(f"{self.model._meta.label}.{self.name} is written by save() and never searched.")

    def to_python(self, value: Any) -> Any:
        return value

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


def _key_id_column(name: str) -> models.GeneratedField:
    first_part = models.Func(
        models.F(name), models.Value(":"), models.Value(1), function="SPLIT_PART", output_field=models.TextField()
    )
    return models.GeneratedField(expression=first_part, output_field=models.TextField(), db_persist=True)


@dataclass(frozen=True, slots=True)
class Reseal:
    """What became of one field: rows sealed anew, keys of rows that do not open, rows that others held all along."""

    label: str
    resealed: int
    unreadable: frozenset[str]
    busy: int


def reseal_all() -> list[Reseal]:
    """Seal every secret whose key is not the newest with the newest, a batch a transaction, under row locks.

    Rows that cannot be opened stay as they are. Run again while any are busy.
    """
    return [_reseal(model, field) for model, field in _encrypted_fields()]


def _encrypted_fields() -> Iterator[tuple[type[models.Model], EncryptedField]]:
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedField):
                yield model, field


def _reseal(model: type[models.Model], field: EncryptedField) -> Reseal:
    rows = model._base_manager.filter(**{f"{field.name}__isnull": False})
    rows = rows.exclude(**{f"{field.name}_key_id": newest_key_id()}).order_by("pk")
    resealed = busy = 0
    unreadable: set[str] = set()
    for _ in range(_PASSES):
        last = None
        while batch := _reseal_batch(rows if last is None else rows.filter(pk__gt=last), field.name):
            last = batch[-1][0]
            resealed += sum(opened for _, opened in batch)
            unreadable |= {str(pk) for pk, opened in batch if not opened}
        busy = max(rows.count() - len(unreadable), 0)
        if not busy:
            break
        time.sleep(_PAUSE_SECONDS)
    return Reseal(f"{model._meta.label}.{field.name}", resealed, frozenset(unreadable), busy)


def _reseal_batch(rows: models.QuerySet[models.Model], name: str) -> list[tuple[Any, bool]]:
    """Primary key of each row of the batch, and whether its secret opened."""
    outcome = []
    with transaction.atomic():
        for row in rows.select_for_update(of=("self",), no_key=True, skip_locked=True)[:_BATCH]:
            try:
                setattr(row, name, reveal(row, name))
            except (SecretUnreadable, SecretMisplaced):
                outcome.append((row.pk, False))
                continue
            row.save(update_fields=[name])
            outcome.append((row.pk, True))
    return outcome
