"""Hands mails to the mail server, and leaves it in peace while it is away."""

import smtplib
import time
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from billing.queue.interrupted import Interrupted

# What no server took for so long is old news.
GIVEN_UP_AFTER = timedelta(days=3)
# While the server is away one mail waits for its timeout; the others leave the worker free.
_REST_SECONDS = 60
_rests_until = 0.0


class MailRefused(Exception):
    """For good. Says what was refused and the server's number, not its words, which may name people."""


def headers_of(public_id: str) -> dict[str, str]:
    """Of a mail about what has that id: the Message-ID is the same however often it is sent."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return {"Message-ID": f"<{public_id}@{host}>", "Auto-Submitted": "auto-generated"}


def hand_over(message: EmailMessage) -> None:
    """Outside of any transaction: the server may be slow. Raises Interrupted while it is away or takes the mail later,
    MailRefused."""
    global _rests_until
    if time.monotonic() < _rests_until:
        raise Interrupted("the mail server is away", pause=_REST_SECONDS)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        raise _refusal(max(codes), "refuses the recipient") from None
    except smtplib.SMTPDataError as answer:
        raise _refusal(answer.smtp_code, "refuses the mail") from None
    except OSError as away:
        # All else that it may say is about the connection, not about this mail: a password, a certificate, a hurry.
        _rests_until = time.monotonic() + _REST_SECONDS
        raise Interrupted(f"the mail server is away: {type(away).__name__}", pause=_REST_SECONDS) from away


def _refusal(code: int, what: str) -> Exception:
    """Below 500 it may take the mail later (RFC 5321, 4.2.1)."""
    if code < 500:
        return Interrupted(f"the mail server {what} for now: {code}", pause=_REST_SECONDS)
    return MailRefused(f"the mail server {what}: {code}")
