"""The parts round the rows of a list, each rendered once for all lists that look alike there."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal.web.kept_markup import KeptMarkup, Places
from portal.web.query_string import VIEW
from reports.templatetags.money import number

_FILTERS = "components/money_lists/filters.html"
_SELECTION = "components/money_lists/selection.html"
_VIEWS = "components/money_lists/views.html"
_PAGINATION = "components/pagination.html"
_PAGES = ("first_url", "previous_url", "next_url")
_PARTS = KeptMarkup(most=512)
# What a form sends along without being asked.
_ALONG = ("mode", "sort", "size", VIEW, "columns")


class KeptParts:
    """For templates. ``context`` is that of the list: see list_context()."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._context = context
        self._listing, self._panel = context["listing"], context["filters"]

    @property
    def filters(self) -> SafeString:
        """The form above the list."""
        panel, listing = self._panel, self._listing
        params = listing.address.params
        along = tuple((name, *params[name]) for name in _ALONG if name in params)
        filled = {
            "q": panel.search_text,
            "fields": panel.fields,
            "count": self._count,
            "chips": self._part("chips") if panel.is_narrowed else "",
            "sheet_chips": self._part("sheet") if panel.sheet_chips else "",
        }
        key = (_FILTERS, *self._reader, type(panel), panel.scope.by_person, along, panel.all_count)
        return _PARTS.fill(key, lambda places: self._render(_FILTERS, places), filled)

    @property
    def _count(self) -> SafeString:
        listing = self._listing
        if not listing.is_valid:
            return self._part("count")
        key = ("count", *self._reader, listing.counted, listing.has_more_than_counted)
        return _PARTS.fill(key, lambda places: self._part("count"), {})

    @property
    def no_views(self) -> SafeString:
        """The line about views where there are none."""
        bar = self._context["views"]
        told = {name: getattr(bar, name) for name in ("may_keep", "is_worth_keeping", "plain_url", "views")}

        def render(places: Places) -> str:
            return self._render(_VIEWS, places, views={**told, "new_url": places["new_url"]})

        key = (_VIEWS, *self._reader, bar.may_keep, bar.is_worth_keeping, bar.plain_url)
        return _PARTS.fill(key, render, {"new_url": bar.new_url})

    @property
    def selection(self) -> SafeString:
        """What to do with ticked rows."""
        listing = self._listing
        fields = {f"value_{place}": field for place, field in enumerate(listing.address_fields)}
        offers_all = listing.offers_all and listing.is_valid
        key = (_SELECTION, *self._reader, tuple(name for name, _value in fields.values()))
        filled = {
            "seen": listing.scope.now.isoformat(),
            "counted": number(listing.counted),
            **{place: value for place, (_name, value) in fields.items()},
        }

        def render(places: Places) -> str:
            along = [(name, places[place]) for place, (name, _value) in fields.items()]
            return self._render(_SELECTION, places, offers_all=offers_all, along=along)

        return _PARTS.fill((*key, offers_all, listing.is_too_long), render, filled)

    @property
    def pagination(self) -> SafeString:
        """The links to the pages beside this one."""
        urls = {name: getattr(self._listing, name) for name in _PAGES}
        there = {name: url for name, url in urls.items() if url}

        def render(places: Places) -> str:
            page = {**dict.fromkeys(_PAGES, ""), **places}
            return render_to_string(_PAGINATION, {"page": page, "target": "#results"})

        filled = {**there, "number": str(self._listing.number)}
        return _PARTS.fill((_PAGINATION, get_language(), *there), render, filled)

    @property
    def _reader(self) -> tuple[Any, ...]:
        return get_language(), "swapped" in self._context, type(self._listing), self._listing.base_url

    def _part(self, name: str) -> SafeString:
        return render_to_string(f"{_FILTERS}#{name}", dict(self._context))

    def _render(self, template: str, places: Places, **more: Any) -> SafeString:
        return render_to_string(template, {**self._context, **more, "places": places})
