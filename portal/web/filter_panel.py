"""What the filters of every list look like: the part that they share."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.web.filters import PERIOD, Chip, Choice, Control, ListFilterSet
from portal.web.periods import Period

Filters = TypeVar("Filters", bound=ListFilterSet)


class ListPanel(ABC, Generic[Filters]):
    """For templates; nothing here decides what is found. ``more`` names what stands behind *More filters*."""

    more: tuple[str, ...] = ()

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self.address = filters.address

    @property
    @abstractmethod
    def chips(self) -> list[Chip]:
        """Everything but what its own control at the top of the list shows already."""

    @property
    @abstractmethod
    def sheet_chips(self) -> list[Chip]:
        """What a phone shows as chips, too, since its controls are in the sheet."""

    @property
    def search_text(self) -> str:
        return self._filters.value("q")

    # --- The period ---
    @cached_property
    def date_choices(self) -> list[Choice]:
        return self._filters.choices("date")

    @property
    def date_chosen(self) -> str:
        custom = self._filters.value("since") or self._filters.value("until")
        return self._filters.value("date") or ("custom" if custom else "")

    @property
    def period(self) -> Period | None:
        return self._filters.period

    @property
    def period_label(self) -> str | Promise:
        if self.period is None:
            return _("Custom") if self.date_chosen else _("All dates")
        chosen = (choice.label for choice in self.date_choices if choice.chosen and choice.value != "custom")
        return next(chosen, self.period.text)

    @property
    def period_controls(self) -> list[Control]:
        return self._filters.period_controls()

    @property
    def period_errors(self) -> bool:
        return any(name in self._filters.form.errors for name in PERIOD)

    # --- More ---
    @property
    def more_errors(self) -> bool:
        return any(name in self._filters.form.errors for name in self.more)

    @property
    def more_count(self) -> int:
        return len(self.chips)

    # --- What is in use ---
    @property
    def all_count(self) -> int:
        return len(self.chips) + len(self.sheet_chips)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.all_count or self.search_text)

    @property
    def in_words(self) -> str:
        """Everything that narrows the list; empty where nothing does."""
        return self._told([*self.sheet_chips, *self.chips])

    @property
    def in_lasting_words(self) -> str:
        """The same as it is true on any day: last 30 days are no dates."""
        dated = self._filters.period_chip()
        chips = (*self.sheet_chips, *self.chips)
        return self._told([replace(chip, value=self.period_label) if chip in dated else chip for chip in chips])

    def _told(self, chips: Sequence[Chip]) -> str:
        parts = [f"{chip.label} {chip.value}" for chip in chips]
        return " · ".join([f"“{self.search_text}”", *parts] if self.search_text else parts)

    @property
    def sentence(self) -> str:
        return gettext("Nothing was found for: %(filters)s.") % {"filters": self.in_words}
