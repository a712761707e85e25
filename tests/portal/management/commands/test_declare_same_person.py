"""``manage.py declare_same_person`` says that accounts belong to one person."""

import pytest
from django.core.management import CommandError, call_command

from billing.approvals.models import PersonAccount
from billing.approvals.persons import is_same_person
from billing.audit.models import AuditEvent
from tests.portal.people import make_person

pytestmark = pytest.mark.django_db


def declare(capsys, *emails):
    call_command("declare_same_person", *emails)
    return capsys.readouterr().out


@pytest.fixture
def people():
    return [make_person(f"{name}@acme.example") for name in ("ann", "ann.b", "bob")]


def test_they_are_one_person_from_then_on(capsys, people):
    ann, other, bob = people
    assert "are one person from now on" in declare(capsys, "ann@acme.example", " ANN.B@acme.example")
    assert is_same_person(ann.public_id, other.public_id)
    assert not is_same_person(ann.public_id, bob.public_id)
    event = AuditEvent.objects.get(action="person.declared")
    assert (event.actor_label, event.after["accounts"]) == (
        "manage.py declare_same_person",
        sorted([ann.public_id, other.public_id]),
    )


def test_again_it_changes_nothing(capsys, people):
    declare(capsys, "ann@acme.example", "ann.b@acme.example")
    assert "were one person already" in declare(capsys, "ann.b@acme.example", "ann@acme.example")
    assert AuditEvent.objects.filter(action="person.declared").count() == 1


def test_a_third_account_joins_them(capsys, people):
    declare(capsys, "ann@acme.example", "ann.b@acme.example")
    declare(capsys, "bob@acme.example", "ann@acme.example")
    assert is_same_person(people[1].public_id, people[2].public_id)


@pytest.mark.parametrize(
    ("emails", "words"),
    [
        (["ann@acme.example"], "two different accounts"),
        (["ann@acme.example", "Ann@acme.example"], "two different accounts"),
        (["ann@acme.example", "nobody@acme.example"], "There is no nobody@acme.example. Nothing was declared."),
    ],
)
def test_what_makes_no_sense_is_refused(people, emails, words):
    with pytest.raises(CommandError, match=words):
        call_command("declare_same_person", *emails)
    assert not PersonAccount.objects.exists()
