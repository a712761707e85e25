"""The home page at one address: whose, in which currency, over how many days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from billing import clock
from billing.access.verbs import P
from billing.figures.read import currencies
from billing.merchants.models import Merchant
from billing.money import KNOWN_CURRENCIES
from billing.payouts.models import Payout
from billing.sync.standing import newest_runs
from portal.access.people_seen import sees_people
from portal.merchant.balance.scope import BalanceScope
from portal.web.connections import connections_of
from portal.web.nav import address
from portal.web.providers.card import Card
from portal.web.providers.page import cards_of
from portal.web.query_string import ListAddress
from portal.web.request import MerchantRequest
from reports.dates import weekday_text
from reports.figures import home as figures

NAMES = ("currency", "days")
DAYS = {"7": 7, "28": 28, "90": 90}
USUAL_DAYS = "28"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to look at instead."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Home:
    """Queries run when something is first asked for, each at most once."""

    merchant: Merchant
    livemode: bool
    address: ListAddress
    now: datetime
    can: Callable[[P], bool]
    by_person: bool
    request_id: str

    @property
    def is_tidy(self) -> bool:
        return self.address.is_tidy and self.url == str(self.address)

    @property
    def url(self) -> str:
        """What is not offered is left out, and so is what is usual."""
        return self.at(self.currency, self._days)

    def at(self, currency: str, days: str) -> str:
        usual = (self.merchant.default_currency, USUAL_DAYS)
        given = zip(NAMES, (currency, days), usual, strict=True)
        return self.address.having(**{name: "" if value == known else value for name, value, known in given})

    @property
    def currency(self) -> str:
        asked = self.address.first("currency")
        return asked if asked in KNOWN_CURRENCIES else self.merchant.default_currency

    @property
    def _days(self) -> str:
        asked = self.address.first("days")
        return asked if asked in DAYS else USUAL_DAYS

    @property
    def days(self) -> int:
        return DAYS[self._days]

    @property
    def local(self) -> datetime:
        return self.now.astimezone(self.merchant.zone)

    @property
    def minute(self) -> str:
        """What a clock shows there."""
        return f"{self.local:%H:%M}"

    @property
    def today(self) -> date:
        return self.local.date()

    @property
    def today_text(self) -> str:
        return weekday_text(self.today)

    @cached_property
    def volume(self) -> figures.Volume:
        return figures.volume(self.merchant, self.livemode, self.currency, self.today, self.days)

    @cached_property
    def books(self) -> BalanceScope:
        """What its connections hold together."""
        return BalanceScope(self.merchant, self.livemode, "", self.now)

    @cached_property
    def payouts(self) -> list[Payout]:
        return figures.open_payouts(self.merchant, self.livemode)

    @cached_property
    def with_payments(self) -> list[str]:
        """Currencies in which there ever were any."""
        return currencies(self.merchant, self.livemode)

    @cached_property
    def currencies(self) -> list[Choice]:
        offered = list(dict.fromkeys([self.merchant.default_currency, *self.with_payments, self.currency]))
        return [Choice(each, self.at(each, self._days), each == self.currency) for each in offered]

    @property
    def periods(self) -> list[Choice]:
        return [Choice(name, f"{self.at(self.currency, name)}#volume", name == self._days) for name in DAYS]

    @cached_property
    def connections(self) -> list[Card]:
        """Of this mode, with what does not work."""
        return cards_of(connections_of(self.merchant, self.livemode), newest_runs)

    def panel_url(self, name: str) -> str:
        path, mark, query = self.url.partition("?")
        return f"{path}_/{name}/{mark}{query}"

    def page(self, name: str, **more: str) -> str:
        """The address of another page of the same merchant and mode; empty where there is none."""
        mode = "live" if self.livemode else "test"
        return address(f"merchant:{name}", {"merchant": self.merchant.slug, "mode": mode, **more})

    def list_of(self, name: str, first: date | None = None, last: date | None = None, **filters: Any) -> str:
        """The list of exactly those rows, made from the first to the last day; empty where there is none."""
        url = self.page(name)
        asked = {"status": filters.pop("status", [])} | self._period(first, last) | filters
        query = urlencode({key: value for key, value in asked.items() if value}, doseq=True)
        return url and (f"{url}?{query}" if query else url)

    def movements_of(self, payout: Payout) -> str:
        """What left the balance with a payout, and came back where it failed."""
        return self.list_of("activity", q=payout.external_id)

    def _period(self, first: date | None, last: date | None) -> dict[str, str]:
        if first is None or last is None:
            return {}
        if first == last == self.today:
            return {"date": "today"}
        return {"date": "custom", "since": first.isoformat(), "until": last.isoformat()}

    @property
    def days_shown(self) -> tuple[date, date]:
        return self.today - timedelta(days=self.days - 1), self.today


def home_of(request: MerchantRequest, merchant: Merchant, livemode: bool) -> Home:
    path = address("merchant:home", {"merchant": merchant.slug, "mode": "live" if livemode else "test"})
    return Home(
        merchant,
        livemode,
        ListAddress(path, request.GET, NAMES),
        clock.now(),
        request.can,
        sees_people(request),
        request.request_id,
    )
