"""A shop where a refund waits for a second person, and somebody who would rather do without."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.models import Approval
from billing.approvals.persons import declare_same_person
from billing.audit.actor import SYSTEM
from billing.commands.models import MoneyCommand
from billing.merchants.members import change_role
from billing.merchants.models import Membership
from billing.payments.models import Payment
from portal.accounts.user import User
from tests.billing.commands.till import Till
from tests.portal.asked import actor
from tests.portal.people import make_person, sign_in
from tests.portal.refunds import typed, words

# What Support refunds alone: of one payment, and in a day.
ALONE, IN_A_DAY = 100_00, 500_00
ASKED = 150_00


class Scene:
    """``command`` is a refund of 150.00 EUR that ``agent`` asked for, who may refund 100.00 alone."""

    def __init__(self, till: Till) -> None:
        self.till, self.shop = till, till.account.merchant
        self.owner, self.admin = self.hire(MerchantRole.OWNER), self.hire(MerchantRole.ADMIN)
        self.agent = self.hire(MerchantRole.SUPPORT)
        self.payments = [till.sell(200_00)]
        self.command = self.ask(ASKED)
        self.approval = Approval.objects.get(object_id=self.command.public_id)

    # --- People ---
    def hire(self, role: MerchantRole | None = None, staff_role: StaffRole | None = None) -> User:
        merchant = self.shop if role else None
        return make_person(merchant=merchant, role=role or MerchantRole.OWNER, staff_role=staff_role)

    def becomes(self, person: User, role: MerchantRole) -> None:
        change_role(membership=Membership.objects.get(user=person), role=role, by=SYSTEM)

    def leaves(self, person: User) -> None:
        Membership.objects.get(user=person).delete()

    def is_let_go(self, person: User) -> None:
        User.objects.filter(pk=person.pk).update(disabled_at=clock.now())

    def are_one_person(self, *people: User) -> None:
        declare_same_person(account_ids=[each.public_id for each in people], by=SYSTEM)

    # --- Money ---
    @property
    def payment(self) -> Payment:
        return self.payments[0]

    def sell(self, amount: int = 200_00, **more: Any) -> Payment:
        self.payments.append(self.till.sell(amount, **more))
        return self.payments[-1]

    def ask(self, amount: int, *, of: Payment | None = None, by: User | None = None, **more: Any) -> MoneyCommand:
        return self.till.ask(of or self.payment, amount, by=actor(by or self.agent), **more)

    def moved(self) -> int:
        """What the processor has given back, in minor units, once everything that may be sent was."""
        for _ in range(len(self.payments) + 5):
            self.till.work()
        return sum(refund.amount for payment in self.payments for refund in self.till.made(payment))

    # --- Pages ---
    def url(self, rest: str = "approve/", *, of: Approval | None = None, mode: str = "test", slug: str = "") -> str:
        return f"/m/{slug or self.shop.slug}/{mode}/approvals/{(of or self.approval).public_id}/{rest}"

    def ops(self, rest: str = "approve/", *, of: Approval | None = None) -> str:
        return f"/ops/approvals/{(of or self.approval).public_id}/{rest}"

    def browser(self, person: User, *, minutes_ago: float = 0, **more: Any) -> Client:
        """Signed in, with a code given that long ago."""
        return sign_in(Client(**more), person, factor_at=clock.now() - timedelta(minutes=minutes_ago))

    def approves(self, person: User, **more: Any) -> HttpResponse:
        """That person on the merchant's pages, with a fresh code."""
        return self.browser(person).post(self.url(**more))

    def asks_as_staff(self, person: User, *, of: Payment) -> Approval:
        """For all that was paid, on the staff's pages, with a fresh code."""
        answer = self.browser(person).post(f"/ops/transactions/{of.public_id}/refund/", typed(of, how="full"))
        assert answer.status_code == 303, words(answer)
        return Approval.objects.get(object_id=MoneyCommand.objects.get(payment=of).public_id)

    def rejects(self, person: User, *, of: Approval | None = None, **fields: Any) -> HttpResponse:
        return self.browser(person).post(self.url("reject/", of=of), {"comment": "No.", **fields})


# What somebody tries, and the most that may be gone afterwards, in minor units: nothing where it says None.
Way = Callable[[Scene], int | None]
WAYS: dict[str, Way] = {}


def way(tried: Way) -> Way:
    """One way round the second person; its name says which."""
    if tried.__name__ in WAYS:
        raise ValueError(f"{tried.__name__} is there twice")
    WAYS[tried.__name__] = tried
    return tried
