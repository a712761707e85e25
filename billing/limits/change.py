"""Changes a limit, once a second person has approved."""

from django.db import IntegrityError, transaction

from billing import clock
from billing.access.roles import MerchantRole
from billing.approvals.decide import end_request
from billing.approvals.kinds import Handling, Trail, approval_kind
from billing.approvals.models import Approval, Cause, Decision
from billing.approvals.queries import approval_of
from billing.approvals.request import digest_of, request_approval
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.limits.models import LONGEST_REASON, Action, ChangeState, LimitChange, RoleLimit
from billing.limits.queries import Limit, limit_of
from billing.merchants.models import Merchant
from billing.money import KNOWN_CURRENCIES, CurrencyUnknown
from billing.retry import commit

KIND = "limit"


class LimitNegative(ValueError):
    """Less than nothing."""


class LimitSame(ValueError):
    """The limit is that already."""


class ChangePending(Exception):
    """Another change of the same limit waits for approval."""


class ReasonMissing(ValueError):
    """A change says why."""


class ReasonTooLong(ValueError):
    """More than LONGEST_REASON characters."""


class ChangeEnded(Exception):
    """The change was decided already."""


class OthersChange(Exception):
    """Somebody else asked for it: whoever does not want it rejects it."""


def ask_for_limit(
    *,
    merchant: Merchant,
    livemode: bool,
    role: MerchantRole,
    action: Action,
    currency: str,
    limit: Limit,
    reason: str,
    by: Actor,
) -> Approval:
    """The approval that the change waits for. Raises LimitNegative, LimitSame, ReasonMissing, ReasonTooLong,
    CurrencyUnknown, ChangePending."""
    reason = " ".join(reason.split())
    if min(limit.single, limit.daily) < 0:
        raise LimitNegative
    if not reason:
        raise ReasonMissing
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong(f"{len(reason)} characters")
    if currency not in KNOWN_CURRENCIES:
        raise CurrencyUnknown(currency)
    place = {"merchant_id": merchant.pk, "livemode": livemode, "role": role, "action": action, "currency": currency}
    before = limit_of(merchant_id=merchant.pk, livemode=livemode, role=role, action=action, currency=currency)
    if before == limit:
        raise LimitSame
    try:
        with transaction.atomic():
            return _ask(LimitChange(**place, single=limit.single, daily=limit.daily), before, reason, by)
    except IntegrityError as error:
        if "limit_change_one_pending" not in str(error):
            raise
        raise ChangePending(str(role)) from error


def withdraw_limit(*, change: LimitChange, by: Actor) -> None:
    """By whoever asked for it. Raises ChangeEnded, OthersChange, StillLocked."""
    asked = approval_of(KIND, change.public_id)
    if asked is None or asked.requested_by_id != by.id:
        raise OthersChange(change.public_id)

    def work() -> None:
        locked = _lock(change.public_id)
        if locked.state != ChangeState.PENDING:
            raise ChangeEnded(locked.public_id)
        end_request(object_id=locked.public_id, kind=KIND, decision=Decision.WITHDRAWN, by=by)
        trail = _end(locked, ChangeState.WITHDRAWN, by)
        if trail is not None:
            trail()

    commit(work)


def _ask(change: LimitChange, before: Limit, reason: str, by: Actor) -> Approval:
    change.before_single, change.before_daily = before.single, before.daily
    change.requested_at, change.reason = clock.now(), reason
    change.save(force_insert=True)
    approval = request_approval(
        kind=KIND,
        object_id=change.public_id,
        merchant_id=change.merchant_id,
        livemode=change.livemode,
        digest=_digest(change),
        cause=Cause.LIMIT,
        by=by,
    )
    record(
        merchant_id=change.merchant_id,
        actor=by,
        action="limit.requested",
        object_type=KIND,
        object_id=change.public_id,
        before={"single": before.single, "daily": before.daily},
        after=_told(change),
        reason=change.reason,
    )
    return approval


def _lock(public_id: str) -> LimitChange:
    return LimitChange.objects.select_for_update(of=("self",)).get(public_id=public_id)


def _told(change: LimitChange) -> dict[str, object]:
    return {
        "role": change.role,
        "action": change.action,
        "currency": change.currency,
        "livemode": change.livemode,
        "single": change.single,
        "daily": change.daily,
    }


def _digest(change: LimitChange) -> str:
    before = {"before_single": change.before_single, "before_daily": change.before_daily}
    return digest_of({**_told(change), **before, "merchant": change.merchant_id})


def _apply(change: LimitChange, by: Actor) -> Trail | None:
    place = {name: getattr(change, name) for name in ("merchant_id", "livemode", "role", "action", "currency")}
    values = {"single": change.single, "daily": change.daily}
    RoleLimit.objects.update_or_create(**place, defaults=values)
    return _end(change, ChangeState.APPLIED, by)


def _refuse(change: LimitChange, decision: str, by: Actor) -> Trail | None:
    state = ChangeState.EXPIRED if decision == Decision.EXPIRED else ChangeState.REJECTED
    return _end(change, state, by)


def _end(change: LimitChange, state: ChangeState, by: Actor) -> Trail | None:
    if change.state != ChangeState.PENDING:
        return None
    change.state = state
    change.save(update_fields=["state"])

    def trail() -> None:
        record(
            merchant_id=change.merchant_id,
            actor=by,
            action=f"limit.{change.state}",
            object_type=KIND,
            object_id=change.public_id,
            before={"single": change.before_single, "daily": change.before_daily},
            after=_told(change),
        )

    return trail


approval_kind(KIND, Handling(_lock, _digest, _apply, _refuse))
