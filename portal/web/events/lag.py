"""How long something took, for people."""

from django.utils.translation import gettext, ngettext

from reports.templatetags.shares import tenths

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def lag_text(seconds: float) -> str:
    """``0.8 s``, ``12 min``, ``3 h``, ``4 days``, rounded down; a clock that runs ahead counts as nothing."""
    passed = max(seconds, 0)
    if passed < 10:
        return gettext("%(n)s s") % {"n": tenths(passed)}
    if passed < _MINUTE:
        return gettext("%(n)d s") % {"n": passed}
    if passed < _HOUR:
        return gettext("%(n)d min") % {"n": passed // _MINUTE}
    if passed < 2 * _DAY:
        return gettext("%(n)d h") % {"n": passed // _HOUR}
    days = int(passed // _DAY)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
