"""What went wrong with a call, in the words of ``billing.providers.base``."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import stripe

from billing.providers.base import AccessRefused, ProviderDeclined, ProviderUnavailable
from billing.providers.breaker import TooManyRequests

# A pause beyond it would only hide a mistake of theirs.
_LONGEST_PAUSE = 3600
_PERMISSION = re.compile(r"\brak_[a-z0-9_]+", re.ASCII)
_KEY = re.compile(r"\b[srp]k_(?:live|test)_[A-Za-z0-9*_]+", re.ASCII)
# A timeout, a conflict with a request under way, and one that came too early: the same one is good later.
_LATER = {408, 409, 425}
_EXPIRED = {"api_key_expired", "platform_api_key_expired"}


def translated(error: stripe.StripeError, *, what: str, account: str = "") -> ProviderUnavailable | ProviderDeclined:
    """The exception to raise instead. ``what`` says what was asked for; ``account`` is the Connect account, if any.

    Codes: docs.stripe.com/error-codes. The text never holds a key, nor anything of a body that could not be read.
    """
    status = error.http_status
    if isinstance(error, stripe.RateLimitError) or status == 429:
        return TooManyRequests("Stripe asks for fewer requests.", pause=_pause(error))
    if isinstance(error, stripe.APIConnectionError) or status is None:
        return ProviderUnavailable(f"The connection to Stripe failed: {type(error.__cause__ or error).__name__}.")
    if status >= 500 or status < 400 or status in _LATER:
        return ProviderUnavailable(f"Stripe answered with status {status} and no result.", pause=_pause(error))
    if not _details(error):
        # A page of something that stands in between: it says nothing about the request, or the key.
        return ProviderUnavailable(f"An answer with status {status} is not Stripe's.", pause=_pause(error))
    code = _word(error, "code")
    if status == 401:
        return AccessRefused(_unknown_key(code), status=status, code=code)
    if status == 403:
        return AccessRefused(_forbidden(error, what, account), status=status, code=code)
    message = _KEY.sub("(key)", _word(error, "message")) or "Stripe refuses this without saying why."
    return ProviderDeclined(message, status=status, code=code or _word(error, "type"), param=param_of(error))


def headers_of(error: stripe.StripeError) -> Mapping[str, str]:
    """Those of the answer. The package puts them into the place of a body that it cannot read."""
    if error.headers:
        return error.headers
    misplaced = error.json_body
    return misplaced if isinstance(misplaced, Mapping) and not isinstance(misplaced, dict) else {}


def param_of(error: stripe.StripeError) -> str:
    return _word(error, "param")


def _pause(error: stripe.StripeError) -> int | None:
    """Seconds that ``Retry-After`` asks for: a number, or a date against that of the answer (RFC 9110, 10.2.3)."""
    headers = headers_of(error)
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        seconds = int(value[:9])
    else:
        try:
            later = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
        except (ValueError, TypeError):
            return None
        seconds = max(later.days * 86_400 + later.seconds, 0)
    return min(seconds, _LONGEST_PAUSE)


def _unknown_key(code: str) -> str:
    if code in _EXPIRED:
        return "The key has expired."
    return "Stripe does not know the key: it was mistyped, rolled or deleted."


def _forbidden(error: stripe.StripeError, what: str, account: str) -> str:
    if account and _word(error, "code") == "account_invalid":
        return f"The key has no access to the account {account}, or no longer."
    permission = _PERMISSION.search(_word(error, "message"))
    lacking = f": it lacks the permission {permission[0]}" if permission else ""
    return f"The key may not read {what}{lacking}."


def _word(error: stripe.StripeError, name: str) -> str:
    value = _details(error).get(name)
    return value if isinstance(value, str) else ""


def _details(error: stripe.StripeError) -> Mapping[str, Any]:
    """What the body says of the error; several classes of the package leave its code out."""
    body = error.json_body
    details = body.get("error") if isinstance(body, dict) else None
    return details if isinstance(details, dict) else {}
