"""Personal data for those who may not know whose they are: enough to tell two people apart, not to find them."""

_DOTS = "••••"


def mask_name(name: str) -> str:
    """``Lena Vogt`` becomes ``L•••• V••••``."""
    return " ".join(f"{word[0]}{_DOTS}" for word in name.split()[:3])


def mask_email(address: str) -> str:
    """``lena@vogt.example`` becomes ``l••••@v••••``: many a domain is somebody's name."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}{_DOTS}{at}{domain[:1]}{_DOTS}" if at else (f"{address[:1]}{_DOTS}" if address else "")


def mask_phone(number: str) -> str:
    """``+49 170 1234567`` becomes ``••••67``."""
    return f"{_DOTS}{number[-2:]}" if number else ""


def mask_address(address: str) -> str:
    """``203.0.113.84`` becomes ``203.0.••••``: the half that many share."""
    mark = ":" if ":" in address else "."
    return mark.join([*address.split(mark)[:2], _DOTS])
