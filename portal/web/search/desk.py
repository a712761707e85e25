"""A search as one face answers it: reads the text, finds, and puts the groups together."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext

from billing.payments.models import PaymentQuerySet
from portal.web.search.asked import Asked
from portal.web.search.find import Finder, Found, Scope
from portal.web.search.hits import Teller
from portal.web.search.language import parse
from portal.web.search.places import Places
from portal.web.search.reading import LONGEST, Reader, Unreadable
from portal.web.search.results import SHOWN, Group, Results, in_order


@dataclass(frozen=True)
class Desk(ABC):
    """``url`` is the search page of the face."""

    url: str
    reader: Reader
    teller: Teller
    places: Places

    @abstractmethod
    def scope(self, asked: Asked) -> Scope:
        """What is searched. Raises Unreadable."""

    @abstractmethod
    def payments(self, scope: Scope, asked: Asked) -> PaymentQuerySet:
        """The payments of ``scope`` that are asked for. Raises Unreadable."""

    def payments_url(self, asked: Asked) -> str:
        """The list that shows exactly the payments asked for; empty where none can."""
        return ""

    def more_groups(self, asked: Asked, limit: int) -> list[Group]:
        """What only this face finds."""
        return []

    def answer(self, text: str, *, limit: int = SHOWN) -> Results:
        """Up to ``limit`` of each kind."""
        if len(text) > LONGEST:
            return Results(text, problems=[_too_long()])
        reading = self.reader.read(parse(text))
        if reading.problems or reading.asked.is_nothing:
            return Results(text, reading.asked, reading.problems)
        try:
            return self._found(text, reading.asked, limit)
        except Unreadable as error:
            return Results(text, reading.asked, str(error).split("\n"))

    def _found(self, text: str, asked: Asked, limit: int) -> Results:
        scope = self.scope(asked)
        if asked.email and not scope.by_person:
            raise Unreadable(gettext("You see customers masked here, so nothing is searched by an e-mail address."))
        finder = Finder(scope, asked, lambda meant: self.payments(scope, meant), limit)
        groups = [self._group(text, asked, found) for found in finder.find().values()]
        groups += self.more_groups(asked, limit)
        if asked.text and asked.only("text", "guess"):
            groups.append(Group("pages", self.places.pages(asked.text)))
            groups.append(Group("actions", self.places.actions(asked.text)))
        return Results(text, finder.asked, groups=in_order(groups))

    def _group(self, text: str, asked: Asked, found: Found) -> Group:
        listed = self.payments_url(asked) if found.kind == "payments" and not asked.is_id else ""
        more = self.address(text, **{"in": found.kind}) if found.has_more else ""
        return Group(found.kind, self.teller.tell(found.kind, found.rows), found, listed or more)

    def address(self, text: str, **more: str) -> str:
        return f"{self.url}?{urlencode({'q': text, **more})}"


def all_wrong(sentences: Sequence[str]) -> Unreadable:
    """One error for several sentences."""
    return Unreadable("\n".join(dict.fromkeys(sentences)))


def _too_long() -> str:
    return gettext("This search is too long. Use at most %(n)d characters.") % {"n": LONGEST}
