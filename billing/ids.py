"""Public identifiers: a prefix that names the kind, then 96 random bits that nobody can guess."""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghijkmnpqrstuvwxyz"
_LENGTH = 17


def new_id(prefix: str) -> str:
    """A fresh public id such as ``pay_7Qm2yLcE1pXv0aB3k`` (prefixes as in the URLs of the portal)."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
