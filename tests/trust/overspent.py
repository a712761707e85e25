"""R3: however many people give the same money back at once, no more goes out than came in."""

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.trust.effects import judge, states_of, wait_until_ended
from tests.trust.hands import Hands, Outcome, Wish
from tests.trust.installation import Installation
from tests.trust.mirrored import left_behind, told
from tests.trust.processor import ASKS, Processor, open_processor
from tests.trust.result import Result

AMOUNT, SHARE, ALL = 10_000, "60.00", "100.00"
HANDS = 4
PACE = 0.12
PATIENCE = 240.0
# Who spends of a payment holds its lock; without it, two of them see the same money.
UNLOCKED = {"file": "billing/refunds/issue.py", "old": '.select_for_update(of=("self",), no_key=True)', "new": ""}


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """On the pages, four people at a time ask for six tenths of each payment, twice with each form, while every event
    comes twice. With --full then the same without the lock, which must not end well."""
    result, chance = Result("R3", seed, full), random.Random(f"overspent {seed}")
    kept, rest = (300, 40) if full else (8, 0)
    processor = open_processor(site, seed=seed)
    processor.read("backfill", within=PATIENCE)
    paid = [processor.pay(AMOUNT)["id"] for _ in range(kept + rest)]
    if not processor.wait_until_quiet(within=PATIENCE):
        result.problems.append("payments do not become known here")
    payments = _public_ids(processor, paid)
    with ExitStack() as stack:
        race = Race(processor, [stack.enter_context(hands) for hands in hire(processor, HANDS)], chance)
        withdrawn = race.regret(payments[: kept // 5])
        processor.door.ask("POST", "/faults", kind="double", times=None)
        outcomes = race.run(payments[:kept])
        result.problems += _end(processor) + problems_of(outcomes)
        if full:
            result.problems += _without_lock(race, payments[kept:], site, result)
    processor.clear_faults()
    processor.read("gaps", within=PATIENCE)
    if not processor.wait_until_quiet(within=PATIENCE):
        result.problems.append(f"work is left: {processor.due()}")
    result.problems += [*judge(processor), *_over_refunded(processor), *left_behind(processor)]
    result.problems += told(processor, "at the end", result)
    result.n = kept
    result.facts |= {"asked": len(outcomes), "answers": Counter(each.status for each in outcomes)}
    result.facts |= {"withdrawn": withdrawn, "states": states_of(processor)}
    return result


class Race:
    """Several people, each payment at the same moment for all of them."""

    def __init__(self, processor: Processor, people: Sequence[Hands], chance: random.Random) -> None:
        self.processor, self.people, self.chance = processor, people, chance

    def regret(self, payments: Sequence[str]) -> int:
        """Somebody asks for all of it, and thinks better of that before anybody sends it; how often."""
        for name in ASKS:
            self.processor.site.pause(name)
        person = self.people[0]
        asked = person.ask([Wish(payment, ALL, AMOUNT) for payment in payments])
        withdrawn = sum(person.withdraw(each.command) for each in asked)
        for name in ASKS:
            self.processor.site.resume(name)
        return withdrawn

    def run(self, payments: Sequence[str]) -> list[Outcome]:
        """What came of it for each person and payment, twice: everybody sends the form again."""
        # The processor's clock stands still, and its signatures must not grow old.
        self.processor.follow()
        begin = time.time() + 1
        wishes = [
            [self._wish(each, begin + number * PACE) for number, each in enumerate(payments)] for _ in self.people
        ]
        with ThreadPoolExecutor(len(self.people)) as pool:
            told_ = pool.map(lambda person, mine: person.ask(mine, times=2), self.people, wishes)
            return [outcome for outcomes in told_ for outcome in outcomes]

    def _wish(self, payment: str, at: float) -> Wish:
        # Some have a page that they opened before anybody asked, some look at it just now.
        return Wish(payment, SHARE, AMOUNT if self.chance.random() < 0.7 else None, at)


def hire(processor: Processor, count: int) -> list[Hands]:
    """People who may give back what they please, signed in."""
    site, shop = processor.site, processor.shop
    people = site.actor.ask("stage", play="hire", account=shop.account_id, count=count)
    sessions = site.actor.ask("stage", play="sessions_of", people=people)
    with site.database() as cursor:
        cursor.execute("SELECT slug FROM merchant WHERE id = %s", [shop.merchant_id])
        base = f"/m/{cursor.fetchone()[0]}/test/"
    return [Hands(site.url, base, session) for session in sessions]


def problems_of(outcomes: Sequence[Outcome]) -> list[str]:
    """Of each payment one person got what they asked for, both times the same, and three nothing."""
    found, by_payment = [], defaultdict(set)
    by_key: dict[str, set[str]] = defaultdict(set)
    for each in outcomes:
        by_payment[each.wish.payment].add(each.command)
        by_key[each.wish.key].add(each.command)
    for payment, commands in by_payment.items():
        if len(commands - {""}) != 1:
            found.append(f"{payment}: {len(commands - {''})} refunds of six tenths were accepted")
    return found + [f"{key}: sent twice, answered {commands}" for key, commands in by_key.items() if len(commands) > 1]


def _without_lock(race: Race, payments: Sequence[str], site: Installation, result: Result) -> list[str]:
    """Nobody locks the payment: that must not end well, or the race before proved nothing."""
    _take_lock_away(site)
    careless = problems_of(race.run(payments))
    result.facts["doubled_without_lock"] = len(careless)
    ended = _end(race.processor)
    if any("were accepted" in each for each in careless):
        return ended
    return [*ended, "without the payment's lock nothing went wrong, so that this proves nothing"]


def _end(processor: Processor) -> list[str]:
    ended = wait_until_ended(processor, within=PATIENCE)
    processor.follow()
    processor.door.ask("POST", "/deliveries/settle")
    return [] if ended else [f"commands are open {PATIENCE:.0f} s after the last was asked for"]


def _take_lock_away(site: Installation) -> None:
    """From the pages."""

    def restart(planted: str) -> None:
        site.kill("web")
        site.environment["TRUST_PLANTED"] = planted
        site.start("web")
        site.wait_for_web()

    site.at_the_end(lambda: restart(""))
    restart(json.dumps(UNLOCKED))


def _public_ids(processor: Processor, paid: Sequence[str]) -> list[str]:
    with processor.site.database() as cursor:
        known = "SELECT public_id FROM payment WHERE account_id = %s AND external_id = ANY(%s) ORDER BY id"
        cursor.execute(known, [processor.shop.account_id, list(paid)])
        return [row[0] for row in cursor.fetchall()]


def _over_refunded(processor: Processor) -> list[str]:
    """By our own rows."""
    with processor.site.database() as cursor:
        cursor.execute(
            """SELECT payment.external_id, amount_captured, coalesce(sum(refund.amount), 0)
                 FROM payment JOIN refund ON refund.payment_id = payment.id
                      AND refund.provider_status NOT IN ('failed', 'canceled')
                WHERE payment.account_id = %s GROUP BY payment.id HAVING sum(refund.amount) > amount_captured""",
            [processor.shop.account_id],
        )
        return [f"{payment}: {refunded} of {captured} went out" for payment, captured, refunded in cursor.fetchall()]
