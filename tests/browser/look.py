"""What is wrong with a page as people meet it: axe's findings, ids, names, sizes and sideways scrolling."""

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# All that another theme can break: it changes colours and nothing else.
COLOURS = ["color-contrast", "link-in-text-block"]
WIDE, PHONE, SMALLEST = 1280, 390, 320

_AXE = """async (options) => {
  const found = await axe.run(document, {...options, resultTypes: ["violations"]});
  return found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" | ")}`);
}"""
# Ids that stand twice, and references that lead nowhere.
_IDS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const found = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `id ${id} stands twice`);
  for (const name of ["for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      for (const id of element.getAttribute(name).split(/\\s+/)) {
        if (id === "dialog-title" && !document.querySelector("#dialog").open) continue;
        if (!document.getElementById(id)) found.push(`${name}="${id}" leads nowhere`);
      }
    }
  }
  return found;
}"""
# The spacing that people with dyslexia set: WCAG 1.4.12.
_SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
_SIDEWAYS = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return [];
  const over = [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    const out = box.width && (box.right > innerWidth + 1 || box.left < -1);
    return out && !element.closest("[tabindex='0'], .cf-scroll, .visually-hidden, .cf-skip");
  });
  const told = over.slice(0, 3).map((element) => element.outerHTML.slice(0, 120));
  return [`scrolls ${wide} px sideways: ${told.join(" | ")}`];
}"""
_CUT = """() => [...document.querySelectorAll("h1, h2, button, .btn, label, .cf-badge, dd, p")].filter((element) => {
  const style = getComputedStyle(element);
  const clips = style.overflowX !== "visible" || style.overflowY !== "visible";
  const cut = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
  return clips && cut && element.checkVisibility() && !element.closest(".visually-hidden, .cf-cut, [tabindex='0']");
}).map((element) => `cuts its text: ${element.outerHTML.slice(0, 120)}`)"""


def axe(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """Violations of WCAG 2.2 A and AA, or of some rules alone; each with the elements that break it."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    only: dict[str, Any] = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    options = {"runOnly": only} if rules else {"runOnly": only, "rules": {"target-size": {"enabled": True}}}
    found: list[str] = page.evaluate(_AXE, options)
    return found


def ids(page: Page) -> list[str]:
    found: list[str] = page.evaluate(_IDS)
    return found


def every_look(page: Page) -> list[str]:
    """The page as it stands, in both themes at both widths, and on the smallest phone with wide spacing."""
    found = ids(page)
    for width in (WIDE, PHONE):
        found += _look(page, width, "light")
        found += _look(page, width, "dark", rules=COLOURS)
    return found + on_the_smallest_phone(page)


def two_looks(page: Page) -> list[str]:
    """For another mood of a page that gets every look elsewhere."""
    found = ids(page) + _look(page, WIDE, "light") + _look(page, PHONE, "dark")
    return found + on_the_smallest_phone(page)


def _look(page: Page, width: int, theme: Literal["light", "dark"], *, rules: list[str] | None = None) -> list[str]:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    return [f"{width} {theme}: {text}" for text in axe(page, rules=rules)]


def on_the_smallest_phone(page: Page) -> list[str]:
    page.set_viewport_size({"width": SMALLEST, "height": 640})
    found = [f"{SMALLEST}: {text}" for text in page.evaluate(_SIDEWAYS)]
    page.evaluate(_SPACING)
    found += [f"{SMALLEST}, spaced: {text}" for text in [*page.evaluate(_SIDEWAYS), *page.evaluate(_CUT)]]
    page.evaluate("() => { document.adoptedStyleSheets = []; }")
    return found
