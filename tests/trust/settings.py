"""The site's own settings, plus an app that breaks, slows or counts work where an event asks for it."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.trust.poison"]
