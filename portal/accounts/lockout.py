"""Closes an account to guessing: ten wrong passwords or codes in half an hour, and nothing is checked for half an hour.

An attempt is booked as a failure before anything is checked and taken back when it was right, so that two hundred
guesses at once get no more than ten answers. Known and unknown e-mails are treated alike.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils.crypto import salted_hmac

from billing.audit.actor import SYSTEM, Actor
from billing.audit.record import record
from billing.clock import now
from portal.accounts.user import User


class SignInBucket(models.Model):
    """Failures of one account, or of one account on one known device."""

    key = models.CharField(max_length=64, primary_key=True)
    # The account's part of the key, so that unlocking finds every bucket of an account.
    account = models.CharField(max_length=64, db_index=True)
    failures = ArrayField(models.DateTimeField(), default=list)
    locked_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(db_index=True)


class TooManyAttempts(Exception):
    """Nothing was checked: the account is closed until ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    @property
    def minutes(self) -> int:
        """Whole minutes to wait, at least one."""
        return max(1, -int((now() - self.until).total_seconds() // 60))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A failure booked in advance."""

    key: str
    booked_at: datetime


def book_attempt(*, email: str, device: str = "") -> Attempt:
    """To be called before a password or code is checked. Raises TooManyAttempts."""
    moment = now()
    with transaction.atomic():
        bucket = _locked_bucket(email, device, moment)
        if bucket.locked_until and bucket.locked_until > moment:
            raise TooManyAttempts(bucket.locked_until)
        window = moment - timedelta(seconds=settings.SIGN_IN_WINDOW_SECONDS)
        bucket.failures = [at for at in bucket.failures if at > window]
        if len(bucket.failures) >= settings.SIGN_IN_FAILURES:
            # All are spent, or being checked at this moment.
            raise TooManyAttempts(bucket.failures[0] + timedelta(seconds=settings.SIGN_IN_WINDOW_SECONDS))
        bucket.failures.append(moment)
        bucket.updated_at = moment
        bucket.save(update_fields=["failures", "updated_at"])
    return Attempt(bucket.key, moment)


def take_back(attempt: Attempt) -> None:
    """The attempt was right: it no longer counts. Earlier failures do."""
    with transaction.atomic():
        bucket = SignInBucket.objects.select_for_update().filter(key=attempt.key).first()
        # Gone when somebody unlocked the account meanwhile.
        if bucket and attempt.booked_at in bucket.failures:
            bucket.failures.remove(attempt.booked_at)
            bucket.save(update_fields=["failures"])


def confirm_failure(attempt: Attempt, *, email: str) -> bool:
    """The attempt was wrong. Returns whether it was the one that closes the account."""
    with transaction.atomic():
        bucket = SignInBucket.objects.select_for_update().filter(key=attempt.key).first()
        if bucket is None or len(bucket.failures) < settings.SIGN_IN_FAILURES:
            return False
        bucket.locked_until = now() + timedelta(seconds=settings.SIGN_IN_LOCK_SECONDS)
        bucket.failures = []
        bucket.save(update_fields=["locked_until", "failures"])
        user = User.objects.filter(email=email.strip().lower()).first()
        # Recorded for made-up e-mails too, under their key: the answer must take as long as for a person.
        known_as = user.public_id if user else bucket.account
        _record(SYSTEM, known_as, "person.locked", {"until": bucket.locked_until})
    return True


def unlock(*, user: User, by: Actor, reason: str = "") -> bool:
    """Opens the account at once on every device. Returns whether anything was closed or counted."""
    with transaction.atomic():
        opened, _ = SignInBucket.objects.filter(account=account_key(user.email)).delete()
        if opened:
            _record(by, user.public_id, "person.unlocked", {"reason": reason})
    return bool(opened)


def account_key(email: str) -> str:
    """Keyed, so that the table does not list the e-mails that somebody tried."""
    return salted_hmac("counterfoil.sign-in", email.strip().lower(), algorithm="sha256").hexdigest()


def _locked_bucket(email: str, device: str, moment: datetime) -> SignInBucket:
    account = account_key(email)
    key = hashlib.sha256(f"{account}|{device}".encode()).hexdigest()
    SignInBucket.objects.bulk_create(
        [SignInBucket(key=key, account=account, failures=[], updated_at=moment)], ignore_conflicts=True
    )
    return SignInBucket.objects.select_for_update().get(key=key)


def forget_old_buckets() -> int:
    """Deletes what no limit looks at any more; made-up e-mails would fill the table otherwise."""
    longest = max(settings.SIGN_IN_WINDOW_SECONDS, settings.SIGN_IN_LOCK_SECONDS)
    old = SignInBucket.objects.filter(updated_at__lt=now() - timedelta(seconds=2 * longest))
    with transaction.atomic():
        keys = list(old.select_for_update(skip_locked=True).values_list("key", flat=True)[:500])
        deleted, _ = SignInBucket.objects.filter(key__in=keys).delete()
    return deleted


def _record(by: Actor, account: str, action: str, after: dict[str, object]) -> None:
    record(
        merchant_id=None,
        actor=by,
        action=action,
        object_type="user",
        object_id=account,
        after=after,
    )
