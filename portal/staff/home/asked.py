"""What whoever looks asked for as staff: the card that follows it over all merchants."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.audit.actor import Actor
from billing.commands.models import CommandState, MoneyCommand
from billing.refunds.models import CAME_BACK
from billing.refunds.queries import asked_as_staff
from portal.staff.home.cards import drawn_or_said, frame
from portal.web.approvals.subjects import payment_called

TOLD_FOR = timedelta(days=7)
MOST = 20


@dataclass(frozen=True, slots=True)
class Row:
    """``url`` is the page of the refund, ``badge`` which words of reports.status: ours until the processor has made
    one."""

    command: MoneyCommand
    called: str
    url: str
    badge: tuple[str, str]
    counts: bool

    @property
    def amount(self) -> int:
        return -self.command.amount


def asked_or_said(actor: Actor, livemode: bool, *, reference: str) -> SafeString:
    return drawn_or_said(partial(render_asked, actor, livemode), _frame(livemode), reference=reference)


def render_asked(actor: Actor, livemode: bool) -> SafeString:
    found = asked_as_staff(actor.id, livemode, since=clock.now() - TOLD_FOR, most=MOST + 1)
    more = {"rows": [_row(each) for each in found[:MOST]], "most": MOST if len(found) > MOST else 0}
    return render_to_string("staff/home/asked.html", {**_frame(livemode), **more})


def _frame(livemode: bool) -> dict[str, Any]:
    return frame("asked", _("Refunds that you asked for"), livemode)


def _row(command: MoneyCommand) -> Row:
    payment, made = command.payment, command.made_status  # type: ignore[attr-defined]
    after_all = command.command_state == CommandState.FAILED and command.external_id
    return Row(
        command=command,
        called=payment_called(payment, by_person=False),
        url=reverse("ops:refund", kwargs={"payment": payment.public_id, "refund": command.public_id}),
        badge=("refund", made) if made else ("command", "done_after_all" if after_all else command.command_state),
        counts=made not in CAME_BACK if made else command.settled_at is None or bool(command.external_id),
    )
