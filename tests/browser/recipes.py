"""How a page is reached: by whom, and at which address."""

from collections.abc import Callable

from django.urls import reverse

from tests.browser import moods
from tests.browser.guide import Guide, Visit

Recipe = Callable[[Guide], Visit]


def merchant_page(name: str, person: str = "owner", mode: str = "live", query: str = "", **kwargs: str) -> Recipe:
    """``kwargs`` name the guide's ids for the parameters of the address."""

    def recipe(guide: Guide) -> Visit:
        facts = {key: getattr(guide, value) for key, value in kwargs.items()}
        path = reverse(f"merchant:{name}", kwargs={"merchant": guide.stock.slug, "mode": mode, **facts})
        return Visit(path + query, guide.stock.people[person])

    return recipe


def staff_page(name: str, query: str = "", role: str = "admin", **kwargs: str) -> Recipe:
    def recipe(guide: Guide) -> Visit:
        facts = {key: getattr(guide, value) for key, value in kwargs.items()}
        return Visit(reverse(f"ops:{name}", kwargs=facts) + query, guide.stock.staff[role])

    return recipe


def auditors_page(name: str, query: str = "", **kwargs: str) -> Recipe:
    return staff_page(name, query, "auditor", **kwargs)


def agents_page(name: str, query: str = "", **kwargs: str) -> Recipe:
    return staff_page(name, query, "agent", **kwargs)


def connection_page(name: str, mood: str = "", person: str = "owner", mode: str = "live", **kwargs: str) -> Recipe:
    """A page of the merchant whose connections are in every mood, for somebody whose code is fresh."""

    def recipe(guide: Guide) -> Visit:
        known = guide.connections
        facts = {"connection": known[mood]} if mood else {}
        path = reverse(f"merchant:{name}", kwargs={"merchant": moods.SLUG, "mode": mode, **facts, **kwargs})
        email = f"{person}@{moods.SLUG}.example"
        guide.site.forget(email)
        return Visit(path, email)

    return recipe


def request_page(mood: str) -> Recipe:
    """The page of a refund that somebody asked for."""
    return lambda guide: Visit(guide.stock.path(f"refunds/{guide.requests[mood]}/"), guide.owner)


def held_page(mood: str, rest: str = "", person: str = "owner") -> Recipe:
    """The page of a payment that waits to be captured, or one below it."""
    return lambda guide: Visit(guide.stock.path(f"transactions/{guide.holds[mood]}/{rest}"), guide.stock.people[person])


def unclear_page(name: str, doubt: str, role: str = "financeops") -> Recipe:
    """A page of a money request, for somebody whose code is fresh."""

    def recipe(guide: Guide) -> Visit:
        person = guide.stock.staff[role]
        guide.site.forget(person)
        return Visit(reverse(f"ops:{name}", kwargs={"command": guide.unclear[doubt]}), person)

    return recipe


def asked_page(path: str) -> Recipe:
    """A page that tells of what waits for a second person; the path may name one of these by its mood."""
    return lambda guide: Visit(guide.stock.path(path.format(**guide.approvals)), guide.owner)


def notices_page(name: str, face: str = "", mode: str = "live", query: str = "") -> Recipe:
    """For somebody who was told a lot, in live mode alone."""

    def recipe(guide: Guide) -> Visit:
        person = guide.told["staff" if face else "owner"]
        place = {} if face else {"merchant": guide.stock.slug, "mode": mode}
        return Visit(reverse(f"notices:{face}{name}", kwargs=place) + query, person)

    return recipe


def own_page(name: str) -> Recipe:
    return lambda guide: Visit(reverse(name), guide.busy)


def public_page(name: str, status: int = 200) -> Recipe:
    return lambda guide: Visit(reverse(name), status=status)


def waiting_page(name: str, of: str) -> Recipe:
    return lambda guide: Visit(reverse(name), cookie=getattr(guide, of))
