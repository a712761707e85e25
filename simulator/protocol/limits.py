"""Rate limits per account and per endpoint, by virtual seconds. Off until the control door sets them."""

from simulator.protocol.errors import StripeError


class Limits:
    """``account`` and ``endpoint`` are requests a second; None is no limit."""

    def __init__(self) -> None:
        self.account: int | None = None
        self.endpoint: int | None = None
        self.retry: bool | None = None
        self._second = 0
        self._counts: dict[str, int] = {}

    def set(self, account: int | None, endpoint: int | None, retry: bool | None) -> None:
        """``retry`` is what `Stripe-Should-Retry` says beside a 429; None leaves the header out."""
        self.account, self.endpoint, self.retry = account, endpoint, retry

    def spend(self, account: str, endpoint: str, now: int) -> None:
        """Count one request. StripeError 429: too many in this second."""
        if self.account is None and self.endpoint is None:
            return
        if now != self._second:
            self._second, self._counts = now, {}
        for name, most, reason in (
            (account, self.account, "global-rate"),
            (f"{account} {endpoint}", self.endpoint, "endpoint-rate"),
        ):
            self._counts[name] = self._counts.get(name, 0) + 1
            if most is not None and self._counts[name] > most:
                raise too_many(reason, self.retry)


def too_many(reason: str, retry: bool | None) -> StripeError:
    headers = {"Stripe-Rate-Limited-Reason": reason}
    if retry is not None:
        headers["Stripe-Should-Retry"] = str(retry).lower()
    return StripeError(
        "Request rate limit exceeded. You can learn more about rate limits here https://docs.stripe.com/rate-limits.",
        status=429,
        code="rate_limit",
        headers=headers,
    )
