"""Whose balance is looked at: a merchant's in one mode, of all connections or of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from urllib.parse import urlencode

from billing import clock
from billing.ledger.balances import Balance, balances
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from portal.web.connections import connections_of
from portal.web.filters import Choice
from portal.web.money_lists.panel import connection_label
from portal.web.nav import address


@dataclass(frozen=True)
class BalanceScope:
    """``connection`` is the public id of one that is asked for, empty for all of them together."""

    merchant: Merchant
    livemode: bool
    connection: str
    now: datetime

    @property
    def zone(self) -> tzinfo:
        return self.merchant.zone

    @cached_property
    def connections(self) -> Sequence[ProviderAccount]:
        """Those that one may choose among."""
        return connections_of(self.merchant, self.livemode)

    @cached_property
    def shown(self) -> Sequence[ProviderAccount]:
        return [each for each in self.connections if self.connection in ("", each.public_id)]

    @cached_property
    def balances(self) -> list[Balance]:
        return balances([each.pk for each in self.shown])

    @cached_property
    def currencies(self) -> list[str]:
        """In which there are books, the merchant's own first."""
        usual = self.merchant.default_currency
        return sorted({each.currency for each in self.balances}, key=lambda each: (each != usual, each))

    @property
    def choices(self) -> list[Choice]:
        """Connections, where there is a choice."""
        if len(self.connections) == 1:
            return []
        return [Choice(each.public_id, connection_label(each), each in self.shown) for each in self.connections]

    def page(self, name: str, **more: str) -> str:
        """The address of another page of the same merchant and mode; empty where there is none."""
        mode = "live" if self.livemode else "test"
        return address(f"merchant:{name}", {"merchant": self.merchant.slug, "mode": mode, **more})

    def statement(self, currency: str, account: str) -> str:
        asked = {"currency": currency, "account": account, "connection": self.connection}
        return f"{self.page('balance_statement')}?{urlencode({name: each for name, each in asked.items() if each})}"


def scope_of(merchant: Merchant, livemode: bool, connection: str) -> BalanceScope:
    """An id that is none of the merchant's connections is none at all."""
    known = {each.public_id for each in connections_of(merchant, livemode)}
    return BalanceScope(merchant, livemode, connection if connection in known else "", clock.now())
