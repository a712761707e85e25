"""What billing keeps or raises is one language's: English sentences in rows, logs and the audit trail. Here they become
the reader's.

A sentence that is not known here is shown as it stands; tests/architecture/test_texts.py finds those of our own.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

_SENTENCES = (
    # Of the mode of a connection
    _("live"),
    _("test"),
    # billing.audit.verify
    _("missing, the next one is row %(row)s."),
    _("another row numbered %(one)s follows row %(other)s."),
    _("its link is not the hash of the row before."),
    _("its content is not what was hashed."),
    _("its hash is not the one in an earlier head: the chain was written anew."),
    _("missing, although an earlier head counted %(rows)s rows."),
    # billing.money
    _("Enter an amount such as %(example)s."),
    _("Enter an amount without zeros in front, such as %(example)s."),
    _("%(currency)s has at most %(digits)s decimal places."),
    _("%(currency)s has no decimal places."),
    _("Enter an amount of at most %(most)s."),
    _("Write an amount with the digits of one script, such as %(example)s."),
    # billing.providers
    _("Enter an amount of at least %(least)s."),
    _("Stripe takes no more than %(most)s at once."),
    _("Stripe takes %(currency)s in steps of %(step)s. Enter an amount such as %(example)s."),
    _("Stripe pays out %(currency)s in steps of %(step)s. Enter an amount such as %(example)s."),
    _("A %(mode)s mode connection needs a key that starts with %(secret)s or %(restricted)s."),
    _("This is a key of %(mode)s mode. %(more)s"),
    _("This is a publishable key, which may read nothing. %(more)s"),
    _("The webhook secret is missing or too short. Stripe shows it as whsec_… at the endpoint."),
    _("A Connect account's id starts with acct_."),
    _("A platform is connected by its own key: leave the Connect account empty."),
    _("%(host)s is not in COUNTERFOIL_PROCESSOR_BASES."),
    _("The key may not read %(what)s. Allow it to read them at Stripe, then try again."),
    _("The key may not read %(what)s: it lacks the permission %(permission)s."),
    _("The key may not read %(what)s."),
    _("The key may not refund payments."),
    _("The key may not capture payments."),
    _("The key may not cancel payments."),
    _("The key may not refund payments: it lacks the permission %(permission)s."),
    _("The key may not capture payments: it lacks the permission %(permission)s."),
    _("The key may not cancel payments: it lacks the permission %(permission)s."),
    _("What answers there does not answer like the processor."),
    _("The key opens the account %(one)s, and not %(other)s."),
    _("This key opens the account %(one)s, and not %(other)s."),
    _("This key opens another account than the old one."),
    _("The account %(name)s is already connected in %(mode)s mode."),
    _("%(name)s is connected through its platform, which has the key and the secret."),
    _(
        "Stripe does not let this key read which account it opens, so it may not be the one that was connected before. "
        "Use a key that may read the account."
    ),
    _("The key may not read which account it opens: replace it on the connection's page."),
    _("This account is reached with the key of its platform: replace that one."),
    _(
        "It cannot be told whether this key opens the same account: neither key may read the account, and the old one "
        "shows nothing of it. Disconnect, and connect with the new key."
    ),
    _("Events of this account come through its platform: add the secret there."),
    _("The connection has this webhook secret already."),
    _("The processor did not answer several times; nobody asks it for a while."),
    _("Too many calls to this account wait already."),
    _("Stripe finds nothing of that id among the %(what)s."),
    _("Stripe's answer is no object."),
    _("Stripe's answer is no list."),
    _("Stripe's answer is not what was asked for."),
    _("This was sent to Stripe before with other parameters; what came of that is not known."),
    _("The payment was captured: it can be refunded only."),
    _("Stripe's answer does not say when it was made."),
    _("An answer is not Stripe's."),
    _("What was given is no id of Stripe's."),
    _("Stripe does not know the key: it was mistyped, rolled or deleted."),
    _("The key has expired."),
    _("The key has no access to the account %(account)s, or no longer."),
    _("Stripe refuses this without saying why."),
    _("Stripe asks for fewer requests."),
    _("The connection to Stripe failed: %(error)s."),
    _("Stripe answered with status %(status)s and no result."),
    _("An answer with status %(status)s is not Stripe's."),
    # billing.payments
    _("The processor knows no such payment any more."),
    _("Another amount was captured at the processor."),
    _("The authorisation was cancelled, or expired."),
    _("The payment was captured at the processor."),
    # billing.sync
    _("No event told of it: found in the processor's lists."),
    _("It belongs to a payment, which the processor does not show."),
    _("It belongs to %(object)s, which the processor does not show."),
    _("Brought here from the processor."),
    _("The object cannot be read: %(error)s"),
    _("The gap is longer than the processor's list of events: objects are read."),
    _("The account has not been read for the first time yet."),
    _("The processor could not deliver it."),
    _("The processor counts it as delivered, and it never came here."),
    _("Imported as %(id)s."),
    _("The processor lists an event in a form that cannot be read."),
    _("It was processed again."),
    _("The account is disconnected."),
    _("No event tells of it."),
    _("Its event %(event)s is a dead letter."),
    _("Its event %(event)s never came."),
)
_PLACE = re.compile(r"%\((\w+)\)s")
# What stands in these places is words, too; in others stand names, which may look like words.
_LISTS = frozenset({"what"})
_WORDS = frozenset({"error", "mode", "more"})


def in_words(text: str) -> str:
    """A sentence of billing's in the language of the page; what it names stays as it is."""
    return _in_words(text, get_language() or "")


def list_in_words(text: str) -> str:
    """``charges, refunds and events`` (billing.providers.scopes.in_words) in the language of the page."""
    *others, last = (gettext(word) for word in re.split(r", | and ", text))
    return gettext("%(others)s and %(last)s") % {"others": ", ".join(others), "last": last} if others else last


def known(text: str) -> bool:
    """Whether a sentence is one of those above."""
    return _find(text) is not None


# A page of findings has many alike.
@lru_cache(maxsize=1024)
def _in_words(text: str, language: str) -> str:
    found = _find(text)
    if found is None:
        return text
    sentence, named = found
    # Filled even where nothing is named: a sentence holds no other per cent signs.
    return gettext(sentence) % {name: _place(name, value) for name, value in named.items()}


def _place(name: str, value: str) -> str:
    if name in _LISTS:
        return list_in_words(value)
    return in_words(value) if name in _WORDS else value


def _find(text: str) -> tuple[str, dict[str, str]] | None:
    for pattern, sentence in _patterns():
        match = pattern.fullmatch(text)
        if match:
            return sentence, match.groupdict()
    return None


@lru_cache(maxsize=1)
def _patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    """Plain ones first: ``It belongs to a payment, …`` also fits the pattern of the one that names it."""
    ordered = sorted(_SENTENCES, key=lambda sentence: "%(" in sentence)
    return [(_pattern(sentence), sentence) for sentence in ordered]


def _pattern(sentence: str) -> re.Pattern[str]:
    texts = _PLACE.split(sentence)
    return re.compile(
        "".join(f"(?P<{text}>.+)" if index % 2 else re.escape(text) for index, text in enumerate(texts)), re.DOTALL
    )
