"""Which accounts belong to the same person, as somebody declared."""

import uuid
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from billing.approvals.models import PersonAccount
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.compiled import Compiled


def is_same_person(one: str, other: str) -> bool:
    """By the accounts' public ids. A desk that two people share is no proof, and nothing is guessed from names."""
    if one == other:
        return True
    persons = list(PersonAccount.objects.filter(account_id__in=[one, other]).values_list("person", flat=True))
    return len(persons) == 2 and persons[0] == persons[1]


def accounts_of_person(account_id: str) -> frozenset[str]:
    """All accounts of the person behind this one, itself among them, as somebody declared."""
    return frozenset({account_id, *(declared for (declared,) in _DECLARED(account_id))})


def _declared(account_id: str) -> QuerySet[PersonAccount, tuple[str]]:
    persons = PersonAccount.objects.filter(account_id=account_id).values("person")
    return PersonAccount.objects.filter(person__in=persons).values_list("account_id")


_DECLARED = Compiled(_declared)


def declare_same_person(*, account_ids: Collection[str], by: Actor) -> bool:
    """From now on these are one person, with all that were declared the same as any of them before. Declaring it
    again changes nothing; answers whether it was news."""
    with transaction.atomic():
        known = list(PersonAccount.objects.select_for_update().filter(account_id__in=account_ids).order_by("pk"))
        persons = {row.person for row in known}
        wanted = set(account_ids) - {row.account_id for row in known}
        if not wanted and len(persons) == 1:
            return False
        person = min(persons, default=uuid.uuid4())
        PersonAccount.objects.filter(person__in=persons).update(person=person)
        PersonAccount.objects.bulk_create([PersonAccount(account_id=each, person=person) for each in sorted(wanted)])
        record(
            merchant_id=None,
            actor=by,
            action="person.declared",
            object_type="person",
            object_id=str(person),
            after={"accounts": sorted(account_ids)},
        )
    return True
