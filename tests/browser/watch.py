"""Listens to every page of a context: errors of scripts, breaches of the policy, focus that fell to the body."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError

# Chromium and htmx report an answer of 4xx or 5xx as an error of the console, which it is not; nor is it one that a
# page which is left no longer waits for an answer. Other ends of a request have names of their own.
_NO_ERROR = ("Failed to load resource", "Response Status Error Code", "htmx:sendAbort", "htmx:afterRequest")

# Runs before the page's own scripts; the policy does not apply to it.
_LISTENER = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
(() => {
  let held = false;
  document.addEventListener("htmx:beforeSwap", () => { held = document.activeElement !== document.body; });
  const fell = () => held && document.activeElement === document.body;
  // Another answer may be between its swap and the moment in which it puts the focus back: look twice.
  const look = (then) => setTimeout(() => fell() && then());
  document.addEventListener("htmx:afterSettle", () => look(() => setTimeout(() => {
    if (fell()) console.error("focus fell to the body");
  }, 150)));
})();
"""


def watch(context: BrowserContext, complaints: list[str]) -> None:
    """Adds to ``complaints`` as they happen."""

    def listen(page: Page) -> None:
        page.on("console", lambda message: _hear(message, complaints))

    def fail(error: WebError) -> None:
        complaints.append(f"{error.page.url if error.page else ''}: {error.error}")

    context.add_init_script(_LISTENER)
    context.on("page", listen)
    context.on("weberror", fail)


def _hear(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type == "error" and not message.text.startswith(_NO_ERROR):
        complaints.append(f"{message.location.get('url', '')}: {message.text}")
