"""What the filters of lists of what processors tell of look like: controls, chips and words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from billing.providers.models import ProviderAccount
from portal.web.filter_panel import ListPanel
from portal.web.filters import PERIOD, Chip, Choice, Control, ListForm
from portal.web.kept_markup import KeptMarkup, Places
from portal.web.money_lists.filters import AMOUNT, COMPARISONS, MoneyFilters, ScopedFilters
from reports.templatetags.money import amount_text, money_plain

Text = str | Promise
Filters = TypeVar("Filters", bound=ScopedFilters)
_FIELDS = KeptMarkup(most=256)


@dataclass(frozen=True, slots=True)
class Choices:
    """A filter with a fixed set of values: one of them in a drop-down, or several as pills."""

    name: str
    label: Text
    choices: Sequence[Choice]


class ScopedPanel(ListPanel[Filters]):
    """The status, what has one value, and the connection. ``typed`` are the names of the fields that have any value."""

    typed: tuple[str, ...] = ("q", *PERIOD[1:])

    def __init__(self, filters: Filters, places: Places | None = None) -> None:
        super().__init__(filters)
        self._places = places or {}
        self.scope = filters.scope
        self.accounts = filters.scope.accounts
        self.more = (*filters.selects, "connection")

    # --- Always visible ---
    @property
    def fields(self) -> SafeString:
        """The drop-downs as markup: it depends on what is chosen in them, and what is typed is filled in."""
        if self.form.errors:
            return self._render_fields()
        filters = self._filters
        typed = {name: filters.value(name) for name in self.typed}
        chosen = [(name, *filters.chosen(name)) for name in filters.base_filters if name not in self.typed]
        key = (
            *(type(self), type(filters), get_language(), self.zone_name, self.scope.default_currency),
            *(self.scope.by_person, tuple(self._connections.items()), self._offers_connections),
            *(tuple(chosen), self.date_chosen, self.period is None, self.more_count),
        )
        label = {"period_label": str(self.period_label)}
        return _FIELDS.fill(key, lambda places: type(self)(filters, places)._render_fields(), typed | label)

    def _render_fields(self) -> SafeString:
        context = {"filters": self, "form": self.form, "zone_name": self.zone_name}
        return render_to_string("components/money_lists/fields.html", context)

    @property
    def period_label(self) -> str | Promise:
        return self._places.get("period_label") or super().period_label

    @property
    def period_controls(self) -> list[Control]:
        return self._placed(super().period_controls)

    def _placed(self, controls: list[Control]) -> list[Control]:
        return [replace(each, value=self._places.get(each.name, each.value)) for each in controls]

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
        if self._offers_connections:
            chosen = self._filters.value("connection")
            offered = [Choice(value, label, value == chosen) for value, label in self._connections.items()]
            found.append(Choices("connection", _("Connection"), offered))
        return found

    @property
    def _offers_connections(self) -> bool:
        return len(self.accounts) > 1 or bool(self._filters.value("connection"))

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

    def __init__(self, filters: MoneyFilters, places: Places | None = None) -> None:
        super().__init__(filters, places)
        self.more = (*AMOUNT, *filters.texts, *filters.pills, *self.more)
        self.typed = (*ScopedPanel.typed, *AMOUNT[1:], *filters.texts)

    # --- Always visible ---
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
        controls = [
            self._filters.control("amount", inputmode="decimal"),
            self._filters.control("amount_to", inputmode="decimal"),
            self._filters.control("currency", maxlength="3", placeholder=usual),
        ]
        return self._placed(controls)

    @property
    def text_controls(self) -> list[Control]:
        filters = self._filters
        shown = [name for name in filters.texts if self.scope.by_person or name not in filters.personal]
        return self._placed([filters.control(name, **filters.attributes.get(name, {})) for name in shown])

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
        if high is not None:
            return f"{amount_text(low.minor, low.currency)} – {money_plain(high.minor, high.currency)}"
        return f"{COMPARISONS[operation]} {money_plain(low.minor, low.currency)}"


def connection_label(account: ProviderAccount) -> str:
    """``Stripe acct_1Nv0``, or ``Stripe …4f2a`` where the account has no id of the processor's."""
    name = account.external_account or f"…{account.public_id[-4:]}"
    simulated = " " + gettext("(simulated)") if account.simulated else ""
    return f"{account.get_provider_display()} {name}{simulated}"
