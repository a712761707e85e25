// Shortcuts are declared on real links and buttons as data-shortcut="g t"; lists have keys of their own.
(function () {
  "use strict";
  const portal = window.portal;
  const dialog = portal.byId("dialog");
  const PAUSE = 1000;
  let typed = [];
  let last = 0;

  const enabled = () => document.documentElement.dataset.shortcuts !== "off";
  const typing = (element) => element.closest('input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable]:not([contenteditable="false"])');
  const visible = (element) => element.checkVisibility ? element.checkVisibility() : element.offsetParent !== null;
  const declared = (keys) => [...document.querySelectorAll(`[data-shortcut="${CSS.escape(keys)}"]`)].find(visible) || document.querySelector(`[data-shortcut="${CSS.escape(keys)}"]`);

  function run(element) {
    if (element.matches("[data-palette]") && portal.openPalette) {
      portal.openPalette();
    } else if (element.matches("input, textarea, select")) {
      element.focus();
      if (element.select) element.select();
    } else {
      element.click();
    }
  }

  // --- Lists ---
  const rows = () => [...document.querySelectorAll("[data-list] [data-row]")].filter(visible);
  const rowOf = (element) => element.closest?.("[data-list] [data-row]");
  let anchor = null;

  function move(step) {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(rowOf(document.activeElement));
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    portal.linkOf(next).focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function tick(row, range) {
    const all = rows();
    const boxes = range && all.includes(anchor) ? all.slice(...[all.indexOf(anchor), all.indexOf(row)].sort((a, b) => a - b).map((n, i) => n + i)) : [row];
    boxes.forEach((one) => {
      const box = one.querySelector('input[type="checkbox"]');
      if (!box || (range && box.checked)) return;
      box.checked = range ? true : !box.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    });
    anchor = row;
    return Boolean(row.querySelector('input[type="checkbox"]'));
  }

  function onRow(key, row) {
    if (key === "x") return tick(row, false);
    if (key === "X") return tick(row, true);
    if (key === "c") {
      const button = row.querySelector("[data-copy]") || Object.assign(document.createElement("button"), { hidden: true });
      if (!button.isConnected) {
        button.dataset.copy = row.dataset.row;
        row.lastElementChild.append(button);
        button.click();
        button.remove();
      } else {
        button.click();
      }
      return true;
    }
    const menu = key === "." && row.querySelector("details > summary");
    if (menu) menu.click();
    return Boolean(menu);
  }

  function onList(key) {
    if (key === "j") return move(1);
    if (key === "k") return move(-1);
    const row = rowOf(document.activeElement);
    return row ? onRow(key, row) : false;
  }

  // --- Keys ---
  document.addEventListener("keydown", (event) => {
    const find = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    if (find && declared("/") && !dialog.open) {
      event.preventDefault();
      return run(declared("/"));
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!enabled() || dialog.open || typing(event.target) || event.key.length !== 1) return;
    if (event.timeStamp - last > PAUSE) typed = [];
    last = event.timeStamp;
    typed = [...typed.slice(-1), event.key];
    const pair = typed.length === 2 && declared(typed.join(" "));
    const single = declared(event.key);
    const done = pair ? (run(pair), true) : single ? (run(single), true) : event.key === "?" ? help() : waiting(event.key) ? false : onList(event.key);
    if (done) {
      event.preventDefault();
      typed = [];
    }
  });

  // The first key of a pair does nothing by itself, even where a list knows that letter.
  function waiting(key) {
    return Boolean(document.querySelector(`[data-shortcut^="${CSS.escape(key)} "]`));
  }

  // --- Help, made from the page itself ---
  function help() {
    dialog.replaceChildren(portal.byId("text-shortcuts").content.cloneNode(true));
    const list = dialog.querySelector("[data-shortcut-list]");
    const known = new Map();
    document.querySelectorAll("[data-shortcut]").forEach((element) => {
      if (!known.has(element.dataset.shortcut)) known.set(element.dataset.shortcut, nameOf(element));
    });
    if (document.querySelector("[data-list]")) {
      const ticks = document.querySelector("[data-list] [data-row] input[type=checkbox]") ? [["x", "select"], ["X", "range"]] : [];
      [["j", "down"], ["k", "up"], ["Enter", "open"], ...ticks, ["c", "copy"]].forEach(([key, word]) => known.set(key, portal.word(word)));
    }
    known.set("Esc", portal.word("close"));
    known.set("?", portal.word("help"));
    known.forEach((name, keys) => list.append(entry("dt", keys), entry("dd", "", name)));
    portal.openDialog(document.activeElement === document.body ? portal.byId("page-title") : document.activeElement);
    return true;
  }

  function nameOf(element) {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(".cf-count, .cf-nav-badge").forEach((count) => count.remove());
    return (element.getAttribute("aria-label") || copy.textContent).trim().replace(/\s+/g, " ");
  }

  function entry(tag, keys, name) {
    const element = document.createElement(tag);
    if (name) element.textContent = name;
    keys.split(" ").filter(Boolean).forEach((key) => {
      const cap = document.createElement("kbd");
      cap.textContent = key === "X" ? "Shift x" : key;
      element.append(cap, " ");
    });
    return element;
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-help]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    help();
  });
})();
