// The palette: the search as a combobox over every page. htmx asks for the options, this file walks them.
(function () {
  "use strict";
  const portal = window.portal;
  const palette = portal.byId("palette");
  if (!palette || !palette.showModal) return;
  const field = portal.byId("palette-q");
  const kept = portal.byId("palette-recent");
  let opener = null;

  const results = () => portal.byId("palette-results");
  const options = () => [...palette.querySelectorAll("[role=option]")];
  const chosen = () => palette.querySelector("[role=option][aria-selected=true]");

  portal.openPalette = function () {
    if (palette.open) return field.select();
    opener = portal.placeOf(document.activeElement);
    field.value = "";
    palette.showModal();
    field.focus();
    window.htmx.trigger(field, "ask");
  };

  palette.addEventListener("close", () => {
    choose(null);
    field.setAttribute("aria-expanded", "false");
    portal.byId("palette-alert").replaceChildren();
    portal.leadBack(opener);
  });

  // --- Options ---
  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = options();
    if (!all.length) return;
    const at = all.indexOf(chosen());
    // Above the first and below the last stands the field itself.
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    choose(all[next] || null);
  }

  // Remembered without waiting for an answer: the page is about to go.
  function remember() {
    const text = field.value.trim();
    if (!text || portal.holdsCardNumber(text)) return;
    kept.elements.q.value = text;
    navigator.sendBeacon(kept.action, new FormData(kept));
    kept.elements.q.value = "";
  }

  const current = () => results().dataset.query === field.value.trim();

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      chosen().click();
    } else if (event.key === "Enter" && current() && results().dataset.jump && !portal.holdsCardNumber(field.value)) {
      event.preventDefault();
      remember();
      location.assign(results().dataset.jump);
    } else if (event.key === "Enter" && !field.value.trim()) {
      event.preventDefault();
    }
  });
  field.addEventListener("input", () => choose(null));

  palette.addEventListener("click", (event) => {
    if (event.target === palette || event.target.closest("[data-palette-close]")) return palette.close();
    const option = event.target.closest("[role=option]");
    if (!option) return;
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (option.dataset.fill && !elsewhere) {
      event.preventDefault();
      field.value = option.dataset.fill;
      field.focus();
      return window.htmx.trigger(field, "ask");
    }
    remember();
    // What stands on this page already needs no new one.
    if (!elsewhere && option.pathname === location.pathname && option.search === location.search) palette.close();
  });

  // --- What came ---
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "palette-results") return;
    portal.byId("palette-alert").replaceChildren();
    field.setAttribute("aria-expanded", String(options().length > 0));
    choose(null);
    if (field.value.trim()) portal.byId("palette-count").textContent = results().dataset.announce;
  });
  function failed(event) {
    if (event.detail.elt === field && palette.open) portal.byId("palette-alert").replaceChildren(portal.text("failed"));
  }
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  portal.byId("palette-alert").addEventListener("click", (event) => {
    if (event.target.closest("[data-retry]")) window.htmx.trigger(field, "ask");
  });
  kept.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return;
    field.focus();
    window.htmx.trigger(field, "ask");
  });

  // --- Opened from the page ---
  document.addEventListener("click", (event) => {
    const at = event.target.closest("[data-palette]");
    if (!at || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    portal.openPalette();
  });
  // What was typed there before this file ran is not lost, and who types there goes on in the palette.
  document.addEventListener("input", (event) => {
    if (!event.target.matches("input[data-palette]")) return;
    const typed = event.target.value;
    event.target.value = "";
    portal.openPalette();
    field.value = typed;
    window.htmx.trigger(field, "ask");
  });
})();
