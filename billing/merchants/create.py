"""Opens a merchant."""

import re
import unicodedata
from zoneinfo import available_timezones

from django.db import transaction

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.merchants.models import Merchant
from billing.money import CurrencyMalformed, CurrencyUnknown, known_currency

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
# In the time zone database, but no place's zone: they follow whatever machine reads them.
_NOT_PLACES = frozenset({"localtime", "Factory"})


class MerchantRefused(ValueError):
    """What a merchant cannot be opened with; the text says why, in a sentence for people."""


class MerchantDiffers(MerchantRefused):
    """The slug is taken by a merchant with another name, time zone or currency."""


def create_merchant(*, slug: str, name: str, timezone: str, currency: str, by: Actor) -> Merchant:
    """The merchant of that slug, opened now unless one with the very same values exists already.

    timezone is an IANA name, currency an ISO 4217 code in any case. Raises MerchantRefused, MerchantDiffers.
    """
    wanted = {
        "name": _checked_name(name),
        "timezone": _checked_zone(timezone),
        "default_currency": _checked_currency(currency),
    }
    with transaction.atomic():
        merchant, created = Merchant.objects.get_or_create(slug=_checked_slug(slug), defaults=wanted)
        if created:
            record(
                merchant_id=merchant.pk,
                actor=by,
                action="merchant.created",
                object_type="merchant",
                object_id=merchant.public_id,
                after={"slug": merchant.slug, **wanted},
            )
    differing = [field.replace("_", " ") for field, value in wanted.items() if getattr(merchant, field) != value]
    if differing:
        raise MerchantDiffers(f"Merchant {merchant.slug} exists already with another {' and '.join(differing)}.")
    return merchant


def _checked_slug(slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise MerchantRefused(
            f"{slug!r} cannot be part of an address: use 1 to 63 small letters a-z, digits and hyphens, "
            "with a letter or digit at both ends."
        )
    return slug


def _checked_name(name: str) -> str:
    plain = name.strip()
    if not 1 <= len(plain) <= 200:
        raise MerchantRefused("A merchant's name has 1 to 200 characters.")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in plain):
        raise MerchantRefused("A merchant's name cannot hold control characters.")
    return plain


def _checked_zone(timezone: str) -> str:
    if timezone in _NOT_PLACES or timezone not in available_timezones():
        raise MerchantRefused(f"{timezone!r} is not a time zone: use an IANA name such as Europe/Paris.")
    return timezone


def _checked_currency(currency: str) -> str:
    try:
        return known_currency(currency.upper())
    except CurrencyMalformed:
        raise MerchantRefused(f"{currency!r} is not a currency: use an ISO 4217 code such as EUR.") from None
    except CurrencyUnknown as unknown:
        raise MerchantRefused(str(unknown)) from None
