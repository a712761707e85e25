"""An account lives step by step, and after each step its books are held against the processor's."""

import itertools
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any

from django.db import Error, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.simulator.processes import Simulator, running
from tests.trust.playing import connect, deliver, work
from tests.trust.stripe_ledger import expected, held

# Dollars are converted, yen have no decimals and dinars three.
CURRENCIES = ("eur", "eur", "usd", "jpy", "kwd")
RATES = {"usd": "0.9137"}
CARDS = ("visa", "visa", "bypassPending", "bypassPending", "refundFail", "pendingRefund", "createDispute")
MOVES = ("under_review", "won", "lost", "appeal_under_review", "warning_closed", "needs_response")
PAYOUT_EVENTS = [f"payout.{name}" for name in ("created", "updated", "paid", "failed", "canceled")]
HOUR, DAY = 3_600, 86_400
# What nobody may do to the books, whatever is in them.
COOKED = (
    "UPDATE posting SET amount = amount + 1",
    "UPDATE journal_entry SET occurred_at = occurred_at + interval '1 day'",
    "UPDATE ledger_account SET balance = balance + 1",
    "DELETE FROM posting",
    "DELETE FROM journal_entry",
    """INSERT INTO posting (entry_id, ledger_account_id, amount, occurred_at)
       SELECT entry.id, place.id, 7, entry.occurred_at FROM journal_entry AS entry
         JOIN ledger_account AS place USING (account_id)
        WHERE NOT EXISTS (SELECT FROM posting WHERE (entry_id, ledger_account_id) = (entry.id, place.id)) LIMIT 1""",
)
UNBALANCED = """SELECT currency, sum(amount) FROM posting JOIN ledger_account AS place ON place.id = ledger_account_id
                 WHERE account_id = %s GROUP BY currency HAVING sum(amount) <> 0"""
NOT_THE_FOLD = """SELECT code, currency, balance, sum(amount) FROM ledger_account AS place
                    LEFT JOIN posting ON ledger_account_id = place.id
                   WHERE account_id = %s GROUP BY place.id HAVING balance <> coalesce(sum(amount), 0)"""
HELD = "SELECT currency, balance FROM ledger_account WHERE account_id = %s AND code = %s AND balance <> 0"
# These wait for everybody who works with the tables, so they are tried once in a while only.
EMPTIED = ("TRUNCATE posting", "TRUNCATE journal_entry CASCADE")
numbers = itertools.count(1)
whole = st.integers(0, 10_000)


def keep_books(*, seed: int, sequences: int, steps: int) -> dict[str, Any]:
    """So many lives; how often each thing was done, and what was wrong."""
    from billing.providers import limiter

    limiter.configure(test=10_000)
    done: Counter[str] = Counter(dict.fromkeys(RULES, 0))
    problems: list[str] = []
    with running(None, "--seed", str(seed)) as simulator:
        try:
            _live(simulator, done, seed=seed, sequences=sequences, steps=steps)
        except Exception as error:  # noqa: BLE001 - the problem that it was to find
            problems.append("\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]))
    return {"sequences": done.pop("sequences", 0), "done": dict(done), "problems": problems}


def _live(simulator: Simulator, done: Counter[str], *, seed: int, sequences: int, steps: int) -> None:
    @seeded(seed)
    class LifeHere(Life):
        def __init__(self) -> None:
            super().__init__(simulator, done)

    run_state_machine_as_test(
        LifeHere,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


class Life(RuleBasedStateMachine):
    """Of one account. What is refused (too little money, a dispute that ended) is no step, and not counted as done."""

    def __init__(self, simulator: Simulator, done: Counter[str]) -> None:
        super().__init__()
        self.simulator, self.done = simulator, done
        self.key = f"sk_test_books{next(numbers)}"
        self.door = HTTPConnection(simulator.control_address, timeout=30)
        self.owner = self._say("GET", f"/account?key={self.key}")["account"]
        self.now = self._say("GET", "/clock")["now"]
        self.charges: list[str] = []
        self.holds: list[str] = []
        self.disputes: list[str] = []
        self.payouts: list[str] = []
        self.newest = ""
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.account = connect(simulator.url, self.key)
        self._open_books()

    def teardown(self) -> None:
        try:
            self.done["sequences"] += 1
            self._hold_against_lists()
            self._cook()
        finally:
            self.door.close()
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # What happens

    @initialize(amounts=st.lists(st.integers(5_000, 50_000), min_size=2, max_size=4))
    def some_sales(self, amounts: list[int]) -> None:
        """So that there is money to refund, to dispute and to pay out."""
        for amount, currency in zip(amounts, CURRENCIES[1:], strict=False):
            self.charge(amount, currency, "bypassPending")

    @rule(amount=st.integers(60, 90_000), currency=st.sampled_from(CURRENCIES), card=st.sampled_from(CARDS))
    def charge(self, amount: int, currency: str, card: str) -> None:
        paid = self._pay(amount, currency, card)
        if paid:
            self.charges.append(paid["latest_charge"])
            self.done["charge"] += 1

    @rule(amount=st.integers(60, 90_000), currency=st.sampled_from(CURRENCIES))
    def decline(self, amount: int, currency: str) -> None:
        self._pay(amount, currency, "chargeDeclined")
        self.done["decline"] += 1

    @rule(amount=st.integers(60, 90_000), currency=st.sampled_from(CURRENCIES))
    def authorise(self, amount: int, currency: str) -> None:
        paid = self._pay(amount, currency, "visa", capture_method="manual")
        if paid:
            self.holds.append(paid["id"])
            self.done["authorise"] += 1

    @precondition(lambda self: self.holds)
    @rule(which=whole, share=st.integers(1, 100))
    def capture(self, which: int, share: int) -> None:
        held = self._ask("GET", f"/v1/payment_intents/{self.holds.pop(which % len(self.holds))}")
        part = _part(held["amount"], share, held["currency"])
        captured = self._ask("POST", f"/v1/payment_intents/{held['id']}/capture", amount_to_capture=part)
        if captured:
            self.charges.append(captured["latest_charge"])
            self.done["capture"] += 1

    @precondition(lambda self: self.holds)
    @rule(which=whole)
    def cancel(self, which: int) -> None:
        held = self.holds.pop(which % len(self.holds))
        self._count("cancel", self._ask("POST", f"/v1/payment_intents/{held}/cancel"))

    @precondition(lambda self: self.charges)
    @rule(which=whole, share=st.integers(1, 100))
    def refund(self, which: int, share: int) -> None:
        charge = self._ask("GET", f"/v1/charges/{self.charges[which % len(self.charges)]}")
        left = charge["amount_captured"] - charge["amount_refunded"]
        amount = _part(left, share, charge["currency"])
        self._count("refund", amount and self._ask("POST", "/v1/refunds", charge=charge["id"], amount=amount))

    @precondition(lambda self: self.charges)
    @rule(which=whole, share=st.integers(10, 120))
    def dispute(self, which: int, share: int) -> None:
        charge = self._ask("GET", f"/v1/charges/{self.charges[which % len(self.charges)]}")
        amount = _part(charge["amount"], share, charge["currency"])
        opened = self._act("/disputes", charge=charge["id"], amount=amount or charge["amount"])
        if opened:
            self.disputes.append(opened["id"])
            self.done["dispute"] += 1

    @precondition(lambda self: self.disputes)
    @rule(which=whole, status=st.sampled_from(MOVES))
    def decide(self, which: int, status: str) -> None:
        name = self.disputes[which % len(self.disputes)]
        before = self._ask("GET", f"/v1/disputes/{name}")["status"]
        if self._act(f"/disputes/{name}/move", status=status):
            self.done["late win" if (before, status) == ("lost", "won") else status] += 1

    @rule(amount=st.integers(-500, 500), currency=st.sampled_from(CURRENCIES))
    def fee(self, amount: int, currency: str) -> None:
        self._count("fee", self._act("/fees", amount=_step(amount, currency), currency=currency))

    @rule(amount=st.integers(-5_000, 5_000), currency=st.sampled_from(CURRENCIES))
    def adjustment(self, amount: int, currency: str) -> None:
        self._count("adjustment", self._act("/adjustments", amount=_step(amount, currency), currency=currency))

    @rule(amount=st.integers(-2_000, 2_000), currency=st.sampled_from(CURRENCIES))
    def reserve(self, amount: int, currency: str) -> None:
        self._count("reserve", self._act("/reserves", amount=_step(amount, currency), currency=currency))

    @rule(amount=st.integers(100, 9_000))
    def top_up(self, amount: int) -> None:
        self._count("top-up", self._ask("POST", "/v1/topups", amount=amount, currency="eur", description="More"))

    @rule(share=st.integers(1, 100), instant=st.booleans())
    def payout(self, share: int, instant: bool) -> None:
        balance = self._ask("GET", "/v1/balance")
        available = {line["currency"]: line["amount"] for line in balance["available"]}.get("eur", 0)
        more = {"method": "instant"} if instant else {}
        made = available > 0 and self._ask(
            "POST", "/v1/payouts", amount=max(1, available * share // 100), currency="eur", **more
        )
        if made:
            self.payouts.append(made["id"])
            self.done["payout"] += 1

    @precondition(lambda self: self.payouts)
    @rule(which=whole)
    def payout_fails(self, which: int) -> None:
        name = self.payouts[which % len(self.payouts)]
        before = self._ask("GET", f"/v1/payouts/{name}")["status"]
        if self._act(f"/payouts/{name}/fail"):
            self.done["payout failed after it was paid" if before == "paid" else "payout failed"] += 1

    @rule(seconds=st.sampled_from((HOUR, 5 * HOUR, DAY, 2 * DAY, 9 * DAY)))
    def time_passes(self, seconds: int) -> None:
        self.now = self._say("POST", "/clock", advance=seconds)["now"]
        self.done["time passes"] += 1

    # What must hold

    @invariant()
    def the_books_hold(self) -> None:
        self._read()
        self._hold_against_movements()
        assert _rows(UNBALANCED, self.account.pk) == []
        assert _rows(NOT_THE_FOLD, self.account.pk) == []
        balance = self._ask("GET", "/v1/balance")
        for name, code in (("available", "processor_available"), ("pending", "processor_pending")):
            theirs = {line["currency"].upper(): line["amount"] for line in balance[name] if line["amount"]}
            ours = dict(_rows(HELD, self.account.pk, code))
            assert ours == theirs, (name, ours, theirs)
        assert _rows(HELD, self.account.pk, "suspense") == []

    def _hold_against_movements(self) -> None:
        """Nothing is missing in the books of what movements and payouts say by now."""
        from billing.ledger.post import due
        from billing.payouts.book import fact_of, facts_of
        from billing.payouts.models import BalanceTransaction, Payout

        movements = BalanceTransaction.objects.filter(account=self.account)
        payouts = Payout.objects.filter(account=self.account).exclude(balance_transaction_id="")
        facts = [fact for movement in movements for fact in facts_of(movement)]
        assert due([*facts, *map(fact_of, payouts)]) == []

    def _hold_against_lists(self) -> None:
        """Every account of the books against sums of the processor's own lists."""
        theirs = expected(self._all("/v1/balance_transactions"), self._all("/v1/payouts"))
        with connection.cursor() as cursor:
            ours = held(cursor, str(self.account.pk))
        assert ours == theirs, (ours, theirs)

    def _cook(self) -> None:
        if not _rows("SELECT 1 FROM posting LIMIT 1"):
            return
        for statement in (*COOKED, *(EMPTIED if self.done["sequences"] == 1 else ())):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
                    touched = cursor.rowcount
            except Error:
                continue
            # There may be no account left that an entry does not name. Of an emptied table no number is told.
            assert touched == 0, f"not refused: {statement}"

    # How it is done

    def _open_books(self) -> None:
        from billing.sync.models import SyncCursor

        began = datetime.fromtimestamp(self.now, UTC)
        SyncCursor.objects.create(account=self.account, complete_until=began)
        self._act("/settlement", currency="eur", rates=RATES)
        self._ask("POST", "/v1/balance_settings", payments={"payouts": {"schedule": {"interval": "manual"}}})

    def _read(self) -> None:
        """What was told, and what has to be asked for, as it comes here."""
        from billing.sync.models import SyncRun
        from billing.sync.movements import catch_up, look_at_due
        from billing.sync.peer import Peer

        events = self._newer_events()
        if events:
            deliver(self.account, events, [json.dumps(event) for event in events])
            work(self.account, 100)
        peer = Peer(self.account)
        while catch_up(self.account.pk, peer)():
            pass
        run = SyncRun(account=self.account, cursor={"began": self.now})
        while look_at_due(run, peer)(run):
            pass

    def _newer_events(self) -> list[dict[str, Any]]:
        """Of payouts. All that the books know of payments and disputes are their movements, of which no event tells."""
        events: list[dict[str, Any]] = []
        more = True
        while more:
            given = {"ending_before": self.newest} if self.newest else {}
            page = self._ask("GET", "/v1/events", limit=100, types=PAYOUT_EVENTS, **given)
            events += reversed(page["data"])
            self.newest = page["data"][0]["id"] if page["data"] else self.newest
            more = page["has_more"] and bool(given)
        return events

    def _all(self, path: str) -> list[dict[str, Any]]:
        page = self._ask("GET", path, limit=100)
        found: list[dict[str, Any]] = list(page["data"])
        while page["has_more"]:
            page = self._ask("GET", path, limit=100, starting_after=found[-1]["id"])
            found += page["data"]
        return found

    def _pay(self, amount: int, currency: str, card: str, **more: Any) -> Any:
        never = {"enabled": True, "allow_redirects": "never"}
        return self._ask(
            *("POST", "/v1/payment_intents"), amount=_step(amount, currency), currency=currency, confirm=True,
            payment_method=f"pm_card_{card}", automatic_payment_methods=never, **more,
        )  # fmt: skip

    def _ask(self, method: str, path: str, /, **params: Any) -> Any:
        """As somebody does it in the processor's dashboard; None when it was refused."""
        return self._say("POST", "/call", account=self.owner, method=method, path=path, params=params)

    def _act(self, path: str, /, **given: Any) -> Any:
        """What banks and the processor do; None when that cannot be."""
        return self._say("POST", path, account=self.owner, **given)

    def _say(self, method: str, path: str, /, **given: Any) -> Any:
        """To the control door, over one connection."""
        self.door.request(method, path, json.dumps(given) if given else None)
        answer = self.door.getresponse()
        text = answer.read()
        if answer.status >= 500:
            raise AssertionError(f"{method} {path} {given} was answered {answer.status}: {text!r}")
        return json.loads(text) if answer.status < 400 else None

    def _count(self, name: str, answer: Any) -> None:
        self.done[name] += bool(answer)


RULES = (
    *("charge", "decline", "authorise", "capture", "cancel", "refund", "dispute", *MOVES[:3], "late win", "fee"),
    *("adjustment", "reserve", "top-up", "payout", "payout failed", "payout failed after it was paid", "time passes"),
)


def _step(amount: int, currency: str) -> int:
    """Stripe counts dinars in thousandths and takes no single one."""
    return amount * 10 if currency == "kwd" else amount


def _part(amount: int, share: int, currency: str) -> int:
    part = amount * share // 100
    return part - part % 10 if currency == "kwd" else part


def _rows(statement: str, *values: object) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())
