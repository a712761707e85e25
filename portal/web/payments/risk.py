"""What is known of the risk of a payment. Nothing is said that nobody told: a row without a value is left out."""

from collections.abc import Iterator, Mapping, Sequence

from babel.core import Locale
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.payments.models import Payment
from billing.providers.base import CardChecks
from disputes.reviews.models import Review
from portal.web.masking import mask_address
from reports.templatetags.money import current_locale

Text = str | Promise
# The processor's words; others are shown as they came, in plain letters.
_CHECKS: Mapping[str, Text] = {
    "pass": _("Match"),
    "fail": _("No match"),
    "unavailable": _("Not checked by the bank"),
    "unchecked": _("Not checked"),
}
_AUTHENTICATION: Mapping[str, Text] = {
    "authenticated": _("Passed"),
    "attempt_acknowledged": _("Tried, the bank did not take part"),
    "exempted": _("Not needed: exempt"),
    "failed": _("Failed"),
    "not_supported": _("Not supported by the card"),
    "processing_error": _("Failed for a technical reason"),
}


def risk_rows(
    payment: Payment, checks: CardChecks | None, reviews: Sequence[Review], *, masked: bool
) -> list[tuple[Text, str]]:
    """Names and values, for people."""
    return [*_of_checks(checks), *_of_places(payment, reviews, masked=masked)]


def country_name(code: str) -> str:
    """In the language of the page; the code itself where it names no country."""
    return Locale.parse(current_locale()).territories.get(code, code)


def _of_checks(checks: CardChecks | None) -> Iterator[tuple[Text, str]]:
    if checks is None:
        return
    if checks.authentication:
        yield _("3-D Secure"), _words(checks.authentication, _AUTHENTICATION)
    elif checks.asked_to_authenticate is False:
        yield _("3-D Secure"), gettext("Not asked for")
    made = ((_("CVC"), checks.cvc), (_("Postcode"), checks.postal_code), (_("Address"), checks.address_line))
    yield from ((name, _words(result, _CHECKS)) for name, result in made if result)


def _of_places(payment: Payment, reviews: Sequence[Review], *, masked: bool) -> Iterator[tuple[Text, str]]:
    address = next((each.ip_address for each in reviews if each.ip_address), "")
    country = next((each.ip_country for each in reviews if each.ip_country), "")
    if country and payment.card_country:
        yield _("IP · card"), f"{country_name(country)} · {country_name(payment.card_country)}"
    elif country:
        yield _("Country of the IP"), country_name(country)
    if address:
        yield _("IP address"), mask_address(address) if masked else address


def _words(result: str, known: Mapping[str, Text]) -> str:
    return str(known.get(result) or result.replace("_", " ").capitalize())
