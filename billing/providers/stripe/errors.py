"""What went wrong with a call, in the words of ``billing.providers.base``."""

import re
import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import stripe
from urllib3.exceptions import ConnectTimeoutError

from billing.providers.base import AccessRefused, ProviderDeclined, ProviderUnavailable, Unclear
from billing.providers.breaker import TooManyRequests

# A pause beyond it would only hide a mistake of theirs.
_LONGEST_PAUSE = 3600
_PERMISSION = re.compile(r"\brak_[a-z0-9_]+", re.ASCII)
_KEY = re.compile(r"\b[srp]k_(?:live|test)_[A-Za-z0-9*_]+", re.ASCII)
# A timeout, a conflict with a request under way, and one that came too early: the same one is good later.
_LATER = {408, 409, 425}
# What says no to a call that moves money, in Stripe's own body: a refusal of what was asked, by these types of error,
# and one before anything was looked at.
_REFUSED, _REFUSALS = {400, 402, 404}, {"invalid_request_error", "card_error"}
_TURNED_AWAY = {401, 403, 409}
_OTHER_PARAMETERS = "idempotency_error"
_REQUEST_ID = re.compile(r"[A-Za-z0-9_\-]{1,100}", re.ASCII)
_EXPIRED = {"api_key_expired", "platform_api_key_expired"}


def translated(error: stripe.StripeError, *, may: str, account: str = "") -> ProviderUnavailable | ProviderDeclined:
    """The exception to raise instead. ``may`` says what was tried, as after "The key may not"; ``account`` is the
    Connect account, if any.

    Codes: docs.stripe.com/error-codes. The text never holds a key, nor anything of a body that could not be read.
    """
    status, request_id = error.http_status, request_id_of(headers_of(error))
    if _too_many(error):
        return TooManyRequests("Stripe asks for fewer requests.", pause=_pause(error), request_id=request_id)
    if isinstance(error, stripe.APIConnectionError) or status is None:
        return ProviderUnavailable(f"The connection to Stripe failed: {type(error.__cause__ or error).__name__}.")
    if status >= 500 or status < 400 or status in _LATER:
        return ProviderUnavailable(_no_result(status), pause=_pause(error), request_id=request_id)
    if not _details(error):
        # A page of something that stands in between: it says nothing about the request, or the key.
        text = f"An answer with status {status} is not Stripe's."
        return ProviderUnavailable(text, pause=_pause(error), request_id=request_id)
    code = _word(error, "code")
    if status == 401:
        return AccessRefused(_unknown_key(code), status=status, code=code, request_id=request_id)
    if status == 403:
        return AccessRefused(_forbidden(error, may, account), status=status, code=code, request_id=request_id)
    message = _KEY.sub("(key)", _word(error, "message")) or "Stripe refuses this without saying why."
    return ProviderDeclined(
        message, status=status, code=code or _word(error, "type"), param=param_of(error), request_id=request_id
    )


def translated_of_money(
    error: stripe.StripeError, *, may: str, account: str = ""
) -> ProviderUnavailable | ProviderDeclined:
    """As translated, for a call that moves money: Unclear wherever it may have had its effect."""
    told = translated(error, may=may, account=account)
    if _did_nothing(error):
        return told
    if isinstance(told, ProviderUnavailable):
        text = str(told)
    elif _word(error, "type") == _OTHER_PARAMETERS:
        text = "This was sent to Stripe before with other parameters; what came of that is not known."
    else:
        text = _no_result(told.status)
    return Unclear(text, pause=_pause(error), request_id=told.request_id)


def headers_of(error: stripe.StripeError) -> Mapping[str, str]:
    """Those of the answer. The package puts them into the place of a body that it cannot read."""
    if error.headers:
        return error.headers
    misplaced = error.json_body
    return misplaced if isinstance(misplaced, Mapping) and not isinstance(misplaced, dict) else {}


def request_id_of(headers: Mapping[str, str]) -> str:
    """Stripe's name for a call, by which its support finds it; empty without a plain one."""
    name = headers.get("request-id", "")
    return name if _REQUEST_ID.fullmatch(name) else ""


def param_of(error: stripe.StripeError) -> str:
    return _word(error, "param")


def _did_nothing(error: stripe.StripeError) -> bool:
    """Whether it is sure that the call had no effect: it was never sent, or Stripe itself says no."""
    status, type_ = error.http_status, _word(error, "type")
    if status is None:
        return _never_sent(error)
    if status in _TURNED_AWAY:
        return bool(type_)
    return _too_many(error) or (status in _REFUSED and type_ in _REFUSALS)


def _never_sent(error: stripe.StripeError) -> bool:
    """Whether there was no line to send over: no such host, nobody listens, no answer to the knock, or somebody else's
    certificate. Any other failure looks the same before and after a request is sent, a broken TLS handshake and a
    refusing proxy among them.

    Only what the packages name as reasons is looked at: ``__context__`` may hold the failure of another call.
    """
    reason: object = error.__cause__
    while isinstance(reason, Exception):
        if isinstance(reason, (ConnectTimeoutError, ssl.SSLCertVerificationError)):
            return True
        within = reason.args[0] if reason.args else None
        reason = getattr(reason, "reason", None) or getattr(reason, "original_error", None) or within
    return False


def _too_many(error: stripe.StripeError) -> bool:
    return isinstance(error, stripe.RateLimitError) or error.http_status == 429


def _no_result(status: int) -> str:
    return f"Stripe answered with status {status} and no result."


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


def _forbidden(error: stripe.StripeError, may: str, account: str) -> str:
    if account and _word(error, "code") == "account_invalid":
        return f"The key has no access to the account {account}, or no longer."
    permission = _PERMISSION.search(_word(error, "message"))
    lacking = f": it lacks the permission {permission[0]}" if permission else ""
    refused = f"The key may not {may}"
    return f"{refused}{lacking}."


def _word(error: stripe.StripeError, name: str) -> str:
    value = _details(error).get(name)
    return value if isinstance(value, str) else ""


def _details(error: stripe.StripeError) -> Mapping[str, Any]:
    """What the body says of the error; several classes of the package leave its code out."""
    body = error.json_body
    details = body.get("error") if isinstance(body, dict) else None
    return details if isinstance(details, dict) else {}
