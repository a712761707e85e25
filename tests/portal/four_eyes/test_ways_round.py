"""Nobody moves a large sum alone: every way round the second person that we know of, tried through the pages, with the
money looked for at the processor."""

import pytest

from billing.audit.models import AuditEvent
from tests.billing.commands.till import Till
from tests.portal.four_eyes import by_whom, how, how_much, together
from tests.portal.four_eyes.scene import ASKED, WAYS, Scene

MODULES = (by_whom, how, how_much, together)


@pytest.mark.parametrize("tried", WAYS.values(), ids=WAYS)
def test_no_way_leads_round_the_second_person(till: Till, tried):
    scene = Scene(till)
    most = tried(scene) or 0
    assert scene.moved() <= most


def test_a_second_person_opens_the_door(till: Till):
    scene = Scene(till)
    assert scene.approves(scene.owner).status_code == 303
    assert scene.moved() == ASKED
    told = AuditEvent.objects.filter(object_id__in=[scene.approval.public_id, scene.command.public_id])
    assert {scene.owner.public_id, scene.agent.public_id} <= set(told.values_list("actor_id", flat=True))


def test_forty_ways_are_tried_and_more():
    """``n`` of the invariant S11."""
    assert len(WAYS) >= 40
    assert {tried.__module__ for tried in WAYS.values()} == {module.__name__ for module in MODULES}
