"""Verifies every chain from its first row to its last, again and again, and keeps how far that came.

A check reads all rows anew: what was changed after one check is found by the next. It goes on in parts, since a long
chain takes longer than anybody else should wait. The head of the last check that held is held against the next one, so
that an end that was cut off is found, too. Who owns the database could change that head as well; those that were
exported (heads.py) cannot be changed from here.
"""

import time
from collections.abc import Collection, Iterable
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from billing import clock
from billing.audit.actor import SYSTEM, Actor
from billing.audit.models import AuditEvent, ChainCheck
from billing.audit.record import record
from billing.audit.verify import Break, Head, chain_name, start_of, verify_part

logger = structlog.get_logger(__name__)
EVERY = timedelta(hours=1)
# How long the rows of one part take to read and hash: well below a second.
ROWS_AT_ONCE = 5_000
SECONDS_A_ROUND = 4.0
# One step along the index for each chain, however many rows they have.
_CHAINS = """
WITH RECURSIVE chain AS (
    SELECT min(merchant_id) AS id FROM audit_event
    UNION ALL
    SELECT (SELECT min(merchant_id) FROM audit_event WHERE merchant_id > chain.id) FROM chain WHERE chain.id IS NOT NULL
)
SELECT id FROM chain WHERE id IS NOT NULL
"""


def verify_due(*, seconds: float = SECONDS_A_ROUND) -> None:
    """Go on with checks that are under way and begin those that are due, for about so long."""
    _meet_chains()
    due = Q(begun_at__isnull=False) | Q(ended_at__isnull=True) | Q(ended_at__lte=clock.now() - EVERY)
    first = (F("begun_at").asc(nulls_last=True), F("ended_at").asc(nulls_first=True))
    _go_on(ChainCheck.objects.filter(due).order_by(*first).values_list("pk", flat=True), seconds)


def ask_for_check(*, chains: Collection[int | None] | None, by: Actor, seconds: float) -> None:
    """verify_now() for somebody who wants to know. That they asked is in the chain of a merchant's own people, in the
    platform's otherwise."""
    merchant_id = next(iter(chains)) if chains is not None and len(chains) == 1 else None
    with transaction.atomic():
        record(
            merchant_id=merchant_id if by.kind == "user" else None,
            actor=by,
            action="audit.check_asked",
            object_type="audit_chain",
            object_id="all" if chains is None else ", ".join(str(chain or "platform") for chain in chains),
        )
    verify_now(chains, seconds=seconds)


def verify_now(chains: Collection[int | None] | None, *, seconds: float) -> None:
    """The same for these chains, or all, at once; what takes longer is left to verify_due."""
    _meet_chains()
    checks = checks_of(chains)
    checks.filter(begun_at__isnull=True).update(begun_at=clock.now(), **_reached(start_of(None)))
    _go_on(checks.order_by("ended_at").values_list("pk", flat=True), seconds)


def checks_of(chains: Collection[int | None] | None) -> "QuerySet[ChainCheck]":
    """What is known of these chains, or of all."""
    if chains is None:
        return ChainCheck.objects.all()
    which = Q(merchant_id__in=[chain for chain in chains if chain is not None])
    return ChainCheck.objects.filter(which | Q(merchant_id__isnull=True) if None in chains else which)


def _meet_chains() -> None:
    """A row for each chain that has none yet."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAINS)
        chains: list[int | None] = [row[0] for row in cursor.fetchall()]
    if AuditEvent.objects.of_chain(None).exists():
        chains.append(None)
    known = set(ChainCheck.objects.values_list("merchant_id", flat=True))
    new = [ChainCheck(merchant_id=chain) for chain in chains if chain not in known]
    ChainCheck.objects.bulk_create(new, ignore_conflicts=True)


def _go_on(checks: Iterable[int], seconds: float) -> None:
    end = time.monotonic() + seconds
    for pk in list(checks):
        while time.monotonic() < end and _verify_some(pk):
            pass


def _verify_some(pk: int) -> bool:
    """Whether there is more to do; not for who finds that somebody else does it."""
    with transaction.atomic():
        check = ChainCheck.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk).first()
        if check is None:
            return False
        if check.begun_at is None:
            check.begun_at = clock.now()
            _set(check, **_reached(start_of(None)))
        reached = Head(check.merchant_id, check.reached_seq, check.reached_hash)
        verified = Head(check.merchant_id, check.verified_seq, check.verified_hash)
        known = [verified] if verified.seq else []
        part = verify_part(reached, known, at_most=ROWS_AT_ONCE)
        if isinstance(part.outcome, Break):
            _broken(check, part.outcome)
        elif part.ended:
            _whole(check, part.outcome)
        else:
            _set(check, **_reached(part.outcome))
        check.save()
    return not part.ended


def _whole(check: ChainCheck, head: Head) -> None:
    now = clock.now()
    _set(check, verified_seq=head.seq, verified_hash=head.hash, verified_from=check.begun_at, verified_at=now)
    _set(check, begun_at=None, ended_at=now, broken_seq=None, broken_at=None, finding="")


def _broken(check: ChainCheck, found: Break) -> None:
    now = clock.now()
    is_news = check.broken_seq != found.seq
    _set(check, begun_at=None, ended_at=now, broken_seq=found.seq, finding=found.finding)
    if not is_news:
        return
    check.broken_at = now
    logger.error("audit chain broken", chain=chain_name(found.merchant_id), row=found.seq, finding=found.finding)
    # In the platform's chain, which whoever changed a merchant's rows would have to change as well.
    record(
        merchant_id=None,
        actor=SYSTEM,
        action="audit.break_found",
        object_type="audit_chain",
        object_id="platform" if found.merchant_id is None else str(found.merchant_id),
        after={"row": found.seq, "finding": found.finding},
    )


def _reached(head: Head) -> dict[str, object]:
    return {"reached_seq": head.seq, "reached_hash": head.hash}


def _set(check: ChainCheck, **columns: object) -> None:
    for name, value in columns.items():
        setattr(check, name, value)
