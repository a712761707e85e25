"""Work that must not change how long an answer takes: mails that only go to people who exist."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase

log = structlog.get_logger(__name__)
_ATTRIBUTE = "_after_response"


def after_response(request: HttpRequest, act: Callable[[], object]) -> None:
    """Do it once the answer has been sent, in the same thread. A failure is logged; nobody is left to tell."""
    request.__dict__.setdefault(_ATTRIBUTE, []).append(act)


def hang_on(request: HttpRequest, response: HttpResponseBase) -> None:
    """Called by the middleware when the answer is ready."""
    for act in request.__dict__.pop(_ATTRIBUTE, []):
        response._resource_closers.append(_logged(act))  # type: ignore[attr-defined]


def _logged(act: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            act()
        except Exception:
            log.exception("after_response.failed")

    return run
