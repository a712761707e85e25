"""Which browser the journeys drive: COUNTERFOIL_BROWSER, else Playwright's own, else one on the PATH."""

import os
import shutil
import sys
from pathlib import Path

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium's sandbox needs privileges that containers and root do not have; the rest keeps it from calling home.
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--disable-dev-shm-usage"),
)


def find_browser() -> str | None:
    """The path of a browser that exists, or None. COUNTERFOIL_BROWSER, where set, is the only candidate."""
    named = os.environ.get("COUNTERFOIL_BROWSER")
    if named:
        return shutil.which(named)
    own = playwrights_own()
    if own is not None:
        return own
    return next((found for found in map(shutil.which, ON_PATH) if found), None)


def playwrights_own() -> str | None:
    """The browser that `playwright install` put on this machine, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    browser = find_browser()
    print(browser or "no browser")
    sys.exit(browser is None)
