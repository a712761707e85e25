"""The site's own settings, plus the language that nobody speaks; tests.languages has written its texts."""

import os
from pathlib import Path

from portal.settings import *  # noqa: F403
from portal.settings import LANGUAGES, LOCALE_PATHS
from tests.languages import CODE, NAME

LANGUAGES = [*LANGUAGES, (CODE, NAME)]
LOCALE_PATHS = [*LOCALE_PATHS, Path(os.environ["COUNTERFOIL_TESTS"]) / "languages"]
