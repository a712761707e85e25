"""Which mode a page about all merchants shows."""

from django.conf import settings


def is_live(asked: str) -> bool:
    """Live unless the address asks otherwise; nothing of a demonstration is live."""
    return (asked or ("test" if settings.DEMO else "live")) != "test"
