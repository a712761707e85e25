"""Everything that the page of one payment shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from billing.access.verbs import P
from billing.merchants.models import Merchant
from billing.notes.models import Subject, SubjectKind
from billing.payments.models import Payment, PaymentAttempt
from billing.payments.queries import PaymentRecord, raw_objects, related
from portal.access.people_seen import Sight
from portal.access.way_back import is_ours
from portal.merchant.transactions.follow_ups import FollowUps, load_follow_ups
from portal.merchant.transactions.listing import listing_of
from portal.merchant.transactions.payment_words import attempt_decline
from portal.merchant.transactions.timeline import Line, tell
from portal.web.declines import Decline, decline_of
from portal.web.json_text import json_lines, redacted
from portal.web.masking import mask_email, mask_name
from portal.web.methods import RISK_BANDS, WALLETS, method_text
from portal.web.money_lists.panel import connection_label
from portal.web.nav import address
from portal.web.notes import PARAMETER, WHOLE, NoteForm, NotesPanel, Thread, load_thread
from portal.web.request import MerchantRequest
from reports.templatetags.money import money_plain

# The processor changes nothing about a payment in one of these.
FINAL = frozenset({"cancelled", "expired"})
# The event by which all parts of an open page learn that people are shown.
REVEALED = "revealed"


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


class PaymentPage:
    """Parts are worked out when a template asks for them, so that a region which refreshes by itself costs itself."""

    def __init__(
        self,
        request: MerchantRequest,
        merchant: Merchant,
        livemode: bool,
        record: PaymentRecord,
        *,
        form: NoteForm | None = None,
    ) -> None:
        self._request, self._merchant, self._livemode, self._record = request, merchant, livemode, record
        self._form = form
        self.payment = record.payment
        self.subject = Subject(SubjectKind.PAYMENT, self.payment.public_id)

    # --- Addresses ---
    @cached_property
    def list_url(self) -> str:
        return self._address("transactions")

    @cached_property
    def events_url(self) -> str:
        return self._address("events")

    @cached_property
    def url(self) -> str:
        return f"{self.list_url}{self.payment.public_id}/"

    @cached_property
    def back(self) -> str:
        """Where the person came from: a path of this site, nothing else."""
        back = self._request.GET.get("back", "")
        return back if back.startswith("/") and is_ours(self._request, back) else ""

    @property
    def back_url(self) -> str:
        return self.back or self.list_url

    @cached_property
    def suffix(self) -> str:
        """What every address of this page's parts ends with, so that they know what the page shows."""
        return self._query()

    @property
    def whole_thread_suffix(self) -> str:
        return self._query(**{PARAMETER: WHOLE})

    @property
    def raw_suffix(self) -> str:
        return self._query(raw="1")

    @property
    def way_suffix(self) -> str:
        """For pages of other payments: the way back alone."""
        return f"?{urlencode({'back': self.back}, safe='/')}" if self.back else ""

    @cached_property
    def neighbours(self) -> tuple[str, str]:
        """The pages before and after this one in the results that the person came from; empty where there is none."""
        listing = listing_of(self._request, self._merchant, self._livemode, self.back) if self.back else None
        if listing is None:
            return "", ""
        before, after = listing.neighbours(listing.key_of(self.payment))
        suffix = f"/{self.way_suffix}"
        return f"{self.list_url}{before}{suffix}" if before else "", f"{self.list_url}{after}{suffix}" if after else ""

    def _address(self, name: str, **more: str) -> str:
        mode = "live" if self._livemode else "test"
        return address(f"merchant:{name}", {"merchant": self._merchant.slug, "mode": mode, **more})

    def _query(self, **more: str) -> str:
        raw = "1" if self._request.GET.get("raw") else ""
        kept = {"back": self.back, PARAMETER: WHOLE if self._whole_thread else "", "raw": raw, **more}
        query = urlencode({name: value for name, value in kept.items() if value}, safe="/")
        return f"?{query}" if query else ""

    # --- Who sees whom ---
    @cached_property
    def sight(self) -> Sight:
        return Sight(self._request, SubjectKind.PAYMENT, self.payment.public_id)

    @property
    def is_masked(self) -> bool:
        return self.sight.masked

    @property
    def reveal_url(self) -> str:
        return f"{self._address('transaction_reveal', payment=self.payment.public_id)}{self.suffix}"

    @cached_property
    def triggers(self) -> str:
        """When a part asks for itself anew: somebody had people shown, or what was shown for a while is over."""
        found = [f"{REVEALED} from:body"] if self._livemode and self.sight.may_reveal else []
        if self.sight.seconds_left:
            found.append(f"load delay:{self.sight.seconds_left}s")
        return ", ".join(found)

    @property
    def live_triggers(self) -> str:
        return ", ".join(filter(None, ["live", self.triggers]))

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
        return self._shown(self.payment.reference)

    @cached_property
    def description(self) -> str:
        return self._shown(self.payment.description)

    @cached_property
    def metadata(self) -> Sequence[tuple[str, str]]:
        # Pairs: a template would take a key called "items" for the method.
        return list(redacted(self.payment.metadata, personal=self.is_masked).items())

    @property
    def method(self) -> str:
        return method_text(self.payment.method_type, self.payment.brand, self.payment.last4)

    @property
    def wallet(self) -> str:
        return str(WALLETS.get(self.payment.wallet, self.payment.wallet))

    @property
    def risk_band(self) -> str:
        return str(RISK_BANDS.get(self.payment.risk_level, self.payment.risk_level))

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

    def _shown(self, text: str) -> str:
        return str(redacted(text, personal=self.is_masked))

    # --- Money and what followed ---
    @property
    def refunded(self) -> int:
        return -self.payment.amount_refunded

    @property
    def lost(self) -> int:
        return -self.payment.amount_lost

    @property
    def net(self) -> int:
        payment = self.payment
        return payment.amount_captured - payment.amount_refunded - payment.amount_lost

    @property
    def net_label(self) -> str:
        return gettext("Net of refunds and disputes") if self.payment.amount_lost else gettext("Net of refunds")

    @cached_property
    def follow_ups(self) -> FollowUps:
        return load_follow_ups(self.payment, self._merchant, self._livemode)

    @cached_property
    def attempts(self) -> list[AttemptRow]:
        return [_attempt(each) for each in reversed(self._record.attempts)]

    @cached_property
    def timeline(self) -> list[Line]:
        return tell(self._record, zone=self._merchant.zone)

    @cached_property
    def related(self) -> list[RelatedRow]:
        # Which payments are one person's tells something of that person, too.
        known = not self._livemode or self.sight.may_reveal
        return _related(self.payment, self._merchant, self._livemode, self._shown) if known else []

    # --- Notes ---
    @cached_property
    def notes(self) -> NotesPanel:
        own = f"{self.url}_/notes/{self.suffix}"
        may_write = self._request.can(P.NOTES_WRITE)
        refusal = gettext("Your role reads notes and does not write them. An Owner or Admin can change your role.")
        return NotesPanel(
            thread=self.thread,
            topic=f"pay:{self.payment.public_id}",
            triggers=self.live_triggers,
            thread_url=own,
            whole_url=f"{self.url}{self.whole_thread_suffix}#notes",
            post_url=f"{self._address('transaction_note', payment=self.payment.public_id)}{self.suffix}",
            form=(self._form or NoteForm(for_staff=False)) if may_write else None,
            refusal=refusal,
        )

    @cached_property
    def thread(self) -> Thread:
        return load_thread(
            self._merchant,
            self._livemode,
            self.subject,
            for_staff=False,
            whole=self._whole_thread,
            shown=self._shown,
        )

    @property
    def _whole_thread(self) -> bool:
        return self._request.GET.get(PARAMETER) == WHOLE

    # --- What the processor said ---
    @property
    def can_see_events(self) -> bool:
        return self._request.can(P.EVENTS_VIEW)

    @property
    def can_see_raw(self) -> bool:
        return self._request.can(P.PAYMENTS_RAW)

    @cached_property
    def raw(self) -> list[tuple[str, str, list[SafeString]]]:
        """The processor's objects with an id for each text, when they are asked for and may be seen."""
        if not self._request.GET.get("raw") or not self.can_see_raw:
            return []
        return [
            (object_id, f"raw-text-{number}", json_lines(redacted(found, personal=self.is_masked)))
            for number, (object_id, found) in enumerate(raw_objects(self._record).items(), start=1)
        ]


def _attempt(attempt: PaymentAttempt) -> AttemptRow:
    decline = attempt_decline(attempt) if attempt.status == "failed" else None
    return AttemptRow(attempt, method_text(attempt.method_type, attempt.brand, attempt.last4), decline)


def _related(payment: Payment, merchant: Merchant, livemode: bool, shown: Callable[[str], str]) -> list[RelatedRow]:
    rows = []
    for other in related(Payment.objects.for_merchant(merchant, livemode), payment):
        by = [gettext("Customer")] if _same_person(payment, other) else []
        if payment.fingerprint and other.fingerprint == payment.fingerprint:
            by.append(gettext("Card"))
        what = shown(other.reference or other.description or other.public_id)
        rows.append(RelatedRow(other, what, ", ".join(by)))
    return rows


def _same_person(payment: Payment, other: Payment) -> bool:
    return bool(payment.customer_email) and other.customer_email.upper() == payment.customer_email.upper()


def page_context(page: PaymentPage) -> dict[str, Any]:
    return {"page": page, "payment": page.payment, "notes": SimpleLazyObject(lambda: page.notes)}
