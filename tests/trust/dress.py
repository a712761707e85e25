"""What every answer of the site must wear, whatever it says."""

import re

from tests.trust.visitor import Answer

# Word for word: another source in one of these is a decision, not an accident.
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
EXACT = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
_TRACES = re.compile(rb"Traceback \(most recent call|File \"[^\"]+\.py\", line \d|django\.(db|core)\.|psycopg2?\.")


def flaws(answer: Answer, *, url: str, signed_in: bool) -> list[str]:
    """Everything wrong with the headers of an answer, and words that belong into a log."""
    found = []
    policy = answer.get("content-security-policy")
    if {part.strip() for part in policy.split(";") if part.strip()} != POLICY:
        found.append(f"the content security policy is {policy!r}")
    found += [f"{name} is {answer.get(name)!r}" for name, value in EXACT.items() if answer.get(name) != value]
    if not answer.get("x-request-id"):
        found.append("no request id")
    if answer.get("server") or answer.get("x-powered-by"):
        found.append("it names its software")
    if signed_in and "no-store" not in answer.get("cache-control"):
        found.append(f"a signed-in answer may be stored: {answer.get('cache-control')!r}")
    if answer.status >= 500:
        found.append(f"status {answer.status}")
    if _TRACES.search(answer.body):
        found.append("a traceback")
    return [*found, *_astray(answer, url)]


def _astray(answer: Answer, url: str) -> list[str]:
    targets = [answer.get(name) for name in ("location", "hx-redirect", "hx-location", "refresh", "hx-push-url")]
    return [f"it leads to {target!r}" for target in targets if target and not is_here(target, url)]


def is_here(target: str, url: str) -> bool:
    """Whether a browser that follows this stays on the site, by the strictest reading of an address."""
    if target.startswith(url):
        return target[len(url) : len(url) + 1] in {"", "/", "?", "#"}
    if any(ord(char) <= 32 or char == "\\" for char in target) or target.startswith("//"):
        return False
    # A relative path is odd, but here: no scheme may hide before its first slash.
    return target.startswith("/") or ":" not in target.partition("/")[0]
