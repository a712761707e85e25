"""What every list's filters share: declared with django-filter, shown by templates of our own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.web.periods import CUSTOM, EARLIEST, LATEST, PRESETS, Period, custom_period, preset_period
from portal.web.query_string import ListAddress

Text = str | Promise
PERIOD = ("date", "since", "since_time", "until", "until_time")


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in use, and the address of the list without it."""

    label: Text
    value: Text
    remove_url: str


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Text
    chosen: bool


@dataclass(frozen=True, slots=True)
class Control:
    """A text field of the filters, ready to be written into the page."""

    name: str
    label: Text
    value: str
    errors: Sequence[str] = ()
    hint: Text = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


class AnyOf(django_filters.MultipleChoiceFilter):
    """Several values of one column. ``choices`` may map a value to what the column then holds."""

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class Told(django_filters.Filter):
    """A field that other fields or the list itself make sense of."""

    def __init__(self, form_field: type[forms.Field] = forms.CharField, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.field_class = form_field

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs


class ListForm(forms.Form):
    """Turns the period's fields into one Period of the page's zone, ``cleaned_data["period"]``."""

    zone: tzinfo
    now: datetime

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        cleaned["period"] = self._period(cleaned) if "date" in self.fields else None
        return cleaned

    def _period(self, cleaned: Mapping[str, Any]) -> Period | None:
        preset = cleaned.get("date")
        if preset and preset != CUSTOM:
            return preset_period(preset, today=self.now.astimezone(self.zone).date(), zone=self.zone)
        first, last = cleaned.get("since"), cleaned.get("until")
        for name, day in (("since", first), ("until", last)):
            if day and not EARLIEST <= day <= LATEST:
                self.add_error(name, _("Choose a day between 2000 and 2100."))
                return None
        if first is None and last is None:
            return None
        period = custom_period(
            first,
            last,
            zone=self.zone,
            first_time=cleaned.get("since_time"),
            last_time=cleaned.get("until_time"),
        )
        if period.since and period.until and period.since >= period.until:
            self.add_error("until", _("The last day must not be before the first."))
            return None
        return period


class ListFilterSet(django_filters.FilterSet):
    """Bound to a list's address. ``moment`` names the column that the period is about."""

    moment = "created_at"
    date = django_filters.ChoiceFilter(
        choices=[*PRESETS.items(), (CUSTOM, _("Custom"))], method="leave", label=_("Date")
    )
    since = Told(forms.DateField, label=_("From"))
    since_time = Told(forms.TimeField, label=_("From time"))
    until = Told(forms.DateField, label=_("Until"))
    until_time = Told(forms.TimeField, label=_("Until time"))

    def __init__(self, address: ListAddress, queryset: QuerySet[Any], *, zone: tzinfo, now: datetime) -> None:
        self.address, self.zone, self.now = address, zone, now
        self.is_touched = self.is_bound = any(name in self.base_filters for name in address.params)
        # django-filter would copy twenty declarations for each request; nothing in ours changes.
        self.queryset, self.filters = queryset, self.base_filters
        self.data = MultiValueDict(address.params)

    def leave(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return queryset

    def get_form_class(self) -> type[ListForm]:
        # mypy takes an object's __hash__ for its class's.
        return _form_class(type(self))

    @property
    def form(self) -> ListForm:
        if not self.is_touched:
            return _untouched_form(type(self))
        if not hasattr(self, "_form"):
            self._form = self.get_form_class()(self.data)
            self._form.zone, self._form.now = self.zone, self.now
        return self._form

    def is_valid(self) -> bool:
        return not self.is_touched or bool(super().is_valid())

    @property
    def qs(self) -> Any:
        """What the filters find; nothing while one of them is wrong."""
        if not self.is_touched:
            return self.queryset
        return super().qs if self.is_valid() else self.queryset.none()

    def filter_queryset(self, queryset: Any) -> Any:
        period = self.period
        if period and period.since:
            queryset = queryset.filter(**{f"{self.moment}__gte": period.since})
        if period and period.until:
            queryset = queryset.filter(**{f"{self.moment}__lt": period.until})
        for name, value in self.form.cleaned_data.items():
            if name in self.filters and value not in (None, "", []):
                each = self.filters[name]
                # Shared filters know no set whose method to call.
                by_method = getattr(self, each.method) if each.method else None
                queryset = by_method(queryset, name, value) if by_method else each.filter(queryset, value)
        return queryset

    @property
    def period(self) -> Period | None:
        found: Period | None = self.form.cleaned_data.get("period")
        return found

    # --- For templates ---
    def value(self, name: str) -> str:
        return self.address.first(name)

    def chosen(self, name: str) -> list[str]:
        return self.address.params.get(name, [])

    def choices(self, name: str) -> list[Choice]:
        chosen = self.chosen(name)
        offered: Iterable[tuple[str, Text]] = self.filters[name].extra["choices"]
        return [Choice(value, label, value in chosen) for value, label in offered]

    def control(self, name: str, *, hint: Text = "", **attributes: str) -> Control:
        """``attributes`` are HTML's, such as ``inputmode``."""
        errors = [str(error) for error in self.form.errors.get(name, ())]
        return Control(name, self.filters[name].label, self.value(name), errors, hint, attributes)

    def period_controls(self) -> list[Control]:
        days = [self.control(name, type="date") for name in ("since", "until")]
        times = [self.control(name, type="time") for name in ("since_time", "until_time")]
        return [days[0], times[0], days[1], times[1]]

    def chip(self, label: Text, value: Text, *names: str, one: str = "") -> Chip:
        return Chip(label, value, self.address.without(names, one))

    def chips_of(self, name: str, label: Text, names: Mapping[str, Text]) -> list[Chip]:
        """A chip for each chosen value."""
        return [
            Chip(label, names.get(value, value), self.address.without([name], value)) for value in self.chosen(name)
        ]

    def period_chip(self) -> list[Chip]:
        return [self.chip(_("Date"), self.period.text, *PERIOD)] if self.period else []


class _Shared(dict[str, forms.Field]):
    """Fields that no form changes, so that none needs copies of its own."""

    def __deepcopy__(self, memo: object) -> "_Shared":
        return self


# django-filter would make a new class of form a request; nothing in ours depends on the request.
_form_classes: dict[str, type[ListForm]] = {}
_untouched_forms: dict[str, ListForm] = {}


def _form_class(filters: type[ListFilterSet]) -> type[ListForm]:
    name = f"{filters.__name__}Form"
    if name not in _form_classes:
        fields = {field_name: each.field for field_name, each in filters.base_filters.items()}
        made = _form_classes[name] = type(name, (filters._meta.form,), fields)
        made.base_fields = _Shared(made.base_fields)  # type: ignore[attr-defined]
    return _form_classes[name]


def _untouched_form(filters: type[ListFilterSet]) -> ListForm:
    """Without data and errors, and the same for everybody."""
    form = _form_class(filters)
    if form.__name__ not in _untouched_forms:
        untouched = _untouched_forms[form.__name__] = form()
        untouched.cleaned_data = {}
    return _untouched_forms[form.__name__]
