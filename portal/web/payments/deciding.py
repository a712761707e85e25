"""Where those who may decide on what was asked for of a payment find its approval."""

from collections.abc import Collection, Mapping

from billing.commands.models import MoneyCommand
from billing.commands.queries import approvals_awaited
from portal.web.people.face import Face


def decide_urls(face: Face, commands: Collection[MoneyCommand]) -> Mapping[str, str]:
    """By the public ids of those commands that wait for approval; nothing for whoever does not decide."""
    if not face.approvals_url:
        return {}
    awaited = approvals_awaited(commands)
    return {public_id: f"{face.approvals_url}{approval}/" for public_id, approval in awaited.items()}
