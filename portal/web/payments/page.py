"""Everything that the page of one payment shows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from billing.compiled import Compiled
from billing.customers.models import Customer
from billing.notes.models import SubjectKind
from billing.payments.models import Payment, PaymentAttempt
from billing.payments.queries import PaymentRecord, card_checks, raw_objects, related
from billing.refunds.queries import Refundable, refundable
from billing.refunds.released import Release, lets_go, releases_of
from billing.tags.queries import tags_on
from disputes.reviews.models import Review
from disputes.reviews.queries import payments_from
from portal.web.declines import Decline, decline_of
from portal.web.json_text import json_lines
from portal.web.masking import mask_email, mask_name
from portal.web.methods import RISK_BANDS, RISK_UNKNOWN, WALLETS, method_text
from portal.web.money_lists.panel import connection_label
from portal.web.note_answers import THREAD
from portal.web.payments.deciding import decide_urls
from portal.web.payments.follow_ups import FollowUps, RefundRow, RequestRow, load_follow_ups
from portal.web.payments.holding import Holding
from portal.web.payments.payment_words import attempt_decline
from portal.web.payments.people_lines import with_people
from portal.web.payments.receipts import with_receipts
from portal.web.payments.refunding import RefundAction, barrier_text
from portal.web.payments.released import released_words
from portal.web.payments.request_lines import with_requests
from portal.web.payments.risk import Text, country_name, risk_rows
from portal.web.payments.tags import TAGS, TagForm, TagsPanel
from portal.web.payments.timeline import Kind, Line, tell
from portal.web.people.face import Face
from portal.web.people.page import PeoplePage
from portal.web.request import PersonRequest
from reports.figures.payment_money import Breakdown, Part, break_down, movements_of
from reports.templatetags.money import money_plain

# The processor changes nothing about a payment in one of these.
FINAL = frozenset({"cancelled", "expired"})
# ``?show=money`` narrows the timeline.
SHOW = "show"
DETAIL = "components/payments/detail.html"


@dataclass(frozen=True, slots=True)
class AttemptRow:
    attempt: PaymentAttempt
    method: str
    decline: Decline | None


@dataclass(frozen=True, slots=True)
class RelatedRow:
    payment: Payment
    what: str
    linked_by: str


class PaymentPage(PeoplePage):
    """``tag_form`` is a tag that was refused."""

    kind = SubjectKind.PAYMENT
    noun = "payment"
    template = DETAIL
    panels = {
        **{name: f"{DETAIL}#{name}" for name in ("summary", "timeline", "after")},
        **{name: f"components/payments/{name}.html" for name in ("money", "related", "customer", "risk", "details")},
        "raw-data": "components/payments/raw.html",
        "tags": TAGS,
        "notes": THREAD,
    }

    def __init__(self, request: PersonRequest, face: Face, record: PaymentRecord) -> None:
        super().__init__(request, face, record.payment)
        self.record, self.payment = record, record.payment
        self.tag_form: TagForm | None = None

    @property
    def context(self) -> dict[str, Any]:
        return {**super().context, "tags": SimpleLazyObject(lambda: self.tags)}

    @property
    def state(self) -> dict[str, str]:
        return {SHOW: self.show, "raw": "1" if self._request.GET.get("raw") else ""}

    @property
    def raw_suffix(self) -> str:
        return self._query(raw="1")

    @cached_property
    def show(self) -> str:
        """Of which kind the lines of the timeline are; empty for all."""
        asked = self._request.GET.get(SHOW, "")
        return asked if asked in list(Kind) else ""

    @property
    def explain_url(self) -> str:
        return self.face.explain_url

    # --- Who sees whom ---
    @property
    def names(self) -> Sequence[str]:
        return [self.payment.customer_name]

    @property
    def has_somebody(self) -> bool:
        """Before anybody has tried to pay there is nobody to show."""
        payment = self.payment
        named = payment.customer_name or payment.customer_email or payment.customer_external_id
        return bool(named or self.record.attempts)

    # --- The payment ---
    @property
    def title(self) -> str:
        return f"{money_plain(self.payment.amount, self.payment.currency)} · {self.reference or self.payment.public_id}"

    @property
    def customer_name(self) -> str:
        name = self.payment.customer_name
        return mask_name(name) if self.is_masked else name

    @property
    def customer_email(self) -> str:
        email = self.payment.customer_email
        return mask_email(email) if self.is_masked else email

    @cached_property
    def reference(self) -> str:
        return self.shown(self.payment.reference)

    @cached_property
    def description(self) -> str:
        return self.shown(self.payment.description)

    @cached_property
    def metadata(self) -> Sequence[tuple[str, str]]:
        # Pairs: a template would take a key called "items" for the method.
        return list(self._redacted(self.payment.metadata).items())

    @property
    def method(self) -> str:
        return method_text(self.payment.method_type, self.payment.brand, self.payment.last4)

    @property
    def is_card(self) -> bool:
        return self.payment.method_type == "card"

    @property
    def wallet(self) -> str:
        return str(WALLETS.get(self.payment.wallet, self.payment.wallet))

    @property
    def risk_band(self) -> str:
        level = self.payment.risk_level
        return str(RISK_BANDS.get(level) or RISK_UNKNOWN.get(level, level))

    @property
    def card_country(self) -> str:
        return country_name(self.payment.card_country)

    @property
    def processor(self) -> str:
        return self.payment.account.get_provider_display()

    @property
    def connection(self) -> str:
        return connection_label(self.payment.account)

    @property
    def changes(self) -> bool:
        """Whether the processor may still have something to say about it."""
        return self.payment.status not in FINAL

    @cached_property
    def decline(self) -> Decline | None:
        payment = self.payment
        if payment.status not in ("failed", "blocked"):
            return None
        blocked = "highest_risk_level" if payment.status == "blocked" else ""
        fallback = Decline(gettext("no reason given"), gettext("The processor gave no reason that is known here."))
        return decline_of(blocked, payment.decline_code, payment.failure_code) or fallback

    # --- Money and what followed ---
    @cached_property
    def breakdown(self) -> Breakdown:
        refunds = [row.refund for row in self.follow_ups.refunds]
        disputes = [row.dispute for row in self.follow_ups.disputes]
        parts = (self.payment, self.record.attempts, refunds, disputes)
        return break_down(*parts, movements_of(*parts))

    @property
    def net(self) -> int:
        payment = self.payment
        return payment.amount_captured - payment.amount_refunded - payment.amount_lost

    @property
    def net_label(self) -> str:
        return gettext("Net of refunds and disputes") if self.payment.amount_lost else gettext("Net of refunds")

    @cached_property
    def refundable(self) -> Refundable:
        return refundable(self.payment, self.payment.account)

    @cached_property
    def refund_action(self) -> RefundAction:
        """What stands in the place of the button that asks for a refund."""
        if self.holding.was_held:
            # Before there is anything to give back, it is to be taken or let go.
            return RefundAction()
        if not self.face.refund_url:
            return RefundAction(reason=self.face.refusals.refund)
        barrier = self.refundable.barrier
        if barrier is not None:
            return RefundAction(reason=barrier_text(barrier, self.payment))
        return RefundAction(url=f"{self.face.refund_url}{self.way_suffix}")

    @cached_property
    def holding(self) -> Holding:
        """What is authorised, where it was not captured."""
        return Holding(
            record=self.record,
            after=lambda: self.follow_ups,
            decided_at=lambda: self._decide_urls,
            shown=self.shown,
            base_url=self.url,
            suffix=self.way_suffix,
            may_end=self.face.may_end_holds,
            refusal=self.face.refusals.hold,
        )

    @cached_property
    def fees(self) -> Sequence[tuple[int, str]]:
        """What the processor kept of it, in minor units of each currency; nothing while that is not known."""
        lines = [line for line in self.breakdown.lines if line.part == Part.FEE]
        return [(-line.settled, line.currency) for line in lines if line.settled]

    @cached_property
    def follow_ups(self) -> FollowUps:
        return load_follow_ups(self.payment, self.merchant, self.livemode)

    @cached_property
    def refunds(self) -> list[RefundRow]:
        """Newest first, with what the processor calls so and gave nothing back."""
        return [self._refund(row) for row in self.follow_ups.refunds]

    @property
    def refund_count(self) -> int:
        return len(self.unmade) + sum(not row.released for row in self.refunds)

    @cached_property
    def releases(self) -> Mapping[str, Release]:
        """What of the refunds was never paid, by the processor's ids. No query where all was taken."""
        if not any(map(lets_go, self.record.attempts)):
            return {}
        return releases_of(self.record.attempts, [row.refund for row in self.follow_ups.refunds])

    def _refund(self, row: RefundRow) -> RefundRow:
        release = self.releases.get(row.refund.external_id)
        return row if release is None else replace(row, released=released_words(release), counts=False)

    @property
    def unmade(self) -> list[RequestRow]:
        """Refunds that were asked for here, and that the processor has not made."""
        urls = self._decide_urls
        return [replace(row, decide_url=urls.get(row.command.public_id, "")) for row in self.follow_ups.unmade]

    @cached_property
    def _decide_urls(self) -> Mapping[str, str]:
        return decide_urls(self.face, self.follow_ups.requests)

    @cached_property
    def attempts(self) -> list[AttemptRow]:
        return [_attempt(each) for each in reversed(self.record.attempts)]

    # --- The timeline ---
    @cached_property
    def timeline(self) -> list[Line]:
        told, after = tell(self.record, zone=self.merchant.zone, releases=self.releases), self.follow_ups
        lines = with_requests(told, after)
        lines = with_receipts(lines, after.receipts)
        lines = with_people(lines, self.thread.rows, self.sight.viewers)
        return [line for line in lines if line.kind == self.show] if self.show else lines

    @property
    def timeline_choices(self) -> list[tuple[str, str, str, bool]]:
        """Key, name and query string of each choice, and whether it is the one."""
        names = (("", gettext("All")), (Kind.MONEY, gettext("Money")), (Kind.PEOPLE, gettext("People")))
        return [(kind or "all", name, self._query(**{SHOW: kind}), kind == self.show) for kind, name in names]

    # --- Risk, and whose it is ---
    @cached_property
    def risk(self) -> list[tuple[Text, str]]:
        return risk_rows(self.payment, card_checks(self.record), self._reviews, masked=self.is_masked)

    @cached_property
    def customer(self) -> Customer | None:
        """Mirrored by itself, where the payment names one."""
        named = self.payment.customer_external_id
        found = _CUSTOMER(self.merchant.pk, self.payment.account_id, named, livemode=self.livemode) if named else []
        return found[0] if found else None

    @property
    def customer_url(self) -> str:
        """Of their own page; empty where there is none, or none for this reader."""
        known = self.customer if self.face.customers_url else None
        return f"{self.face.customers_url}{known.public_id}/" if known else ""

    @cached_property
    def related(self) -> list[RelatedRow]:
        # Which payments are one person's tells something of that person, too.
        if self.livemode and not self.sight.may_reveal:
            return []
        address = next((each.ip_address for each in self._reviews if each.ip_address), "")
        from_there = payments_from(self.merchant, self.livemode, address)
        return [
            RelatedRow(
                other,
                self.shown(other.reference or other.description or other.public_id),
                ", ".join(_links(self.payment, other, from_there)),
            )
            for other in related(self.payment, also=from_there)
        ]

    @cached_property
    def _reviews(self) -> list[Review]:
        return [signal.row for signal in self.follow_ups.signals if isinstance(signal.row, Review)]

    # --- Tags ---
    @cached_property
    def tags(self) -> TagsPanel:
        payment = self.payment.public_id
        return TagsPanel(
            words=tags_on([payment]).get(payment, []),
            post_url=f"{self.face.tags_url}{self.suffix}",
            form=(self.tag_form or TagForm()) if self.face.tags_url else None,
        )

    # --- What the processor said ---
    @property
    def can_see_raw(self) -> bool:
        return self.face.may_see_raw

    @cached_property
    def raw(self) -> list[tuple[str, str, list[SafeString]]]:
        """The processor's objects with an id for each text, when they are asked for and may be seen."""
        if not self._request.GET.get("raw") or not self.can_see_raw:
            return []
        return [
            (object_id, f"raw-text-{number}", json_lines(self._redacted(found)))
            for number, (object_id, found) in enumerate(raw_objects(self.record).items(), start=1)
        ]


def _customer(merchant: int, account: UUID, external_id: str, *, livemode: bool) -> QuerySet[Customer]:
    return Customer.objects.for_merchant(merchant, livemode).filter(account=account, external_id=external_id)


_CUSTOMER = Compiled(_customer)


def _attempt(attempt: PaymentAttempt) -> AttemptRow:
    decline = attempt_decline(attempt) if attempt.status == "failed" else None
    return AttemptRow(attempt, method_text(attempt.method_type, attempt.brand, attempt.last4), decline)


def _links(payment: Payment, other: Payment, from_there: Collection[int]) -> Iterator[str]:
    if payment.fingerprint and other.fingerprint == payment.fingerprint:
        yield gettext("Card")
    if payment.customer_email and other.customer_email.upper() == payment.customer_email.upper():
        yield gettext("E-mail")
    if other.pk in from_there:
        yield gettext("IP address")
