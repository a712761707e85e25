"""Markup that is rendered once for all that look alike; what differs, such as what somebody typed, is filled in."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Places = Mapping[str, str]
"""What stands in the place of each name while the markup is rendered."""


class KeptMarkup:
    """At most ``most`` texts of the process's memory. What was not asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = threading.Lock()

    def fill(self, key: Hashable, render: Callable[[Places], str], filled: Mapping[str, str]) -> SafeString:
        """``key`` names all that the markup depends on, the reader's language included, but for what is ``filled`` in:
        that is never kept, and nothing but written out by what ``render`` renders."""
        with self._lock:
            text = self._kept.get(key)
            if text is not None:
                self._kept.move_to_end(key)
        if text is None:
            text = _with_places(render, filled)
            with self._lock:
                self._kept[key] = text
                if len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return mark_safe(text % {name: conditional_escape(value) for name, value in filled.items()})  # noqa: S308

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


def _with_places(render: Callable[[Places], str], names: Collection[str]) -> str:
    # Nothing that is escaped, and nothing that PostgreSQL or an address could bring.
    places = {name: f"\x00{name}\x00" for name in names}
    text = render(places).replace("%", "%%")
    for name, place in places.items():
        text = text.replace(place, f"%({name})s")
    return text
