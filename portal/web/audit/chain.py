"""How far chains of the audit trail were verified: what the mark above the list says.

It means: in a check between the two times every row from #1 to the number named was read, each fitted to the one before
and held what had been hashed, and the head of the check before was still among them. It says nothing of later rows and
nothing of what was changed since; the next check reads everything anew.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property

from django.db.models import Max
from django.http import Http404
from django.utils.translation import gettext, ngettext

from billing import clock
from billing.audit.check import EVERY, checks_of
from billing.audit.models import AuditEvent, AuditEventQuerySet, ChainCheck
from billing.merchants.models import Merchant
from portal.web.kept_words import in_words
from reports.dates import datetime_text
from reports.templatetags.money import number

_MOST_BREAKS = 10
# What was checked longer ago than so many rounds is late.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Broken:
    """A chain that does not hold. ``number`` is its first row that does not fit, ``url`` empty where that is gone."""

    chain: str
    number: int
    finding: str
    url: str


@dataclass(frozen=True)
class Verification:
    """``chains`` are those that the reader looks at, None for all; ``events`` are the rows that they may read."""

    chains: Collection[int | None] | None
    events: AuditEventQuerySet
    row_url: Callable[[AuditEvent], str]

    @cached_property
    def checks(self) -> Sequence[ChainCheck]:
        return list(checks_of(self.chains))

    @property
    def is_of_one(self) -> bool:
        return self.chains is not None

    @property
    def of_one(self) -> ChainCheck | None:
        return self.checks[0] if self.is_of_one and self.checks else None

    @property
    def verified(self) -> Sequence[ChainCheck]:
        return [each for each in self.checks if each.verified_at and not each.is_broken]

    @property
    def label(self) -> str:
        """What the mark says of chains none of which is broken."""
        check = self.of_one
        if check is not None:
            return gettext("Verified to #%(number)s") % {"number": number(check.verified_seq)}
        done, all_chains = len(self.verified), len(self.checks)
        if not self.unverified:
            return ngettext("%(n)s chain verified", "%(n)s chains verified", done) % {"n": number(done)}
        told = ngettext("%(done)s of %(n)s chain verified", "%(done)s of %(n)s chains verified", all_chains)
        return told % {"done": number(done), "n": number(all_chains)}

    @property
    def family(self) -> str:
        return "neutral" if self.unverified else "warn" if self.is_late else "ok"

    @property
    def is_late(self) -> bool:
        """Whether checks have stopped coming round: what they found may be true no longer."""
        return self.oldest is not None and self.oldest < clock.now() - _ROUNDS * EVERY

    @property
    def broken_label(self) -> str:
        broken = [each for each in self.checks if each.broken_seq is not None]
        if self.is_of_one and broken:
            return gettext("Broken at #%(number)s") % {"number": number(broken[0].broken_seq)}
        return ngettext("%(n)s chain broken", "%(n)s chains broken", len(broken)) % {"n": number(len(broken))}

    def of_row(self, event: AuditEvent, zone: tzinfo) -> str:
        """What is known of one row of the one chain, in a sentence."""
        check = self.of_one
        if check is not None and check.broken_seq is not None and check.broken_seq <= event.seq:
            broken = {"number": number(check.broken_seq), "finding": in_words(check.finding)}
            return gettext("The chain does not hold from row %(number)s on: %(finding)s") % broken
        if check is None or check.verified_at is None or check.verified_seq < event.seq:
            return gettext("It is newer than the last check of its chain.")
        at = datetime_text(check.verified_at, zone)
        return gettext("Verified with all rows before it at %(time)s.") % {"time": at}

    @property
    def unverified(self) -> int:
        """How many chains no check has come to the end of yet."""
        return sum(each.verified_at is None and not each.is_broken for each in self.checks)

    @property
    def oldest(self) -> datetime | None:
        """When the check ended that ended first among the newest ones of all chains."""
        return min((each.verified_at for each in self.verified if each.verified_at), default=None)

    @property
    def under_way(self) -> ChainCheck | None:
        return next((each for each in self.checks if each.is_under_way), None)

    @cached_property
    def newer(self) -> int:
        """How many rows the chain has behind the one up to which it was verified."""
        check = self.of_one
        if check is None:
            return 0
        newest = AuditEvent.objects.of_chain(check.merchant_id).aggregate(newest=Max("seq"))["newest"] or 0
        return max(newest - check.verified_seq, 0)

    @cached_property
    def broken(self) -> Sequence[Broken]:
        found = [each for each in self.checks if each.broken_seq is not None]
        names = dict(Merchant.objects.filter(pk__in=[each.merchant_id for each in found]).values_list("pk", "name"))
        return [self._broken(each, names) for each in found[:_MOST_BREAKS]]

    def _broken(self, check: ChainCheck, names: Mapping[int, str]) -> Broken:
        seq = check.broken_seq or 0
        row = self.events.filter(merchant_id=check.merchant_id, seq=seq).first()
        url = self.row_url(row) if row else ""
        return Broken(chain_text(check.merchant_id, names), seq, in_words(check.finding), url)


def chain_text(merchant_id: int | None, names: Mapping[int, str]) -> str:
    """Whose chain it is; ``names`` are those of merchants that still exist."""
    if merchant_id is None:
        return gettext("Platform")
    return names.get(merchant_id) or gettext("Merchant %(number)s, closed") % {"number": merchant_id}


def chain_key(merchant_id: int | None) -> str:
    """What a chain is called in addresses, and by verify_audit."""
    return "platform" if merchant_id is None else str(merchant_id)


def number_of(text: str) -> int:
    """The number of a chain or a row, as addresses have it. Raises Http404 for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)
