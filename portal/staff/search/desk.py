"""The search over all merchants. Staff see people masked, so they find nobody by a name or an address."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext

from billing import clock
from billing.access.verbs import P
from billing.commands.models import CommandKind, MoneyCommand
from billing.customers.models import Customer
from billing.merchants.models import Merchant
from billing.payments.models import Payment, PaymentQuerySet
from billing.payments.queries import search
from billing.payouts.models import BalanceTransaction, Payout
from billing.providers.models import ProviderAccount
from billing.refunds.models import Refund
from billing.webhooks.models import WebhookEvent
from disputes.chargebacks.models import Dispute
from portal.web.nav import address
from portal.web.request import PersonRequest
from portal.web.search.as_list import as_list
from portal.web.search.asked import Asked, narrow
from portal.web.search.desk import Desk
from portal.web.search.find import Found, Scope
from portal.web.search.hits import Hit, Teller
from portal.web.search.places import Places, back_to
from portal.web.search.reading import STAFF_QUALIFIERS, Reader, Unreadable
from portal.web.search.results import Group
from reports.dates import zone_of
from reports.templatetags.money import current_locale


@dataclass(frozen=True, slots=True)
class StaffLinks:
    """``events`` is empty for staff who may not see them, ``back`` is appended to addresses of pages that lead back;
    customers and payouts have no page across merchants."""

    transactions: str
    events: str
    back: str

    def payment(self, public_id: str, part: str = "") -> str:
        return f"{self.transactions}{public_id}/{self.back}{'#' if part else ''}{part}"

    def refund(self, public_id: str, payment: str) -> str:
        return f"{self.transactions}{payment}/refunds/{public_id}/{self.back}"

    def batch(self, public_id: str) -> str:
        return ""

    def customer(self, row: dict[str, Any]) -> str:
        return self._told_of(row["external_id"])

    def payout(self, row: dict[str, Any]) -> str:
        return self._told_of(row["external_id"])

    def event(self, public_id: str) -> str:
        return f"{self.events}{public_id}/"

    def _told_of(self, text: str) -> str:
        """The events about an object."""
        return f"{self.events}?{urlencode({'q': text})}" if self.events else ""


@dataclass(frozen=True)
class StaffDesk(Desk):
    request: PersonRequest

    def scope(self, asked: Asked) -> Scope:
        whose: dict[str, Any] = {}
        if asked.merchant:
            whose["merchant"] = _merchant(asked.merchant)
        if asked.livemode is not None:
            whose["livemode"] = asked.livemode
        everywhere: dict[str, Any] = whose
        if len(whose) < 2:
            # Indexes begin with merchant and mode: named one by one, each is looked up by itself.
            merchants = Merchant.objects.values_list("pk", flat=True)
            everywhere = {"merchant__in": list(merchants), "livemode__in": [True, False]} | whose
        return Scope(
            payments=Payment.objects.filter(**everywhere),
            refunds=Refund.objects.filter(**whose),
            disputes=Dispute.objects.filter(**whose),
            payouts=Payout.objects.filter(**everywhere),
            customers=Customer.objects.filter(**whose),
            movements=BalanceTransaction.objects.filter(**whose),
            events=WebhookEvent.objects.filter(**whose) if self.request.can(P.OPS_EVENTS_VIEW) else None,
            accounts=ProviderAccount.objects.filter(**whose).values("pk"),
            by_person=False,
        )

    def payments(self, scope: Scope, asked: Asked) -> PaymentQuerySet:
        text = asked.id or asked.text
        if not (text or asked.last4 or asked.amount or asked.merchant):
            raise Unreadable(
                gettext(
                    "This would find too much across all merchants. Add merchant: and its short name, four last"
                    " digits, an amount, a reference or an id."
                )
            )
        zone = zone_of(self.request.user.timezone)
        found = scope.payments.filter(narrow(replace(asked, text=""), zone=zone, by_person=False))
        for unwanted in asked.without:
            found = found.exclude(narrow(unwanted, zone=zone, by_person=False))
        if not text:
            return found
        return search(found, text, accounts=scope.accounts, by_person=False, amount=asked.guess)

    def payments_url(self, asked: Asked) -> str:
        # The list is of one mode, and takes no text for an amount.
        if asked.without or asked.livemode is None or asked.guess:
            return ""
        data = as_list(asked)
        data["mode"] = "live" if asked.livemode else "test"
        if asked.merchant:
            data["merchant"] = asked.merchant
        return f"{address('ops:transactions')}?{data.urlencode()}"

    def more_groups(self, asked: Asked, limit: int) -> list[Group]:
        return [*self._requests(asked), *self._merchants(asked, limit)]

    def _requests(self, asked: Asked) -> list[Group]:
        """A refund that was asked for here, and of which the processor has made none."""
        if not asked.id.startswith(f"{Refund.PREFIX}_"):
            return []
        found = MoneyCommand.objects.filter(kind=CommandKind.REFUND, public_id=asked.id, external_id="")
        if asked.merchant:
            found = found.filter(merchant__slug=asked.merchant)
        if asked.livemode is not None:
            found = found.filter(livemode=asked.livemode)
        found = found.select_related("payment", "merchant")
        hits = [self.teller.tell_request(each, each.merchant.name) for each in found]
        return [Group("refunds", hits)] if hits else []

    def _merchants(self, asked: Asked, limit: int) -> list[Group]:
        if not asked.text or not asked.only("text", "guess") or not self.request.can(P.OPS_MERCHANTS_VIEW):
            return []
        found = Merchant.objects.filter(Q(name__icontains=asked.text) | Q(slug__startswith=asked.text.lower()))
        rows = list(found.order_by("name", "pk")[: limit + 1])
        merchants = address("ops:merchants")
        hits = [
            Hit(
                id=each.public_id,
                title=each.name,
                url=f"{merchants}{each.slug}/",
                detail=f"{each.slug} · {each.timezone}",
                at=each.created_at,
            )
            for each in rows[:limit]
        ]
        listed = f"{merchants}?{urlencode({'q': asked.text})}"
        return [Group("merchants", hits, Found("merchants", rows[:limit], len(rows) > limit, found), listed)]


def open_desk(request: PersonRequest, *, text: str) -> StaffDesk:
    """The desk for a search for ``text``, to which pages behind its results lead back; days are those of the person's
    own zone."""
    today = clock.now().astimezone(zone_of(request.user.timezone)).date()
    url = address("ops:search")
    links = StaffLinks(
        transactions=address("ops:transactions"),
        events=address("ops:events") if request.can(P.OPS_EVENTS_VIEW) else "",
        back=back_to(url, text),
    )
    return StaffDesk(
        url=url,
        reader=Reader(today, "", current_locale(), STAFF_QUALIFIERS),
        teller=Teller(links, by_person=False),
        places=Places("ops", {}, request.can),
        request=request,
    )


def _merchant(slug: str) -> Merchant:
    try:
        return Merchant.objects.get(slug=slug)
    except Merchant.DoesNotExist:
        raise Unreadable(gettext("No merchant has the short name “%(slug)s”.") % {"slug": slug}) from None
