"""Who calls: `Authorization` and `Stripe-Account`. Any test key is an account of its own, made when first seen."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256

from simulator.protocol.errors import StripeError
from simulator.store import Store

_KEY = re.compile(r"[sr]k_test_([A-Za-z0-9_]+)")


def key_of(headers: Mapping[str, str]) -> str:
    """The secret key. StripeError: none, or one that is no test key."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    key = rest.strip()
    if scheme.lower() == "basic":
        try:
            key = b64decode(key, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    elif scheme.lower() != "bearer":
        key = ""
    if not key:
        raise StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if not _KEY.fullmatch(key):
        raise StripeError(f"Invalid API Key provided: {key[:8]}{'*' * 8}{key[-4:]}", status=401)
    return key


def account_of(key: str) -> str:
    """The account of a key: the same for `sk_test_x` and `rk_test_x`, and the same in every world."""
    match = _KEY.fullmatch(key)
    return f"acct_1{sha256((match[1] if match else key).encode()).hexdigest()[:15]}"


def caller(store: Store, headers: Mapping[str, str]) -> tuple[str, str]:
    """The account of the key, and the one that the request works on."""
    key = key_of(headers)
    platform = account_of(key)
    return platform, acting_on(store, platform, headers.get("stripe-account"), key)


def acting_on(store: Store, platform: str, wanted: str | None, key: str) -> str:
    """The account that a request works on. StripeError: `Stripe-Account` names one that is not connected."""
    if not wanted or wanted == platform:
        return platform
    if store.platform(wanted) != platform:
        raise StripeError(
            f"The provided key '{key[:8]}{'*' * 8}{key[-4:]}' does not have access to account '{wanted}' (or that "
            "account does not exist). Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return wanted
