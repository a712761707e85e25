"""Stripe's errors: what a handler raises, and the body that the caller sees."""

from typing import Any

from simulator.store import Doc

_DOCS = "https://docs.stripe.com/error-codes/"


class StripeError(Exception):
    """An answer other than success. ``keeps`` says that what was done before it stays done (a declined charge)."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",  # noqa: A002  Stripe's word
        code: str | None = None,
        param: str | None = None,
        keeps: bool = False,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps = keeps
        self.headers = headers or {}
        self.code = code
        self.param = param
        self.fields = {"code": code, "doc_url": f"{_DOCS}{code.replace('_', '-')}" if code else None}
        self.fields |= {"message": message, "param": param, **more, "type": type}

    def body(self) -> Doc:
        return {"error": {name: value for name, value in self.fields.items() if value is not None}}


def missing(title: str, name: str, param: str, *, status: int = 404) -> StripeError:
    """No such object; 404 when the path names it, 400 when a parameter does."""
    return StripeError(f"No such {title}: '{name}'", status=status, code="resource_missing", param=param)


def unknown_parameter(param: str) -> StripeError:
    return StripeError(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def missing_parameter(param: str) -> StripeError:
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def empty_parameter(param: str) -> StripeError:
    message = (
        f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value."
    )
    return StripeError(message, code="parameter_invalid_empty", param=param)


def declined(message: str, *, code: str, decline_code: str | None = None, **more: Any) -> StripeError:
    """A card error: 402, and the failed attempt stays on the books."""
    return StripeError(message, status=402, type="card_error", code=code, decline_code=decline_code, keeps=True, **more)


def unrecognized(method: str, path: str) -> StripeError:
    return StripeError(
        f"Unrecognized request URL ({method}: {path}). Please see https://docs.stripe.com or we can help at "
        "https://support.stripe.com/.",
        status=404,
    )


def crashed() -> StripeError:
    """What a caller sees of a fault inside."""
    return StripeError("An unknown error occurred", status=500, type="api_error")
