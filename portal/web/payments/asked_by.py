"""By whom something was asked for."""

from django.utils.translation import gettext

from billing.commands.models import CommandBatch, MoneyCommand


def asked_by(request: MoneyCommand | CommandBatch) -> str:
    """By name, and that it was somebody of the platform's staff."""
    if request.requested_by_kind != "staff":
        return request.requested_by
    return gettext("%(who)s of the platform’s staff") % {"who": request.requested_by}
