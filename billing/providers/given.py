"""What people give for a connection, looked at before anybody is asked."""

from urllib.parse import urlsplit

from django.conf import settings

SHORTEST_SECRET = 8


class ConnectionRefused(ValueError):
    """What was given cannot make a connection; the text says why in one sentence, without the secret. ``field`` names
    the argument that it is about, empty where it is about all of them."""

    def __init__(self, text: str, *, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class WrongMode(ConnectionRefused):
    """The key is no key, or one of the other mode."""


class SecretTooShort(ConnectionRefused):
    """Whatever it is, it is no signing secret."""


def check_key(api_key: str, *, livemode: bool) -> None:
    """Raises WrongMode."""
    mode, other = ("live", "test") if livemode else ("test", "live")
    if api_key.startswith((f"sk_{mode}_", f"rk_{mode}_")):
        return
    text = f"A {mode} mode connection needs a key that starts with sk_{mode}_ or rk_{mode}_."
    if api_key.startswith((f"sk_{other}_", f"rk_{other}_")):
        text = f"This is a key of {other} mode. {text}"
    elif api_key.startswith("pk_"):
        text = f"This is a publishable key, which may read nothing. {text}"
    raise WrongMode(text, field="api_key")


def check_secret(webhook_secret: str) -> None:
    """Raises SecretTooShort."""
    if len(webhook_secret.strip()) < SHORTEST_SECRET:
        raise SecretTooShort(
            "The webhook secret is missing or too short. Stripe shows it as whsec_… at the endpoint.",
            field="webhook_secret",
        )


def check_place(*, account: str, api_base: str, is_platform: bool = False) -> None:
    """Whether calls may go there. Raises ConnectionRefused."""
    if account and not account.startswith("acct_"):
        raise ConnectionRefused("A Connect account's id starts with acct_.", field="account")
    if account and is_platform:
        raise ConnectionRefused(
            "A platform is connected by its own key: leave the Connect account empty.",
            field="is_platform",
        )
    if api_base and api_base not in settings.PROCESSOR_BASES:
        host = urlsplit(api_base).netloc or api_base
        raise ConnectionRefused(f"{host} is not in COUNTERFOIL_PROCESSOR_BASES.", field="api_base")
