"""Reading customers: whom people look for by an address or a name."""

from django.db.models import Q

from billing.customers.models import Customer
from billing.mirror.models import MirroredQuerySet
from billing.mirror.queries import begins, with_keys


def of_email(customers: MirroredQuerySet[Customer], address: str) -> MirroredQuerySet[Customer]:
    """Customers with that e-mail address, whatever its capitals."""
    # The first condition is the partial index's own.
    return customers.filter(~Q(email=""), email__iexact=address)


def of_name(customers: MirroredQuerySet[Customer], text: str) -> MirroredQuerySet[Customer]:
    """Customers whose name begins with ``text``."""
    return with_keys(customers, "name").filter(begins("name", text))
