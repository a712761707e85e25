"""Objects of each kind: where Stripe keeps them, one by its id, and pages of them."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from billing.providers.base import Access, Answer, Kind, Page, ProviderDeclined, ProviderUnavailable, Window
from billing.providers.stripe.client import Missing, Reply, ask

PATHS = {
    Kind.CUSTOMER: "/v1/customers",
    Kind.PAYMENT_METHOD: "/v1/payment_methods",
    Kind.INTENT: "/v1/payment_intents",
    Kind.CHARGE: "/v1/charges",
    Kind.REFUND: "/v1/refunds",
    Kind.DISPUTE: "/v1/disputes",
    Kind.WARNING: "/v1/radar/early_fraud_warnings",
    Kind.REVIEW: "/v1/reviews",
    Kind.PAYOUT: "/v1/payouts",
    Kind.BALANCE_TRANSACTION: "/v1/balance_transactions",
    Kind.INVOICE: "/v1/invoices",
}
# Which parameter names the parent, by the prefix of its id; the last one takes any.
_PARENTS = {
    Kind.INTENT: (("", "customer"),),
    Kind.CHARGE: (("pi_", "payment_intent"), ("", "customer")),
    Kind.REFUND: (("pi_", "payment_intent"), ("", "charge")),
    Kind.DISPUTE: (("pi_", "payment_intent"), ("", "charge")),
    Kind.WARNING: (("pi_", "payment_intent"), ("", "charge")),
    Kind.BALANCE_TRANSACTION: (("po_", "payout"), ("", "source")),
    Kind.INVOICE: (("", "customer"),),
}
# Never . or .., which would lead to another path.
_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.\-]{1,255}", re.ASCII)


def fetch(access: Access, kind: Kind, object_id: str) -> Answer:
    """The object as it is now; a customer that was deleted comes as the little that is left of it."""
    path = f"{PATHS[kind]}/{checked(object_id)}"
    try:
        reply = ask(access, path, what=words(kind))
    except Missing as missing:
        return Answer(None, missing.observed_at)
    return Answer(reply.data, reply.observed_at)


def list_page(access: Access, kind: Kind, window: Window, *, of: str = "") -> Page:
    """A page of a kind, or of those that belong to the parent ``of``.

    Stripe cannot narrow payment methods by time: for them ``since`` ends the list here, and ValueError is raised for
    ``until``, and for ``since`` with ``before``; it is, too, for a kind that cannot be narrowed to a parent.
    """
    path, params = _place(kind, of)
    params |= bounds(window)
    narrowed = kind is Kind.PAYMENT_METHOD and params.pop("created", None)
    if narrowed and (window.until or window.before):
        raise ValueError("payment methods cannot be listed up to a time, nor forwards from one")
    page = page_of(ask_for_list(access, path, params, what=words(kind)), window)
    return _recent(page, narrowed["gte"]) if narrowed else page


def list_accounts(access: Access, window: Window) -> Page:
    """A page of the accounts that are connected to the platform whose key this is."""
    return page_of(ask_for_list(access, "/v1/accounts", bounds(window), what="connected accounts"), window)


def ask_for_list(access: Access, path: str, params: Mapping[str, Any], *, what: str) -> Reply:
    """As client.ask, where the answer must be a list."""
    reply = ask(access, path, params, what=what)
    data = reply.data.get("data")
    if not _are_objects(data) or not isinstance(reply.data.get("has_more"), bool):
        raise ProviderUnavailable("Stripe's answer is no list.")
    return reply


def checked(object_id: str) -> str:
    """The id, which may become part of a path. Raises ProviderDeclined for anything else."""
    if not _ID.fullmatch(object_id):
        raise ProviderDeclined("What was given is no id of Stripe's.", code="parameter_invalid")
    return object_id


def words(kind: Kind) -> str:
    """The kind as people call it, in the plural."""
    return f"{kind.value.replace('_', ' ')}s"


def bounds(window: Window) -> dict[str, Any]:
    """A window as parameters of a list. ``created`` has whole seconds, both ends are part of it."""
    params: dict[str, Any] = {"limit": window.limit}
    created = {}
    if window.since:
        created["gte"] = math.ceil(window.since.timestamp())
    if window.until:
        created["lte"] = math.floor(window.until.timestamp())
    given = {"starting_after": window.after, "ending_before": window.before, "created": created}
    return params | {name: value for name, value in given.items() if value}


def page_of(reply: Reply, window: Window) -> Page:
    """The list as a page. Stripe sends newest first whichever way one goes; backwards from a cursor that is read from
    its end."""
    sources: Sequence[Mapping[str, Any]] = reply.data["data"]
    return Page(sources[::-1] if window.before else sources, reply.data["has_more"], reply.observed_at)


def _place(kind: Kind, of: str) -> tuple[str, dict[str, Any]]:
    if not of:
        return PATHS[kind], {}
    if kind is Kind.PAYMENT_METHOD:
        return f"/v1/customers/{checked(of)}/payment_methods", {}
    for prefix, param in _PARENTS.get(kind, ()):
        if of.startswith(prefix):
            return PATHS[kind], {param: of}
    raise ValueError(f"{kind} cannot be listed by parent")


def _recent(page: Page, since: int) -> Page:
    kept = [source for source in page.sources if source.get("created", since) >= since]
    return Page(kept, page.has_more and len(kept) == len(page.sources), page.observed_at)


def _are_objects(data: object) -> bool:
    return isinstance(data, list) and all(isinstance(one, dict) for one in data)
