"""Shows the mails of a demonstration, which go to a folder instead of to people. Absent everywhere else."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portal.access.guards import public_view

_MOST = 50
_MOST_BYTES = 200_000
# Between the messages of one file, as Django's file backend writes it.
_RULE = b"-" * 79


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    to: str
    sent_at: datetime | None
    text: str


@public_view()
def mailbox(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO or not hasattr(settings, "EMAIL_FILE_PATH"):
        raise Http404
    return render(request, "dev/mail.html", {"mails": _newest(Path(settings.EMAIL_FILE_PATH))})


def _newest(folder: Path) -> list[Mail]:
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:_MOST]
    return [mail for file in files for mail in _mails_of(file)][:_MOST]


def _mails_of(file: Path) -> list[Mail]:
    parts = file.read_bytes()[:_MOST_BYTES].split(_RULE)
    messages = [email.message_from_bytes(part.strip(), policy=email.policy.default) for part in parts if part.strip()]
    return [_mail(message) for message in reversed(messages) if isinstance(message, EmailMessage)]


def _mail(message: EmailMessage) -> Mail:
    body = message.get_body(("plain",))
    sent = message["Date"]
    return Mail(
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        sent_at=parsedate_to_datetime(str(sent)) if sent else None,
        text=str(body.get_content()) if body else "",
    )
