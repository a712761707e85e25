"""What a movement of the balance comes from, in a cell of a row."""

from html import escape

from billing.payouts.queries import Origin
from portal.web.json_text import redacted
from portal.web.money_lists.table import Reader

_LINK = '<a class="cf-row-link" href="{url}">{text}</a>'


def origin_cell(
    origin: Origin | None, source_id: str, description: str, public_id: str, reader: Reader
) -> tuple[str, str]:
    """Text and markup: a link where there is a page, else what the processor calls it."""
    told: tuple[str, ...] = (origin.reference, origin.description) if origin else ("", "")
    told = (*told, description)
    if not reader.by_person:
        told = tuple(redacted(text, personal=True) for text in told)
    reference, of_payment, own = told
    if origin and origin.payment:
        text = reference or of_payment or origin.payment
        anchor = f"#{origin.public_id}" if origin.public_id != origin.payment else ""
        return text, _LINK.format(url=f"{reader.payments_url}{origin.payment}/{reader.back}{anchor}", text=escape(text))
    text = own or (origin.public_id if origin else source_id) or public_id
    return text, escape(text)
