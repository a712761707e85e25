"""What people hear of the second person before they need one: why, and who that can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.access.roles import MerchantRole
from billing.access.verbs import P
from billing.approvals.models import Cause
from billing.approvals.persons import accounts_of_person
from billing.audit.actor import Actor
from billing.commands.models import CommandKind
from billing.commands.needs import Need
from billing.merchants.models import Membership
from billing.payments.models import Payment
from reports.templatetags.money import money_plain

Text = str | Promise
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """``why`` one is needed, what still goes without one (``room``, empty where ``why`` says it all), and by name some
    of the merchant's people who can be it."""

    why: str
    room: str
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Words:
    """``%(limit)s`` and ``%(amount)s`` are filled in; ``room`` is empty where nobody can ask for a part."""

    nothing: Text
    single: Text
    daily: Text
    room: Text


_WORDS: Mapping[str, _Words] = {
    CommandKind.REFUND: _Words(
        _("Your role refunds nothing alone."),
        _("Your role refunds up to %(limit)s of one payment alone. What anybody asked for in 24 hours counts."),
        _("Your role refunds up to %(limit)s alone in 24 hours. All that you asked for in that time counts."),
        _("Without a second person you can refund up to %(amount)s of it now."),
    ),
    CommandKind.CAPTURE: _Words(
        _("Your role captures nothing alone."),
        _("Your role captures up to %(limit)s of one payment alone. What anybody asked for in 24 hours counts."),
        _("Your role captures up to %(limit)s alone in 24 hours. All that you asked for in that time counts."),
        _("Without a second person you can capture up to %(amount)s of it now."),
    ),
    CommandKind.CANCEL: _Words(
        _("Your role cancels nothing alone."),
        _("Your role cancels up to %(limit)s of one payment alone. What anybody asked for in 24 hours counts."),
        _("Your role cancels up to %(limit)s alone in 24 hours. All that you asked for in that time counts."),
        "",
    ),
}


def second_person(need: Need, payment: Payment, *, kind: str, by: Actor) -> SecondPerson:
    """For a command of this kind that ``by`` is about to ask for."""
    words, room = _WORDS[kind], ""
    if 0 < need.room < need.limit_amount:
        room = str(words.room) % {"amount": money_plain(need.room, payment.currency)}
    return SecondPerson(_why(need, words, payment.currency), room, deciders(payment.merchant_id, asked_by=by.id))


def deciders(merchant_id: int, *, asked_by: str) -> list[str]:
    """Some of the merchant's people who can approve what this account asks for; some of the staff always can."""
    roles = [role for role in MerchantRole if P.APPROVALS_DECIDE in role.verbs]
    theirs = Membership.objects.filter(merchant=merchant_id, role__in=roles, user__disabled_at=None)
    others = theirs.exclude(user__public_id__in=accounts_of_person(asked_by))
    return [each.user.label for each in others.select_related("user").order_by("pk")[:_MOST_NAMED]]


def _why(need: Need, words: _Words, currency: str) -> str:
    if not need.limit_amount:
        return str(words.nothing)
    text = words.single if need.cause == Cause.SINGLE else words.daily
    return str(text) % {"limit": money_plain(need.limit_amount, currency)}
