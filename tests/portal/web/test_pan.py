"""Card numbers get nowhere."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from portal.web.pan import contains_card_number
from tests.portal.people import make_person, signed_in

# Test numbers of processors; no card has them.
VISA = "4242424242424242"


@pytest.mark.parametrize(
    "text",
    [
        VISA,
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "4242\u00a04242\u00a04242\u00a04242",
        f"call me, card {VISA}, thanks",
        "378282246310005",
        "3782 822463 10005",
        "6011111111111117 5555555555554444",
        "４２４２４２４２４２４２４２４２",
        "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
    ],
)
def test_card_numbers_are_recognised(text):
    assert contains_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4242",
        "4242424242424243",
        "pay_7Qm2yLcE1pXv0aB3k",
        "2026-11-20",
        "EUR 1,234,567.89",
        "order 100000123456",
        "1" * 40,
    ],
)
def test_other_text_is_left_alone(text):
    assert not contains_card_number(text)


@pytest.mark.django_db
def test_an_address_with_a_card_number_is_refused():
    client = signed_in(make_person())
    answer = client.get("/me/profile/", {"q": VISA})
    assert (answer.status_code, VISA in answer.content.decode()) == (400, False)
    assert client.get("/accounts/login/", {"next": f"/m/acme/test/transactions/?q={VISA}"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["cursor", "secret", "counted_at", "form_key"])
def test_values_that_the_site_made_itself_may_pass_the_check(name):
    client = signed_in(make_person())
    assert client.post("/me/profile/", {name: VISA}).status_code == 422
    assert client.post("/me/profile/", {"name": VISA}).status_code == 400


@pytest.mark.django_db
def test_a_form_with_a_card_number_is_stored_nowhere(caplog):
    user = make_person()
    client = signed_in(user)
    answer = client.post("/me/profile/", {"name": f"Pat {VISA}", "timezone": ""})
    user.refresh_from_db()
    assert (answer.status_code, user.name) == (400, "Pat Person")
    fragment = client.post("/me/profile/", {"name": VISA}, HTTP_HX_REQUEST="true")
    assert "portal:alert" in fragment["HX-Trigger"]
    assert VISA not in answer.content.decode() + caplog.text


@pytest.mark.django_db
def test_doors_of_processors_are_not_read_here(client):
    answer = client.post("/webhooks/stripe/con_nowhere/", f'{{"number": "{VISA}"}}', content_type="application/json")
    assert answer.status_code == 404


@pytest.mark.django_db
def test_addresses_to_return_to_may_hold_a_cursor():
    cursor = next(f"n.2.{number}.7" for number in range(10**15, 10**16) if contains_card_number(f"n.2.{number}.7"))
    list_url = f"/m/acme/test/transactions/?cursor={cursor}"
    payment_url = "/m/acme/test/transactions/pay_1/?" + urlencode({"back": list_url})
    assert Client().get("/accounts/login/", {"next": payment_url}).status_code == 200
    assert signed_in(make_person()).get(payment_url).status_code == 404
    for other in (f"/m/acme/?back=/x/?q={VISA}", f"/x/{VISA}/"):
        assert Client().get("/accounts/login/", {"next": other}).status_code == 400
