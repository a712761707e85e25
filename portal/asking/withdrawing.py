"""Why what was asked for was not taken back."""

from django.utils.translation import gettext

from billing.commands.withdraw import CommandSent, DecidedTogether
from billing.retry import StillLocked
from portal.web.busy import PAYMENT_BUSY

WITHDRAW_REFUSALS = (CommandSent, DecidedTogether, StillLocked)


def why_not_withdrawn(refused: Exception) -> str:
    """A sentence for one of WITHDRAW_REFUSALS, above what came of it."""
    if isinstance(refused, StillLocked):
        return str(PAYMENT_BUSY)
    if isinstance(refused, DecidedTogether):
        return gettext("It waits for approval with others, and is withdrawn with them.")
    return gettext("It went out or ended before it could be withdrawn. What came of it stands here.")
