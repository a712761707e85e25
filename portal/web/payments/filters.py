"""Filters of the transactions list, as they stand in its address, and what they look like."""

import re
from collections.abc import Mapping
from typing import Any

import django_filters
from babel.core import Locale
from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.customers.models import Customer
from billing.payments.models import Payment
from billing.payments.queries import of_customer, of_email, search
from billing.tags.models import LONGEST as LONGEST_TAG
from billing.tags.models import PaymentTag
from disputes.chargebacks.models import UNDECIDED, Dispute, DisputeStatus
from disputes.reviews.models import Review
from portal.web.filters import AnyOf
from portal.web.methods import BRANDS, METHODS, RISK_BANDS
from portal.web.money_lists.filters import MoneyFilters, MoneyForm
from portal.web.search.reading import guess_amount
from portal.web.tags import clean_tag
from reports.status import STATUSES
from reports.templatetags.money import current_locale

SHOWN_STATUSES = (
    *("succeeded", "failed", "blocked", "in_progress", "authorised", "held_for_review", "disputed", "charged_back"),
    *("partially_refunded", "refunded", "cancelled", "expired", "unknown"),
)
STATUS = [(value, STATUSES["payment"][value].label) for value in SHOWN_STATUSES]
REFUNDED = {"yes": _("in part or whole"), "no": _("no")}
_METADATA = re.compile(r"[^:\x00]{1,100}:[^\x00]{1,500}")
DISPUTED = {"yes": _("ever"), "open": _("open now"), "won": _("won"), "lost": _("lost"), "no": _("never")}
HELD = {"now": _("held now"), "ever": _("ever"), "no": _("never")}
_DISPUTED: dict[str, dict[str, Any]] = {
    "open": {"provider_status__in": UNDECIDED},
    "won": {"provider_status": DisputeStatus.WON},
    "lost": {"provider_status": DisputeStatus.LOST},
}


class PaymentForm(MoneyForm):
    def clean_tag(self) -> str:
        typed: str = self.cleaned_data["tag"]
        return clean_tag(typed) if typed else ""

    def clean_country(self) -> str:
        typed: str = self.cleaned_data["country"]
        code = country_code(typed) if typed else ""
        if code is None:
            raise forms.ValidationError(_("Enter a country's name or its two letters, such as FR."))
        return code


class PaymentFilters(MoneyFilters):
    texts: tuple[str, ...] = ("last4", "email", "customer", "country", "tag", "metadata")
    personal = ("email",)
    selects = ("refunded", "disputed", "held")
    pills = ("risk", "method")
    plain = (*MoneyFilters.plain, "risk", "last4", "country")
    attributes: Mapping[str, Mapping[str, Any]] = {
        "last4": {"inputmode": "numeric", "maxlength": "4"},
        "email": {"type": "text", "inputmode": "email", "maxlength": "254"},
        "customer": {"placeholder": "cus_", "maxlength": "255"},
        "country": {"placeholder": "FR"},
        "tag": {"maxlength": str(LONGEST_TAG + 1)},
        "metadata": {"placeholder": _("key:value"), "maxlength": "600"},
    }

    status = AnyOf(choices=STATUS, label=_("Status"))
    method = AnyOf(choices=list(METHODS.items()), method="of_method", label=_("Method"))
    last4 = django_filters.CharFilter(
        validators=[RegexValidator(r"\A[0-9]{4}\Z", _("Enter the four last digits."))], label=_("Last 4 digits")
    )
    email = django_filters.CharFilter(method="of_email", max_length=254, label=_("E-mail"))
    customer = django_filters.CharFilter(method="of_customer", max_length=255, label=_("Customer’s id"))
    country = django_filters.CharFilter(field_name="card_country", max_length=60, label=_("Country of the card"))
    risk = AnyOf(field_name="risk_level", choices=list(RISK_BANDS.items()), label=_("Risk"))
    refunded = django_filters.ChoiceFilter(choices=list(REFUNDED.items()), method="of_refund", label=_("Refunded"))
    disputed = django_filters.ChoiceFilter(choices=list(DISPUTED.items()), method="of_dispute", label=_("Disputed"))
    held = django_filters.ChoiceFilter(choices=list(HELD.items()), method="of_review", label=_("Held for review"))
    tag = django_filters.CharFilter(method="of_tag", max_length=LONGEST_TAG + 1, label=_("Tag"))
    metadata = django_filters.CharFilter(
        validators=[RegexValidator(_METADATA, _("Enter a key and a value, such as order_id:48291."))],
        method="of_metadata",
        max_length=600,
        label=_("Metadata"),
    )

    class Meta(MoneyFilters.Meta):
        model = Payment
        form = PaymentForm

    def search(self, queryset: Any, text: str) -> Any:
        amount = guess_amount(text, self.default_currency)
        return search(queryset, text, accounts=self.scope.account_ids, by_person=self.scope.by_person, amount=amount)

    def parameters_of(self, name: str, value: Any) -> tuple[Any, ...] | None:
        if name == "email" and self.scope.by_person:
            return ("", value)
        return (0,) if name == "refunded" else super().parameters_of(name, value)

    def of_method(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        brands = [each for each in value if each in BRANDS]
        others = [each for each in value if each not in BRANDS]
        return queryset.filter(Q(brand__in=brands) | Q(method_type__in=others) if others else Q(brand__in=brands))

    def of_email(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        return of_email(queryset, value) if self.scope.by_person else queryset.none()

    def of_refund(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(amount_refunded__gt=0) if value == "yes" else queryset.filter(amount_refunded=0)

    def of_customer(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        return of_customer(queryset, self.scope.of(Customer), value)

    def of_dispute(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        disputes = self.scope.of(Dispute)
        return _having(queryset, disputes.filter(**_DISPUTED.get(value, {})), value)

    def of_review(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        reviews = self.scope.of(Review)
        return _having(queryset, reviews.filter(is_open=True) if value == "now" else reviews, value)

    def of_tag(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(public_id__in=self.scope.of(PaymentTag).filter(word=value).values("payment"))

    def of_metadata(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if "@" in value and not self.scope.by_person:
            return queryset.none()
        key, _colon, wanted = value.partition(":")
        return queryset.filter(metadata__contains={key.strip(): wanted.strip()})


def _having(payments: QuerySet[Any], rows: Any, value: str) -> QuerySet[Any]:
    """Payments to which any of ``rows`` belongs; for the value ``no``, to which none does."""
    owners = rows.values("payment")
    return payments.exclude(pk__in=owners) if value == "no" else payments.filter(pk__in=owners)


def country_code(typed: str) -> str | None:
    """Two letters for a country that is typed by its letters or its name, in the page's language or in English; None
    for none."""
    names = Locale("en").territories
    code = typed.strip().upper()
    if len(code) == 2 and code in names:
        return code
    lower = typed.strip().lower()
    known = (*names.items(), *Locale.parse(current_locale()).territories.items())
    return next((code for code, name in known if len(code) == 2 and name.lower() == lower), None)
