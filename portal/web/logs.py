"""One JSON object a line, with secrets and card numbers taken out of everything, tracebacks included."""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from portal.web.pan import contains_card_number

_SECRET = re.compile(r"\b((?:sk|rk)_(?:live|test)_|whsec_)[A-Za-z0-9_]+")
_AUTHORIZATION = re.compile(r"(?i)(authorization\W{1,6}(?:bearer|basic)?\s*)[A-Za-z0-9._~+/=-]+")
_DIGITS = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_HIDDEN = "[redacted]"


def redact(line: str) -> str:
    """The text without processor keys, webhook secrets, authorization headers and card numbers."""
    line = _SECRET.sub(rf"\1{_HIDDEN}", line)
    line = _AUTHORIZATION.sub(rf"\1{_HIDDEN}", line)
    return _DIGITS.sub(_without_card, line)


def _without_card(match: re.Match[str]) -> str:
    return _HIDDEN if contains_card_number(match[0]) else match[0]


class RedactedJson:
    """The last processor. JSON escapes line breaks, so that no entry can pretend to be two."""

    def __init__(self) -> None:
        self._render = structlog.processors.JSONRenderer(ensure_ascii=False)

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        return redact(str(self._render(logger, name, event)))


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configure(level: str) -> dict[str, Any]:
    """Set structlog up and answer Django's LOGGING: both end in the same formatter on standard error."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, RedactedJson()],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Stripe's package tells of each call twice, and at DEBUG with everything that stands in the answer.
            "stripe": {"level": "WARNING"},
        },
    }
