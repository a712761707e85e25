"""Log lines give nothing away and cannot be forged."""

import io
import json
import logging
import logging.config

import pytest
import structlog

from portal.web import logs


@pytest.fixture
def lines():
    target = io.StringIO()
    # Loggers that exist hold on to this list of processors.
    before = structlog.get_config()
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        logging.config.DictConfigurator(logs.configure("INFO")).configure_formatter(
            logs.configure("INFO")["formatters"]["json"]
        )
    )
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield logger, lambda: [json.loads(line) for line in target.getvalue().splitlines()]
    logger.removeHandler(handler)
    structlog.configure(**before)


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_abcDEF123",
        "rk_test_4eC39HqLyjWDarjtT1zdp7dc",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "4242 4242 4242 4242",
        "4242424242424242",
        "378282246310005",
        "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30",
    ],
)
def test_secrets_are_taken_out_of_messages_and_tracebacks(lines, secret):
    logger, written = lines
    logger.info("about to use %s", secret)
    try:
        raise ValueError(secret)
    except ValueError:
        logger.exception("failed")
    hidden = secret.split()[-1] if "Bearer" in secret else secret
    assert len(written()) == 2
    assert hidden not in json.dumps(written())
    assert "[redacted]" in json.dumps(written())


def test_other_numbers_stay(lines):
    logger, written = lines
    logger.info("order 4242424242424241 at 1795000000")
    assert written()[0]["event"] == "order 4242424242424241 at 1795000000"


def test_stripes_package_does_not_write_down_what_it_is_told():
    assert not logging.getLogger("stripe").isEnabledFor(logging.INFO)


def test_one_entry_is_one_line(lines):
    logger, written = lines
    logger.info('innocent\r\n{"event": "forged"}')
    assert len(written()) == 1
