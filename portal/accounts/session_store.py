"""Django's session engine on our own table.

The idle and absolute limits are enforced where sessions are loaded, so that no page or stream meets one that is over.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from billing.clock import now
from billing.compiled import Compiled
from portal.accounts.session import Session

# Keys of facts that the row shows beside the opaque data.
SIGNED_IN = "signed_in_at"
FACTOR = "factor_at"
ADDRESS = "address"
DEVICE = "device"
_FIND = Compiled(lambda key: Session.objects.select_related("user").filter(session_key=key))


class SessionStore(DatabaseStore):
    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        found = _FIND(self.session_key) if self.session_key else []
        return self._admit(found[0] if found else None)

    async def aload(self) -> dict[str, Any]:
        row = await Session.objects.filter(session_key=self.session_key).afirst() if self.session_key else None
        return self._admit(row)

    def save(self, must_create: bool = False) -> None:
        """As Django's, except that the row's own columns (last seen) are left alone."""
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        data: dict[str, Any] = self._session  # type: ignore[attr-defined]
        changed = Session.objects.filter(session_key=self.session_key).update(
            session_data=self.encode(data), expire_date=self.get_expiry_date(), **_columns(data)
        )
        if not changed:
            raise UpdateError

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        instance = cast(Session, super().create_model_instance(data))
        for name, value in _columns(data).items():
            setattr(instance, name, value)
        return instance

    def _admit(self, row: Session | None) -> dict[str, Any]:
        if row is None or _is_over(row):
            self._session_key = None
            return {}
        self.row = row
        return self.decode(row.session_data)


def _is_over(row: Session) -> bool:
    if row.user_id is None:
        return now() > row.expire_date
    begun = row.signed_in_at or row.created_at
    idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    whole = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return now() > row.last_seen_at + idle or now() > begun + whole


def _columns(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_id": data.get(SESSION_KEY),
        "signed_in_at": _moment(data.get(SIGNED_IN)),
        "factor_at": _moment(data.get(FACTOR)),
        "address": data.get(ADDRESS),
        "device": data.get(DEVICE, ""),
    }


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
