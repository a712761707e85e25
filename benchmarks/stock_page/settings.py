"""The product's own settings with other addresses and Django's usual template set-up."""

from pathlib import Path

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.stock_page.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
