"""``python -m tests.conformance [--payments 600] [--seed 1]``: long lives of all merchants, every object checked.

Ends with 0 when nothing differs from the annotations, the keys of the examples and the older specification. Without
COUNTERFOIL_CORPORA, which names the folder of third-party data, only the annotations are looked at.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from simulator.engine import Engine
from simulator.worlds.merchants import PROFILES
from simulator.worlds.world import World
from tests.conformance.annotations import problems
from tests.conformance.key_sets import missing_keys
from tests.conformance.older_schema import differences
from tests.simulator.histories.lives import lived, troubled

CHECKS = {"annotations": problems, "keys": missing_keys, "older specification": differences}


class Watched(World):
    """Looks at every answer, too."""

    wrong: ClassVar[Counter[str]] = Counter()
    answers: ClassVar[int] = 0

    def do(self, method: str, path: str, /, **params: Any) -> dict[str, Any]:
        answer = super().do(method, path, **params)
        Watched.answers += 1
        Watched.wrong.update(f"answer of {path.split('/')[2]}: {found}" for found in problems(answer))
        return answer


def objects(engine: Engine) -> Iterator[dict[str, Any]]:
    for (body,) in engine.store.db.execute("select body from object order by seq"):
        yield json.loads(body)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--payments", type=int, default=600, help="of each merchant")
    parser.add_argument("--seed", default="1")
    given = parser.parse_args()
    kinds: Counter[str] = Counter()
    types: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for name in PROFILES:
        engine = Engine(None, seed=given.seed)
        with engine.transaction():
            engine.do(f"acct_{name}", "POST", "/v1/webhook_endpoints", url="https://a.example", enabled_events=["*"])
        lived(troubled(name), given.payments, seed=given.seed, engine=engine, kind=Watched)
        for doc in objects(engine):
            kinds[doc["object"]] += 1
            types[doc.get("type", "") if doc["object"] == "event" else ""] += 1
            wrong.update(f"{check}: {found}" for check, find in CHECKS.items() for found in find(doc))
        engine.close()
    del types[""]
    wrong.update(Watched.wrong)
    report = {
        "objects": sum(kinds.values()),
        "answers": Watched.answers,
        "errors": sum(wrong.values()),
        "kinds": dict(kinds.most_common()),
    }
    print(json.dumps(report | {"event_types": dict(types.most_common()), "first": wrong.most_common(20)}))
    return 0 if not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
