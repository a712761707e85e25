"""Tags on the page of a payment."""

import pytest

from billing.access.roles import MerchantRole
from billing.tags.change import add_tag
from billing.tags.models import MOST
from billing.tags.queries import tags_on
from tests.billing.deliveries import make_connection
from tests.billing.factories import TESTER
from tests.portal.fragments import element, swap
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "tags"}


@pytest.fixture
def payment(shop):
    return pay(make_connection(shop))


@pytest.fixture
def client(shop):
    return signed_in(make_person(merchant=shop, role=MerchantRole.SUPPORT))


def page_of(payment, rest=""):
    return address(payment.merchant, f"transactions/{payment.public_id}/{rest}")


def send(client, payment, word, change="add", **more):
    return client.post(page_of(payment, "tags/"), {"word": word, "change": change}, **more)


def tags(payment):
    return tags_on([payment.public_id]).get(payment.public_id, [])


def test_without_scripts_tags_come_and_go(client, payment):
    answer = send(client, payment, "Check-Again")
    assert (answer.status_code, answer["Location"]) == (302, f"{page_of(payment)}#tags")
    html = client.get(page_of(payment)).content.decode()
    assert "Tag “check-again” added." in html
    assert f'href="{address(payment.merchant)}?tag=check-again"' in html
    send(client, payment, "vip")
    assert tags(payment) == ["check-again", "vip"]
    send(client, payment, "check-again", "remove")
    assert tags(payment) == ["vip"]
    assert client.get(page_of(payment, "tags/"))["Location"] == f"{page_of(payment)}#tags"


def test_a_swapped_panel_shows_what_the_page_does(client, payment):
    answer = send(client, payment, "vip", headers=HTMX)
    assert "added." in answer["HX-Trigger"].encode().decode("unicode_escape")
    assert answer.content.lstrip().startswith(b"<title>20.00 EUR")
    panel = swap(client, page_of(payment, "_/tags/"), "tags")
    for content in (answer.content, panel.content, client.get(page_of(payment)).content):
        assert "Remove the tag vip" in str(element(content, "tags"))


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(("word", "words"), [("two words", "A tag is one word"), ("", "Enter a tag.")])
def test_what_is_no_tag_is_said(client, payment, headers, word, words):
    answer = send(client, payment, word, headers=headers)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "<title>Error:" in html
    assert words in html
    assert f'value="{word}"' in html or not word
    assert tags(payment) == []


def test_a_payment_that_is_full_says_so(client, payment):
    for number in range(MOST):
        ids = [payment.public_id]
        add_tag(merchant=payment.merchant, livemode=False, payments=ids, word=f"t{number}", by=TESTER)
    answer = send(client, payment, "more")
    assert answer.status_code == 422
    assert f"at most {MOST} tags" in answer.content.decode()


def test_who_may_not_write_sees_tags_and_changes_none(client, payment):
    send(client, payment, "vip")
    viewer = signed_in(make_person(merchant=payment.merchant, role=MerchantRole.VIEWER))
    panel = str(element(viewer.get(page_of(payment)).content, "tags"))
    assert "vip" in panel
    assert "form" not in panel
    assert send(viewer, payment, "vip", "remove").status_code == 403
    assert tags(payment) == ["vip"]


def test_a_foreign_payment_is_not_there(client, payment):
    other = pay(make_connection(make_merchant("globex")))
    assert client.post(address(payment.merchant, f"transactions/{other.public_id}/tags/")).status_code == 404
    assert client.post(page_of(other, "tags/"), {"word": "x", "change": "add"}).status_code == 404
    assert tags(other) == []
