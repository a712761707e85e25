"""What the actor does as people who give back what they please, take or let go what is held, and decide about what
others ask for."""

import random
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

# In one batch; most are of fewer.
TOGETHER = 5


def take_on(*, account: str, count: int) -> list[str]:
    """So many people, of whom the first three may decide; what the others may do alone is little, and nothing for the
    last, who is an agent of the staff."""
    from billing.access.roles import MerchantRole
    from billing.limits.models import Action, RoleLimit
    from billing.providers.models import ProviderAccount
    from tests.trust.refunding import engage

    connection = ProviderAccount.objects.get(pk=account)
    whose = {"merchant_id": connection.merchant_id, "livemode": connection.livemode, "role": MerchantRole.SUPPORT}
    for action in (Action.CAPTURE, Action.CANCEL):
        RoleLimit.objects.create(**whose, action=action, currency="EUR", single=5_000, daily=20_000)
    members = engage(account=account, roles=[MerchantRole.OWNER] * 3 + [MerchantRole.SUPPORT] * (count - 4))
    return [*members, _agent()]


def _agent() -> str:
    from billing.access.roles import StaffRole
    from billing.audit.actor import SYSTEM
    from portal.accounts.create_person import set_staff_role
    from tests.billing.factories import make_person

    agent = make_person(f"{secrets.token_hex(6)}@platform.example")
    set_staff_role(user=agent, role=StaffRole.AGENT, by=SYSTEM)
    return str(agent.public_id)


def go_about(*, account: str, people: Sequence[str], count: int, seed: int) -> dict[str, int]:
    """So many things that somebody of them does now; how often what came of it."""
    chance = random.Random(seed)
    doings = (_ask, _ask, _ask, _ask, _ask_together, _capture, _capture, _cancel)
    doings += (_decide, _decide, _decide, _withdraw, _withdraw_together)
    return Counter(_do(chance.choice(doings), account, chance.choice(people), chance) for _ in range(count))


def _do(doing: Callable[..., str], account: str, by: str, chance: random.Random) -> str:
    """Staff ask for refunds one by one, and for nothing else."""
    if doing in (_ask_together, _capture, _cancel) and _is_staff(by):
        return "not for staff"
    return f"{doing(account, by, chance)}{' as staff' if doing is _ask and _is_staff(by) else ''}"


def _ask(account: str, by: str, chance: random.Random) -> str:
    from billing.money import Money
    from billing.payments.models import Payment
    from billing.providers.base import AmountRefused
    from billing.refunds import issue
    from billing.refunds.queries import refundable
    from billing.refunds.reasons import RefundReason

    paid = Payment.objects.filter(account=account, amount_captured__gt=0).select_related("account")
    payment = paid.order_by("pk")[chance.randrange(paid.count())]
    left = refundable(payment, payment.account).left
    amount = chance.choice((left, left // 2, left // 3, left + 1, 100))
    try:
        issue.issue_refund(
            payment=payment,
            terms=issue.Terms(Money(amount, payment.currency), chance.choice(list(RefundReason)), note="as agreed"),
            seen_left=left,
            form_key=secrets.token_hex(16),
            by=_person(by),
        )
    except (issue.RefundBarred, issue.RefundExceedsRemaining, issue.RefundNotPositive, issue.RemainderChanged) as no:
        return type(no).__name__
    except AmountRefused:
        return "AmountRefused"
    return "asked"


def _ask_together(account: str, by: str, chance: random.Random) -> str:
    """For all that is left of some payments; now and then by a page that is old."""
    from billing.payments.models import Payment
    from billing.providers.models import ProviderAccount
    from billing.refunds import issue_batch
    from billing.refunds.reasons import RefundReason

    connection = ProviderAccount.objects.select_related("merchant").get(pk=account)
    paid = Payment.objects.filter(account=account, amount_captured__gt=0).order_by("pk")
    ids = list(paid.values_list("public_id", flat=True))
    chosen = chance.sample(ids, min(chance.randint(1, TOGETHER), len(ids)))
    shares = issue_batch.shares_of(connection.merchant, connection.livemode, chosen)
    late = int(chance.random() < 0.1)
    try:
        issue_batch.issue_batch(
            merchant=connection.merchant,
            livemode=connection.livemode,
            seen={share.payment.public_id: share.left + late for share in shares if share.barrier is None},
            terms=issue_batch.BatchTerms(chance.choice(list(RefundReason)), note="as agreed"),
            form_key=secrets.token_hex(16),
            by=_person(by),
        )
    except (issue_batch.BatchEmpty, issue_batch.BatchChanged, issue_batch.CurrenciesDiffer) as no:
        return type(no).__name__
    return "asked together"


def _capture(account: str, by: str, chance: random.Random) -> str:
    from billing.money import Money
    from billing.payments import capture, hold
    from billing.providers.base import AmountRefused

    payment = _held(account, chance)
    if payment is None:
        return "nothing held"
    held = payment.amount
    amount = chance.choice((held, held, held // 2, held // 3, held + 1, 100))
    try:
        capture.request_capture(
            payment=payment,
            money=Money(amount, payment.currency),
            seen_held=held,
            form_key=secrets.token_hex(16),
            by=_person(by),
        )
    except (hold.HoldBarred, capture.CaptureExceedsHold, AmountRefused) as no:
        return type(no).__name__
    return "asked to capture" if amount == held else "asked to capture in part"


def _cancel(account: str, by: str, chance: random.Random) -> str:
    from billing.payments import cancel, hold

    payment = _held(account, chance)
    if payment is None:
        return "nothing held"
    try:
        cancel.request_cancel(
            payment=payment,
            reason=chance.choice(list(cancel.CancelReason)),
            seen_held=payment.amount,
            form_key=secrets.token_hex(16),
            by=_person(by),
        )
    except hold.HoldBarred as no:
        return type(no).__name__
    return "asked to cancel"


def _held(account: str, chance: random.Random) -> Any:
    """A payment of which money is held, whether or not somebody sees to it already; None where there is none."""
    from billing.payments.models import Payment, PaymentStatus

    held = Payment.objects.filter(account=account, status=PaymentStatus.AUTHORISED).select_related("account")
    found = list(held.order_by("pk"))
    return chance.choice(found) if found else None


def _decide(account: str, by: str, chance: random.Random) -> str:
    from billing.approvals import decide
    from billing.approvals.models import Approval, Decision
    from billing.providers.models import ProviderAccount

    merchant = ProviderAccount.objects.get(pk=account).merchant_id
    waiting = list(Approval.objects.filter(merchant=merchant, decision=Decision.PENDING).order_by("pk"))
    if not waiting:
        return "nothing to decide"
    approval = chance.choice(waiting)
    try:
        if chance.random() < 0.8:
            decide.approve(approval=approval, by=_person(by))
            return "approved"
        decide.reject(approval=approval, by=_person(by), comment="not ours")
    except (decide.OwnRequest, decide.MayNotDecide, decide.ApprovalExpired, decide.AlreadyDecided) as no:
        return type(no).__name__
    return "rejected"


def _withdraw(account: str, by: str, chance: random.Random) -> str:
    from billing.commands.models import OPEN, MoneyCommand
    from billing.commands.withdraw import CommandSent, DecidedTogether, withdraw_command

    waiting = list(MoneyCommand.objects.filter(account=account, command_state__in=OPEN).order_by("pk"))
    if not waiting:
        return "nothing to withdraw"
    try:
        withdraw_command(command=chance.choice(waiting), by=_person(by))
    except CommandSent:
        return "sent before it was withdrawn"
    except DecidedTogether as no:
        return type(no).__name__
    return "withdrawn"


def _withdraw_together(account: str, by: str, chance: random.Random) -> str:
    from billing.commands.batch import withdraw_batch
    from billing.commands.models import OPEN, CommandBatch
    from billing.commands.withdraw import CommandSent

    open_ones = CommandBatch.objects.filter(commands__account=account, commands__command_state__in=OPEN)
    waiting = list(open_ones.distinct().order_by("pk"))
    # Else few would be left for anybody to decide about.
    if not waiting or chance.random() < 0.7:
        return "no batch to withdraw"
    try:
        withdraw_batch(batch=chance.choice(waiting), by=_person(by))
    except CommandSent:
        return "batch sent before it was withdrawn"
    return "batch withdrawn"


def faults_of_books() -> list[str]:
    """What is wrong with the books by themselves."""
    from django.core.management import CommandError, call_command

    try:
        call_command("verify_ledger")
    except CommandError as fault:
        return [f"the books: {fault}"]
    return []


def _person(public_id: str) -> Any:
    from billing.audit.actor import Actor

    return Actor("staff" if _is_staff(public_id) else "user", public_id, "somebody")


def _is_staff(public_id: str) -> bool:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.filter(public_id=public_id).exclude(staff_role="").exists()
