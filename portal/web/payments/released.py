"""What is said of what was authorised and let go again, which the processor calls a refund."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.refunds.released import Release

_WORDS: Mapping[Release, Promise] = {
    Release.REST: _("Released after a partial capture"),
    Release.ALL: _("Released with the authorisation"),
}
_SENTENCES: Mapping[Release, Promise] = {
    Release.REST: _("This is what was authorised and not captured. The customer was never charged for it."),
    Release.ALL: _("Nothing of this payment was captured. The customer was never charged for it."),
}


def released_words(release: Release) -> str:
    return str(_WORDS[release])


def released_sentence(release: Release) -> str:
    """Why it is no refund."""
    return str(_SENTENCES[release])


def released_line(release: Release, amount: str) -> str:
    """For the timeline."""
    if release is Release.REST:
        return gettext("%(amount)s released after a partial capture") % {"amount": amount}
    return gettext("%(amount)s released with the authorisation") % {"amount": amount}
