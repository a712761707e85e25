"""People of every role at two merchants whose data carry marks, made in the actor's process.

A mark is a word that stands nowhere else; whoever reads one of another merchant has found a leak.
"""

import itertools
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest
from django.test import Client

from billing.access.roles import VISITOR_VERBS, MerchantRole, StaffRole
from billing.access.verbs import P
from billing.audit.actor import SYSTEM
from billing.clock import now
from billing.commands.models import CommandState
from billing.customers.models import Customer
from billing.ids import new_id
from billing.merchants.create import create_merchant
from billing.merchants.models import Merchant
from billing.money import KNOWN_CURRENCIES
from billing.payments.models import Payment
from billing.payouts.models import BalanceTransaction
from billing.queue.models import State
from billing.webhooks.models import WebhookEvent
from portal.access.actor import actor_of
from portal.access.visit import begin_visit
from portal.accounts.invitation import invite
from portal.accounts.known_device import KnownDevice
from portal.accounts.session import Session
from portal.accounts.user import User
from portal.web.saved_views.keep import save_view
from portal.web.saved_views.models import ListKind
from tests.billing import deliveries
from tests.portal.asked import batch, limit
from tests.portal.commands import write_command
from tests.portal.money import write_refund
from tests.portal.movements import book
from tests.portal.people import PASSWORD, make_person, signed_in
from tests.trust.cells import FIXED

_currencies = itertools.cycle(sorted(KNOWN_CURRENCIES - {"EUR"}))
MODES = {"test": False, "live": True}
PAYMENTS = 2
# Loopback is a whole network: every sign-in comes from another machine.
# By e-mail: the merchant whose pages this person of the staff looks at in every session.
_visits: dict[str, str] = {}
_addresses = (f"127.7.{high}.{low}" for high in range(256) for low in range(1, 255))


def open_cast(*, seed: int) -> dict[str, Any]:
    """Two merchants with objects and marks, and everybody twice: one to look, a ``spare`` one to send forms."""
    stamp = f"{random.Random(f'cast {seed} {now().timestamp()}').randrange(10**9):09}"
    merchants = [_open_merchant(f"{word}{stamp}") for word in ("kiwi", "plum")]
    slugs = [merchant["slug"] for merchant in merchants]
    people = [
        *(_member(slug, role) for slug in slugs for role in MerchantRole),
        *(_staff(stamp, role) for role in StaffRole),
        *(_guest(stamp, role, slugs[0]) for role in (StaffRole.AGENT, StaffRole.AUDITOR)),
        _nobody(stamp),
    ]
    return {"merchants": {merchant["slug"]: merchant for merchant in merchants}, "people": people}


def with_objects(*, merchants: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The same merchants with ids of theirs by mode; all events must have been processed."""
    return {
        slug: {**merchant, "objects": {mode: _objects(slug, mode, merchant["connections"][mode]) for mode in MODES}}
        for slug, merchant in merchants.items()
    }


def sessions(*, emails: Sequence[str]) -> dict[str, str]:
    """A session for each, with a factor that was proved just now."""
    users = {user.email: user for user in User.objects.filter(email__in=emails)}
    return {email: _session(users[email]) for email in emails}


def _session(user: User) -> str:
    key: str = signed_in(user).cookies["session"].value
    if user.email in _visits:
        merchant = Merchant.objects.get(slug=_visits[user.email])
        session = Session.objects.get(session_key=key).public_id
        by = actor_of(HttpRequest(), user)
        begin_visit(user=user, session=session, merchant=merchant, reason="a walk", by=by)
    return key


def half_session(*, email: str) -> str:
    """A session that has given the password and not the code."""
    client = Client(REMOTE_ADDR=next(_addresses))
    answer = client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/challenge/", answer["Location"]
    return client.cookies["session"].value


def asked_for(*, slug: str, email: str) -> dict[str, str]:
    """A limit that this person asks for, or somebody else where nobody is named: the approval, and the change."""
    merchant = Merchant.objects.get(slug=slug)
    by = User.objects.get(email=email) if email else make_person()
    # One change of each limit at a time.
    approval = limit(merchant, by, role=MerchantRole.VIEWER, currency=next(_currencies))
    return {"approval": approval.public_id, "change": approval.object_id}


def given_up(*, slug: str) -> dict[str, str]:
    """A command that nobody carries out any more: it never went out, so that the processor need not be asked."""
    payment = Payment.objects.for_merchant(Merchant.objects.get(slug=slug), livemode=False).earliest("pk")
    return {"command": write_command(payment, CommandState.APPROVED, state=State.DEAD).public_id}


def own_objects(*, email: str) -> dict[str, str]:
    """Ids of what belongs to one person: a session, a device, and what stands in links of mails and commands."""
    user = User.objects.get(email=email)
    signed_in(user)
    session = Session.objects.filter(user=user).order_by("-created_at")[0]
    device = KnownDevice.objects.create(user=user, label="Firefox", expires_at=now() + timedelta(days=1))
    return {
        "session": session.public_id,
        "device": device.public_id,
        "token": invite(user=user).rstrip("/").rpartition("/")[2],
        "confirmation": EmailConfirmationHMAC(EmailAddress.objects.get(user=user)).key,
        "uidb36": user_pk_to_url_str(user),
        "reset": default_token_generator.make_token(user),
    }


def _open_merchant(slug: str) -> dict[str, Any]:
    merchant = create_merchant(slug=slug, name=f"Firm {slug}name", timezone="Europe/Paris", currency="EUR", by=SYSTEM)
    connections = {mode: deliveries.make_connection(merchant, livemode=live) for mode, live in MODES.items()}
    marks = {mode: _deliver_payments(connections[mode], f"{slug}{mode}") for mode in MODES}
    deliveries.process_all()
    return {
        "id": merchant.pk,
        "slug": slug,
        "name": merchant.name,
        "marks": marks,
        "connections": {mode: connection.public_id for mode, connection in connections.items()},
    }


def _deliver_payments(connection: Any, stem: str) -> list[str]:
    """Payments of a customer each, whose every text holds the mark; another mark stands only in the processor's own
    record of the payment."""
    at = int(now().timestamp()) - 60
    for number in range(PAYMENTS):
        mark = f"{stem}{number}"
        card = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031, "country": "DE"}
        fields = {
            "created": at + number,
            "livemode": connection.livemode,
            "description": f"Order {mark}text",
            "metadata": {"order_id": f"{mark}order"},
        }
        who = {"name": f"Nora {mark}name", "email": f"{mark}@buyer.example"}
        customer = {**fields, **who, "id": f"cus_{mark}", "object": "customer", "phone": "+49 170 1234567"}
        charge = deliveries.charge(
            **fields,
            id=f"ch_{mark}",
            customer=f"cus_{mark}",
            payment_intent=f"pi_{mark}",
            billing_details=who,
            payment_method_details={"type": "card", "card": card},
            receipt_url=f"https://processor.example/{mark}raw",
        )
        paid = {**fields, "id": f"pi_{mark}", "amount": 2000 + number, "amount_received": 2000 + number}
        intent = deliveries.intent(**paid, status="succeeded", latest_charge=f"ch_{mark}", customer=f"cus_{mark}")
        told = {"customer.created": customer, "charge.succeeded": charge, "payment_intent.succeeded": intent}
        for kind, target in told.items():
            event = deliveries.event(
                kind, target, at=at + number, id=f"evt_{kind[:2]}_{mark}", livemode=connection.livemode
            )
            deliveries.deliver(connection, event)
        book(
            connection,
            net=1900 + number,
            amount=2000 + number,
            fee=100,
            source=f"ch_{mark}",
            description=f"order of {mark}",
        )
    return [f"{stem}{number}" for number in range(PAYMENTS)]


def _objects(slug: str, mode: str, connection: str) -> dict[str, str]:
    merchant = Merchant.objects.get(slug=slug)
    payment = Payment.objects.for_merchant(merchant, MODES[mode]).earliest("pk")
    customer = Customer.objects.for_merchant(merchant, MODES[mode]).earliest("pk")
    event = WebhookEvent.objects.for_merchant(merchant, MODES[mode]).filter(object_type="charge").earliest("pk")
    movement = BalanceTransaction.objects.for_merchant(merchant, MODES[mode]).earliest("pk")
    refund = write_refund(payment)
    approval = limit(merchant, make_person(), livemode=MODES[mode], role=MerchantRole.VIEWER)
    command = write_command(payment, CommandState.UNKNOWN, next_attempt_at=now() + timedelta(days=1))
    found = {"payment": payment, "customer": customer, "event": event, "movement": movement, "command": command}
    found["refund"] = refund
    found["hold"] = write_command(payment, CommandState.FAILED, kind="capture", public_id=new_id("cap"))
    found["approval"] = approval
    another = Payment.objects.for_merchant(merchant, MODES[mode]).order_by("pk")[1]
    found["batch"] = batch([another], make_person())
    named = {name: each.public_id for name, each in found.items()}
    # The limit that the approval is about, which only whoever asked takes back.
    named["change"] = approval.object_id
    return {**named, "connection": connection, "view": _view(merchant, MODES[mode])}


def _view(merchant: Merchant, livemode: bool) -> str:
    """Of the team, in the list that walkers look at."""
    kind = ListKind(FIXED["kind"])
    name = f"{merchant.slug}{'live' if livemode else 'test'}view"
    place = {"merchant": merchant, "livemode": livemode, "kind": kind}
    return save_view(**place, owner_id=None, name=name, query="status=lost", by=SYSTEM).public_id


def _member(slug: str, role: MerchantRole) -> dict[str, Any]:
    merchant = Merchant.objects.get(slug=slug)
    emails = [f"{role}{copy}@{slug}.example" for copy in ("", "-spare")]
    for email in emails:
        make_person(email, merchant=merchant, role=role)
    return _person(f"{slug} {role}", emails, merchant=slug, verbs=role.verbs)


def _staff(stamp: str, role: StaffRole) -> dict[str, Any]:
    emails = [f"{role}{copy}@staff{stamp}.example" for copy in ("", "-spare")]
    for email in emails:
        make_person(email, staff_role=role)
    return _person(f"staff {role}", emails, staff=True, verbs=role.verbs)


def _guest(stamp: str, role: StaffRole, slug: str) -> dict[str, Any]:
    """Somebody of the staff who looks at the pages of that merchant."""
    emails = [f"guest-{role}{copy}@staff{stamp}.example" for copy in ("", "-spare")]
    for email in emails:
        make_person(email, staff_role=role)
        _visits[email] = slug
    return {**_person(f"visiting {role}", emails, staff=True, verbs=role.verbs | VISITOR_VERBS), "visits": slug}


def _nobody(stamp: str) -> dict[str, Any]:
    emails = [f"nobody{copy}@nowhere{stamp}.example" for copy in ("", "-spare")]
    for email in emails:
        make_person(email, password=PASSWORD)
    return _person("without a merchant", emails, verbs=frozenset())


def _person(
    name: str, emails: list[str], *, verbs: frozenset[P], merchant: str = "", staff: bool = False
) -> dict[str, Any]:
    email, spare = emails
    held = sorted(verbs)
    return {"name": name, "email": email, "spare": spare, "merchant": merchant, "staff": staff, "verbs": held}
