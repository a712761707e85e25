"""Addresses and contacts in answers: every key is there, whatever was given."""

from typing import Any

from simulator.store import Doc

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def address(given: dict[str, Any] | None) -> Doc | None:
    if given is None:
        return None
    return {name: given.get(name) for name in _ADDRESS}


def contact(given: dict[str, Any] | None) -> Doc | None:
    """Name, phone and address, as customers and charges show `shipping`."""
    if given is None:
        return None
    return given | {"address": address(given.get("address")), "phone": given.get("phone")}
