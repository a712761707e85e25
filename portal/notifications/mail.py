"""Sends notices as mails, and goes on trying while the mail server is away."""

from collections.abc import Mapping, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from billing import clock
from billing.access.roles import StaffRole
from billing.commands.queries import has_failed
from billing.merchants.authority import role_of
from billing.queue.registry import Dead, Done, Queue, Verdict, Work
from portal.accounts.language import offered
from portal.notifications.kinds import APPROVAL_NEEDED, COMMAND_FAILED, KINDS
from portal.notifications.mail_server import GIVEN_UP_AFTER, MailRefused, hand_over, headers_of
from portal.notifications.models import Notice, NoticeMail
from portal.notifications.notify import QUEUE
from portal.notifications.words import page_of, reference_of, words


def send_mails(mails: Sequence[NoticeMail]) -> Work:
    """Outside of any transaction: the server may be slow. Raises Interrupted while it is away."""
    verdicts = {mail.pk: _send(mail) for mail in mails}
    return partial(_verdicts, verdicts)


def _verdicts(verdicts: Mapping[int, Verdict], mails: Sequence[NoticeMail]) -> Mapping[int, Verdict]:
    return verdicts


def _send(mail: NoticeMail) -> Verdict:
    notice = Notice.objects.select_related("recipient", "merchant").get(pk=mail.notice_id)
    if clock.now() - mail.created_at > GIVEN_UP_AFTER:
        return Dead("no server took it within three days")
    if not _still_news(notice):
        return Done()
    try:
        hand_over(message_of(notice))
    except MailRefused as refused:
        return Dead(str(refused))
    return Done()


def _still_news(notice: Notice) -> bool:
    """Whoever left meanwhile is told no more, nobody is asked for what was decided, or read here already, and nothing
    is called undone that was done after all."""
    user, kind = notice.recipient, KINDS[notice.kind]
    if user.disabled_at is not None or (notice.kind == APPROVAL_NEEDED and notice.read_at is not None):
        return False
    if notice.kind == COMMAND_FAILED and not has_failed(notice.object_id):
        return False
    if notice.as_staff:
        return bool(user.staff_role) and (not kind.staff or StaffRole(user.staff_role) in kind.staff)
    return role_of(user.public_id, notice.merchant_id) in kind.members


def message_of(notice: Notice) -> EmailMessage:
    """In the language and zone of whoever gets it. The Message-ID is the notice's own, however often it is sent."""
    user, merchant = notice.recipient, notice.merchant
    zone = ZoneInfo(user.timezone or merchant.timezone)
    with translation.override(offered(user.language) or settings.LANGUAGE_CODE):
        said = words(notice, zone)
        subject = said.title if notice.livemode else gettext("Test mode: %(title)s") % {"title": said.title}
        facts = {
            "user": user,
            "notice": notice,
            "said": said,
            "zone": zone,
            "reference": reference_of(notice),
            "url": settings.PUBLIC_URL + page_of(notice),
            "choices_url": f"{settings.PUBLIC_URL}/me/notifications/",
            "mandatory": KINDS[notice.kind].mandatory,
        }
        text = render_to_string("notices/mail.txt", facts)
    headers = headers_of(notice.public_id)
    return EmailMessage(subject, text.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [user.email], headers=headers)


# One at a time: a mail that is sent again after another failed would be sent twice.
MAILS = Queue(QUEUE, NoticeMail, "created_at", send_mails, batch=1, asks=True, pool="documents")
