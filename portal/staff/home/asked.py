"""What whoever looks asked for as staff: the card that follows it over all merchants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from billing import clock
from billing.audit.actor import Actor
from billing.commands.models import MoneyCommand
from billing.commands.queries import asked_as_staff
from portal.web.approvals.subjects import payment_called

TOLD_FOR = timedelta(days=7)
MOST = 20


@dataclass(frozen=True, slots=True)
class Row:
    """``url`` is the page of the refund."""

    command: MoneyCommand
    called: str
    url: str

    @property
    def amount(self) -> int:
        return -self.command.amount

    @property
    def counts(self) -> bool:
        """Whether the customer gets it, or may yet."""
        return self.command.settled_at is None or bool(self.command.external_id)


def render_asked(actor: Actor, livemode: bool) -> SafeString:
    found = asked_as_staff(actor.id, livemode, since=clock.now() - TOLD_FOR, most=MOST + 1)
    mode = "live" if livemode else "test"
    context = {
        "rows": _rows(found[:MOST]),
        "most": MOST if len(found) > MOST else 0,
        "url": f"{reverse('ops:home_asked')}?mode={mode}",
    }
    return render_to_string("staff/home/asked.html", context)


def _rows(commands: Sequence[MoneyCommand]) -> list[Row]:
    return [Row(each, payment_called(each.payment, by_person=False), _page(each)) for each in commands]


def _page(command: MoneyCommand) -> str:
    return reverse("ops:refund", kwargs={"payment": command.payment.public_id, "refund": command.public_id})
