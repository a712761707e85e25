"""What recipes need made in the site's database: sessions, links, and a payment with notes."""

import uuid
from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse

from billing.approvals.decide import approve
from billing.approvals.models import Approval
from billing.audit.actor import SYSTEM, Actor
from billing.audit.check import verify_now
from billing.audit.models import AuditEvent
from billing.clock import now
from billing.commands import settle
from billing.commands.batch import withdraw_batch
from billing.commands.models import OPEN, CommandKind, CommandState, MoneyCommand
from billing.customers.models import Customer
from billing.ids import new_id
from billing.limits.models import Action, RoleLimit
from billing.merchants.models import Merchant
from billing.money import Money
from billing.notes.add import add_note
from billing.notes.models import Audience, Subject, SubjectKind
from billing.payments.capture import request_capture
from billing.payments.models import Payment
from billing.payouts.models import BalanceTransaction
from billing.providers.models import ProviderAccount
from billing.queue.models import State
from billing.refunds.issue_batch import BatchTerms
from billing.refunds.reasons import RefundReason
from billing.tags.change import add_tag
from portal.accounts.create_person import create_person
from portal.accounts.invitation import invite
from portal.accounts.known_device import KnownDevice
from portal.accounts.user import User
from portal.notifications.kinds import KINDS
from portal.notifications.models import Notice
from portal.web.saved_views.keep import save_view
from portal.web.saved_views.models import ListKind
from tests.billing.audit.forging import triggers_off
from tests.databases import default_as
from tests.portal import asked
from tests.portal.commands import write_command, write_exchange
from tests.portal.money import write_customer
from tests.portal.people import PASSWORD, make_merchant, make_person, signed_in

_REQUESTS = {
    "waiting": CommandState.APPROVED,
    "sending": CommandState.SENDING,
    "unknown": CommandState.UNKNOWN,
    "failed": CommandState.FAILED,
    "withdrawn": CommandState.CANCELLED,
    "to be approved": CommandState.REQUESTED,
}
# Workers read the stock beside each other, so that its rows come in no order of their own.
_OLDEST = ("created_at", "external_id")
_NEWEST = ("-created_at", "-external_id")
# How many calls were made about each.
_SAID = {"waiting": 0, "sending": 1, "unknown": 3, "failed": 1, "withdrawn": 0, "to be approved": 0}


def guest(email: str, slug: str) -> str:
    client = signed_in(User.objects.get(email=email))
    client.post(reverse("ops:merchant_visit", kwargs={"merchant": slug}), {"reason": "Case 4711, a question"})
    return client.cookies["session"].value


def told(slug: str, owner: str, staff: str) -> dict[str, str]:
    """Notices of every kind in live mode, of several days, some of them read."""
    merchant = Merchant.objects.get(slug=slug)
    until = (now() + timedelta(hours=70)).isoformat()
    facts = {"currency": "EUR", "payment": "pay_told", "expires_at": until, "decision": "rejected", "why": "declined"}
    people = ((User.objects.get(email=owner), False), (User.objects.get(email=staff), True))
    kinds = [kind for kind in KINDS for _ in range(3)]
    Notice.objects.bulk_create(
        Notice(
            recipient=person,
            merchant=merchant,
            livemode=True,
            kind=kind,
            object_id=f"apr_told{number}",
            as_staff=as_staff,
            facts={**facts, "about": "refund", "object": f"ref_told{number}", "amount": 1230 * (number + 1)},
            created_at=now() - timedelta(hours=13 * number),
            read_at=now() if number % 3 else None,
        )
        for person, as_staff in people
        for number, kind in enumerate(kinds)
    )
    return {"owner": owner, "staff": staff}


def forged() -> str:
    merchant = make_merchant("forged-books")
    make_person(f"owner@{merchant.slug}.example", merchant=merchant)
    with default_as("DATABASE_OWNER_URL"), triggers_off():
        AuditEvent.objects.filter(merchant_id=merchant.pk, seq=1).update(reason="It was agreed on the phone.")
    verify_now([merchant.pk], seconds=1)
    return merchant.slug


def half_session(email: str, *, provisioned: bool) -> str:
    if provisioned:
        make_person(email, password=PASSWORD)
    else:
        create_person(email=email, password=PASSWORD, by=SYSTEM)
    client = Client(REMOTE_ADDR="127.8.0.1")
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    return client.cookies["session"].value


def noted(public_id: str) -> str:
    return _write_about(Payment.objects.get(public_id=public_id), SubjectKind.PAYMENT)


def noted_customer(public_id: str) -> str:
    return _write_about(Customer.objects.get(public_id=public_id), SubjectKind.CUSTOMER)


def idle_customer(slug: str) -> str:
    account = ProviderAccount.objects.get(merchant__slug=slug, livemode=True)
    return write_customer(account, name="Ida Quiet", external_id="cus_idle").public_id


def _write_about(row: Payment | Customer, kind: SubjectKind) -> str:
    merchant, subject = row.merchant, Subject(kind, row.public_id)
    staff, both = (
        Actor("staff", "usr_sam", "Sam Staff"),
        Actor("user", "usr_nadia", "nadia.petit@paper-boats.example"),
    )
    texts = ("Two pegs bent, the customer keeps the tent.\nPhoto is in the order.", "w" * 300, "Called her. " * 60)
    for number in range(23):
        add_note(
            merchant=merchant,
            livemode=row.livemode,
            subject=subject,
            text=texts[number % 3],
            audience=Audience.MERCHANT_AND_STAFF,
            form_key=f"stock {kind} {number}",
            by=(both, staff)[number % 2],
        )
    return row.public_id


def requests(slug: str) -> dict[str, str]:
    """Refunds that were asked for, by what came of them, on payments of a merchant; nobody works on them."""
    account = ProviderAccount.objects.get(merchant__slug=slug, livemode=True)
    payments = account.payments.filter(status="succeeded").order_by(*_NEWEST)
    return {mood: _request(payment, mood) for mood, payment in zip(_REQUESTS, payments, strict=False)}


def asked_by_staff(email: str, public_id: str) -> str:
    return asked.refund(Payment.objects.get(public_id=public_id), 100, User.objects.get(email=email)).public_id


def holds(slug: str) -> dict[str, str]:
    """Payments that somebody asked to capture here, by what came of it; nobody works on that. One is left alone."""
    account = ProviderAccount.objects.get(merchant__slug=slug, livemode=True)
    payments = list(account.payments.filter(status="authorised").order_by(*_NEWEST)[: len(_REQUESTS) + 1])
    for mood, payment in zip(_REQUESTS, payments[1:], strict=True):
        _request(payment, mood, kind=CommandKind.CAPTURE, reason="", failure_code="charge_expired_for_capture")
    return dict(zip(("untouched", *_REQUESTS), (payment.public_id for payment in payments), strict=True))


def _request(
    payment: Payment,
    mood: str,
    *,
    kind: CommandKind = CommandKind.REFUND,
    reason: str = "goodwill",
    failure_code: str = "charge_disputed",
) -> str:
    at, state = now(), _REQUESTS[mood]
    ended = {"settled_at": at} if state not in OPEN else {"unknown_since": at, "next_attempt_at": at}
    command = MoneyCommand.objects.create(
        merchant=payment.merchant,
        account=payment.account,
        livemode=True,
        payment=payment,
        kind=kind,
        public_id=new_id("ref" if kind == CommandKind.REFUND else "cap"),
        parameters={},
        reason=reason,
        amount=100,
        currency=payment.currency,
        note="Zip of the tent fails. " * 9,
        command_state=state,
        requested_by_kind="user",
        requested_by_id="usr_nadia",
        requested_by="Nadia Petit",
        **{"requested_at": at, "first_sent_at": at if mood != "waiting" else None, "state": State.PARKED, **ended},
        **({"failure_code": failure_code} if mood == "failed" else {}),
    )
    for call, reply in (("send", "unclear"), ("ask", "unavailable"), ("ask", "not_found"))[: _SAID[mood]]:
        command.exchanges.create(call=call, began_at=at, ended_at=at, reply=reply, detail="w" * 200)
    return command.public_id


def approvals(slug: str) -> dict[str, str]:
    """What waits for a second person at a merchant, or waited, by its mood for the owner."""
    merchant = Merchant.objects.get(slug=slug)
    viewer, owner = (User.objects.get(email=f"{role}@{slug}.example") for role in ("viewer", "owner"))
    payments = Payment.objects.for_merchant(merchant, True).filter(status="succeeded").order_by(*_OLDEST)[1:3]
    note = "The customer sent it back because of the zip. " * 8
    waiting, expired = (asked.approval_of(asked.refund(each, 100, viewer, note=note)) for each in payments)
    Approval.objects.filter(pk=expired.pk).update(expires_at=now())
    own = asked.limit(merchant, owner, livemode=True)
    new = asked.limit(merchant, viewer, livemode=True, role="viewer")
    found = {
        "waiting": waiting,
        "expired": expired,
        "own": own,
        "new_limit": new,
        "capture": _capture(merchant, viewer),
    }
    return {**{mood: each.public_id for mood, each in found.items()}, "own_change": own.object_id}


def batches(slug: str) -> dict[str, str]:
    """Refunds of several payments that somebody asked for, by their mood, and the approval of the one that waits."""
    merchant = Merchant.objects.get(slug=slug)
    viewer, owner = (User.objects.get(email=f"{role}@{slug}.example") for role in ("viewer", "owner"))
    paid = Payment.objects.for_merchant(merchant, True).filter(status="succeeded", currency="EUR", refunds_total=0)
    payments = list(paid.select_related("account").order_by(*_OLDEST)[4:9])
    terms = BatchTerms(RefundReason.OTHER, "The tour over the glacier is called off because of the weather. " * 7)
    waiting, ended = (asked.batch(some, viewer, terms=terms) for some in (payments[:2], payments[2:]))
    approve(approval=asked.approval_of(ended), by=asked.actor(owner))
    done, declined, _unsent = ended.commands.select_related("payment", "batch").order_by("pk")
    for command in (done, declined):
        MoneyCommand.objects.filter(pk=command.pk).update(command_state="sending", first_sent_at=now())
        command.refresh_from_db(fields=["command_state", "first_sent_at"])
    settle.succeed(command=done, external_id=f"re_{done.public_id}")
    settle.fail(command=declined, code="unheard_of", message="The card network did not take it. " * 9)
    withdraw_batch(batch=ended, by=asked.actor(owner))
    return {"waiting": waiting.public_id, "ended": ended.public_id, "approval": asked.approval_of(waiting).public_id}


def _capture(merchant: Merchant, viewer: User) -> Approval:
    """Of a part of a payment, by somebody who may capture nothing alone."""
    place = {"merchant": merchant, "livemode": True, "role": "viewer", "action": Action.CAPTURE}
    held = Payment.objects.for_merchant(merchant, True).filter(status="authorised", currency="EUR")
    payment = held.earliest(*_OLDEST)
    RoleLimit.objects.create(**place, currency=payment.currency, single=0, daily=0)
    half = Money(payment.amount // 2, payment.currency)
    given = {"payment": payment, "money": half, "seen_held": payment.amount, "note": "The second box is sold out. " * 9}
    return asked.approval_of(request_capture(**given, form_key=str(uuid.uuid4()), by=asked.actor(viewer)))


def movement(slug: str, **told: object) -> str:
    return BalanceTransaction.objects.filter(merchant__slug=slug, livemode=True, **told).latest("pk").public_id


def tagged(public_id: str) -> str:
    payment = Payment.objects.get(public_id=public_id)
    for word in ("expedition", "check-again", "w" * 30):
        place = {"merchant": payment.merchant, "livemode": payment.livemode, "by": SYSTEM}
        add_tag(**place, payments=[public_id], word=word)
    return public_id


def unclear(slug: str) -> dict[str, str]:
    """Requests by what is wrong with them, of which no worker takes any."""
    payments = Payment.objects.filter(merchant__slug=slug, status="succeeded").order_by(*_NEWEST)
    never = {"next_attempt_at": now() + timedelta(days=300)}
    unknown = write_command(payments[0], CommandState.UNKNOWN, age=900, **never)
    for age, call, reply in [(900, "send", "unclear"), (840, "ask", "unavailable"), (600, "ask", "not_found")]:
        write_exchange(
            unknown, call, reply, age=age, detail="No answer came within 25 seconds. " * 4, request_id="req_Kb3x9ZqLmT"
        )
    dead = write_command(payments[1], CommandState.SENDING, age=900, state="dead", attempts=8, error="KeyError: 'x'")
    contradicted = write_command(payments[2], CommandState.FAILED, age=9_000, external_id="re_after_all")
    found = {"unknown": unknown, "dead": dead, "contradicted": contradicted}
    return {name: command.public_id for name, command in found.items()}


def view(slug: str, name: str, query: str) -> str:
    place = {"merchant": Merchant.objects.get(slug=slug), "livemode": True, "kind": ListKind.TRANSACTIONS}
    return save_view(**place, owner_id=None, name=name, query=query, by=SYSTEM).public_id


def busy() -> str:
    user = make_person("busy@paper-boats.example")
    KnownDevice.objects.create(user=user, label="Firefox on Linux", expires_at=now().replace(year=2100))
    return user.email


def links(name: str) -> str:
    """A link as it stands in a mail or is printed by a command, path only."""
    user = User.objects.filter(email=f"{name}@links.example").first() or make_person(f"{name}@links.example")
    if name == "invite":
        address = invite(user=user)
        return address[address.index("/accounts/") :]
    if name == "confirm":
        key = EmailConfirmationHMAC(EmailAddress.objects.get(user=user)).key
        return reverse("account_confirm_email", args=[key])
    token = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token})
