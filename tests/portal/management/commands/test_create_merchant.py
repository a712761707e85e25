from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.audit.models import AuditEvent
from billing.merchants.models import Merchant

pytestmark = pytest.mark.django_db


def run(slug: str = "acme", name: str = "Acme Ltd", zone: str = "Europe/Paris", currency: str = "EUR") -> str:
    out = StringIO()
    call_command("create_merchant", slug, name=name, timezone=zone, currency=currency, stdout=out)
    return out.getvalue()


def test_a_merchant_is_created_and_the_command_is_on_record() -> None:
    said = run(currency="eur")
    merchant = Merchant.objects.get()
    assert said == f"Merchant acme ({merchant.public_id}) created.\n"
    assert AuditEvent.objects.values_list("actor_kind", "actor_id").get() == ("command", "create_merchant")


def test_running_it_again_changes_nothing() -> None:
    run()
    assert run() == f"Merchant acme ({Merchant.objects.get().public_id}) exists.\n"
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"slug": "Acme Ltd"}, "'Acme Ltd' cannot be part of an address"),
        ({"name": " "}, "A merchant's name has 1 to 200 characters."),
        ({"zone": "Paris"}, "'Paris' is not a time zone: use an IANA name such as Europe/Paris."),
        ({"currency": "euro"}, "'euro' is not a currency: use an ISO 4217 code such as EUR."),
        ({"currency": "XYZ"}, "XYZ is not a currency that Counterfoil knows."),
    ],
)
def test_bad_input_gets_one_clear_sentence(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(CommandError, match=f"^{sentence}"):
        run(**values)
    assert not Merchant.objects.exists()


def test_a_taken_slug_is_refused() -> None:
    run()
    with pytest.raises(CommandError, match="exists already with another name"):
        run(name="Acme SA")


@pytest.mark.parametrize("missing", ["name", "timezone", "currency"])
def test_nothing_is_guessed(missing: str) -> None:
    options = {"name": "Acme", "timezone": "UTC", "currency": "EUR"}
    given = [f"--{option}={value}" for option, value in options.items() if option != missing]
    with pytest.raises(CommandError, match=missing):
        call_command("create_merchant", "acme", *given)
