"""What browsers may keep: files with a hash for ever, answers to people never."""

import os
import subprocess
import sys

import pytest

from tests.portal.people import make_person, signed_in

# In a process of its own: what was collected decides how the settings serve files.
PROBE = """
import django
django.setup()
from django.core.management import call_command
call_command("collectstatic", verbosity=0, interactive=False)
from importlib import reload
from portal import settings
reload(settings)
from django.conf import settings as used
used.WHITENOISE_USE_FINDERS = settings.WHITENOISE_USE_FINDERS
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client
for address in (staticfiles_storage.url("css/tokens.css"), "/static/css/tokens.css"):
    answer = Client().get(address)
    answer.close()
    print(answer.status_code, answer["Cache-Control"].replace(" ", ""), "Content-Security-Policy" in answer)
"""


def test_hashed_files_are_kept_for_ever_and_others_are_not(tmp_path):
    environment = {**os.environ, "COUNTERFOIL_STATIC_ROOT": str(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    run = subprocess.run([sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, check=True)
    hashed, plain = run.stdout.splitlines()
    assert hashed == "200 max-age=315360000,public,immutable True"
    assert plain == "200 max-age=60,public True"


@pytest.mark.django_db
def test_signing_out_leaves_nothing_behind():
    answer = signed_in(make_person()).post("/accounts/logout/")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
