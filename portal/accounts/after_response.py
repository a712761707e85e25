"""Work that must not change how long an answer takes: mails that only go to people who exist."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import get_language, override

log = structlog.get_logger(__name__)
_ATTRIBUTE = "_after_response"


def after_response(request: HttpRequest, act: Callable[[], object]) -> None:
    """Do it once the answer has been sent, in the same thread and language. A failure is logged; nobody is left to
    tell."""
    waiting = request.__dict__.setdefault(_ATTRIBUTE, [])
    if waiting is None:
        # The answer is out already: this is work of such work.
        act()
    else:
        waiting.append(override(get_language())(act))


def hang_on(request: HttpRequest, response: HttpResponseBase) -> None:
    """Called by the middleware when the answer is ready."""
    waiting = request.__dict__.get(_ATTRIBUTE) or []
    request.__dict__[_ATTRIBUTE] = None
    for act in waiting:
        response._resource_closers.append(_logged(act))  # type: ignore[attr-defined]


def _logged(act: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            act()
        except Exception:
            log.exception("after_response.failed")

    return run
