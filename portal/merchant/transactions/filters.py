"""Filters of the transactions list, as they stand in its address."""

import re
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import django_filters
from babel.core import Locale
from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.money import KNOWN_CURRENCIES, AmountMalformed, Money, parse
from billing.payments.models import Payment
from billing.payments.queries import of_email, search
from billing.providers.models import ProviderAccount
from portal.web.filters import PERIOD, AnyOf, ListFilterSet, ListForm, Told
from portal.web.methods import BRANDS, METHODS, RISK_BANDS
from reports.status import STATUSES
from reports.templatetags.money import current_locale

SHOWN_STATUSES = (
    *("succeeded", "failed", "blocked", "in_progress", "authorised", "held_for_review", "disputed", "charged_back"),
    *("partially_refunded", "refunded", "cancelled", "expired", "unknown"),
)
STATUS = [(value, STATUSES["payment"][value].label) for value in SHOWN_STATUSES]
COMPARISONS = {"eq": _("exactly"), "gte": _("at least"), "lte": _("at most"), "between": _("between")}
REFUNDED = {"yes": _("Refunded, in part or whole"), "no": _("Not refunded")}
AMOUNT = ("amount_op", "amount", "amount_to", "currency")
_LOOKUPS = {"eq": "", "gte": "__gte", "lte": "__lte"}
_METADATA = re.compile(r"[^:\x00]{1,100}:[^\x00]{1,500}")


class PaymentForm(ListForm):
    """Also turns the amount's fields into minor units of one currency: ``cleaned_data["amounts"]``."""

    default_currency = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["amounts"] = self._amounts(cleaned)
        return cleaned

    def clean_country(self) -> str:
        typed: str = self.cleaned_data["country"]
        code = country_code(typed) if typed else ""
        if code is None:
            raise forms.ValidationError(_("Enter a country's name or its two letters, such as FR."))
        return code

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
        try:
            return parse(text, currency, locale=current_locale())
        except AmountMalformed as error:
            self.add_error(name, str(error))
            return None


class PaymentFilters(ListFilterSet):
    """Without ``by_person`` (somebody who may not know whose payments these are) nothing finds people."""

    q = Told(max_length=200, label=_("Search"))
    status = AnyOf(choices=STATUS, label=_("Status"))
    amount_op = Told(forms.ChoiceField, choices=list(COMPARISONS.items()), label=_("Amount is"))
    amount = Told(max_length=40, label=_("Amount"))
    amount_to = Told(max_length=40, label=_("and"))
    currency = Told(max_length=3, label=_("Currency"))
    method = AnyOf(choices=list(METHODS.items()), method="of_method", label=_("Method"))
    last4 = django_filters.CharFilter(
        validators=[RegexValidator(r"\A[0-9]{4}\Z", _("Enter the four last digits."))], label=_("Last 4 digits")
    )
    email = django_filters.CharFilter(method="of_email", max_length=254, label=_("E-mail"))
    country = django_filters.CharFilter(field_name="card_country", max_length=60, label=_("Country of the card"))
    risk = AnyOf(field_name="risk_level", choices=list(RISK_BANDS.items()), label=_("Risk"))
    refunded = django_filters.ChoiceFilter(choices=list(REFUNDED.items()), method="of_refund", label=_("Refunded"))
    connection = django_filters.CharFilter(field_name="account__public_id", max_length=40, label=_("Connection"))
    metadata = django_filters.CharFilter(
        validators=[RegexValidator(_METADATA, _("Enter a key and a value, such as order_id:48291."))],
        method="of_metadata",
        max_length=600,
        label=_("Metadata"),
    )

    class Meta:
        model = Payment
        fields: list[str] = []
        form = PaymentForm

    def __init__(self, *args: Any, currency: str, accounts: list[ProviderAccount], by_person: bool, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.default_currency, self.accounts, self.by_person = currency, accounts, by_person

    @property
    def form(self) -> PaymentForm:
        form: PaymentForm = super().form  # type: ignore[assignment]
        if self.is_touched:
            form.default_currency = self.default_currency
        return form

    @property
    def account_ids(self) -> Collection[UUID]:
        return [account.pk for account in self.accounts]

    def filter_queryset(self, queryset: Any) -> Any:
        cleaned = self.form.cleaned_data
        queryset = super().filter_queryset(queryset)
        if cleaned["currency"] or cleaned["amounts"]:
            queryset = queryset.filter(currency=cleaned["currency"] or self.default_currency)
        if cleaned["amounts"]:
            operation, low, high = cleaned["amounts"]
            if high is not None:
                queryset = queryset.filter(amount__range=(low.minor, high.minor))
            else:
                queryset = queryset.filter(**{f"amount{_LOOKUPS[operation]}": low.minor})
        if cleaned["q"]:
            queryset = search(queryset, cleaned["q"], accounts=self.account_ids, by_person=self.by_person)
        return queryset

    def of_method(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        brands = [each for each in value if each in BRANDS]
        others = [each for each in value if each not in BRANDS]
        return queryset.filter(Q(brand__in=brands) | Q(method_type__in=others) if others else Q(brand__in=brands))

    def of_email(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        return of_email(queryset, value) if self.by_person else queryset.none()

    def of_refund(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(amount_refunded__gt=0) if value == "yes" else queryset.filter(amount_refunded=0)

    def of_metadata(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if "@" in value and not self.by_person:
            return queryset.none()
        key, _colon, wanted = value.partition(":")
        return queryset.filter(metadata__contains={key.strip(): wanted.strip()})


def country_code(typed: str) -> str | None:
    """Two letters for a country that is typed by its letters or its English name; None for none."""
    names = Locale("en").territories
    code = typed.strip().upper()
    if len(code) == 2 and code in names:
        return code
    lower = typed.strip().lower()
    return next((code for code, name in names.items() if len(code) == 2 and name.lower() == lower), None)


LIST_NAMES = (
    *("q", "status", *PERIOD, *AMOUNT, "method", "last4", "email", "country", "risk", "refunded", "connection"),
    *("metadata", "sort", "size", "cursor"),
)
