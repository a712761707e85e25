"""What the filters of lists of what processors tell of look like: controls, chips and words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from billing.providers.models import ProviderAccount
from portal.web.filter_panel import ListPanel
from portal.web.filters import Chip, Choice, Control, ListForm
from portal.web.money_lists.filters import AMOUNT, COMPARISONS, MoneyFilters, ScopedFilters
from reports.templatetags.money import amount_text

Text = str | Promise
Filters = TypeVar("Filters", bound=ScopedFilters)


@dataclass(frozen=True, slots=True)
class Choices:
    """A filter with a fixed set of values: one of them in a drop-down, or several as pills."""

    name: str
    label: Text
    choices: Sequence[Choice]


class ScopedPanel(ListPanel[Filters]):
    """The status, what has one value, and the connection."""

    def __init__(self, filters: Filters) -> None:
        super().__init__(filters)
        self.scope = filters.scope
        self.accounts = filters.scope.accounts
        self.more = (*filters.selects, "connection")

    # --- Always visible ---
    @property
    def fields(self) -> SafeString:
        """The drop-downs as markup."""
        return _fields(self)

    @property
    def form(self) -> ListForm:
        return self._filters.form

    @property
    def zone_name(self) -> str:
        return str(self._filters.zone)

    @cached_property
    def status_choices(self) -> list[Choice]:
        return self._filters.choices("status")

    @cached_property
    def status_labels(self) -> list[Text]:
        return [choice.label for choice in self.status_choices if choice.chosen]

    # --- More ---
    @property
    def select_filters(self) -> list[Choices]:
        found = [self._choices(name) for name in self._filters.selects]
        chosen = self._filters.value("connection")
        if len(self.accounts) > 1 or chosen:
            offered = [Choice(value, label, value == chosen) for value, label in self._connections.items()]
            found.append(Choices("connection", _("Connection"), offered))
        return found

    def _choices(self, name: str) -> Choices:
        return Choices(name, self._filters.filters[name].label, self._filters.choices(name))

    @cached_property
    def _connections(self) -> dict[str, Text]:
        return {account.public_id: connection_label(account) for account in self.accounts}

    # --- What is in use ---
    @cached_property
    def chips(self) -> list[Chip]:
        return self._select_chips()

    def _select_chips(self) -> list[Chip]:
        found = [chip for name in self._filters.selects for chip in self._value_chips(name)]
        return found + self._filters.chips_of("connection", _("Connection"), self._connections)

    @cached_property
    def sheet_chips(self) -> list[Chip]:
        return self._value_chips("status") + self._filters.period_chip()

    def _value_chips(self, name: str) -> list[Chip]:
        each = self._filters.filters[name]
        return self._filters.chips_of(name, each.label, dict(each.extra["choices"]))


class MoneyPanel(ScopedPanel[MoneyFilters]):
    """Which filters there are, and of what kind, the filters say themselves."""

    def __init__(self, filters: MoneyFilters) -> None:
        super().__init__(filters)
        self.more = (*AMOUNT, *filters.texts, *filters.pills, *self.more)

    # --- Always visible ---
    @property
    def fields(self) -> SafeString:
        if self._filters.is_touched:
            return _fields(self)
        reader = (get_language(), self.zone_name, self._filters.default_currency, self.scope.by_person)
        key = (type(self._filters).__name__, *reader, tuple(self._connections.items()))
        return _untouched_fields(_Untouched(key, self))

    @property
    def search_hint(self) -> str:
        if self.scope.by_person:
            return gettext("An id, a reference, an e-mail address, last four digits, or how a name begins")
        return gettext("An id, a reference or last four digits")

    # --- More ---
    @property
    def comparisons(self) -> list[Choice]:
        return [choice for choice in self._filters.choices("amount_op") if choice.value != "eq"]

    @property
    def amount_controls(self) -> list[Control]:
        usual = self._filters.default_currency
        return [
            self._filters.control("amount", inputmode="decimal"),
            self._filters.control("amount_to", inputmode="decimal"),
            self._filters.control("currency", maxlength="3", placeholder=usual),
        ]

    @property
    def text_controls(self) -> list[Control]:
        filters = self._filters
        shown = [name for name in filters.texts if self.scope.by_person or name not in filters.personal]
        return [filters.control(name, **filters.attributes.get(name, {})) for name in shown]

    @property
    def pill_filters(self) -> list[Choices]:
        return [self._choices(name) for name in self._filters.pills]

    # --- What is in use ---
    @cached_property
    def chips(self) -> list[Chip]:
        filters, cleaned = self._filters, self._filters.form.cleaned_data
        found = []
        if cleaned.get("amounts"):
            found.append(filters.chip(_("Amount"), self._amount_words(), *AMOUNT))
        elif cleaned.get("currency"):
            found.append(filters.chip(_("Currency"), cleaned["currency"], *AMOUNT))
        typed = [name for name in filters.texts if filters.value(name)]
        found += [filters.chip(filters.filters[name].label, filters.value(name), name) for name in typed]
        for name in filters.pills:
            found += self._value_chips(name)
        return found + self._select_chips()

    def _amount_words(self) -> str:
        operation, low, high = self._filters.form.cleaned_data["amounts"]
        amount = amount_text(low.minor, low.currency)
        if high is not None:
            return f"{amount} – {amount_text(high.minor, high.currency)} {low.currency}"
        return f"{COMPARISONS[operation]} {amount} {low.currency}"


@dataclass(frozen=True, slots=True)
class _Untouched:
    """Filters that nobody has touched look alike for all that share ``key``."""

    key: tuple[Any, ...]
    panel: MoneyPanel = field(compare=False)


@lru_cache(maxsize=256)
def _untouched_fields(untouched: _Untouched) -> SafeString:
    return _fields(untouched.panel)


def _fields(panel: ScopedPanel[Any]) -> SafeString:
    context = {"filters": panel, "form": panel.form, "zone_name": panel.zone_name}
    return render_to_string("components/money_lists/fields.html", context)


def connection_label(account: ProviderAccount) -> str:
    """``Stripe acct_1Nv0``, or ``Stripe …4f2a`` where the account has no id of the processor's."""
    name = account.external_account or f"…{account.public_id[-4:]}"
    simulated = " " + gettext("(simulated)") if account.simulated else ""
    return f"{account.get_provider_display()} {name}{simulated}"
