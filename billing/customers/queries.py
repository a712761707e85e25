"""Reading customers: whom people look for by an id, an address or a name, and what they pay with."""

from django.db.models import Case, Q, Value, When

from billing.customers.models import Customer, PaymentMethod
from billing.mirror.models import MirroredQuerySet
from billing.mirror.queries import Accounts, begins, by_any, with_keys

# Columns of a row of the list.
ROW = ("id", "public_id", "external_id", "name", "email", "deleted", "created_at", "account_id")
# More means of payment say nothing more of somebody.
_MOST_METHODS = 20


def search(
    customers: MirroredQuerySet[Customer], text: str, *, accounts: Accounts, by_person: bool
) -> MirroredQuerySet[Customer]:
    """Customers that ``text`` names: by an id of ours or of the processor at one of ``accounts``, by an e-mail address,
    or by how their name begins. Without ``by_person`` neither names nor addresses are looked at."""
    if text.startswith(f"{Customer.PREFIX}_"):
        return customers.filter(public_id=text)
    if "@" in text:
        return of_email(customers, text) if by_person else customers.none()
    ways = [Q(account__in=accounts, external_id=text)]
    if by_person:
        ways.append(begins("name", text))
    return by_any(with_keys(customers, "name"), ways)


def of_email(customers: MirroredQuerySet[Customer], address: str) -> MirroredQuerySet[Customer]:
    """Customers with that e-mail address, whatever its capitals."""
    return customers.filter(email__iexact=address)


def of_name(customers: MirroredQuerySet[Customer], text: str) -> MirroredQuerySet[Customer]:
    """Customers whose name begins with ``text``."""
    return with_keys(customers, "name").filter(begins("name", text))


def methods_of(customer: Customer) -> list[PaymentMethod]:
    """The newest means of payment that the processor keeps for them; the one that is used unless they choose another
    comes first."""
    kept = PaymentMethod.objects.for_merchant(customer.merchant_id, customer.livemode).filter(
        ~Q(customer_id=""), account=customer.account_id, customer_id=customer.external_id
    )
    usual = Case(When(external_id=customer.default_method_id, then=Value(0)), default=Value(1))
    return list(kept.order_by(usual, "-created_at", "-id")[:_MOST_METHODS])
