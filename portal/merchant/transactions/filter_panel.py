"""What the filters of the transactions list look like: controls, chips, counts and words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from billing.providers.models import ProviderAccount
from portal.merchant.transactions.filters import AMOUNT, COMPARISONS, STATUS, PaymentFilters, PaymentForm
from portal.web.filter_panel import ListPanel
from portal.web.filters import Chip, Choice, Control
from portal.web.methods import METHODS, RISK_BANDS
from reports.templatetags.money import amount_text

_TEXTS = ("last4", "email", "country", "metadata")


class FilterPanel(ListPanel[PaymentFilters]):
    more = (*AMOUNT, *_TEXTS, "method", "risk", "refunded", "connection")

    def __init__(self, filters: PaymentFilters) -> None:
        super().__init__(filters)
        self.accounts = filters.accounts
        self.by_person = filters.by_person

    @property
    def fields(self) -> SafeString:
        """The drop-downs as markup."""
        if self._filters.is_touched:
            return _fields(self)
        connections = tuple((account.public_id, connection_label(account)) for account in self.accounts)
        reader = (get_language(), str(self._filters.zone), self._filters.default_currency, self.by_person)
        return _untouched_fields(_Untouched((*reader, connections), self))

    # --- Always visible ---
    @property
    def form(self) -> PaymentForm:
        return self._filters.form

    @property
    def zone_name(self) -> str:
        return str(self._filters.zone)

    @property
    def search_hint(self) -> str:
        if self.by_person:
            return gettext("An id, a reference, an e-mail address, last four digits, or how a name begins")
        return gettext("An id, a reference or last four digits")

    @cached_property
    def status_choices(self) -> list[Choice]:
        return self._filters.choices("status")

    @cached_property
    def status_labels(self) -> list[str | Promise]:
        return [choice.label for choice in self.status_choices if choice.chosen]

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
        controls = [self._filters.control("last4", inputmode="numeric", maxlength="4")]
        if self.by_person:
            controls.append(self._filters.control("email", type="text", inputmode="email", maxlength="254"))
        controls.append(self._filters.control("country", placeholder="FR"))
        controls.append(self._filters.control("metadata", placeholder=gettext("key:value"), maxlength="600"))
        return controls

    @property
    def risk_choices(self) -> list[Choice]:
        return self._filters.choices("risk")

    @property
    def method_choices(self) -> list[Choice]:
        return self._filters.choices("method")

    @property
    def refunded_choices(self) -> list[Choice]:
        return self._filters.choices("refunded")

    @property
    def connection_chosen(self) -> str:
        return self._filters.value("connection")

    @property
    def connection_choices(self) -> list[Choice]:
        return [
            Choice(account.public_id, connection_label(account), account.public_id == self.connection_chosen)
            for account in self.accounts
        ]

    # --- What is in use ---
    @cached_property
    def chips(self) -> list[Chip]:
        filters, cleaned = self._filters, self._filters.form.cleaned_data
        found = filters.chips_of("method", _("Method"), METHODS)
        if cleaned.get("amounts"):
            found.append(filters.chip(_("Amount"), self._amount_words(), *AMOUNT))
        elif cleaned.get("currency"):
            found.append(filters.chip(_("Currency"), cleaned["currency"], *AMOUNT))
        for name in _TEXTS:
            if filters.value(name):
                found.append(filters.chip(filters.filters[name].label, filters.value(name), name))
        found += filters.chips_of("risk", _("Risk"), RISK_BANDS)
        found += filters.chips_of("refunded", _("Refunded"), {"yes": _("yes"), "no": _("no")})
        found += filters.chips_of("connection", _("Connection"), _labels(self.accounts))
        return found

    @cached_property
    def sheet_chips(self) -> list[Chip]:
        return self._filters.chips_of("status", _("Status"), dict(STATUS)) + self._filters.period_chip()

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
    panel: FilterPanel = field(compare=False)


@lru_cache(maxsize=256)
def _untouched_fields(untouched: _Untouched) -> SafeString:
    return _fields(untouched.panel)


def _fields(panel: FilterPanel) -> SafeString:
    context = {"filters": panel, "form": panel.form, "zone_name": panel.zone_name}
    return render_to_string("merchant/transactions/fields.html", context)


def connection_label(account: ProviderAccount) -> str:
    """``Stripe acct_1Nv0``, or ``Stripe …4f2a`` where the account has no id of the processor's."""
    name = account.external_account or f"…{account.public_id[-4:]}"
    simulated = " " + gettext("(simulated)") if account.simulated else ""
    return f"{account.get_provider_display()} {name}{simulated}"


def _labels(accounts: Sequence[ProviderAccount]) -> dict[str, str | Promise]:
    return {account.public_id: connection_label(account) for account in accounts}
