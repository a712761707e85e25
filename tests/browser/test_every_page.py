"""Every page in both themes at both widths: what axe finds, what the policy blocks, what scrolls sideways."""

import pytest
from django.template import loader

from portal.access.policy import POLICY
from tests.browser.look import every_look, two_looks
from tests.browser.routes import NO_PAGE, ROUTES

# Word for word: another source in one of these is a decision, not an accident.
HEADER = {
    *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'"),
    *("connect-src 'self'", "object-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"),
}
# Nothing here can be made to answer these on demand; their pages are rendered as the site does it.
RARE = {"405": {}, "413": {}, "429": {"retry_after": 30}, "500": {}, "503": {"retry_after": 5}}
RARE_FACTS = {"status": 500, "request_id": "req_0123456789abcdef"}


def test_every_page_has_a_recipe():
    named = {name.partition(",")[0] for name in ROUTES}
    assert {name for name, row in POLICY.items() if "GET" in row.methods} - named - NO_PAGE == set()


@pytest.mark.parametrize("name", ROUTES)
def test_a_page_is_right_in_every_look(guide, open_page, name):
    visit = ROUTES[name](guide)
    page = open_page(guide.site, visit.person)
    if visit.cookie:
        page.context.add_cookies([{"name": "session", "value": visit.cookie, "url": guide.site.url}])
    answer = page.goto(visit.path)
    assert answer.status == visit.status
    assert visit.lands in page.url
    assert {part.strip() for part in answer.headers["content-security-policy"].split(";")} == HEADER
    assert page.locator("h1").count() == 1
    # What only leads to another page is looked at under that page's name.
    if not answer.request.redirected_from:
        assert (two_looks if ", " in name else every_look)(page) == []


@pytest.mark.parametrize("name", RARE)
def test_an_error_that_is_rare_is_right_in_every_look(guide, open_page, name):
    page = open_page(guide.site)
    html = loader.get_template(f"{name}.html").render({**RARE_FACTS, **RARE[name]})
    policy = "; ".join(sorted(HEADER))
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
    page.route("**/broken/", lambda route: route.fulfill(status=int(name), body=html, headers=headers))
    page.goto("/broken/")
    assert every_look(page) == []
