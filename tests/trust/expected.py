"""How the site must answer, from its policy table, and what it must not say."""

from collections.abc import Iterator

from tests.trust.cells import Cast, Cell, Person

# What a view may answer to somebody whom its guard let through.
PAGE = {200}
# These lead to where the person has something to do.
LEADS_ON = {"start", "ops:home", "merchant:transaction_note", "merchant:customer_note", "ops:transaction_note"}
LEADS_ON |= {"merchant:transaction_tags", "merchant:view", "merchant:refund_review", "merchant:refund_withdraw"}
LEADS_ON |= {"merchant:refund_receipt", "merchant:batch_withdraw", "merchant:limit_withdraw", "ops:command_try"}
LEADS_ON |= {"ops:refund_review", "ops:refund_withdraw"}
LEADS_ON |= {"merchant:capture_review", "merchant:cancel_review", "merchant:hold_withdraw"}
# What a view asks for when the object is the team's, as the cast's is.
OF_THE_TEAM = dict.fromkeys(("merchant:view_edit", "merchant:view_overwrite"), "views.share")
LEADING = {200, 302}
SENT = {200, 204, 302, 303, 400, 409, 422}
# Pages for everybody answer anything but an error of ours; links and doors also say that they lead nowhere.
PUBLIC = {200, 302, 303, 400, 404, 410, 422}


def allowed(cell: Cell) -> set[int]:
    """The statuses that are right."""
    row, person = cell.address, cell.person
    method = "GET" if cell.method == "HEAD" and "GET" in row.methods else cell.method
    if method not in row.methods:
        return {405}
    if row.kind == "public":
        return PUBLIC
    if not person.signed_in:
        return {401} if cell.fragment else {302}
    if row.kind == "merchant" and not ((person.merchant or person.visits) and cell.case.name not in NOT_MEMBER):
        return {404}
    if row.kind == "merchant" and person.visits and method == "POST":
        return {403}
    needed = {row.verb, OF_THE_TEAM.get(row.name, "") if cell.case.there else ""} - {""}
    if needed - set(person.verbs):
        return {403}
    if not cell.case.there:
        return {404}
    if method == "POST":
        return SENT
    if row.panel and not cell.fragment:
        return {302}
    return LEADING if row.name in LEADS_ON else PAGE


# The demonstration's mails, which go to a folder instead of to people.
SHOWS_ALL = {"dev:mail"}
# What stands behind a mark in the name and the address of a customer.
PERSONAL = ("name", "@buyer.example")
NOT_MEMBER = {"foreign merchant", "absent merchant", "absent mode"}


def forbidden_marks(cast: Cast, cell: Cell) -> Iterator[str]:
    """Words that stand only in what this person may not see, apart from what the request itself says."""
    if cell.address.name in SHOWS_ALL:
        return iter(())
    said = "".join(cell.case.typed)
    return (mark for mark in _forbidden(cast, cell) if mark not in said)


def _forbidden(cast: Cast, cell: Cell) -> Iterator[str]:
    person = cell.person
    as_guest = bool(person.visits) and cell.address.kind == "merchant"
    home = person.visits if as_guest else person.merchant
    for slug, merchant in cast.merchants.items():
        for mode, stems in merchant["marks"].items():
            own = slug == home
            # A page of one mode shows nothing of the other.
            here = own and cell.case.name == ("own" if mode == "test" else "own, live")
            if not here and not (_reads_all(person) and cell.address.kind == "staff"):
                yield from stems
            elif person.staff and not _may_have_looked(cell):
                # Whose payments they are, staff see nowhere.
                yield from (f"{stem}{part}" for stem in stems for part in PERSONAL)
            elif own:
                yield from (f"{stem}{part}" for stem in stems for part in _hidden_parts(person, mode, cell))
        if slug != home and (as_guest or not person.staff):
            yield merchant["name"]
            yield f"@{slug}.example"


def _reads_all(person: Person) -> bool:
    return person.staff and any(verb in person.verbs for verb in ("ops.events.view", "ops.payments.view"))


def _may_have_looked(cell: Cell) -> bool:
    """Forms are sent by others than those who walk, and these may have had somebody shown before: a note, a tag or a
    request that is refused comes back with the page."""
    reveal = "ops.customer.reveal" if cell.address.kind == "staff" else "customer.reveal"
    asking = ("refund_new", "refund_review", "capture_new", "capture_review", "cancel_new", "cancel_review")
    with_page = cell.address.name.endswith(("_note", "_tags", *asking, "hold_withdraw"))
    return cell.method == "POST" and with_page and reveal in cell.person.verbs


def _hidden_parts(person: Person, mode: str, cell: Cell) -> Iterator[str]:
    masked = not _may_have_looked(cell) and {"payment", "customer", "refund", "approval"} & {*cell.address.parameters}
    if mode == "live" and (masked or "customer.reveal" not in person.verbs):
        yield from PERSONAL
    if "payments.raw" not in person.verbs and "events.view" not in person.verbs:
        yield "raw"
