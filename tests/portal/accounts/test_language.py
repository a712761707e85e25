"""In which language people are answered, on pages and in mails."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from billing.merchants.models import Merchant
from tests.billing.deliveries import make_connection
from tests.portal.payments import address, pay
from tests.portal.people import PASSWORD, make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db

FRENCH = {"HTTP_ACCEPT_LANGUAGE": "fr-CA,fr;q=0.9,en;q=0.4"}


@pytest.fixture
def shop() -> Merchant:
    return make_merchant("acme")


def test_before_sign_in_the_browser_decides():
    page = Client().get("/accounts/login/", **FRENCH)
    assert '<html lang="fr" dir="ltr"' in page.content.decode()
    assert "Se connecter" in page.content.decode()
    assert page["Content-Language"] == "fr"
    assert "Accept-Language" in page["Vary"]


@pytest.mark.parametrize("asked", ["", "ar", "de-DE,de;q=0.9", "x" * 600, "fr;q=0,en"])
def test_who_asks_for_a_language_that_there_is_not_reads_english(asked):
    page = Client().get("/accounts/login/", HTTP_ACCEPT_LANGUAGE=asked)
    assert page["Content-Language"] == "en-gb"
    assert "Sign in" in page.content.decode()


def test_a_choice_of_ones_own_beats_the_browser(shop):
    user = make_person(merchant=shop)
    client = signed_in(user)
    saved = client.post("/me/appearance/", {"theme": "system", "language": "fr"}, follow=True)
    # What the act has said is in the old language, the page that follows in the new one.
    assert "<h1" in saved.content.decode()
    assert "Apparence" in saved.content.decode()
    page = client.get(address(shop), HTTP_ACCEPT_LANGUAGE="en")
    assert '<html lang="fr"' in page.content.decode()
    assert "Accept-Language" not in page["Vary"]
    client.post("/me/appearance/", {"theme": "system", "language": ""})
    assert client.get(address(shop), HTTP_ACCEPT_LANGUAGE="en")["Content-Language"] == "en-gb"


def test_only_what_is_translated_can_be_chosen():
    user = make_person()
    assert signed_in(user).post("/me/appearance/", {"theme": "system", "language": "ar"}).status_code == 422
    user.refresh_from_db()
    assert user.language == ""


def test_a_choice_that_is_no_longer_offered_counts_for_nothing(shop):
    user = make_person(merchant=shop)
    user.language = "tlh"
    user.save(update_fields=["language"])
    assert signed_in(user).get(address(shop), **FRENCH)["Content-Language"] == "fr"


def test_an_answer_leaves_the_language_of_its_thread_as_it_was():
    Client().get("/accounts/login/", **FRENCH)
    assert translation.get_language() == "en-gb"


def test_what_is_kept_of_a_page_is_kept_for_its_language_alone(shop):
    """Frames, columns, filters and rows are kept once they are made."""
    pay(make_connection(shop), amount=1234567)
    client = signed_in(make_person(merchant=shop))
    for _round in range(2):
        english, french = (
            client.get(address(shop), HTTP_ACCEPT_LANGUAGE=language).content.decode() for language in ("en", "fr")
        )
        assert "Succeeded" in english
        assert "12,345.67" in english
        for word in ("Succeeded", "Transactions", "Settings", "Apply", "Created", "Search"):
            assert f">{word}<" not in french.replace(">Transactions<", "")
        assert "Réussi" in french
        assert "12\u202f345,67" in french
        assert "nov. 2026" in french


def test_amounts_are_read_as_the_page_writes_them(shop):
    account = make_connection(shop)
    payment = pay(account, amount=123450)
    pay(account, amount=4000)
    client = signed_in(make_person(merchant=shop))
    for written in ("1234,50", "1 234,50", "1\u202f234,50"):
        page = client.get(address(shop), {"amount": written}, follow=True, **FRENCH).content.decode()
        assert payment.public_id in page
        assert page.count("<tr data-row=") == 1
    refused = client.get(address(shop), {"amount": "1,234.50"}, follow=True, **FRENCH).content.decode()
    assert "Saisissez un montant, par exemple 1\u202f234,50." in refused


def test_mails_are_in_the_language_of_who_reads_them(settings):
    user = make_person(password=PASSWORD)
    user.language = "fr"
    user.save(update_fields=["language"])
    stranger = Client(HTTP_ACCEPT_LANGUAGE="en")
    stranger.post("/accounts/password/reset/", {"email": user.email})
    stranger.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    for _attempt in range(settings.SIGN_IN_FAILURES):
        stranger.post("/accounts/2fa/challenge/", {"code": "000000"})
    reset, locked = mail.outbox
    assert locked.subject == "Votre compte est bloqué pendant 30 minutes"
    assert "Bonjour Pat Person," in locked.body
    assert "Navigateur inconnu" in locked.body
    assert reset.subject == "Définissez un nouveau mot de passe pour Counterfoil"
    assert "Ouvrez ce lien" in reset.body


def test_whoever_has_chosen_none_gets_mails_in_the_language_of_the_page():
    user = make_person()
    Client().post("/accounts/password/reset/", {"email": user.email}, **FRENCH)
    assert mail.outbox[0].subject == "Définissez un nouveau mot de passe pour Counterfoil"


def test_an_address_without_an_account_is_written_to_in_the_language_of_the_page():
    Client().post("/accounts/password/reset/", {"email": "nobody@nowhere.example"}, **FRENCH)
    assert mail.outbox[0].subject == "Aucun compte avec cette adresse"
