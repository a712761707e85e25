"""Browsers are told to come back over TLS only, where the site's public address says so."""

import pytest


@pytest.mark.parametrize(("seconds", "expected"), [(31_536_000, "max-age=31536000"), (0, None)])
def test_strict_transport_security_also_behind_a_proxy(client, settings, seconds, expected):
    settings.SECURE_HSTS_SECONDS = seconds
    assert client.get("/healthz").get("Strict-Transport-Security") == expected
