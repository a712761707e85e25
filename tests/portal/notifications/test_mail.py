"""A notice goes out as one mail, whatever the mail server does meanwhile."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core import mail as post
from django.test import override_settings

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.decide import approve
from billing.audit.actor import SYSTEM
from billing.commands.settle import fail
from billing.merchants.members import remove_membership
from billing.queue.models import State
from billing.queue.run import claim_and_run
from portal.notifications import mail_server
from portal.notifications.mail import MAILS
from portal.notifications.models import Channel, NoticeChoice, NoticeMail
from tests.portal.notifications.desk import SMALL, Desk, actor, relay, told
from tests.portal.people import make_person

pytestmark = pytest.mark.django_db


class Refusing(socketserver.StreamRequestHandler):
    """A mail server that has nothing but one answer to whoever a mail is for."""

    answer = b""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            self.wfile.write(self.answer if line.upper().startswith(b"RCPT") else b"250 fine\r\n")


@contextmanager
def server(answer: str) -> Iterator[None]:
    handler = type("Answering", (Refusing,), {"answer": answer.encode() + b"\r\n"})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        with smtp(running.server_address[1]):
            yield
        running.shutdown()


def smtp(port: int) -> override_settings:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    return override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port)


@pytest.fixture(autouse=True)
def _rested(monkeypatch):
    monkeypatch.setattr(mail_server, "_rests_until", 0.0)


@pytest.fixture
def asked(desk, owner):
    """An approval of which the owner was told, and the mail that waits."""
    approval = desk.asks_approval()
    relay()
    return approval


def send() -> None:
    while claim_and_run(MAILS):
        pass


def test_a_notice_is_one_mail_with_an_id_of_its_own(owner, asked, settings):
    settings.PUBLIC_URL = "https://pay.shop.example"
    send()
    message = post.outbox[0].message()
    notice = told(owner)[0]
    assert len(post.outbox) == 1
    assert message["Message-ID"] == f"<{notice.public_id}@pay.shop.example>"
    assert message["To"] == owner.email
    assert "refund of 150.00 EUR" in message["Subject"]


def test_it_leads_to_the_page_and_names_our_reference(desk, asked, settings):
    settings.PUBLIC_URL = "https://pay.shop.example"
    send()
    text = post.outbox[0].body
    assert f"https://pay.shop.example/m/{desk.merchant.slug}/test/approvals/{asked.public_id}/" in text
    assert asked.object_id in text
    assert "https://pay.shop.example/me/notifications/" in text


def test_staff_are_led_to_their_own_page(desk):
    staff = make_person(staff_role=StaffRole.FINANCEOPS)
    NoticeChoice.objects.create(user=staff, merchant=None, kind="approval.needed", channel=Channel.MAIL, wanted=True)
    approval = desk.asks_approval()
    relay()
    send()
    assert f"/ops/approvals/{approval.public_id}/" in post.outbox[0].body


def test_it_names_no_buyer_and_repeats_nobodys_words(desk, owner, asked):
    approve(approval=asked, by=actor(owner), comment="Lena Vogt wrote twice.")
    fail(command=desk.asks(SMALL), code="no", message="The card of Lena Vogt is gone.")
    relay()
    send()
    assert len(post.outbox) == 2
    whole = "".join(str(each.message()) for each in post.outbox)
    assert "Lena" not in whole
    assert "lena@vogt.example" not in whole


@pytest.mark.parametrize(("livemode", "marked"), [(False, True), (True, False)])
def test_test_mode_is_said_in_the_subject(livemode, marked):
    desk = Desk(livemode=livemode)
    desk.hires(MerchantRole.OWNER)
    desk.asks_approval()
    relay()
    send()
    assert post.outbox[0].subject.startswith("Test mode") == marked


def test_everybody_reads_it_in_their_own_language_and_zone(desk, owner, time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)
    owner.language, owner.timezone = "fr", "Asia/Tokyo"
    owner.save(update_fields=["language", "timezone"])
    admin = desk.hires(MerchantRole.ADMIN)
    desk.asks_approval()
    relay()
    send()
    mails = {each.to[0]: each.body for each in post.outbox}
    assert "20 nov. 2026, 21:00 (Asia/Tokyo)" in mails[owner.email]
    assert "20 Nov 2026, 13:00 (Europe/Paris)" in mails[admin.email]


def test_a_server_that_is_away_gets_it_when_it_is_back(asked, monkeypatch):
    with smtp(1):
        send()
    row = NoticeMail.objects.get()
    assert (row.state, row.attempts) == (State.PENDING, 0)
    assert row.next_attempt_at > clock.now()
    assert "away" in row.error
    monkeypatch.setattr(mail_server, "_rests_until", 0.0)
    NoticeMail.objects.update(next_attempt_at=clock.now())
    send()
    assert len(post.outbox) == 1
    assert NoticeMail.objects.get().state == State.DONE


def test_while_the_server_is_away_the_others_do_not_wait_for_it(desk, asked):
    desk.asks_approval()
    relay()
    with smtp(1):
        send()
    # The server is back, but nobody looks before it had its rest.
    NoticeMail.objects.update(next_attempt_at=clock.now())
    send()
    assert post.outbox == []
    assert {row.attempts for row in NoticeMail.objects.all()} == {0}


def test_a_recipient_that_the_server_refuses_is_set_aside_for_a_person(owner, asked):
    with server(f"550 no such person as {owner.email}"):
        send()
    row = NoticeMail.objects.get()
    assert row.state == State.DEAD
    assert "550" in row.error
    assert owner.email not in row.error


def test_a_server_in_a_hurry_is_asked_again(asked):
    with server("451 later"):
        send()
    assert NoticeMail.objects.get().state == State.PENDING


def test_after_three_days_it_is_news_no_more(asked, time_machine):
    time_machine.move_to(clock.now() + timedelta(days=3, minutes=1))
    send()
    assert post.outbox == []
    assert NoticeMail.objects.get().state == State.DEAD


def test_whoever_left_before_it_was_sent_gets_none(desk, owner, asked):
    desk.hires(MerchantRole.OWNER)
    remove_membership(membership=owner.memberships.get(), by=SYSTEM)
    send()
    assert post.outbox == []


def test_nobody_is_asked_by_mail_for_what_is_decided(desk, owner, asked):
    approve(approval=asked, by=actor(owner))
    relay()
    send()
    assert [each.to for each in post.outbox] == [[desk.support.email]]


def test_no_mail_to_whoever_wants_none(desk, owner):
    NoticeChoice.objects.create(
        user=owner, merchant=desk.merchant, kind="approval.needed", channel=Channel.MAIL, wanted=False
    )
    desk.asks_approval()
    relay()
    send()
    assert post.outbox == []
    assert told(owner)[0].shown


def test_a_slow_mail_server_holds_up_no_money():
    assert MAILS.asks
    assert MAILS.pool == "documents"
