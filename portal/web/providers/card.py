"""A connection at a glance: its status, and what needs somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext

from billing import clock
from billing.providers import scopes
from billing.providers.models import ProviderAccount
from billing.sync.models import FindingKind, RunKind, SyncRun
from billing.sync.standing import Found, Standing
from portal.web.events.lag import lag_text
from portal.web.kept_words import in_words, list_in_words
from portal.web.providers.runs import RunView, has_failed, run_view, why_it_failed
from reports.status import connection_value

# A search that is late by so much does not come round any more.
_STALE = timedelta(minutes=15)
_ROUNDS = 3
_NOTHING = Found()


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that does not work, in a sentence with a way out. ``broken``: nothing works until it is mended."""

    text: str
    broken: bool = False


@dataclass(frozen=True)
class Card:
    """``account`` comes without its key."""

    account: ProviderAccount
    standing: Standing
    troubles: list[Trouble]
    secrets: int

    @property
    def value(self) -> str:
        """A word of reports.status.STATUSES["connection"]."""
        return connection_value(
            status=self.account.status,
            broken=any(trouble.broken for trouble in self.troubles),
            syncing=any(run.kind == RunKind.BACKFILL for run in self.standing.under_way),
            troubled=bool(self.troubles),
        )

    @property
    def title(self) -> str:
        return self.account.name or self.account.get_provider_display()

    @property
    def special(self) -> str:
        """The mark of a connection behind which no money is."""
        return "simulated" if self.account.simulated else "" if self.account.livemode else "test"

    @property
    def lag(self) -> str:
        lag = self.standing.last_event_lag
        return "" if lag is None else lag_text(lag.total_seconds())

    @property
    def runs(self) -> list[RunView]:
        return [run_view(run) for run in self.standing.under_way]

    @property
    def last_full(self) -> SyncRun | None:
        return self.standing.complete.get(RunKind.BACKFILL)

    @property
    def gaps(self) -> Found:
        return _together(self.standing, FindingKind.MISSING, FindingKind.FAILED)

    @property
    def drift(self) -> Found:
        return _together(self.standing, FindingKind.ABSENT, FindingKind.DIFFERENT)

    @property
    def found(self) -> int:
        return self.gaps.count + self.drift.count


def card_of(account: ProviderAccount, standing: Standing, *, secrets: int) -> Card:
    """``secrets`` is how many webhook secrets are valid."""
    return Card(account, standing, list(_troubles(account, standing, secrets)), secrets)


def _troubles(account: ProviderAccount, standing: Standing, secrets: int) -> Sequence[Trouble]:
    if not account.is_connected:
        return []
    found = []
    if account.refusal:
        mend = gettext("Replace the key of the platform.") if account.platform_id else gettext("Replace the key.")
        found.append(Trouble(f"{in_words(account.refusal)} {mend}", broken=True))
    if not secrets and account.platform_id is None:
        text = gettext(
            "There is no webhook secret, so no event can arrive: add an endpoint at Stripe, then its secret here."
        )
        found.append(Trouble(text, broken=True))
    lacking = scopes.missing(account.granted)
    if lacking:
        text = gettext(
            "The key may not read %(names)s, so they are not shown here. Allow it at Stripe, then test the connection."
        )
        text %= {"names": list_in_words(scopes.in_words(lacking))}
        found.append(Trouble(text, broken=bool(scopes.essential_missing(account.granted))))
    full = standing.ended.get(RunKind.BACKFILL)
    if full is not None and has_failed(full):
        told = [gettext("The last full sync stopped before its end."), why_it_failed(full)]
        told.append(gettext("Re-sync to try again."))
        found.append(Trouble(" ".join(filter(None, told))))
    passed = _since_search(standing)
    if passed > max(_STALE, timedelta(seconds=_ROUNDS * settings.SYNC_GAPS_SECONDS)):
        words = gettext(
            "Missing events were last looked for %(passed)s ago. Search now; if that does not end either, whoever runs "
            "this installation has to look."
        )
        found.append(Trouble(words % {"passed": lag_text(passed.total_seconds())}))
    return found


def _since_search(standing: Standing) -> timedelta:
    """By our own clock, and not by how far the account is complete: that is the processor's time. Nothing for an
    account that was never read, which nobody searches."""
    ended = [run.ended_at for kind in (RunKind.GAPS, RunKind.BACKFILL) if (run := standing.complete.get(kind))]
    return clock.now() - max(filter(None, ended), default=clock.now())


def label_of(account: ProviderAccount) -> str | Promise:
    """``Stripe acct_…`` or, where nobody knows the account yet, the end of our own id."""
    return f"{account.get_provider_display()} {account.external_account or f'…{account.public_id[-4:]}'}"


def _together(standing: Standing, *kinds: str) -> Found:
    several = [standing.found.get(kind, _NOTHING) for kind in kinds]
    return Found(sum(each.count for each in several), sum(each.open for each in several))
