"""Django's own list of what an installation on the internet needs."""

import os
import subprocess
import sys

from tests.databases import ROOT


def test_django_has_nothing_to_say_against_an_https_installation():
    environment = {
        **os.environ,
        "COUNTERFOIL_PUBLIC_URL": "https://pay.example",
        "SECRET_KEY": "of-a-test-and-long-enough-to-be-taken-for-a-real-one-0123456789",
    }
    asked = [sys.executable, "-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    checked = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
