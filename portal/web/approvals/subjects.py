"""What is asked for, found for many requests at once: one query for each kind of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.access.roles import MerchantRole
from billing.approvals.models import Approval
from billing.commands.batch import approval_kind_of
from billing.commands.models import CommandBatch, CommandKind, MoneyCommand
from billing.limits.change import KIND as LIMIT
from billing.limits.models import LimitChange
from billing.merchants.models import Membership
from billing.payments.models import Payment
from portal.web.json_text import redacted
from portal.web.limits import change_called, is_unlimited
from portal.web.masking import mask_email, mask_name
from portal.web.methods import method_text
from portal.web.payments.follow_ups import reason_text
from reports.templatetags.money import amount_text, number


@dataclass(frozen=True, slots=True)
class Subject:
    """``what`` is its name, ``detail`` what tells it from others of that name. One of ``command``, ``batch`` and
    ``change`` is there; none is for a kind that no page tells of yet."""

    what: str
    detail: str
    command: MoneyCommand | None = None
    batch: CommandBatch | None = None
    change: LimitChange | None = None


Find = Callable[[Collection[str], bool], Mapping[str, Subject]]


def subjects_of(approvals: Iterable[Approval], *, by_person: bool) -> dict[str, Subject]:
    """By the public id of each request."""
    rows = list(approvals)
    found: dict[tuple[str, str], Subject] = {}
    for kind in {row.kind for row in rows} & _FINDERS.keys():
        ids = [row.object_id for row in rows if row.kind == kind]
        found |= {(kind, object_id): subject for object_id, subject in _FINDERS[kind](ids, by_person).items()}
    return {row.public_id: found.get((row.kind, row.object_id)) or Subject(row.kind, row.object_id) for row in rows}


def roles_of(approvals: Collection[Approval]) -> dict[str, str]:
    """What whoever asked as a member is at the merchant now, by the request's public id, and nothing for who is none
    any more; of staff, that they asked as such."""
    members = [row for row in approvals if row.requested_by_kind != "staff"]
    roles = _member_roles({(row.merchant_id, row.requested_by_id) for row in members}) if members else {}
    found = {row.public_id: roles.get((row.merchant_id, row.requested_by_id), "") for row in members}
    staff = {row.public_id: gettext("The platform’s staff") for row in approvals if row.requested_by_kind == "staff"}
    return found | staff


def _member_roles(asked: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    theirs = Membership.objects.filter(
        merchant_id__in={merchant for merchant, _ in asked}, user__public_id__in={account for _, account in asked}
    )
    found = theirs.values_list("merchant_id", "user__public_id", "role")
    return {(merchant, account): str(MerchantRole(role).label) for merchant, account, role in found}


def names_of(approvals: Iterable[Approval]) -> dict[str, list[str]]:
    """Of the customers of all payments that each request is about, by its public id. Two queries at most."""
    rows = list(approvals)
    together = [row.object_id for row in rows if row.kind == REFUND_BATCH]
    alone = [row.object_id for row in rows if row.kind in CommandKind.values]
    found: dict[str, list[str]] = defaultdict(list)
    for key, ids in (("public_id", alone), ("batch__public_id", together)):
        if ids:
            commands = MoneyCommand.objects.filter(**{f"{key}__in": ids})
            for object_id, name in commands.values_list(key, "payment__customer_name"):
                found[object_id].append(name)
    return {row.public_id: found[row.object_id] for row in rows}


def payment_called(payment: Payment, *, by_person: bool) -> str:
    """By its reference, else its id; without what tells who somebody is."""
    reference = payment.reference if by_person else redacted(payment.reference, personal=True)
    return str(reference or payment.public_id)


def customer_of(payment: Payment, *, by_person: bool) -> str:
    """Masked unless ``by_person``; empty where nobody is named."""
    if by_person:
        return payment.customer_name or payment.customer_email
    return mask_name(payment.customer_name) or mask_email(payment.customer_email)


def method_of(payment: Payment) -> str:
    return method_text(payment.method_type, payment.brand, payment.last4)


def _commands(ids: Collection[str], by_person: bool) -> Mapping[str, Subject]:
    commands = MoneyCommand.objects.filter(public_id__in=ids)
    return {each.public_id: _command(each, by_person) for each in commands.select_related("payment__account")}


def _command(command: MoneyCommand, by_person: bool) -> Subject:
    payment = command.payment
    who = filter(None, (customer_of(payment, by_person=by_person), method_of(payment)))
    what = _WHAT[CommandKind(command.kind)] % {"payment": payment_called(payment, by_person=by_person)}
    return Subject(what, " · ".join(who), command=command)


def _batches(ids: Collection[str], by_person: bool) -> Mapping[str, Subject]:
    return {each.public_id: _batch(each) for each in CommandBatch.objects.filter(public_id__in=ids)}


def _batch(batch: CommandBatch) -> Subject:
    what = ngettext("Refund of %(n)s payment", "Refund of %(n)s payments", batch.count) % {"n": number(batch.count)}
    return Subject(what, reason_text(batch.reason), batch=batch)


def _limits(ids: Collection[str], by_person: bool) -> Mapping[str, Subject]:
    return {each.public_id: _limit(each) for each in LimitChange.objects.filter(public_id__in=ids)}


def _limit(change: LimitChange) -> Subject:
    values = [
        gettext("no limit") if is_unlimited(minor) else amount_text(minor, change.currency)
        for minor in (change.before_single, change.single, change.before_daily, change.daily)
    ]
    words = gettext("One payment %(a)s → %(b)s, 24 hours %(c)s → %(d)s")
    detail = words % dict(zip("abcd", values, strict=True))
    return Subject(change_called(change), detail, change=change)


_WHAT = {
    CommandKind.REFUND: _("Refund of %(payment)s"),
    CommandKind.CAPTURE: _("Capture of %(payment)s"),
    CommandKind.CANCEL: _("Cancellation of %(payment)s"),
}
REFUND_BATCH = approval_kind_of(CommandKind.REFUND)
_FINDERS: Mapping[str, Find] = {
    **dict.fromkeys(CommandKind.values, _commands),
    REFUND_BATCH: _batches,
    LIMIT: _limits,
}
KINDS = tuple(_FINDERS)
