"""What the actor does as people who give back what they please, and decide about what others ask for."""

import random
import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Any


def take_on(*, account: str, count: int) -> list[str]:
    """So many people, of whom the first three may decide; what the others may do alone is little."""
    from billing.access.roles import MerchantRole
    from tests.trust.refunding import engage

    return engage(account=account, roles=[MerchantRole.OWNER] * 3 + [MerchantRole.SUPPORT] * (count - 3))


def go_about(*, account: str, people: Sequence[str], count: int, seed: int) -> dict[str, int]:
    """So many things that somebody of them does now; how often what came of it."""
    chance = random.Random(seed)
    doings = (_ask, _ask, _ask, _ask, _decide, _withdraw)
    return Counter(chance.choice(doings)(account, chance.choice(people), chance) for _ in range(count))


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
    from billing.commands.withdraw import CommandSent, withdraw_command

    waiting = list(MoneyCommand.objects.filter(account=account, command_state__in=OPEN).order_by("pk"))
    if not waiting:
        return "nothing to withdraw"
    try:
        withdraw_command(command=chance.choice(waiting), by=_person(by))
    except CommandSent:
        return "sent before it was withdrawn"
    return "withdrawn"


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

    return Actor("user", public_id, "somebody")
