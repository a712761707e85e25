"""The generated parameters are those of the installed package."""

import stripe

from simulator import spec
from simulator.spec.generate import TARGET, generate


def test_the_parameters_are_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == generate(), "run `python -m simulator.spec.generate`"


def test_they_are_of_the_packages_version() -> None:
    assert spec.version() == stripe.api_version


def test_what_is_required_is_marked() -> None:
    create = spec.parameters("POST", "/v1/products")
    assert create is not None
    assert create["name!"] == "string"
    assert spec.parameters("GET", "/v1/products/{whatever}") is not None
    assert spec.parameters("GET", "/v1/surprise") is None
