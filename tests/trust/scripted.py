"""S9: texts of outsiders stay texts on every page, for whoever looks, in a real browser."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, Response, sync_playwright

from tests.browser.watch import watch
from tests.browsers import FLAGS, find_browser
from tests.trust.cells import ANONYMOUS, Cast, Cell, Person, cells, open_cast
from tests.trust.dress import POLICY
from tests.trust.expected import allowed
from tests.trust.installation import Installation
from tests.trust.result import Result

# As many as there are texts in tests.trust.poison_rows, which only the actor can import.
SHIFTS = 18
PATIENCE_MS = 20_000
HOSTILE = "\"'><img data-hostile src=x onerror=alert(1)>"
_LOOK = """() => {
  const wrong = [];
  const links = ["href", "src", "action", "formaction", "xlink:href", "poster", "data", "hx-get", "hx-post"];
  for (const element of document.querySelectorAll("*")) {
    const name = element.tagName.toLowerCase();
    const told = element.outerHTML.slice(0, 160);
    if (["iframe", "object", "embed", "base", "style", "frame", "applet"].includes(name)) wrong.push(told);
    if (name === "script" && !element.src && element.type !== "application/json") wrong.push(told);
    for (const attribute of element.attributes) {
      const value = attribute.value.trim().toLowerCase();
      if (attribute.name.startsWith("on") || attribute.name === "data-hostile" || attribute.name === "style") {
        wrong.push(told);
      }
      if (!links.includes(attribute.name)) continue;
      const picture = name === "img" && value.startsWith("data:image/");
      const elsewhere = /^[a-z+.-]+:|^\\/\\//.test(value) && !value.startsWith(location.origin) && !picture;
      if (elsewhere && !/^(mailto|tel|otpauth):/.test(value)) wrong.push(told);
    }
  }
  return { wrong: [...new Set(wrong)], shows: document.documentElement.textContent.includes("h0stile") };
}"""
_PUT = """async (path) => {
  const answer = await fetch(path, { headers: { "HX-Request": "true" } });
  document.querySelector("#main").innerHTML = await answer.text();
  return answer.status;
}"""


@dataclass
class Looker:
    """One person's browser. ``shown`` counts the pages on which a hostile text was to be read."""

    cast: Cast
    person: Person
    url: str
    problems: list[str] = field(default_factory=list)
    looked: int = 0
    shown: int = 0
    here: str = ""

    def look(self, browser: Browser, session: str, places: list[Cell]) -> None:
        context = browser.new_context(base_url=self.url, viewport={"width": 1280, "height": 900})
        if session:
            context.add_cookies([{"name": "session", "value": session, "url": self.url}])
        context.set_default_timeout(PATIENCE_MS)
        said: list[str] = []
        watch(context, said)
        self._listen(context)
        page = context.new_page()
        for cell in places:
            self.here = str(cell)
            said.clear()
            self._visit(page, cell)
            self.problems += [f"{cell}: {text}" for text in said]
        context.close()

    def _visit(self, page: Page, cell: Cell) -> None:
        if cell.fragment:
            # Into the page on which the person is already: what it brings along takes effect there.
            status = page.evaluate(_PUT, cell.case.path)
        else:
            try:
                answer = page.goto(_with_hostile_query(cell), wait_until="load")
            except Error as error:
                # A file that is saved is shown by nobody.
                if "Download is starting" not in error.message:
                    raise
                self.looked += 1
                return
            status = answer.status if answer else 0
            if answer and not answer.headers.get("content-type", "").startswith("text/html"):
                # The browser's own viewer runs nothing of a text.
                self.looked += 1
                return
        if status >= 500:
            self.problems.append(f"{cell}: answered {status}")
        seen = page.evaluate(_LOOK)
        self.looked += 1
        self.shown += bool(seen["shows"])
        self.problems += [f"{cell}: {text}" for text in seen["wrong"]]

    def _listen(self, context: BrowserContext) -> None:
        context.on("dialog", lambda dialog: (self.problems.append(f"{self.here}: a dialog opened"), dialog.dismiss()))
        context.on("request", self._ask)
        context.on("response", self._answered)

    def _ask(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:image/")):
            self.problems.append(f"{self.here}: asks {request.url}")

    def _answered(self, response: Response) -> None:
        policy = response.headers.get("content-security-policy", "")
        if {part.strip() for part in policy.split(";") if part.strip()} != POLICY and response.url.startswith("http"):
            self.problems.append(f"{self.here}: {response.url} comes with the policy {policy!r}")


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """With every text in every column in a full run, as everybody in its last round."""
    result = Result("S9", seed, full)
    cast = open_cast(site, seed=seed)
    texts = 0
    shifts = range(SHIFTS) if full else [seed % SHIFTS]
    for shift in shifts:
        poisoned = cast.ask("poison", slugs=cast.slugs, shift=shift)
        texts += poisoned["texts"]
        for slug, modes in poisoned["objects"].items():
            for mode, made in modes.items():
                cast.merchants[slug]["objects"][mode] |= made
        people = cast.people if full and shift == shifts[-1] else _few(cast)
        # Playwright's loop wants a thread of its own.
        with ThreadPoolExecutor(1) as thread:
            lookers = thread.submit(_look, cast, people, site.url, full=full).result()
        for looker in lookers:
            result.n += looker.looked
            result.problems += looker.problems
            # Who may do nothing anywhere reads nothing of others.
            if looker.person.verbs and not looker.shown:
                result.problems.append(f"{looker.person.name} reads none of the texts: nothing was tried")
    result.facts = {"texts": texts, "pages": result.n}
    return result


def _few(cast: Cast) -> list[Person]:
    """Between them they see every page."""
    owner = next(person for person in cast.people if person.name.endswith(" owner"))
    return [owner, cast.person("staff admin")]


def _look(cast: Cast, people: list[Person], url: str, *, full: bool) -> list[Looker]:
    sessions = cast.ask("sessions", emails=[person.email for person in people if person.signed_in])
    lookers = [Looker(cast, person, url) for person in people]
    found = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        for looker in lookers:
            places = [cell for cell in _places(cast, looker.person) if full or cell.case.name == "own"]
            looker.look(browser, sessions.get(looker.person.email, ""), places)
        browser.close()
    return lookers


def _places(cast: Cast, person: Person) -> Iterator[Cell]:
    """Every page that answers with something of its own; regions right after a page that they can be put into."""
    pages, regions = [], []
    for address in cast.addresses:
        if "GET" not in address.methods or address.streams or (address.kind == "public" and person.name != ANONYMOUS):
            continue
        for cell in cells(cast, address, person):
            if cell.method == "GET" and cell.case.name.startswith("own") and 200 in allowed(cell):
                (regions if cell.fragment else pages).append(cell)
    kept = [cell for cell in pages if not cell.address.panel]
    yield from kept
    yield from (cell for cell in regions if cell.address.panel)


def _with_hostile_query(cell: Cell) -> str:
    hostile = quote(HOSTILE)
    return f"{cell.case.path}?q={hostile}&back={quote('javascript:alert(1)')}&next={hostile}&cursor={hostile}"
