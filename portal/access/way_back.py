"""Addresses to return to, on our own host only."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def page_of(request: HttpRequest) -> str:
    """The page that the person is looking at: what htmx or the browser says for fragments and actions."""
    htmx_page = request.headers.get("HX-Current-URL", "")
    said = htmx_page if request.headers.get("HX-Request") else ""
    if not said and request.method not in ("GET", "HEAD"):
        said = request.headers.get("Referer", "")
    if said and is_ours(request, said):
        parts = urlsplit(said)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return request.get_full_path() if request.method in ("GET", "HEAD") else request.path


def is_ours(request: HttpRequest, url: str) -> bool:
    """Whether a redirect to that address stays here. A bare word such as ``null`` would lead to no page of ours."""
    if not url.startswith(("/", "http://", "https://")):
        return False
    hosts = {request.get_host(), urlsplit(settings.PUBLIC_URL).netloc}
    return url_has_allowed_host_and_scheme(url, allowed_hosts=hosts)


def way_back(request: HttpRequest) -> str:
    """Where ``?back=`` leads: a path of this site, nothing else; empty without one.

    A row says which list it is in, but not how that is filtered: where scripts run, they add it, and otherwise the
    browser says from which address of this very list somebody comes.
    """
    back = request.GET.get("back", "")
    if not back.startswith("/") or not is_ours(request, back):
        return ""
    said = request.headers.get("Referer", "")
    came = urlsplit(said) if "?" not in back and is_ours(request, said) else None
    return f"{back}?{came.query}" if came and came.path == back and came.query else back


def with_next(url_name: str, page: str) -> str:
    return f"{reverse(url_name)}?{urlencode({'next': page})}"
