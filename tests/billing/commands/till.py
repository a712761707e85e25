"""A merchant who gives money back: payments at the stand-in processor, requests here, and the work on them."""

import uuid
from datetime import timedelta
from typing import Any

from billing.access.roles import MerchantRole
from billing.audit.actor import SYSTEM, Actor
from billing.commands.carry_out import COMMANDS
from billing.commands.models import CommandExchange, MoneyCommand
from billing.merchants.members import grant_membership
from billing.money import Money
from billing.payments.models import Payment
from billing.queue.models import State
from billing.queue.run import claim_and_run, run_row
from billing.refunds.issue import Terms, issue_refund
from billing.refunds.queries import Refundable, refundable
from billing.refunds.reasons import RefundReason
from tests.billing.factories import make_person
from tests.billing.sync.shop import Shop

REFUNDS = "POST /v1/refunds"


class Till(Shop):
    """``move`` moves the business clock, which only this process has; the processor's is ``passes``."""

    def __init__(self, simulator: Any, key: str, time_machine: Any) -> None:
        super().__init__(simulator, key)
        self._time_machine = time_machine
        self.owner = self.hires(MerchantRole.OWNER)

    def hires(self, role: MerchantRole) -> Actor:
        """Somebody new with this role at the merchant."""
        person = make_person()
        grant_membership(merchant=self.account.merchant, user=person, role=role, by=SYSTEM)
        return actor(person)

    def sell(self, amount: int = 2_000, **more: Any) -> Payment:
        """A payment that succeeded, and is known here."""
        intent = self.pay(amount, **more)
        self.hears()
        return Payment.objects.get(account=self.account, external_id=intent.id)

    def left(self, payment: Payment) -> Refundable:
        payment.refresh_from_db()
        return refundable(payment, payment.account)

    def ask(self, payment: Payment, amount: int, *, currency: str = "EUR", **more: Any) -> MoneyCommand:
        """A refund is asked for, by somebody who sees how things stand unless ``seen_left`` says otherwise."""
        given = {"seen_left": self.left(payment).left, "form_key": str(uuid.uuid4()), "by": self.owner, **more}
        names = ("reason", "note", "block_customer")
        terms = {"reason": RefundReason.CUSTOMER_REQUEST} | {name: given.pop(name) for name in names if name in given}
        return issue_refund(payment=payment, terms=Terms(Money(amount, currency), **terms), **given)

    def work(self) -> None:
        """Whatever commands are due now."""
        claim_and_run(COMMANDS)

    def later(self, **time: float) -> None:
        """Time passes here and there, and then commands are worked on."""
        self.waits(**time)
        self.work()

    def keeps_time(self) -> None:
        """Both clocks show the processor's time from here on."""
        self._time_machine.move_to(self.now, tick=False)

    def waits(self, **time: float) -> None:
        """Time passes here and there, and nobody works."""
        self._time_machine.shift(timedelta(**time))
        self.passes(**time)

    def work_on(self, command: MoneyCommand) -> None:
        """This command, whenever it is due."""
        run_row(COMMANDS, command.pk)

    def dies(self) -> None:
        """The lease of whoever held a command is over."""
        MoneyCommand.objects.filter(state=State.LEASED).update(lease_until="2000-01-01T00:00Z")

    def fails(self, kind: str, **more: Any) -> None:
        self.simulator.control("POST", "/faults", kind=kind, match=REFUNDS, **more)

    def mends(self) -> None:
        self.simulator.control("DELETE", "/faults")

    def money_calls(self, payment: Payment) -> list[dict[str, Any]]:
        """Calls for a refund of this payment that had their effect at the processor."""
        lines = self.simulator.control("GET", "/journal")
        charge = payment.external_charge_id
        return [line for line in lines if line["path"] == "/v1/refunds" and line["params"].get("charge") == charge]

    def made(self, payment: Payment) -> list[Any]:
        """The processor's refunds of this payment."""
        return self.client.v1.refunds.list({"charge": payment.external_charge_id, "limit": 100}).data


def actor(person: Any) -> Actor:
    return Actor("staff" if person.staff_role else "user", person.public_id, person.email)


def told(command: MoneyCommand) -> list[tuple[str, str]]:
    """(call, reply) of every exchange, oldest first."""
    rows = CommandExchange.objects.filter(command=command).order_by("pk")
    return [(row.call, row.reply) for row in rows]
