"""What a line about a request tells, and what not."""

import pytest
import structlog

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/accounts/invite/s3cret-token/", "/accounts/invite/[redacted]/"),
        ("/accounts/password/reset/key/1-s3cret-token/", "/accounts/password/reset/key/[redacted]/"),
        ("/accounts/confirm-email/s3cret-token/", "/accounts/confirm-email/[redacted]/"),
        ("/accounts/password/reset/", "/accounts/password/reset/"),
        ("/m/acme/test/events/whk_1/", "/m/acme/test/events/whk_1/"),
    ],
)
def test_tokens_of_links_are_not_logged(client, path, shown):
    with structlog.testing.capture_logs() as lines:
        client.get(path, {"q": "lena@vogt.example"})
    assert [line["path"] for line in lines if line["event"] == "request"] == [shown]
    assert "s3cret" not in str(lines)
