"""The state of a list is its address: this reads it, tidies it and writes the addresses next to it."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import QueryDict

# Where in the list one is; anything that changes the list itself leads back to its first page.
CURSOR = "cursor"
# Which saved view one came from, or PLAIN for a list as it is.
VIEW, PLAIN = "view", "all"
LONGEST = 8_000


class ListAddress:
    """The address of a list with what is filtered, sorted and shown, in one spelling: ``names`` give the order."""

    def __init__(self, path: str, data: QueryDict, names: Sequence[str]) -> None:
        # Addresses are kept and repeated in every link of a page; what can be filtered fits into a quarter of this.
        if len(data.urlencode()) > LONGEST:
            raise BadRequest("The address of this list is too long.")
        self.path = path
        self.names = tuple(names)
        self.params = {name: values for name in names if name in data and (values := _given(data.getlist(name)))}
        self.is_tidy = data.urlencode() == self.query

    @property
    def query(self) -> str:
        return _written(self.params)

    def __str__(self) -> str:
        return _joined(self.path, self.params)

    def first(self, name: str) -> str:
        """The value of a name that stands for one; empty when it is not there."""
        return self.params.get(name, [""])[0]

    def having(self, **changes: str | Sequence[str]) -> str:
        """The same list with other values, from its first page on; an empty value leaves the name out."""
        return self._with({CURSOR: "", **changes})

    def page(self, cursor: str) -> str:
        """Another page of the same list; without a cursor the first one."""
        return self._with({CURSOR: cursor})

    def without(self, names: Iterable[str], value: str = "") -> str:
        """The same list without these filters, or without one value of them."""
        left = {name: [each for each in self.params.get(name, []) if value and each != value] for name in names}
        return self._with({CURSOR: "", **left})

    def _with(self, changes: dict[str, str | Sequence[str]]) -> str:
        merged: dict[str, list[str]] = dict(self.params)
        for name, value in changes.items():
            merged[name] = _given([value] if isinstance(value, str) else value)
        return _joined(self.path, {name: merged[name] for name in self.names if merged.get(name)})


def _given(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(stripped for value in values if (stripped := value.strip())))


def _written(params: dict[str, list[str]]) -> str:
    return urlencode(params, doseq=True)


def _joined(path: str, params: dict[str, list[str]]) -> str:
    return f"{path}?{_written(params)}" if params else path
