"""The checks themselves: a page that is wrong in every way that they look for."""

import pytest

from tests.browser.look import axe, ids, on_the_smallest_phone
from tests.browser.watch import watch

WRONG = """<!doctype html><html lang="en"><title>Wrong</title><main><h1>Wrong</h1>
<dialog id="dialog"></dialog><p id="one">a</p><p id="one">b</p><label for="nothing">c</label><img src="data:,">
<input aria-label="d" id="held"><pre>{}</pre><button>e</button><script>window.inline = "runs"</script>
<script src="/wrong.js"></script></main></html>"""
SCRIPT = """
document.querySelector("#held").focus();
document.dispatchEvent(new Event("htmx:beforeSwap"));
document.querySelector("#held").blur();
document.dispatchEvent(new Event("htmx:afterSettle"));
throw new Error("a script with a bug");
"""
HEADERS = {"content-type": "text/html", "content-security-policy": "default-src 'none'; script-src 'self'"}


@pytest.fixture
def context(browser, in_browser_thread):
    made = in_browser_thread(browser.new_context, base_url="http://portal.test")
    yield made
    in_browser_thread(made.close)


def test_everything_wrong_is_told(context):
    complaints = []
    watch(context, complaints)
    page = context.new_page()
    page.route("**/wrong/", lambda route: route.fulfill(body=WRONG.format("long " * 200), headers=HEADERS))
    page.route("**/wrong.js", lambda route: route.fulfill(body=SCRIPT, content_type="text/javascript"))
    with page.expect_console_message(lambda message: "focus fell" in message.text):
        page.goto("/wrong/")
    said = " | ".join(complaints)
    assert all(words in said for words in ("policy: script-src-elem inline", "a script with a bug", "focus fell"))
    assert "image-alt" in {text.partition(":")[0] for text in axe(page)}
    assert ids(page) == ["id one stands twice", 'for="nothing" leads nowhere']
    assert any("sideways" in text for text in on_the_smallest_phone(page))
