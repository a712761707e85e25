// Rows to tick: how many there are, all of a page, a range from the last one, all results as a second step.
// Which bar is shown, what it sends and that Clear clears needs no script: see components/money_lists/selection.html.
(function () {
  "use strict";
  const portal = window.portal;
  const bar = () => portal.byId("selection");
  const boxes = () => [...document.querySelectorAll('[data-list] input[name="row"]')];
  let anchor = null;
  let told = "";

  function show() {
    const form = bar();
    if (!form) return;
    const all = boxes();
    const ticked = all.filter((box) => box.checked).length;
    const everything = form.querySelector("[data-all]");
    if (ticked < all.length) everything.disabled = true;
    const page = document.querySelector("[data-tick-page]");
    if (page) {
      page.checked = all.length > 0 && ticked === all.length;
      page.indeterminate = ticked > 0 && ticked < all.length;
    }
    const count = form.querySelector("[data-ticked]");
    const words = !everything.disabled ? count.dataset.everything : ticked === 1 ? count.dataset.one : count.dataset.many.replace("%n", String(ticked));
    count.textContent = words;
    const more = form.querySelector("[data-select-all]");
    if (more) more.hidden = !everything.disabled;
    say(ticked ? words : count.dataset.none);
  }

  // A page that opens with nothing ticked has nothing to say.
  function say(words) {
    if (words === told || (!told && !boxes().some((box) => box.checked))) return;
    told = words;
    portal.announce(words);
  }

  function set(some, on) {
    some.forEach((box) => { box.checked = on; });
    show();
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest('[data-list] input[name="row"]');
    if (box) {
      const all = boxes();
      const from = all.indexOf(anchor);
      if (event.shiftKey && from >= 0) {
        const [first, last] = [from, all.indexOf(box)].sort((a, b) => a - b);
        set(all.slice(first, last + 1), box.checked);
      }
      anchor = box;
      return;
    }
    if (event.target.closest("[data-select-all]")) {
      event.preventDefault();
      bar().querySelector("[data-all]").disabled = false;
      set(boxes(), true);
      portal.focus(bar().querySelector("[type=reset]"));
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-page]")) set(boxes(), event.target.checked);
    else if (event.target.matches('[data-list] input[name="row"]')) show();
  });
  // The bar goes with the last tick, and the keyboard must not go with it.
  document.addEventListener("reset", (event) => {
    if (event.target !== bar()) return;
    setTimeout(() => {
      bar().querySelector("[data-all]").disabled = true;
      // On a phone the head is not shown.
      portal.focus(document.querySelector("[data-tick-page]")) || portal.focus(boxes()[0]);
      show();
    });
  });
  // Going back brings ticks along that the browser remembers, and another page of the list has none.
  document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target?.id === "results") show(); });
  window.addEventListener("pageshow", show);
  show();
})();
