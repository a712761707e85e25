"""What people hear of the second person before they need one: why, and who that can be."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from billing.access.roles import MerchantRole
from billing.access.verbs import P
from billing.approvals.models import Cause
from billing.approvals.persons import accounts_of_person
from billing.audit.actor import Actor
from billing.commands.needs import Need
from billing.merchants.models import Membership
from billing.payments.models import Payment
from reports.templatetags.money import money_plain

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """``why`` one is needed, what still goes without one (``room``, empty where ``why`` says it all), and by name some
    of the merchant's people who can be it."""

    why: str
    room: str
    names: Sequence[str]


def second_person(need: Need, payment: Payment, *, by: Actor) -> SecondPerson:
    """For a refund of ``payment`` that ``by`` is about to ask for."""
    room = ""
    if 0 < need.room < need.limit_amount:
        amount = money_plain(need.room, payment.currency)
        room = gettext("Without a second person you can refund up to %(amount)s of it now.") % {"amount": amount}
    return SecondPerson(_why(need, payment.currency), room, deciders(payment.merchant_id, asked_by=by.id))


def deciders(merchant_id: int, *, asked_by: str) -> list[str]:
    """Some of the merchant's people who can approve what this account asks for; some of the staff always can."""
    roles = [role for role in MerchantRole if P.APPROVALS_DECIDE in role.verbs]
    theirs = Membership.objects.filter(merchant=merchant_id, role__in=roles, user__disabled_at=None)
    others = theirs.exclude(user__public_id__in=accounts_of_person(asked_by))
    return [each.user.label for each in others.select_related("user").order_by("pk")[:_MOST_NAMED]]


def _why(need: Need, currency: str) -> str:
    values = {"limit": money_plain(need.limit_amount, currency)}
    if not need.limit_amount:
        return gettext("Your role refunds nothing alone.")
    if need.cause == Cause.SINGLE:
        text = gettext(
            "Your role refunds up to %(limit)s of one payment alone. What anybody asked for in 24 hours counts."
        )
    else:
        text = gettext(
            "Your role refunds up to %(limit)s alone in 24 hours. All that you asked for in that time counts."
        )
    return text % values
