"""What billing keeps in English, as pages say it."""

import pytest
from django.utils import translation

from billing.money import AmountMalformed, Money, parse
from billing.providers import scopes
from billing.providers.base import AmountRefused, Kind
from billing.providers.stripe.amounts import sent
from portal.accounts.device_label import device_label, device_words
from portal.web.kept_words import in_words, list_in_words


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("The key has expired.", "La clé a expiré."),
        ("Imported as whk_123.", "Importé sous whk_123."),
        ("It belongs to a payment, which the processor does not show.", "Il appartient à un paiement que le"),
        ("It belongs to ch_1, which the processor does not show.", "Il appartient à ch_1, que le"),
        (
            "This is a key of test mode. A live mode connection needs a key that starts with sk_live_ or rk_live_.",
            "C’est une clé du mode test. Une connexion en mode réel a besoin d’une clé qui commence par sk_live_",
        ),
        (
            "The key may not read charges: it lacks the permission rak_charge_read.",
            "La clé ne peut pas lire\u00a0: débits. Il lui manque la permission rak_charge_read.",
        ),
        (
            "The account live is already connected in live mode.",
            "Le compte live est déjà connecté en mode réel.",
        ),
        ("No such customer: 100% wrong", "No such customer: 100% wrong"),
    ],
)
def test_a_sentence_is_in_the_language_of_the_page(kept, said):
    assert in_words(kept) == kept
    with translation.override("fr"):
        assert in_words(kept).startswith(said)


def test_a_list_of_scopes_is_in_the_language_of_the_page():
    named = scopes.in_words([Kind.CHARGE, Kind.REFUND, "events"])
    assert list_in_words(named) == named == "charges, refunds and events"
    with translation.override("fr"):
        assert list_in_words(named) == "débits, remboursements et événements"
        assert list_in_words("charges") == "débits"


def test_an_amount_that_cannot_be_read_is_refused_in_the_language_of_the_page():
    with pytest.raises(AmountMalformed) as refused:
        parse("12,345", "EUR", locale="fr")
    with translation.override("fr"):
        assert in_words(str(refused.value)) == "EUR a au plus 2 décimales."


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (1_234, "KWD", "Stripe accepte les montants en KWD par pas de 0,010. Saisissez par exemple 1,230."),
        (1_050, "ISK", "Stripe accepte les montants en ISK par pas de 1,00. Saisissez par exemple 10,00."),
        (10**8, "EUR", "Stripe n’accepte pas plus de 999\u202f999,99 EUR à la fois."),
        (0, "JPY", "Saisissez un montant d’au moins 1 JPY."),
    ],
)
def test_an_amount_that_stripe_does_not_take_is_refused_in_the_language_of_the_page(minor, currency, said):
    with pytest.raises(AmountRefused) as refused:
        sent(Money(minor, currency), locale="fr")
    with translation.override("fr"):
        assert in_words(str(refused.value)) == said


def test_a_device_is_named_in_the_language_of_the_page():
    label = device_label("Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    assert device_words(label) == label == "Firefox on Windows"
    with translation.override("fr"):
        assert device_words(label) == "Firefox sur Windows"
        assert device_words("") == "Navigateur inconnu"
