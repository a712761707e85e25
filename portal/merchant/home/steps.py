"""What is left to do until a merchant sees all of its payments here."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from billing.access.verbs import P
from billing.sync.models import RunKind
from portal.merchant.home.place import Home


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    done: bool
    url: str = ""
    verb: str = ""


def steps_context(home: Home) -> dict[str, Any]:
    steps = _steps(home)
    done = sum(step.done for step in steps)
    first = next((step for step in steps if not step.done), None)
    return {"steps": steps, "done": done, "next": first, "is_complete": first is None}


def _steps(home: Home) -> list[Step]:
    accounts = [card.account for card in home.connections if card.account.is_connected]
    connections, manages = home.page("connections"), home.can(P.CONNECTIONS_MANAGE)
    page = home.page("connection", connection=accounts[0].public_id) if accounts and manages else ""
    has_payments = bool(home.with_payments)
    return [
        Step(
            gettext("Connect the processor"),
            gettext("With a restricted key of your Stripe account.")
            if manages
            else gettext("An Owner or Admin can connect the account at the processor."),
            bool(accounts),
            f"{connections}new/" if manages else "",
            gettext("Connect Stripe"),
        ),
        Step(
            gettext("Let events arrive"),
            gettext(
                "Add the webhook endpoint at Stripe, then its secret here: from then on every change shows at once."
            ),
            any(card.secrets or card.account.platform_id for card in home.connections),
            page,
            gettext("Open the connection"),
        ),
        Step(
            gettext("Read what is there already"),
            gettext("Payments, refunds, disputes and payouts of the past are read from the account once."),
            any(RunKind.BACKFILL in card.standing.complete for card in home.connections),
            page,
            gettext("Open the connection"),
        ),
        Step(
            gettext("Take the first payment"),
            gettext("It appears here by itself."),
            has_payments,
        ),
    ]
