"""The same server as the product's: uvicorn, and WSGI Django in eight threads."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.dj_stripe_site.settings"

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from benchmarks.dj_stripe_site import stand_in

application = WSGIMiddleware(get_wsgi_application(), workers=8)
stand_in.install()
