"""What people choose to be told, and what they cannot do without."""

import re

import pytest

from billing.access.roles import MerchantRole, StaffRole
from portal.notifications.kinds import KINDS, REFUND_FAILED
from portal.notifications.models import Channel, NoticeChoice, NoticeMail
from portal.notifications.notify import News, channels_wanted, notify
from portal.notifications.recipients import Recipient
from tests.portal.notifications.desk import Desk, relay, told
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
ADDRESS = "/me/notifications/"
BOTH = frozenset(Channel)


@pytest.fixture
def shop():
    return make_merchant("acme")


@pytest.fixture
def owner(shop):
    return make_person(merchant=shop)


@pytest.fixture
def client(owner):
    return signed_in(owner)


def ticks(client):
    """Every tick of the page: whether it is set, and whether it can be."""
    page = client.get(ADDRESS).content.decode()
    boxes = re.findall(r'<input[^>]*name="([^"]+)"([^>]*)>', page.split("cf-choices")[1])
    return {name: ("checked" in rest, "disabled" not in rest) for name, rest in boxes if ":" in name}


def test_who_has_chosen_nothing_is_told_here_and_by_mail(client):
    assert set(ticks(client).values()) == {(True, True), (True, False)}


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (MerchantRole.OWNER, set(KINDS)),
        (
            MerchantRole.FINANCE,
            {"approval.decided", "command.failed", "command.done_after_all", "refund.failed", "refund.by_staff"},
        ),
        (MerchantRole.SUPPORT, {"approval.decided", "command.failed", "command.done_after_all"}),
    ],
)
def test_each_role_chooses_among_what_it_is_told(shop, role, kinds):
    shown = ticks(signed_in(make_person(merchant=shop, role=role)))
    assert {name.split(":")[1] for name in shown} == kinds


def test_staff_choose_for_all_merchants_at_once():
    shown = ticks(signed_in(make_person(staff_role=StaffRole.FINANCEOPS)))
    # Of every merchant's approvals, which would be many mails.
    assert shown == {":approval.needed:in_app": (True, True), ":approval.needed:mail": (False, True)}


def test_staff_get_mails_once_they_ask_for_them(desk):
    people = [make_person(staff_role=StaffRole.FINANCEOPS) for _ in range(2)]
    client = signed_in(people[0])
    client.post(ADDRESS, dict.fromkeys(ticks(client), "on"))
    assert set(ticks(client).values()) == {(True, True)}
    desk.asks_approval()
    relay()
    assert [notice.shown for person in people for notice in told(person)] == [True, True]
    assert list(NoticeMail.objects.values_list("notice__recipient", flat=True)) == [people[0].pk]
    client.post(ADDRESS, {":approval.needed:in_app": "on"})
    assert not NoticeChoice.objects.exists()
    assert channels_wanted(people[0], None, "approval.needed") == {Channel.IN_APP}


def test_who_is_told_nothing_has_nothing_to_choose():
    page = signed_in(make_person()).get(ADDRESS).content.decode()
    assert "Nothing to choose" in page


def test_a_choice_is_kept_for_one_merchant_alone(client, shop, owner):
    other = make_merchant("globex")
    owner.memberships.create(merchant=other, role=MerchantRole.OWNER)
    every = [name for name, (_, free) in ticks(client).items() if free]
    answer = client.post(ADDRESS, {name: "on" for name in every if name != "acme:approval.needed:mail"})
    assert answer.status_code == 303
    assert channels_wanted(owner, shop.pk, "approval.needed") == {Channel.IN_APP}
    assert channels_wanted(owner, other.pk, "approval.needed") == BOTH
    assert ticks(client)["acme:approval.needed:mail"] == (False, True)


def test_a_choice_is_undone(client, shop, owner):
    client.post(ADDRESS, {})
    assert channels_wanted(owner, shop.pk, "command.failed") == frozenset()
    client.post(ADDRESS, dict.fromkeys(ticks(client), "on"))
    assert channels_wanted(owner, shop.pk, "command.failed") == BOTH
    assert not NoticeChoice.objects.exists()


def test_what_is_mandatory_cannot_be_switched_off(client, shop, owner):
    assert ticks(client)[f"acme:{REFUND_FAILED}:mail"] == (True, False)
    client.post(ADDRESS, {})
    assert channels_wanted(owner, shop.pk, REFUND_FAILED) == BOTH
    # Not even by a row from elsewhere.
    NoticeChoice.objects.create(user=owner, merchant=shop, kind=REFUND_FAILED, channel=Channel.MAIL, wanted=False)
    assert channels_wanted(owner, shop.pk, REFUND_FAILED) == BOTH


def test_what_nobody_offered_is_not_kept(client, owner):
    make_merchant("globex")
    client.post(
        ADDRESS, {"globex:approval.needed:mail": "on", "acme:made.up:mail": "on", ":approval.needed:mail": "on"}
    )
    kept = NoticeChoice.objects.filter(user=owner)
    assert {(row.merchant.slug, row.wanted) for row in kept} == {("acme", False)}
    assert not kept.filter(kind="made.up").exists()


def test_choices_of_another_merchant_stay_when_a_role_ends_there(client, shop, owner):
    other = make_merchant()
    NoticeChoice.objects.create(user=owner, merchant=other, kind="command.failed", channel="mail", wanted=False)
    client.post(ADDRESS, {})
    assert NoticeChoice.objects.filter(merchant=other).exists()


def test_who_wants_it_by_mail_alone_sees_nothing_here():
    desk = Desk()
    owner = desk.hires(MerchantRole.OWNER)
    NoticeChoice.objects.create(
        user=owner, merchant=desk.merchant, kind="approval.needed", channel=Channel.IN_APP, wanted=False
    )
    desk.asks_approval()
    relay()
    assert [notice.shown for notice in told(owner)] == [False]
    assert NoticeMail.objects.count() == 1
    assert "No notifications" in signed_in(owner).get(f"/m/{desk.merchant.slug}/test/notifications/").content.decode()


def test_who_wants_nothing_gets_nothing(shop, owner):
    for channel in Channel:
        NoticeChoice.objects.create(user=owner, merchant=shop, kind="command.failed", channel=channel, wanted=False)
    news = News("command.failed", shop.pk, False, "ref_1", [Recipient(owner, as_staff=False)])
    assert notify([news]) == []
    assert told(owner) == []


def test_what_one_wants_as_staff_is_another_choice(shop):
    both = make_person(merchant=shop, staff_role=StaffRole.FINANCEOPS)
    assert channels_wanted(both, None, "approval.needed") == {Channel.IN_APP}
    assert channels_wanted(both, shop.pk, "approval.needed") == BOTH
    NoticeChoice.objects.create(user=both, merchant=None, kind="approval.needed", channel="mail", wanted=True)
    NoticeChoice.objects.create(user=both, merchant=shop, kind="approval.needed", channel="mail", wanted=False)
    assert channels_wanted(both, None, "approval.needed") == BOTH
    assert channels_wanted(both, shop.pk, "approval.needed") == {Channel.IN_APP}
