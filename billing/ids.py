"""Public identifiers: a prefix that names the kind, then 96 random bits that nobody can guess."""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghijkmnpqrstuvwxyz"
_LENGTH = 17
_KINDS = len(_ALPHABET) ** _LENGTH


def new_id(prefix: str) -> str:
    """A fresh public id such as ``pay_7Qm2yLcE1pXv0aB3k`` (prefixes as in the URLs of the portal)."""
    # One draw for all places: each costs a system call, and every event of every processor needs an id.
    number, places = secrets.randbelow(_KINDS), []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        places.append(_ALPHABET[place])
    return f"{prefix}_{''.join(places)}"
