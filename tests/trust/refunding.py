"""What the actor does as people who give money back."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

Asked = Mapping[str, Any]


def ask_refunds(*, account: str, asks: Sequence[Asked]) -> list[dict[str, Any]]:
    """One after the other. Each names a ``payment`` as the processor does, an ``amount``, a ``form_key``, who it is
    ``by`` (of hire). The answer to each is the ``command``, or by which word it was ``refused``."""
    return [_ask(account, asked) for asked in asks]


def hire(*, account: str, count: int) -> list[str]:
    """So many people who may give back whatever a payment of this connection brought, without asking anybody."""
    from billing.access.roles import MerchantRole
    from billing.limits.models import Action, RoleLimit
    from billing.providers.models import ProviderAccount

    connection = ProviderAccount.objects.get(pk=account)
    whose = {"merchant_id": connection.merchant_id, "livemode": connection.livemode, "role": MerchantRole.OWNER}
    most = {"single": 10**12, "daily": 10**12}
    RoleLimit.objects.update_or_create(**whose, action=Action.REFUND, currency="EUR", defaults=most)
    return engage(account=account, roles=[MerchantRole.OWNER] * count)


def engage(*, account: str, roles: Sequence[Any]) -> list[str]:
    """Somebody for each of these roles at the merchant of a connection."""
    from billing.audit.actor import SYSTEM
    from billing.merchants.members import grant_membership
    from billing.providers.models import ProviderAccount
    from tests.billing.factories import make_person

    merchant = ProviderAccount.objects.select_related("merchant").get(pk=account).merchant
    people = [make_person(f"{secrets.token_hex(6)}@desk.example") for _ in roles]
    for person, role in zip(people, roles, strict=True):
        grant_membership(merchant=merchant, user=person, role=role, by=SYSTEM)
    return [person.public_id for person in people]


def sessions_of(*, people: Sequence[str]) -> list[str]:
    """A session for each, with a factor that was proved just now."""
    from django.contrib.auth import get_user_model

    from tests.portal.people import signed_in

    users = get_user_model().objects.in_bulk(people, field_name="public_id")
    return [signed_in(users[each]).cookies["session"].value for each in people]


def _ask(account: str, asked: Asked) -> dict[str, Any]:
    from billing.audit.actor import Actor
    from billing.money import Money
    from billing.payments.models import Payment
    from billing.refunds import issue
    from billing.refunds.queries import refundable
    from billing.refunds.reasons import RefundReason

    payment = Payment.objects.select_related("account").get(account=account, external_id=asked["payment"])
    try:
        command = issue.issue_refund(
            payment=payment,
            terms=issue.Terms(Money(asked["amount"], payment.currency), RefundReason.CUSTOMER_REQUEST),
            seen_left=refundable(payment, payment.account).left,
            form_key=asked["form_key"],
            by=Actor("user", asked["by"], "somebody"),
        )
    except (issue.RefundBarred, issue.RemainderChanged, issue.RefundExceedsRemaining) as refusal:
        return {**asked, "refused": type(refusal).__name__}
    return {**asked, "command": command.public_id}
