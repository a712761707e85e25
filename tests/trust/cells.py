"""What the walkers try: every address × person × method × own, foreign or absent id × page or fragment."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.trust.installation import Installation
from tests.trust.oracle import settle

# As tests.trust.sitemap writes it, which only the actor can import.
HOLE = "zz{}zz"

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# What each parameter of an address names: a key of a merchant's objects …
OF_MERCHANT = {"payment": "payment", "customer": "customer", "event": "event", "connection": "connection"}
OF_MERCHANT |= {"view": "view", "movement": "movement", "refund": "refund", "hold": "hold", "batch": "batch"}
OF_MERCHANT |= {"approval": "approval", "change": "change"}
OF_STAFF = {**OF_MERCHANT, "merchant": "merchant", "command": "command"}
# … or of what one person has.
OF_PERSON = {"session": "session", "device": "device"}
# Links that work for whoever holds them.
OF_LINK = {"token": "token", "key": "confirmation", "uidb36": "uidb36"}
# Regions of a page, by a name that every such page has.
FIXED = {"panel": "summary", "card": "volume", "kind": "disputes"}
# Every chain of the audit trail has a first row.
FIXED |= {"chain": "platform", "row": "1"}
# Every role has a limit.
FIXED |= {"role": "support"}
ANONYMOUS, HALF = "anonymous", "without the code"


class NoRecipe(Exception):
    """An address has a parameter that nobody told the walkers how to fill."""


@dataclass(frozen=True, eq=False)
class Address:
    """As tests.trust.sitemap.addresses describes it."""

    name: str
    path: str
    parameters: list[str]
    agrees: bool
    exempt: bool
    kind: str
    verb: str
    methods: list[str]
    step_up: bool

    @property
    def streams(self) -> bool:
        return self.path.endswith("/_/live/")

    @property
    def panel(self) -> bool:
        """Whether pages load this into themselves; typed as an address it leads to its page."""
        return "/_/" in self.path and not self.streams


@dataclass(frozen=True, eq=False)
class Person:
    """As tests.trust.cast describes one; `email` is empty for those who are not signed in. `visits` names the merchant
    whose pages somebody of the staff looks at."""

    name: str
    email: str
    spare: str
    merchant: str
    staff: bool
    verbs: list[str]
    visits: str = ""

    @property
    def signed_in(self) -> bool:
        return bool(self.email)


@dataclass(frozen=True)
class Case:
    """`there`: the ids lead to something that this person may look for. `typed` are the ids."""

    name: str
    there: bool
    path: str
    typed: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    address: Address
    person: Person
    method: str
    case: Case
    fragment: bool

    def __str__(self) -> str:
        what = "fragment" if self.fragment else "page"
        return f"{self.method} {self.address.name} as {self.person.name}, {self.case.name}, {what}"


@dataclass
class Cast:
    """Everybody who walks, everywhere they can go, and what there is to find."""

    site: Installation
    addresses: list[Address]
    people: list[Person]
    merchants: dict[str, dict[str, Any]]
    mine: dict[str, dict[str, str]]
    links: dict[str, str]
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def person(self, name: str) -> Person:
        return next(person for person in self.people if person.name == name)

    @property
    def slugs(self) -> list[str]:
        return list(self.merchants)

    def ask(self, play: str, **arguments: Any) -> Any:
        with self._one_at_a_time:
            return self.site.actor.ask("stage", play=play, **arguments)


def open_cast(site: Installation, *, seed: int) -> Cast:
    """Fresh people and merchants in an installation that may hold others already."""
    made = site.actor.ask("stage", play="open_cast", seed=seed)
    if settle(site, within=20) is None:
        raise RuntimeError("the payments of the cast are not processed")
    merchants = site.actor.ask("stage", play="with_objects", merchants=made["merchants"])
    people = [Person(**person) for person in made["people"]]
    nobody = people[-1]
    people += [Person(name, "", nobody.email, "", False, []) for name in (ANONYMOUS, HALF)]
    found = site.actor.ask("stage", play="addresses")
    mine = {person.email: site.actor.ask("stage", play="own_objects", email=person.spare) for person in people[:-2]}
    links = site.actor.ask("stage", play="own_objects", email=nobody.spare)
    return Cast(site, [Address(**address) for address in found], people, merchants, mine, links)


def cells(cast: Cast, address: Address, person: Person) -> Iterator[Cell]:
    for case in cases(cast, address, person):
        for method in METHODS:
            for fragment in (False, True):
                yield Cell(address, person, method, case, fragment)


def cases(cast: Cast, address: Address, person: Person, *, own: dict[str, str] | None = None) -> list[Case]:
    """Ids to try; `own` replaces what the person has. Raises NoRecipe."""
    if address.kind == "merchant":
        return _merchant_cases(cast, address, person)
    if not address.parameters:
        return [_case(address, "own", True, {})]
    if address.kind == "staff":
        there = {**cast.merchants[cast.slugs[0]]["objects"]["test"], "merchant": cast.slugs[0]}
        return _two(address, {name: _look_up(there, OF_STAFF, address, name) for name in address.parameters})
    if address.kind == "person":
        return _person_cases(cast, address, person, own)
    there = {**cast.links, "connection": cast.merchants[cast.slugs[0]]["objects"]["test"]["connection"]}
    if "uidb36" in address.parameters:
        there["confirmation"] = there["reset"]
    known = {**OF_LINK, "connection": "connection"}
    return _two(address, {name: _look_up(there, known, address, name) for name in address.parameters})


def _merchant_cases(cast: Cast, address: Address, person: Person) -> list[Case]:
    home = person.merchant or person.visits or cast.slugs[0]
    at_home = bool(person.merchant or person.visits)
    other = next(slug for slug in cast.slugs if slug != home)
    own, live = (cast.merchants[home]["objects"][mode] for mode in ("test", "live"))
    foreign = cast.merchants[other]["objects"]["test"]
    names = [name for name in address.parameters if name not in {"merchant", "mode"}]

    def case(name: str, there: bool, slug: str, objects: dict[str, str], mode: str = "test") -> Case:
        found = {each: _look_up(objects, OF_MERCHANT, address, each) for each in names}
        return _case(address, name, there, {**found, "merchant": slug, "mode": mode})

    absent = {key: _absent(value) for key, value in own.items()}
    found = [
        case("own", at_home, home, own),
        case("foreign merchant", False, other, foreign),
        case("absent merchant", False, _absent(home), absent),
        case("absent mode", False, home, own, mode="nope"),
        case("own, live", at_home, home, live, mode="live"),
    ]
    # A region by itself is no object that somebody else could have.
    if set(names) - FIXED.keys():
        found += [
            case("foreign object", False, home, foreign),
            case("object of the other mode", False, home, live),
            case("absent object", False, home, absent),
        ]
    return found


def _person_cases(cast: Cast, address: Address, person: Person, fresh: dict[str, str] | None) -> list[Case]:
    own = fresh or cast.mine.get(person.email) or cast.links
    foreign = next(objects for email, objects in cast.mine.items() if email != person.email)
    values = [
        {name: _look_up(objects, OF_PERSON, address, name) for name in address.parameters} for objects in (own, foreign)
    ]
    absent = {name: _absent(value) for name, value in values[0].items()}
    return [
        _case(address, "own", True, values[0]),
        _case(address, "foreign object", False, values[1]),
        _case(address, "absent object", False, absent),
    ]


def _two(address: Address, values: dict[str, str]) -> list[Case]:
    absent = {name: _absent(value) for name, value in values.items()}
    return [_case(address, "own", True, values), _case(address, "absent object", False, absent)]


def _look_up(objects: dict[str, str], known: dict[str, str], address: Address, name: str) -> str:
    if name in FIXED:
        return FIXED[name]
    if name not in known:
        raise NoRecipe(f"{address.name} has a parameter {name!r} that tests/trust/cells.py does not know")
    return objects[known[name]]


def _case(address: Address, name: str, there: bool, values: dict[str, str]) -> Case:
    path = address.path
    for parameter, value in values.items():
        path = path.replace(HOLE.format(parameter), value)
    return Case(name, there, path, tuple(values.values()))


def _absent(value: str) -> str:
    """As long and of the same letters, but nobody's."""
    head, mark, tail = value.rpartition("_")
    return head + mark + tail[::-1] if tail != tail[::-1] else head + mark + "q" * len(tail)
