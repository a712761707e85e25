"""Makes, counts and uses up static codes."""

import hashlib
import secrets

from django.db import transaction
from django.utils.crypto import constant_time_compare

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.clock import now
from portal.accounts.second_factor import StaticCode
from portal.accounts.user import User

SET_SIZE = 10
# No letter or digit that looks like another one.
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
_HALF = 4


def new_codes(*, user: User, by: Actor) -> list[str]:
    """A fresh set of ten; all earlier ones are dead from now on. Only hashes are kept: show the result once."""
    codes = [_random_code() for _ in range(SET_SIZE)]
    salt = secrets.token_bytes(16)
    made_at = now()
    with transaction.atomic():
        StaticCode.objects.filter(user=user).delete()
        StaticCode.objects.bulk_create(
            StaticCode(user=user, salt=salt, digest=_digest(code, salt), created_at=made_at) for code in codes
        )
        record(
            merchant_id=None,
            actor=by,
            action="person.recovery_codes_made",
            object_type="user",
            object_id=user.public_id,
            after={"codes": SET_SIZE},
        )
    return codes


def use_code(*, user: User, typed: str, by: Actor) -> bool:
    """Whether that was an unused code of theirs; if so, it is used now."""
    # Hashing takes long on purpose, so it holds no lock.
    rows = list(StaticCode.objects.filter(user=user, used_at=None).order_by("pk"))
    found = _matching(rows, typed)
    if found is None:
        return False
    with transaction.atomic():
        # Whoever changes the row has used the code; another browser finds nothing left to change.
        if not StaticCode.objects.filter(pk=found.pk, used_at=None).update(used_at=now()):
            return False
        record(
            merchant_id=None,
            actor=by,
            action="person.recovery_code_used",
            object_type="user",
            object_id=user.public_id,
            after={"codes_left": codes_left(user)},
        )
    return True


def are_current(*, user: User, codes: list[str]) -> bool:
    """Whether these are exactly the unused codes of this person, as a page that was just shown sends them back."""
    rows = list(StaticCode.objects.filter(user=user, used_at=None))
    if len(codes) != len(rows) or not rows:
        return False
    digests = {bytes(row.digest) for row in rows}
    return {_digest(normal_code(code), bytes(rows[0].salt)) for code in codes} == digests


def codes_left(user: User) -> int:
    return StaticCode.objects.filter(user=user, used_at=None).count()


def normal_code(typed: str) -> str:
    """``7KQM x2hd`` and the like as it was printed: ``7kqm-x2hd``."""
    plain = "".join(char for char in typed.lower() if char.isalnum())
    return f"{plain[:_HALF]}-{plain[_HALF:]}"


def _matching(rows: list[StaticCode], typed: str) -> StaticCode | None:
    code = normal_code(typed)
    found = None
    digests: dict[bytes, bytes] = {}
    for row in rows:
        salt = bytes(row.salt)
        if salt not in digests:
            digests[salt] = _digest(code, salt)
        if constant_time_compare(digests[salt], bytes(row.digest)):
            found = row
    return found


def _digest(code: str, salt: bytes) -> bytes:
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def _random_code() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_HALF)) for _ in range(2))
