"""What holds for each role in one currency, and what was asked to replace it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from billing.access.roles import MerchantRole
from billing.approvals.models import Approval
from billing.audit.actor import Actor
from billing.figures.read import currencies
from billing.limits.change import KIND
from billing.limits.models import Action, LimitChange
from billing.limits.queries import Held, currencies_with_limits, limits_of
from billing.merchants.models import Merchant
from billing.money import KNOWN_CURRENCIES
from portal.merchant.limits.forms import CurrencyForm
from portal.merchant.limits.words import WORDS
from portal.web.limits import limit_called, limit_money, limit_plain
from portal.web.nav import address
from reports.templatetags.money import money_plain


@dataclass(frozen=True, slots=True)
class Pending:
    """A limit that somebody asked for. ``is_own``: the reader did, and can withdraw it."""

    change: LimitChange
    approval: Approval
    approval_url: str
    withdraw_url: str
    is_own: bool

    @property
    def sentence(self) -> str:
        change = self.change
        return gettext("%(who)s asked for %(single)s of one payment and %(daily)s in 24 hours.") % {
            "who": self.approval.requested_by,
            "single": limit_plain(change.single, change.currency),
            "daily": limit_plain(change.daily, change.currency),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """``single`` and ``daily`` are for the cells of a table."""

    held: Held
    single: SafeString | str
    daily: SafeString | str
    change_url: str
    pending: Pending | None

    @property
    def role(self) -> MerchantRole:
        return self.held.role

    @property
    def needs_two(self) -> bool:
        """Whether a second person is always needed."""
        return not self.held.limit.single or not self.held.limit.daily


def limits_query(merchant: Merchant, limited: str, currency: str) -> str:
    """What the address of the page takes to show the limits of what is limited, in that currency."""
    given = {"action": limited, "currency": currency}
    usual = {"action": Action.REFUND, "currency": merchant.default_currency}
    asked = {name: str(value) for name, value in given.items() if value != usual[name]}
    return f"?{urlencode(asked)}" if asked else ""


class LimitsPage:
    def __init__(self, merchant: Merchant, livemode: bool, query: QueryDict, actor: Actor) -> None:
        asked = query.get("currency", "")
        self.merchant, self.livemode, self._actor = merchant, livemode, actor
        self.currency = asked if asked in KNOWN_CURRENCIES else merchant.default_currency
        action = query.get("action", "")
        self.action = Action(action) if action in Action else Action.REFUND

    @property
    def context(self) -> dict[str, Any]:
        return {"page": self, "words": WORDS[self.action], "form": CurrencyForm(initial={"currency": self.currency})}

    @property
    def url(self) -> str:
        return self._address("limits")

    @property
    def here(self) -> str:
        """With the currency that is shown."""
        return f"{self.url}{self._query(self.currency)}"

    @cached_property
    def rows(self) -> Sequence[Row]:
        asked = self._approvals([each.pending.public_id for each in self._held if each.pending])
        query = self._query(self.currency)
        return [
            Row(
                held=each,
                single=limit_money(each.limit.single, self.currency),
                daily=limit_money(each.limit.daily, self.currency),
                change_url=f"{self._address('limit_change', role=each.role)}{query}",
                pending=self._pending(each, asked, query),
            )
            for each in self._held
        ]

    @cached_property
    def _held(self) -> list[Held]:
        return limits_of(self.merchant, self.livemode, self.action, self.currency)

    def held(self, role: MerchantRole) -> Held:
        return next(each for each in self._held if each.role == role)

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Currencies in which there are payments or limits of the merchant's own: code, address, whether shown."""
        merchant, livemode = self.merchant, self.livemode
        used = [*currencies(merchant, livemode), *currencies_with_limits(merchant, livemode, self.action)]
        offered = dict.fromkeys([merchant.default_currency, *used, self.currency])
        return [(each, f"{self.url}{self._query(each)}", each == self.currency) for each in offered]

    @property
    def actions(self) -> list[tuple[str, str, bool]]:
        """What is limited: name, address, whether shown."""
        return [
            (str(each.label), f"{self.url}{self._query(self.currency, each)}", each == self.action) for each in Action
        ]

    # --- Words ---
    @property
    def subtitle(self) -> str:
        return str(WORDS[self.action].live if self.livemode else WORDS[self.action].test)

    @property
    def heading(self) -> str:
        return str(WORDS[self.action].heading) % {"currency": self.currency}

    @property
    def zero(self) -> str:
        return str(WORDS[self.action].zero) % {"zero": money_plain(0, self.currency)}

    def called(self, role: MerchantRole) -> str:
        return limit_called(self.action, role, self.currency)

    def now(self, held: Held) -> str:
        """What holds, in a sentence."""
        single, daily = (limit_plain(minor, self.currency) for minor in (held.limit.single, held.limit.daily))
        return gettext(
            "Now %(single)s of one payment and %(daily)s in 24 hours. A new limit holds once somebody else has approved"
            " it."
        ) % {"single": single, "daily": daily}

    def _pending(self, held: Held, asked: Mapping[str, Approval], query: str) -> Pending | None:
        change = held.pending
        approval = asked.get(change.public_id) if change else None
        if change is None or approval is None:
            return None
        return Pending(
            change=change,
            approval=approval,
            approval_url=self._address("approval", approval=approval.public_id),
            withdraw_url=f"{self._address('limit_withdraw', change=change.public_id)}{query}",
            is_own=approval.requested_by_id == self._actor.id,
        )

    def _approvals(self, changes: Sequence[str]) -> dict[str, Approval]:
        if not changes:
            return {}
        found = Approval.objects.for_merchant(self.merchant, self.livemode).filter(kind=KIND, object_id__in=changes)
        return {each.object_id: each for each in found}

    def _query(self, currency: str, action: Action | None = None) -> str:
        return limits_query(self.merchant, action or self.action, currency)

    def _address(self, name: str, **more: str) -> str:
        mode = "live" if self.livemode else "test"
        return address(f"merchant:{name}", {"merchant": self.merchant.slug, "mode": mode, **more})
