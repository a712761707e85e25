"""What every adapter of a processor offers, and the words in which adapters answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from billing.money import Money
from billing.providers.events import Booking, NeutralEvent
from billing.queue.interrupted import Interrupted


class CallbackRefused(Exception):
    """A delivery that is not what it claims to be. The text says why and holds nothing of the body."""


class UnreadableObject(Exception):
    """A verified event whose object lacks what its type promises; a person must look at it."""


class ProviderUnavailable(Interrupted):
    """No answer that says yes or no: a broken line, a timeout, too many requests, a failure on their side.

    ``request_id`` is the processor's name for the call, empty where none is known.
    """

    def __init__(self, message: str, *, pause: float | None = None, request_id: str = "") -> None:
        super().__init__(message, pause=pause)
        self.request_id = request_id


class Unclear(ProviderUnavailable):
    """A call that moves money may have reached the processor, and no answer says what came of it: it may have had its
    effect. Every other ProviderUnavailable of such a call means that this call did nothing, and that the same one with
    the same key is good later."""


class ProviderDeclined(Exception):
    """The processor understood and refuses: this call did nothing. ``code`` is the processor's word, ``param`` what it
    is about, ``request_id`` its name for the call, empty where none is known."""

    def __init__(
        self, message: str, *, status: int = 400, code: str = "", param: str = "", request_id: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param, self.request_id = status, code, param, request_id


class AccessRefused(ProviderDeclined):
    """The key is not valid (any more), or may not do this. The text names what is missing, never the key."""


class AmountRefused(ValueError):
    """An amount that the processor does not take; the text is a sentence for people."""


class Kind(StrEnum):
    """Objects that are mirrored, parents before what refers to them."""

    CUSTOMER = "customer"
    PAYMENT_METHOD = "payment_method"
    INTENT = "intent"
    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    WARNING = "warning"
    REVIEW = "review"
    PAYOUT = "payout"
    BALANCE_TRANSACTION = "balance_transaction"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach one account. ``account`` names a Connect account or is empty; ``api_base`` is empty for the
    processor itself. Never logged: ``repr`` leaves the key out."""

    api_key: str = field(repr=False)
    account: str = ""
    api_base: str = ""
    livemode: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One object as it is now; None when the processor has none of that id.

    ``observed_at`` is the processor's time in whole seconds before which nothing can have happened to the object that
    this answer does not know: a lower bound, taken from when the request began. ``request_id`` is its name for a call
    that moved money, empty where none is known.
    """

    source: Mapping[str, Any] | None
    observed_at: datetime
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, newest first (oldest first where ``before`` was given). ``observed_at`` as in Answer."""

    sources: Sequence[Mapping[str, Any]]
    has_more: bool
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: cursors are ids of the processor; ``since`` and ``until`` bound ``created``, inclusive."""

    after: str = ""
    before: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Callback:
    """A verified delivery: its identity, and enough to file it. ``account`` names a Connect account or is empty."""

    event_id: str
    type: str
    api_version: str
    livemode: bool
    account: str
    object_type: str
    object_id: str
    occurred_at: datetime
    clock_difference: float


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An event out of the processor's own list, with the bytes to keep as its body."""

    callback: Callback
    body: bytes


@dataclass(frozen=True, slots=True)
class EventsPage:
    """``unreadable`` are ids of events that the webhook door would refuse, too; ``last`` is the id with which the list
    goes on, readable or not."""

    events: Sequence[ListedEvent]
    has_more: bool
    observed_at: datetime
    unreadable: Sequence[str] = ()
    last: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """Whether a key may do one thing. ``what`` is a Kind or a word such as ``events``."""

    what: str
    allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Funds:
    """What the processor holds of one currency, in minor units; all three may be negative. ``reserved`` is what it
    keeps back because of others, such as accounts that are connected to a platform and owe something."""

    currency: str
    available: int
    pending: int
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Holdings:
    """By currency, in alphabetical order. ``observed_at`` as in Answer."""

    funds: Sequence[Funds]
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class CardChecks:
    """The processor's words for what was checked, empty where nothing was. ``asked_to_authenticate`` is None where an
    old charge does not say whether its buyer was; ``authentication`` how that ended."""

    cvc: str
    postal_code: str
    address_line: str
    asked_to_authenticate: bool | None
    authentication: str


@dataclass(frozen=True, slots=True)
class Lapse:
    """When an authorisation that nobody captured ends by itself; ``is_told``: the processor names that moment, else it
    is when such usually end."""

    at: datetime
    is_told: bool


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money back to whoever paid a charge. ``key`` is the idempotency key that is sent; ``reason`` is duplicate,
    fraudulent, requested_by_customer or empty; ``metadata`` is kept with the refund."""

    key: str
    charge_id: str
    money: Money
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaptureOrder:
    """Take ``money`` of what was authorised, and release the rest. ``intent_id`` is empty for a charge without one,
    for which a processor may keep no ``metadata``. ``key`` as in RefundOrder."""

    key: str
    intent_id: str
    charge_id: str
    money: Money
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Release all that was authorised. ``reason`` is duplicate, fraudulent, requested_by_customer, abandoned or empty;
    ``intent_id`` is empty for a charge without one, ``key`` as in RefundOrder."""

    key: str
    intent_id: str
    charge_id: str
    reason: str = ""


class Adapter(Protocol):
    """One processor. Modules of ``billing.providers`` are its implementations.

    Calls that reach the processor raise ProviderUnavailable, ProviderDeclined or AccessRefused, and must not be made
    inside a transaction. Those that move money, refund, capture and cancel, raise Unclear, too; what one of them says
    of itself says nothing of an earlier call with the same key that was Unclear. Their Answer always has a source.
    """

    def parse_callback(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: datetime
    ) -> Callback:
        """Verify the raw bytes, then read them. Raises CallbackRefused."""

    def translate(self, payload: Mapping[str, Any]) -> NeutralEvent | None:
        """The event in neutral words; None for a type that nothing here listens to. Raises UnreadableObject."""

    def read(self, source: Mapping[str, Any]) -> NeutralEvent | None:
        """An object as it was fetched or listed, in neutral words; None for one of a kind that is not mirrored.
        Raises UnreadableObject."""

    def booking_of(self, type: str, category: str) -> Booking:  # noqa: A002
        """What a movement is by the processor's words for it; ``category`` is empty in old forms."""

    def checks(self, source: Mapping[str, Any]) -> CardChecks | None:
        """How the card behind an object was checked; None where it says nothing of a card."""

    def lapse(self, source: Mapping[str, Any], *, authorised_at: datetime) -> Lapse:
        """Until when an authorised charge holds; ``source`` may be empty."""

    def fetch(self, access: Access, kind: Kind, object_id: str) -> Answer:
        """The object as it is now."""

    def list_page(self, access: Access, kind: Kind, window: Window, *, of: str = "") -> Page:
        """A page of all objects of a kind. ``of`` narrows to those of one parent: the payment methods of a customer,
        the refunds or disputes of a charge, the balance transactions of a payout."""

    def list_events(self, access: Access, window: Window, *, undelivered_only: bool = False) -> EventsPage:
        """A page of the processor's own list of events, newest first, as far back as it keeps them; only those of which
        a delivery failed or waits with ``undelivered_only``."""

    def describe(self, access: Access) -> NeutralEvent:
        """The account itself (AccountObserved)."""

    def balance(self, access: Access) -> Holdings:
        """What the account holds at this moment. Raises UnreadableObject, too."""

    def list_accounts(self, access: Access, window: Window) -> Page:
        """A page of the accounts that are connected to a platform."""

    def grants(self, access: Access) -> Sequence[Grant]:
        """What the key may read, found by asking for one object of each kind."""

    def check_amount(self, money: Money, *, locale: str) -> None:
        """Raises AmountRefused, with amounts written for ``locale``, for what the processor takes of nobody."""

    def refund(self, access: Access, order: RefundOrder) -> Answer:
        """The refund that was made. Raises AmountRefused, too, as check_amount."""

    def capture(self, access: Access, order: CaptureOrder) -> Answer:
        """The intent afterwards, or the charge where there is none. Raises AmountRefused, too, as check_amount."""

    def cancel(self, access: Access, order: CancelOrder) -> Answer:
        """The intent afterwards; where there is none, the refund that released the charge."""
