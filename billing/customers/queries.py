"""Reading customers: whom people look for by an address or a name."""

from billing.customers.models import Customer
from billing.mirror.models import MirroredQuerySet
from billing.mirror.queries import begins, with_keys


def of_email(customers: MirroredQuerySet[Customer], address: str) -> MirroredQuerySet[Customer]:
    """Customers with that e-mail address, whatever its capitals."""
    return customers.filter(email__iexact=address)


def of_name(customers: MirroredQuerySet[Customer], text: str) -> MirroredQuerySet[Customer]:
    """Customers whose name begins with ``text``."""
    return with_keys(customers, "name").filter(begins("name", text))
