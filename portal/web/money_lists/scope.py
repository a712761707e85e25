"""Whose rows a list is about, and who reads it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any

from billing.merchants.models import Merchant
from billing.mirror.queries import Accounts
from billing.providers.models import ProviderAccount
from portal.web.connections import connections_of


@dataclass(frozen=True)
class Scope(ABC):
    """Without ``by_person`` (somebody who may not know whose payments these are) nothing finds people."""

    livemode: bool
    by_person: bool
    now: datetime

    @property
    @abstractmethod
    def zone(self) -> tzinfo:
        """Whose days a period is made of, and in which moments are shown."""

    @property
    def default_currency(self) -> str:
        """Of amounts that name none; empty where none goes without saying."""
        return ""

    @property
    def accounts(self) -> Sequence[ProviderAccount]:
        """Connections that one may choose among."""
        return ()

    @property
    @abstractmethod
    def account_ids(self) -> Accounts:
        """Those that processor's ids may belong to."""

    @property
    def is_connected(self) -> bool:
        """Whether rows could come from anywhere."""
        return True

    @property
    def values(self) -> tuple[Any, ...]:
        """Parameters of the query for the rows that it is about, beside the mode."""
        return ()

    @abstractmethod
    def of(self, model: Any) -> Any:
        """All rows of ``model`` that it is about."""


@dataclass(frozen=True)
class MerchantScope(Scope):
    """One merchant in one mode."""

    merchant: Merchant = field(kw_only=True)

    @property
    def zone(self) -> tzinfo:
        return self.merchant.zone

    @property
    def default_currency(self) -> str:
        return self.merchant.default_currency

    @cached_property
    def accounts(self) -> Sequence[ProviderAccount]:
        return connections_of(self.merchant, self.livemode)

    @property
    def account_ids(self) -> Accounts:
        return [account.pk for account in self.accounts]

    @property
    def is_connected(self) -> bool:
        return bool(self.accounts)

    @property
    def values(self) -> tuple[Any, ...]:
        return (self.merchant.pk,)

    def of(self, model: Any) -> Any:
        return model.objects.for_merchant(self.merchant, self.livemode)


@dataclass(frozen=True)
class PlatformScope(Scope):
    """All merchants in one mode, read in a zone of the reader's own."""

    own_zone: tzinfo = field(kw_only=True)

    @property
    def zone(self) -> tzinfo:
        return self.own_zone

    @property
    def account_ids(self) -> Accounts:
        return ProviderAccount.objects.filter(livemode=self.livemode).values("pk")

    def of(self, model: Any) -> Any:
        return model.objects.filter(livemode=self.livemode)
