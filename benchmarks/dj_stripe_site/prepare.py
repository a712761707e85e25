"""Migrates the baseline's database and opens its endpoint; prints the endpoint's path."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.dj_stripe_site.settings"

import django
from django.core.management import call_command

django.setup()
call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)

from djstripe.models import WebhookEndpoint  # noqa: E402

endpoint = WebhookEndpoint.objects.create(
    id="we_benchmark",
    livemode=False,
    secret=os.environ["WEBHOOK_SECRET"],
    url="http://127.0.0.1/",
    status="enabled",
    enabled_events=["*"],
    api_version="2026-05-27.dahlia",
    djstripe_validation_method="verify_signature",
)
sys.stdout.write(f"/stripe/webhook/{endpoint.djstripe_uuid}/\n")
