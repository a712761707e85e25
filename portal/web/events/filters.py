"""Filters of the lists of incoming events, the merchant's and the staff's."""

from functools import cached_property
from typing import Any

import django_filters
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.providers.models import ProviderAccount
from billing.webhooks.models import Origin, WebhookEvent
from billing.webhooks.queries import in_conditions, search
from portal.web.filter_panel import ListPanel
from portal.web.filters import PERIOD, AnyOf, Chip, Choice, Control, ListFilterSet, ListForm, Told
from portal.web.kept_words import in_words
from reports.status import STATUSES

SHOWN = ("dead_letter", "retrying", "waiting", "received", "processing", "processed", "ignored")
CHOICES = [(value, STATUSES["event"][value].label) for value in SHOWN]
MODES: dict[str, str | Promise] = {"live": _("Live"), "test": _("Test")}
ORIGINS: dict[str, str | Promise] = {
    Origin.DELIVERED: _("Delivered by the processor"),
    Origin.IMPORTED: _("Imported from the processor's list"),
}
# Objects by the processor's name of their kind.
OBJECTS: dict[str, str | Promise] = {
    "payment_intent": _("Payment intent"),
    "charge": _("Charge"),
    "refund": _("Refund"),
    "dispute": _("Dispute"),
    "radar.early_fraud_warning": _("Early fraud warning"),
    "review": _("Review"),
    "customer": _("Customer"),
    "payment_method": _("Payment method"),
    "payout": _("Payout"),
    "invoice": _("Invoice"),
    "account": _("Account"),
}
_MOST_CONNECTIONS = 200
LIST_NAMES = ("q", "state", *PERIOD, "type", "object", "origin", "connection", "merchant", "mode", "size", "cursor")


class EventFilters(ListFilterSet):
    """``accounts`` are the connections that may be chosen and that ids of processors are looked up in."""

    moment = "received_at"
    q = Told(max_length=255, label=_("Id"))
    state = AnyOf(choices=CHOICES, method="of_state", label=_("State"))
    type = django_filters.CharFilter(
        lookup_expr="startswith",
        validators=[RegexValidator(r"\A[\w.]{1,120}\Z", _("Enter the beginning of a type, such as charge."))],
        label=_("Type"),
    )
    object = django_filters.ChoiceFilter(choices=list(OBJECTS.items()), field_name="object_type", label=_("Object"))
    origin = django_filters.ChoiceFilter(choices=list(ORIGINS.items()), label=_("Origin"))
    connection = django_filters.CharFilter(field_name="account__public_id", max_length=40, label=_("Connection"))
    merchant = django_filters.CharFilter(field_name="merchant__slug", max_length=63, label=_("Merchant"))
    mode = django_filters.ChoiceFilter(choices=list(MODES.items()), method="of_mode", label=_("Mode"))

    class Meta:
        model = WebhookEvent
        fields: list[str] = []
        form = ListForm

    def __init__(self, *args: Any, accounts: QuerySet[ProviderAccount, ProviderAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        queryset = super().filter_queryset(queryset)
        text = self.form.cleaned_data["q"]
        return search(queryset, text, accounts=self.accounts.values("pk")) if text else queryset  # type: ignore[arg-type]

    def of_state(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        return in_conditions(queryset, value)  # type: ignore[arg-type]

    def of_mode(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(livemode=value == "live")


class EventPanel(ListPanel[EventFilters]):
    """Staff also choose merchant and mode."""

    more = ("type", "object", "origin", "merchant", "connection", "mode")

    def __init__(self, filters: EventFilters, *, for_staff: bool) -> None:
        super().__init__(filters)
        self.for_staff = for_staff

    @cached_property
    def state_choices(self) -> list[Choice]:
        return self._filters.choices("state")

    @cached_property
    def state_labels(self) -> list[str | Promise]:
        return [choice.label for choice in self.state_choices if choice.chosen]

    @property
    def text_controls(self) -> list[Control]:
        controls = [self._filters.control("type", placeholder="charge.", maxlength="120")]
        if self.for_staff:
            controls.append(self._filters.control("merchant", maxlength="63"))
        return controls

    @property
    def object_choices(self) -> list[Choice]:
        return self._filters.choices("object")

    @property
    def origin_choices(self) -> list[Choice]:
        return self._filters.choices("origin")

    @property
    def mode_choices(self) -> list[Choice]:
        return self._filters.choices("mode")

    @cached_property
    def connection_choices(self) -> list[Choice]:
        chosen = self._filters.value("connection")
        accounts = self._filters.accounts.select_related("merchant").defer("api_key")
        shown = list(accounts.order_by("merchant__name")[:_MOST_CONNECTIONS])
        is_one = bool(chosen) and "connection" not in self._filters.form.errors
        if is_one and chosen not in {each.public_id for each in shown}:
            # What its page leads here with must not be lost when the form is sent again.
            shown += accounts.filter(public_id=chosen)
        return [Choice(each.public_id, self._connection(each), each.public_id == chosen) for each in shown]

    @cached_property
    def chips(self) -> list[Chip]:
        filters = self._filters
        texts = [name for name in ("type", "merchant") if filters.value(name)]
        found = [filters.chip(filters.filters[name].label, filters.value(name), name) for name in texts]
        found += filters.chips_of("object", _("Object"), OBJECTS)
        found += filters.chips_of("origin", _("Origin"), ORIGINS)
        found += filters.chips_of("mode", _("Mode"), MODES)
        if filters.value("connection"):
            names = {choice.value: choice.label for choice in self.connection_choices}
            found += filters.chips_of("connection", _("Connection"), names)
        return found

    @cached_property
    def sheet_chips(self) -> list[Chip]:
        return self._filters.chips_of("state", _("State"), dict(CHOICES)) + self._filters.period_chip()

    def _connection(self, account: ProviderAccount) -> str:
        name = account.external_account or f"…{account.public_id[-4:]}"
        label = f"{account.get_provider_display()} {in_words(account.mode)} {name}"
        return f"{account.merchant.name} · {label}" if self.for_staff else label
