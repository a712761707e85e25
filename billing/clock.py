"""The one clock. Business code asks here, never the system, so that time can be moved in tests."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings


def now() -> datetime:
    """The current business time, aware, in UTC."""
    return datetime.now(UTC) + _offset()


def _offset() -> timedelta:
    # Processes under test read how far their clock is off from a file; nobody sets this elsewhere.
    path: str = settings.CLOCK_OFFSET_FILE
    if not path:
        return timedelta()
    try:
        return timedelta(seconds=float(Path(path).read_text() or 0))
    except FileNotFoundError:
        return timedelta()
