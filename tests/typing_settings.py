"""The settings as mypy's Django plugin loads them: it needs the models, and no server."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-type-checking")
os.environ.setdefault("DATABASE_URL", "postgres://127.0.0.1/none")
os.environ.setdefault("COUNTERFOIL_FIELD_KEYS", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")

from portal.settings import *  # noqa: F403 - the environment comes first
