"""Filters that every list of money objects has, under the same names: search, period, amount, currency, connection."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from billing.customers.models import Customer
from billing.money import KNOWN_CURRENCIES, AmountMalformed, Money, parse
from billing.payments.models import Payment
from billing.payments.queries import of_customer, search_following
from portal.web.filters import PERIOD, ListFilterSet, ListForm, Told
from portal.web.kept_words import in_words
from portal.web.money_lists.scope import Scope
from portal.web.periods import whole_days
from portal.web.query_string import CURSOR, VIEW, ListAddress
from reports.templatetags.money import current_locale

COMPARISONS = {"eq": _("exactly"), "gte": _("at least"), "lte": _("at most"), "between": _("between")}
AMOUNT = ("amount_op", "amount", "amount_to", "currency")
_LOOKUPS = {"eq": "", "gte": "__gte", "lte": "__lte"}


class MoneyForm(ListForm):
    """Also turns the amount's fields into minor units of one currency: ``cleaned_data["amounts"]``."""

    default_currency = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["amounts"] = self._amounts(cleaned)
        return cleaned

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"].upper()
        if code and code not in KNOWN_CURRENCIES:
            raise forms.ValidationError(_("Enter a currency's three letters, such as EUR."))
        return code

    def _amounts(self, cleaned: Mapping[str, Any]) -> tuple[str, Money, Money | None] | None:
        operation, currency = cleaned.get("amount_op") or "eq", cleaned.get("currency") or self.default_currency
        low = self._money("amount", cleaned, currency)
        high = self._money("amount_to", cleaned, currency) if operation == "between" else None
        if low is None:
            if high is not None:
                self.add_error("amount", _("Enter the smaller amount, too."))
            return None
        if operation == "between" and high is None and "amount_to" not in self.errors:
            self.add_error("amount_to", _("Enter the larger amount, too."))
        elif high is not None and high < low:
            self.add_error("amount_to", _("The second amount must not be smaller than the first."))
        return operation, low, high

    def _money(self, name: str, cleaned: Mapping[str, Any], currency: str) -> Money | None:
        text = cleaned.get(name)
        if not text:
            return None
        if not currency:
            if "currency" not in self.errors:
                self.add_error("currency", _("Enter the currency of the amount, such as EUR."))
            return None
        try:
            return parse(text, currency, locale=current_locale())
        except AmountMalformed as error:
            self.add_error(name, in_words(str(error)))
            return None


class ScopedFilters(ListFilterSet):
    """Of what processors tell of. A subclass adds ``status``, and filters of its own; ``selects`` of these have one
    value."""

    selects: tuple[str, ...] = ()

    connection = django_filters.CharFilter(field_name="account__public_id", max_length=40, label=_("Connection"))

    class Meta:
        fields: list[str] = []
        form = ListForm

    def __init__(self, address: ListAddress, queryset: Any, scope: Scope) -> None:
        super().__init__(address, queryset, zone=scope.zone, now=scope.now)
        self.scope = scope

    def at(self, address: ListAddress) -> Self:
        """The same list at another address."""
        return type(self)(address, self.queryset, self.scope)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query is told apart by, and its parameters in the order of its SQL."""

    shape: tuple[Any, ...]
    values: tuple[Any, ...]


class MoneyFilters(ScopedFilters):
    """A subclass also adds what is typed and chosen.

    Of its own filters ``texts`` are typed (``personal`` ones by those who may know people alone), ``pills`` have
    several values; ``attributes`` are those of typed ones, in HTML's words. ``amount_column`` is what amounts are
    compared with. ``search`` finds the rows that a text names. The values of ``plain`` filters are parameters of the
    query and nothing else.
    """

    texts: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    pills: tuple[str, ...] = ()
    attributes: Mapping[str, Mapping[str, Any]] = {}
    amount_column = "amount"
    plain: tuple[str, ...] = ("status", "connection")
    search: Callable[[Any, str], Any]

    q = Told(max_length=200, label=_("Search"))
    amount_op = Told(forms.ChoiceField, choices=list(COMPARISONS.items()), label=_("Amount is"))
    amount = Told(max_length=40, label=_("Amount"))
    amount_to = Told(max_length=40, label=_("and"))
    currency = Told(max_length=3, label=_("Currency"))

    class Meta(ScopedFilters.Meta):
        form = MoneyForm

    def __init__(self, address: ListAddress, queryset: Any, scope: Scope) -> None:
        super().__init__(address, queryset, scope)
        self.default_currency = scope.default_currency

    @classmethod
    def list_names(cls) -> tuple[str, ...]:
        """The names in the address of the list, in order."""
        own = [name for name in cls.base_filters if name not in MoneyFilters.base_filters and name != "status"]
        return ("q", "status", *PERIOD, *AMOUNT, *own, "connection", "columns", "totals", "sort", "size", VIEW, CURSOR)

    @property
    def form(self) -> MoneyForm:
        form: MoneyForm = super().form  # type: ignore[assignment]
        if self.is_touched:
            form.default_currency = self.default_currency
        return form

    @property
    def days(self) -> tuple[date | None, date | None] | None:
        """The first and the last day where nothing but whole days, and perhaps a currency, narrow the list."""
        narrowing = {name for name in self.address.params if name in self.base_filters}
        if narrowing - {*PERIOD, "currency"}:
            return None
        return whole_days(self.period, self.zone) if self.period else (None, None)

    def filter_queryset(self, queryset: Any) -> Any:
        cleaned = self.form.cleaned_data
        queryset = super().filter_queryset(queryset)
        if cleaned["currency"] or cleaned["amounts"]:
            queryset = queryset.filter(currency=cleaned["currency"] or self.default_currency)
        if cleaned["amounts"]:
            queryset = self._of_amount(queryset, *cleaned["amounts"])
        return self.search(queryset, cleaned["q"]) if cleaned["q"] else queryset

    def asked(self) -> Asked | None:
        """The query that filter_queryset() makes; None where more than its parameters depends on what is asked for.
        The form is valid."""
        if not self.is_touched:
            return Asked((), ())
        cleaned = self.form.cleaned_data
        shape: list[Any] = []
        values: list[Any] = []

        def ask(name: Any, *parameters: Any) -> None:
            shape.append((name, len(parameters)))
            values.extend(parameters)

        period = self.period
        for name, moment in (("since", period.since), ("until", period.until)) if period else ():
            if moment:
                ask(name, moment)
        for name, each in self.filters.items():
            value = cleaned[name]
            if isinstance(each, Told) or name == "date" or value in (None, "", []):
                continue
            parameters = self.parameters_of(name, value)
            if parameters is None:
                return None
            ask((name, value) if name in self.selects else name, *parameters)
        if cleaned["currency"] or cleaned["amounts"]:
            ask("currency", cleaned["currency"] or self.default_currency)
        if cleaned["amounts"]:
            operation, low, high = cleaned["amounts"]
            ask(operation, *(each.minor for each in (low, high) if each is not None))
        return None if cleaned["q"] else Asked(tuple(shape), tuple(values))

    def parameters_of(self, name: str, value: Any) -> tuple[Any, ...] | None:
        """Of the conditions that a value of that filter makes; None where the SQL itself depends on it."""
        if name not in self.plain:
            return None
        return tuple(value) if isinstance(value, list) else (value,)

    def _of_amount(self, queryset: Any, operation: str, low: Money, high: Money | None) -> Any:
        if high is not None:
            return queryset.filter(**{f"{self.amount_column}__range": (low.minor, high.minor)})
        return queryset.filter(**{f"{self.amount_column}{_LOOKUPS[operation]}": low.minor})


class FollowingFilters(MoneyFilters):
    """Of rows that belong to a payment and are found by it, too. A subclass adds the ``reason`` of such a row."""

    texts = ("customer",)
    pills = ("reason",)
    plain = (*MoneyFilters.plain, "reason")
    attributes = {"customer": {"placeholder": "cus_", "maxlength": "255"}}

    customer = django_filters.CharFilter(method="of_customer", max_length=255, label=_("Customer’s id"))

    def search(self, queryset: Any, text: str) -> Any:
        payments = self.scope.of(Payment)
        return search_following(
            queryset, payments, text, accounts=self.scope.account_ids, by_person=self.scope.by_person
        )

    def of_customer(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(payment__in=of_customer(self.scope.of(Payment), self.scope.of(Customer), value))
