"""Names a browser for people: "Firefox on Windows"."""

from django.utils.translation import gettext, gettext_noop

# The first match wins: most browsers claim to be others further on in their name.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-requests/", gettext_noop("a Python script")),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_UNKNOWN = gettext_noop("Unknown browser")


def device_label(user_agent: str) -> str:
    """At most 80 characters, none of them from the header itself. It is kept in English: device_words translates."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), _UNKNOWN)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def device_words(label: str) -> str:
    """A label in the language of the page; an empty one is a browser that nobody noted."""
    browser, _on, system = (label or _UNKNOWN).partition(" on ")
    if not system:
        return gettext(browser)
    return gettext("%(browser)s on %(system)s") % {"browser": gettext(browser), "system": system}
