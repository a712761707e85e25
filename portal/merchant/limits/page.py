"""What holds for each role in one currency, and what was asked to replace it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.safestring import SafeString

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


@dataclass(frozen=True, slots=True)
class Row:
    held: Held
    change_url: str
    pending: Pending | None

    @property
    def role(self) -> MerchantRole:
        return self.held.role


class LimitsPage:
    def __init__(self, merchant: Merchant, livemode: bool, query: QueryDict, actor: Actor) -> None:
        asked = query.get("currency", "")
        self.merchant, self.livemode, self._actor = merchant, livemode, actor
        self.currency = asked if asked in KNOWN_CURRENCIES else merchant.default_currency

    @property
    def context(self) -> dict[str, Any]:
        return {"page": self, "form": CurrencyForm(initial={"currency": self.currency})}

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
            Row(each, f"{self._address('limit_change', role=each.role)}{query}", self._pending(each, asked))
            for each in self._held
        ]

    @cached_property
    def _held(self) -> list[Held]:
        return limits_of(self.merchant, self.livemode, Action.REFUND, self.currency)

    def held(self, role: MerchantRole) -> Held:
        return next(each for each in self._held if each.role == role)

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Currencies in which there are payments or limits of the merchant's own: code, address, whether shown."""
        merchant, livemode = self.merchant, self.livemode
        used = [*currencies(merchant, livemode), *currencies_with_limits(merchant, livemode, Action.REFUND)]
        offered = dict.fromkeys([merchant.default_currency, *used, self.currency])
        return [(each, f"{self.url}{self._query(each)}", each == self.currency) for each in offered]

    @property
    def zero(self) -> SafeString | str:
        return money_plain(0, self.currency)

    def _pending(self, held: Held, asked: Mapping[str, Approval]) -> Pending | None:
        change = held.pending
        approval = asked.get(change.public_id) if change else None
        if change is None or approval is None:
            return None
        return Pending(
            change=change,
            approval=approval,
            approval_url=self._address("approval", approval=approval.public_id),
            withdraw_url=self._address("limit_withdraw", change=change.public_id),
            is_own=approval.requested_by_id == self._actor.id,
        )

    def _approvals(self, changes: Sequence[str]) -> dict[str, Approval]:
        if not changes:
            return {}
        found = Approval.objects.for_merchant(self.merchant, self.livemode).filter(kind=KIND, object_id__in=changes)
        return {each.object_id: each for each in found}

    def _query(self, currency: str) -> str:
        return "" if currency == self.merchant.default_currency else f"?{urlencode({'currency': currency})}"

    def _address(self, name: str, **more: str) -> str:
        mode = "live" if self.livemode else "test"
        return address(f"merchant:{name}", {"merchant": self.merchant.slug, "mode": mode, **more})
