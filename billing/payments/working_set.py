"""The payments and attempts that a batch of events touches: read and locked once, written once."""

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from functools import cache

from django.db import IntegrityError
from django.db.models import ManyToOneRel, Model, Q

from billing import clock
from billing.bulk import insert, overwrite
from billing.customers.models import belongs_to
from billing.figures.keep import count, current
from billing.merchants.models import Merchant
from billing.mirror.fold import IDENTITY, UNIQUE_VIOLATION, Ref
from billing.notes.models import SubjectKind
from billing.notes.move import move_notes
from billing.outbox.publish import Fact, publish
from billing.payments.derive import derive
from billing.payments.figures import PAYMENTS
from billing.payments.models import Payment, PaymentAttempt
from billing.payments.restate import restated
from billing.queue.run import TryAgain
from billing.retry import sqlstate
from billing.tags.move import move_tags
from billing.webhooks.parking import wake

_NEVER_CHANGES = {"public_id", "merchant_id", "livemode"}


class WorkingSet:
    """Existing payments are locked in the order of their ids. A payment or attempt that another worker made
    meanwhile makes the whole batch start again (TryAgain)."""

    def __init__(self, *, merchants: Mapping[int, Merchant]) -> None:
        self._merchants = dict(merchants)
        self._payments: dict[Ref, Payment] = {}
        self._attempts: dict[Ref, PaymentAttempt] = {}
        self._before: dict[Ref, Payment] = {}
        self._changed: set[Ref] = set()
        self._changed_attempts: set[Ref] = set()
        self._moves: list[tuple[Payment, PaymentAttempt]] = []
        self._arrived: list[Ref] = []

    def load(self, *, payments: Iterable[Ref], charges: Iterable[Ref]) -> None:
        wanted, charge_ids = set(payments), {external_id for _, external_id in charges}
        accounts = {account_id for account_id, _ in wanted}
        known = PaymentAttempt.objects.filter(account_id__in=accounts, external_id__among=charge_ids)
        owners = set(known.values_list("payment_id", flat=True)) if charge_ids else set()
        named = {external_id for _, external_id in wanted}
        here = Q(account_id__in=accounts, external_id__among=named)
        if owners:
            here = here | Q(pk__among=owners)
        for payment in Payment.objects.filter(here).order_by("pk").select_for_update(no_key=True, of=("self",)):
            ref = (payment.account_id, payment.external_id)
            self._payments[ref], self._before[ref] = payment, copy(payment)
        self._load_attempts()
        if owners - {payment.pk for payment in self._payments.values()}:
            raise TryAgain("a charge moved to another payment meanwhile")

    def load_by_id(self, ids: Iterable[int]) -> dict[int, Payment]:
        """Lock payments for what slices above have to say about them; pass each changed one to ``touch``. Raises
        TryAgain for one that was given up since somebody found it."""
        wanted = set(ids)
        found = Payment.objects.filter(pk__among=wanted).order_by("pk").select_for_update(no_key=True, of=("self",))
        for payment in found:
            ref = (payment.account_id, payment.external_id)
            self._payments[ref], self._before[ref] = payment, copy(payment)
        if len(self._payments) < len(wanted):
            raise TryAgain("a charge moved to another payment meanwhile")
        self._load_attempts()
        return {payment.pk: payment for payment in self._payments.values()}

    def _load_attempts(self) -> None:
        if not self._payments:
            return
        by_id = {payment.pk: payment for payment in self._payments.values()}
        for attempt in PaymentAttempt.objects.filter(payment_id__in=by_id):
            attempt.payment = by_id[attempt.payment_id]
            self._attempts[attempt.account_id, attempt.external_id] = attempt

    def payment(self, ref: Ref, *, merchant: Merchant, livemode: bool) -> Payment:
        """The payment, made when it is not here yet."""
        payment = self._payments.get(ref)
        if payment is None:
            payment = Payment(merchant=merchant, account_id=ref[0], livemode=livemode, external_id=ref[1])
            self._payments[ref] = payment
            self._changed.add(ref)
        return payment

    def attempt(self, ref: Ref) -> PaymentAttempt | None:
        return self._attempts.get(ref)

    def put(self, ref: Ref, attempt: PaymentAttempt, payment: Payment) -> None:
        """Place a new attempt under a payment, or move one from where it was."""
        if ref in self._attempts:
            self.touch(attempt.payment)
            self._moves.append((attempt.payment, attempt))
        attempt.payment = payment
        self._attempts[ref] = attempt
        self._changed_attempts.add(ref)
        self.touch(payment)

    def touch(self, row: Payment | PaymentAttempt) -> None:
        ref = (row.account_id, row.external_id)
        if isinstance(row, PaymentAttempt):
            self._changed_attempts.add(ref)
            row = row.payment
        self._changed.add((row.account_id, row.external_id))

    def save(self) -> None:
        """Derive what follows from the snapshots, then count the change and write payments, attempts and outbox."""
        attempts = self._attempts_by_payment()
        figures, kept, given_up = current(), [], []
        for ref in sorted(self._changed):
            payment, before = self._payments[ref], self._before.get(ref)
            merchant = self._merchants[payment.merchant_id]
            counted = count(before, PAYMENTS) if before is not None else None
            if not payment.intent and not attempts.get(ref):
                figures.change(merchant, payment.livemode, PAYMENTS, before=counted, after=None)
                given_up.append(payment)
                continue
            derive(payment, attempts.get(ref, ()))
            payment.updated_at = clock.now()
            figures.change(merchant, payment.livemode, PAYMENTS, before=counted, after=count(payment, PAYMENTS))
            kept.append(payment)
        self._write(kept)
        if self._moves:
            self._move_what_follows()
            self._move_words(given_up)
            self._restate(kept, attempts)
        Payment.objects.filter(pk__in=[payment.pk for payment in given_up if payment.pk]).delete()
        wake(self._arrived)
        publish(_changed(payment) for payment in kept)

    def _move_what_follows(self) -> None:
        for old, attempt in self._moves:
            for model in _followers():
                moved = model._default_manager.filter(payment_id=old.pk, charge_id=attempt.external_id)
                moved.update(payment=attempt.payment)

    def _move_words(self, given_up: Collection[Payment]) -> None:
        """Notes and tags are about a payment, not about a charge: they stay unless the payment goes."""
        for old, attempt in self._moves:
            if old in given_up:
                kind, new = SubjectKind.PAYMENT, attempt.payment.public_id
                move_notes(merchant_id=old.merchant_id, kind=kind, old=old.public_id, new=new)
                move_tags(merchant_id=old.merchant_id, livemode=old.livemode, old=old.public_id, new=new)

    def _restate(self, kept: list[Payment], attempts: Mapping[Ref, list[PaymentAttempt]]) -> None:
        """What slices above know of payments between which charges moved, and with those what belongs to them."""
        moved = {payment.pk for old, attempt in self._moves for payment in (old, attempt.payment)}
        payments = [payment for payment in kept if payment.pk in moved]
        columns = restated([payment.pk for payment in payments])
        for payment in payments:
            merchant, before = self._merchants[payment.merchant_id], count(payment, PAYMENTS)
            for name, value in columns[payment.pk].items():
                setattr(payment, name, value)
            derive(payment, attempts.get((payment.account_id, payment.external_id), ()))
            after = count(payment, PAYMENTS)
            current().change(merchant, payment.livemode, PAYMENTS, before=before, after=after)
        overwrite(payments, unique=IDENTITY, keep=_NEVER_CHANGES)

    def _attempts_by_payment(self) -> dict[Ref, list[PaymentAttempt]]:
        result: dict[Ref, list[PaymentAttempt]] = {}
        for attempt in self._attempts.values():
            result.setdefault((attempt.account_id, attempt.payment.external_id), []).append(attempt)
        return result

    def _write(self, payments: list[Payment]) -> None:
        attempts = [self._attempts[ref] for ref in sorted(self._changed_attempts)]
        new_attempts = [attempt for attempt in attempts if attempt.pk is None]
        stored_attempts = [attempt for attempt in attempts if attempt.pk is not None]
        new_payments = [payment for payment in payments if payment.pk is None]
        stored_payments = [payment for payment in payments if payment.pk is not None]
        try:
            insert(new_payments, unique=IDENTITY)
            for attempt in attempts:
                # Assigned anew, because the payment got its id only now.
                attempt.payment = attempt.payment
            insert(new_attempts, unique=IDENTITY)
            self._arrived = [(each.account_id, each.external_id) for each in new_payments]
            self._arrived += [(each.account_id, each.external_id) for each in new_attempts]
        except IntegrityError as error:
            if sqlstate(error) != UNIQUE_VIOLATION:
                raise
            raise TryAgain("another worker made the same payment") from error
        # The rows are locked and exist, so the conflict always happens; one statement writes them all.
        for rows in (stored_payments, stored_attempts):
            overwrite(rows, unique=IDENTITY, keep=_NEVER_CHANGES)


def _changed(payment: Payment) -> Fact:
    told = belongs_to(payment.customer_external_id)
    return Fact("payment.changed", payment.merchant_id, payment.livemode, payment.public_id, told)


@cache
def _followers() -> list[type[Model]]:
    """Models whose rows belong to one charge of a payment, and move with it: refunds, disputes, lines of timelines."""
    related = [field for field in Payment._meta.get_fields(include_hidden=True) if isinstance(field, ManyToOneRel)]
    models = [field.related_model for field in related if field.field.name == "payment"]
    return [model for model in models if any(field.name == "charge_id" for field in model._meta.concrete_fields)]
