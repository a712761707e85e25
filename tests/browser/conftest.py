"""One browser and one stocked site for the tests of this folder.

Playwright's loop keeps Django's ORM out of its thread, so these tests run in a thread of their own, and what they ask
of the database runs in another.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import languages
from tests.browser.guide import Guide
from tests.browser.site import Site
from tests.browser.stock import Stock, fill
from tests.browser.watch import watch
from tests.browsers import FLAGS, find_browser
from tests.stack import Stack

# A machine that does much else at the same time is slow, not broken.
PATIENCE_MS = 15_000
Run = Callable[..., Any]
OpenPage = Callable[..., Page]
find = cache(find_browser)


@pytest.fixture(scope="session")
def in_browser_thread() -> Iterator[Run]:
    """Calls a function where Playwright lives and returns what it returns."""
    with ThreadPoolExecutor(1, thread_name_prefix="browser") as thread:
        yield lambda call, *args, **kwargs: thread.submit(call, *args, **kwargs).result()


@pytest.fixture(scope="session")
def browser(in_browser_thread: Run) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    playwright = in_browser_thread(lambda: sync_playwright().start())
    launched = in_browser_thread(playwright.chromium.launch, executable_path=find(), args=list(FLAGS))
    yield launched
    in_browser_thread(launched.close)
    in_browser_thread(playwright.stop)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser, a line of the summary for each file counts what was skipped."""
    driven = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    if driven and find() is None:
        for item in driven:
            item.add_marker(pytest.mark.skip(reason="no browser: set COUNTERFOIL_BROWSER or run `make setup`"))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Tests that hold a browser run where it lives."""
    run = pyfuncitem.funcargs.get("in_browser_thread")
    if run is None:
        return None
    names = pyfuncitem._fixtureinfo.argnames
    run(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names})
    return True


@pytest.fixture(scope="session")
def site(browser: Browser, shared_stack: Stack, django_db_blocker: Any) -> Iterator[Site]:
    """The suite's real processes, asked for only when there is a browser to look at them."""
    with Site(shared_stack, django_db_blocker) as opened:
        yield opened


@pytest.fixture(scope="session")
def stock(site: Site) -> Stock:
    """A merchant with a history, delivered through the door. Shared: who changes it opens a merchant of their own."""
    return fill(site)


@pytest.fixture(scope="session")
def guide(site: Site, stock: Stock) -> Guide:
    return Guide(site, stock)


@pytest.fixture(scope="session")
def brackets() -> Path:
    """Where the texts of the language that nobody speaks are; see tests.languages."""
    folder = Path(os.environ["COUNTERFOIL_TESTS"]) / "languages"
    languages.make(folder)
    return folder


@pytest.fixture(scope="session")
def mirrored_site(site: Site, brackets: Path, django_db_blocker: Any) -> Iterator[Site]:
    """The same installation as a second web process shows it, which also speaks that language."""
    stack = Stack(site.stack.database)
    try:
        stack.start("web", DJANGO_SETTINGS_MODULE="tests.browser.settings")
        with Site(stack, django_db_blocker) as opened:
            yield opened
    finally:
        stack.stop()


@pytest.fixture
def open_page(browser: Browser, in_browser_thread: Run) -> Iterator[OpenPage]:
    """``open_page(site, person, path="", **context)``: a page in a context of its own, signed in without typing.

    When the test is over, anything that any of its pages complained about fails it.
    """
    contexts, complaints = [], []

    def open_one(site: Site, person: str = "", path: str = "", **options: Any) -> Page:
        context = browser.new_context(
            **{"base_url": site.url, "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **options}
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        watch(context, complaints)
        if person:
            context.add_cookies([{"name": "session", "value": site.session(person), "url": site.url}])
        page = context.new_page()
        if path:
            page.goto(path)
        return page

    yield open_one
    for context in contexts:
        in_browser_thread(context.close)
    assert complaints == []
