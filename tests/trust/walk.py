"""S1: nobody sees or changes what belongs to another merchant, and nobody can tell it from what does not exist."""

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.trust.cells import ANONYMOUS, Cast, Cell, NoRecipe, cells, open_cast
from tests.trust.installation import Installation
from tests.trust.probes import probe
from tests.trust.result import Result
from tests.trust.tempo import unlike
from tests.trust.walker import Walker

LANES = 4
# Who walks in a small run: one of each kind that the guards tell apart.
FEW = (" owner", " viewer", "staff admin", "staff agent", "visiting agent", "without a merchant", ANONYMOUS)
SAMPLE = 48
# Sessions are renewed long before the five minutes in which a factor is fresh.
ROUND = 2_500
PAIRS = 150


def run(*, seed: int, full: bool, site: Installation) -> Result:
    result = Result("S1", seed, full)
    cast = open_cast(site, seed=seed)
    for address in cast.addresses:
        if not address.agrees:
            result.problems.append(f"{address.name}: the guard of its view is not its row of the policy")
    todo, missing = _cells(cast, full=full, seed=seed)
    result.problems += missing
    with Walker(cast, site.url) as walker:
        for start in range(0, len(todo), ROUND):
            walker.renew()
            with ThreadPoolExecutor(LANES, thread_name_prefix="walk") as pool:
                list(pool.map(walker.visit, todo[start : start + ROUND]))
        result.problems += walker.problems
        covered = walker.count
        walker.renew()
        result.problems += probe(walker, chance=random.Random(f"probes {seed}"), count=10_000 if full else 40)
        if full:
            walker.renew()
            timed = list(_timed(walker))
            result.problems += [difference for _, difference in timed if difference]
            result.facts["timed"] = len(timed)
    if covered != len(todo):
        result.problems.append(f"{len(todo) - covered} cells were not visited")
    for name, bodies in walker.not_found.items():
        if len(bodies) > 1:
            result.problems.append(f"{name}: {len(bodies)} different answers 404")
    result.n = walker.count
    result.facts |= {
        "addresses": len({cell.address.name for cell in todo}),
        "people": len({cell.person.name for cell in todo}),
        "covered": round(covered / max(len(todo), 1), 3),
        "probes": walker.count - covered,
        "answers": dict(sorted(walker.statuses.items())),
    }
    return result


def _cells(cast: Cast, *, full: bool, seed: int) -> tuple[list[Cell], list[str]]:
    """Everything in a full run; else every page as some, and some of the rest. Neighbours differ in person."""
    by_person: dict[str, list[Cell]] = defaultdict(list)
    missing = set()
    chance = random.Random(f"walk {seed}")
    for address in cast.addresses:
        for person in cast.people:
            try:
                by_person[person.name] += cells(cast, address, person)
            except NoRecipe as error:
                missing.add(str(error))
    columns = []
    for name, found in by_person.items():
        chosen = found
        if not full:
            pages = [cell for cell in found if _telling(cell) and name.endswith(FEW)]
            chosen = list(dict.fromkeys([*pages, *chance.sample(found, SAMPLE // len(by_person))]))
        chance.shuffle(chosen)
        columns.append(chosen)
    mixed = [cell for row in itertools.zip_longest(*columns) for cell in row if cell]
    return mixed, sorted(missing)


def _telling(cell: Cell) -> bool:
    """The plain page, and the form where one is taken; pages for everybody as nobody."""
    if cell.address.kind == "public" and cell.method in {"GET", "HEAD"} and "GET" in cell.address.methods:
        return cell.case.name == "own" and cell.person.name == ANONYMOUS and not cell.fragment
    if cell.fragment or cell.method not in cell.address.methods or cell.address.kind == "public":
        return False
    return cell.method == "GET" or cell.case.name in {"own", "foreign object"}


def _timed(walker: Walker) -> Iterator[tuple[str, str]]:
    """Names of pages, and what is wrong where what belongs to others takes another time than what does not exist."""
    person = walker.cast.people[0]
    for address in walker.cast.addresses:
        if "GET" not in address.methods or address.streams:
            continue
        pages = [cell for cell in cells(walker.cast, address, person) if (cell.method, cell.fragment) == ("GET", False)]
        found = {cell.case.name: cell for cell in pages}
        for what in ("object", "merchant"):
            if f"foreign {what}" in found:
                foreign, absent = (partial(_seconds, walker, found[f"{kind} {what}"]) for kind in ("foreign", "absent"))
                t = unlike(foreign, absent, pairs=PAIRS)
                yield (address.name, f"{address.name}: foreign and absent {what} differ, t = {t:.1f}" if t else "")


def _seconds(walker: Walker, cell: Cell) -> float:
    return walker.ask(cell).seconds
