"""Filters of the audit logs, a merchant's and the staff's."""

from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.audit.models import AuditEvent
from billing.merchants.models import Merchant
from portal.web.audit.actions import GROUPS, actions_of
from portal.web.audit.objects import KINDS, people_called
from portal.web.filter_panel import ListPanel
from portal.web.filters import PERIOD, AnyOf, Chip, Choice, Control, ListFilterSet, ListForm, Told

# In the place of a merchant: what was done at the platform itself.
PLATFORM = "platform"
CHAINS: dict[str, str | Promise] = {PLATFORM: _("The platform’s own")}
LIST_NAMES = ("q", "action", *PERIOD, "person", "object", "merchant", "chain", "sort", "size", "cursor")


class AuditFilters(ListFilterSet):
    moment = "occurred_at"
    q = Told(max_length=255, label=_("Object or request"))
    action = AnyOf(choices=list(GROUPS.items()), method="of_groups", label=_("What"))
    person = django_filters.CharFilter(method="of_person", max_length=254, label=_("Person"))
    object = django_filters.ChoiceFilter(choices=list(KINDS.items()), field_name="object_type", label=_("Object"))
    # For staff, who read all chains.
    merchant = django_filters.CharFilter(method="of_merchant", max_length=63, label=_("Merchant"))
    chain = django_filters.ChoiceFilter(choices=list(CHAINS.items()), method="of_platform", label=_("Chain"))

    class Meta:
        model = AuditEvent
        fields: list[str] = []
        form = ListForm

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        queryset = super().filter_queryset(queryset)
        text = self.form.cleaned_data["q"]
        return queryset.filter(Q(object_id=text) | Q(request_id=text)) if text else queryset

    def of_groups(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        return queryset.filter(action__in=[action for group in value for action in actions_of(group)])

    def of_person(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(actor_id__in=[value, *people_called(value)])

    def of_merchant(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(merchant_id=self.merchant_id)

    def of_platform(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(merchant_id=None)

    @cached_property
    def merchant_id(self) -> int:
        """The chain of the merchant that is asked for; 0, which no chain is called, for an unknown short name."""
        found = Merchant.objects.filter(slug=self.form.cleaned_data["merchant"]).values_list("pk", flat=True)
        return found.first() or 0


class AuditPanel(ListPanel[AuditFilters]):
    """Staff also choose a merchant."""

    more = ("person", "object", "merchant")

    def __init__(self, filters: AuditFilters, *, for_staff: bool) -> None:
        super().__init__(filters)
        self.for_staff = for_staff

    @cached_property
    def action_choices(self) -> list[Choice]:
        return self._filters.choices("action")

    @cached_property
    def action_labels(self) -> list[str | Promise]:
        return [choice.label for choice in self.action_choices if choice.chosen]

    @property
    def text_controls(self) -> list[Control]:
        hint = _("Name, e-mail address or id")
        controls = [self._filters.control("person", hint=hint, maxlength="254")]
        if self.for_staff:
            controls.append(self._filters.control("merchant", hint=_("Short name"), maxlength="63"))
        return controls

    @property
    def chain(self) -> str:
        return self._filters.value("chain")

    @property
    def object_choices(self) -> list[Choice]:
        return self._filters.choices("object")

    @cached_property
    def chips(self) -> list[Chip]:
        filters = self._filters
        found = [filters.chip(_("Person"), self.person, "person")] if filters.value("person") else []
        found += filters.chips_of("object", _("Object"), KINDS)
        if self.for_staff:
            found += [filters.chip(_("Merchant"), value, "merchant") for value in filters.chosen("merchant")]
            found += filters.chips_of("chain", _("Chain"), CHAINS)
        return found

    @cached_property
    def person(self) -> str:
        """Who is asked for: by name where one of the rows that the reader may see has it."""
        asked = self._filters.value("person")
        rows = self._filters.queryset.filter(actor_id=asked).order_by("-occurred_at")
        return rows.values_list("actor_label", flat=True).first() or asked

    @cached_property
    def sheet_chips(self) -> list[Chip]:
        return self._filters.chips_of("action", _("What"), GROUPS) + self._filters.period_chip()
