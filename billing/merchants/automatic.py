"""Merchants that nobody opened by hand: one for each account that joins a platform by itself."""

import re
import secrets
import unicodedata
from collections.abc import Iterator

from django.db import IntegrityError, transaction

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.merchants.models import Merchant
from billing.money import CurrencyMalformed, CurrencyUnknown, known_currency

# Leaves room for a hyphen and eight more characters in a slug of 63.
_LONGEST = 54
_TRIES = 4


class NoSlugLeft(Exception):
    """Every address that was tried for the merchant of this account is taken."""


def open_automatic(*, external_account: str, like: Merchant, by: Actor) -> Merchant:
    """A merchant that was not there before, called like the account until the processor says its name. Time zone and
    currency are those of ``like``, the platform's own merchant. Runs in the caller's transaction. Raises NoSlugLeft."""
    for slug in _slugs(external_account):
        merchant = _insert(slug, external_account, like)
        if merchant is not None:
            record(
                merchant_id=merchant.pk,
                actor=by,
                action="merchant.created",
                object_type="merchant",
                object_id=merchant.public_id,
                after={"slug": slug, "name": merchant.name, "timezone": like.timezone, "account": external_account},
            )
            return merchant
    raise NoSlugLeft(external_account)


def is_automatic(merchant: Merchant, external_account: str) -> bool:
    base = _base(external_account)
    return re.fullmatch(re.escape(base) + r"(-[0-9a-f]{8})?", merchant.slug) is not None


def describe_automatic(
    *, merchant: Merchant, external_account: str, known_as: str, name: str, currency: str, by: Actor
) -> bool:
    """Call an automatic merchant what its account is called at the processor; False when nothing changed. A name that
    somebody gave it here stays: ``known_as`` is what the processor said last. Runs in the caller's transaction."""
    is_new = merchant.name == external_account
    plain = _plain(name)
    if not plain or not is_automatic(merchant, external_account) or not (is_new or merchant.name == known_as):
        return False
    before = {"name": merchant.name, "default_currency": merchant.default_currency}
    merchant.name = plain
    if is_new:
        merchant.default_currency = _known(currency) or merchant.default_currency
    after = {"name": merchant.name, "default_currency": merchant.default_currency}
    if after == before:
        return False
    merchant.save(update_fields=list(after))
    record(
        merchant_id=merchant.pk,
        actor=by,
        action="merchant.described",
        object_type="merchant",
        object_id=merchant.public_id,
        before=before,
        after=after,
    )
    return True


def _insert(slug: str, name: str, like: Merchant) -> Merchant | None:
    """None where the slug is taken, be it by somebody whose transaction ends only now."""
    if Merchant.objects.filter(slug=slug).exists():
        return None
    try:
        with transaction.atomic():
            return Merchant.objects.create(
                slug=slug, name=name, timezone=like.timezone, default_currency=like.default_currency
            )
    except IntegrityError:
        return None


def _slugs(external_account: str) -> Iterator[str]:
    base = _base(external_account)
    yield base
    for _ in range(_TRIES):
        yield f"{base}-{secrets.token_hex(4)}"


def _base(external_account: str) -> str:
    # Ids tell capital letters from small ones, addresses do not.
    return re.sub(r"[^a-z0-9]+", "-", external_account.lower())[:_LONGEST].strip("-") or "account"


def _plain(name: str) -> str:
    return "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cs")).strip()[:200]


def _known(currency: str) -> str:
    try:
        return known_currency(currency.upper())
    except (CurrencyMalformed, CurrencyUnknown):
        return ""
