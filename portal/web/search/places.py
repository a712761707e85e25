"""Pages and actions that words name: places of the rail, one's own settings, and what can be done here."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from billing.access.verbs import P
from portal.web.nav import FACES, HELP, Place, Text, address
from portal.web.search.hits import Hit


@dataclass(frozen=True, slots=True)
class Action:
    """``name`` is the URL name of the page on which it is done."""

    label: Text
    name: str
    verb: P | None = None
    icon: str = "bolt"


_OWN = (
    Action(_("Change my password"), "me:password", icon="key"),
    Action(_("Make new recovery codes"), "me:codes", icon="shield"),
    Action(_("Move my authenticator to another phone"), "me:authenticator", icon="device-mobile"),
    Action(_("Switch between light and dark"), "me:appearance", icon="moon"),
    Action(_("Switch keyboard shortcuts on or off"), "me:shortcuts", icon="keyboard"),
)
ACTIONS: dict[str, tuple[Action, ...]] = {
    "merchant": (
        Action(_("Connect an account at a processor"), "merchant:connection_new", P.CONNECTIONS_MANAGE, "plug"),
        Action(_("Replay events of a period"), "merchant:events_replay", P.EVENTS_REPLAY, "refresh"),
        *_OWN,
    ),
    "ops": (Action(_("Replay events of a period"), "ops:events_replay", P.OPS_EVENTS_REPLAY, "refresh"), *_OWN),
}


@dataclass(frozen=True, slots=True)
class Places:
    """What ``face`` offers to somebody who ``can``; ``kwargs`` are what its addresses need."""

    face: str
    kwargs: dict[str, str]
    can: Callable[[P], bool]

    def pages(self, text: str = "") -> list[Hit]:
        """Whose name has a word that begins with each word of ``text``; all of them without one."""
        return [hit for hit in self._pages() if _matches(str(hit.title), text)]

    def actions(self, text: str) -> list[Hit]:
        offered = (action for action in ACTIONS[self.face] if action.verb is None or self.can(action.verb))
        return [
            Hit(action.name.replace(":", "-"), action.label, self._address(action.name), icon=action.icon)
            for action in offered
            if _matches(str(action.label), text)
        ]

    def _pages(self) -> Iterator[Hit]:
        for place, icon in _leaves((*FACES[self.face], *FACES["me"], *HELP)):
            if place.verb is None or self.can(place.verb):
                yield Hit(place.names[0].replace(":", "-"), place.label, self._address(place.names[0]), icon=icon)

    def _address(self, name: str) -> str:
        return address(name, {} if name.startswith("me:") else self.kwargs)


def back_to(url: str, text: str) -> str:
    """What is appended to addresses of pages that lead back to the results of a search at ``url``."""
    results = f"{url}?{urlencode({'q': text, 'stay': 1})}"
    return f"?{urlencode({'back': results}, safe='/')}"


def _leaves(places: tuple[Place, ...], icon: str = "") -> Iterator[tuple[Place, str]]:
    for place in places:
        if place.names:
            yield place, place.icon or icon
        yield from _leaves(place.children, place.icon)


def _matches(label: str, text: str) -> bool:
    words = re.findall(r"\w+", label.casefold())
    return all(any(word.startswith(part) for word in words) for part in text.casefold().split())
