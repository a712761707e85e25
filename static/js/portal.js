// Messages, dialogs, focus, menus and small comforts. Every page works without this file.
(function () {
  "use strict";
  const root = document.documentElement;
  root.dataset.js = "on";

  const portal = {
    byId: (id) => document.getElementById(id),
    // Texts are prepared by the server, so that they are translated; see components/script_texts.html.
    text: (id) => portal.byId("text-" + id).content.firstElementChild.cloneNode(true),
    word: (name) => portal.byId("text-words").content.querySelector(`[data-word="${name}"]`).textContent,
    announce(words) {
      const region = portal.byId("announce");
      // The same words twice are only spoken when the region was empty between.
      region.textContent = "";
      setTimeout(() => { region.textContent = words; }, 50);
    },
    alert(message) {
      const alerts = portal.byId("alerts");
      if (alerts) alerts.replaceChildren(message);
    },
    toast(words) {
      const toast = portal.text("toast");
      toast.querySelector("span").textContent = words;
      portal.byId("toasts").append(toast);
      leaveLater(toast);
    },
    focus(element) {
      if (!element) return false;
      if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
      element.focus({ preventScroll: true });
      return document.activeElement === element;
    },
    linkOf: (row) => row.querySelector("a.cf-row-link") || row.querySelector("a"),
  };
  window.portal = portal;

  // --- htmx: what went wrong ---
  const told = new WeakSet();

  function announced(xhr) {
    const triggers = xhr.getResponseHeader("HX-Trigger") || "";
    return triggers.includes("portal:alert");
  }

  function failure(detail) {
    const xhr = detail.xhr;
    if (!xhr || told.has(xhr)) return;
    told.add(xhr);
    const target = detail.target;
    if (target && target.matches("[data-panel][aria-busy=true]")) return panelError(target, xhr, detail);
    // A region that keeps itself fresh tries again with the next signal; its old content is still true.
    if (detail.requestConfig && detail.requestConfig.triggeringEvent && detail.requestConfig.triggeringEvent.type === "live") return;
    if (xhr.status && announced(xhr)) return;
    const name = { 403: "forbidden", 404: "missing", 429: "busy" }[xhr.status];
    if (name) return portal.alert(waiting(portal.text(name), xhr));
    portal.alert(unserved(detail, xhr));
  }

  function waiting(message, xhr) {
    const seconds = xhr.status === 429 && xhr.getResponseHeader("Retry-After");
    if (seconds) message.querySelector("div").append(` (${seconds} s)`);
    return message;
  }

  function reference(element, xhr) {
    const id = xhr.getResponseHeader && xhr.status ? xhr.getResponseHeader("X-Request-ID") : "";
    const place = element.querySelector("[data-reference]");
    if (!id || !place) return;
    place.hidden = false;
    place.querySelector("code").textContent = id;
  }

  function unserved(detail, xhr) {
    const reading = detail.requestConfig && detail.requestConfig.verb === "get";
    // Whether a failed POST did something is not known here: say so, and never repeat it.
    const message = portal.text(reading ? "failed" : "uncertain");
    reference(message, xhr);
    const retry = message.querySelector("[data-retry]");
    if (retry) retry.addEventListener("click", () => {
      message.remove();
      repeat(detail);
    });
    return message;
  }

  function repeat(detail) {
    const swap = detail.elt.getAttribute("hx-swap") || "innerHTML";
    // A link inside the panel went when the panel said that it had failed.
    const source = detail.elt.isConnected ? detail.elt : detail.target;
    window.htmx.ajax("GET", detail.pathInfo.finalRequestPath || detail.pathInfo.requestPath, { source, target: detail.target, swap });
  }

  function panelError(panel, xhr, detail) {
    const box = portal.text("panel-error");
    reference(box, xhr);
    box.querySelector("a").addEventListener("click", (event) => {
      event.preventDefault();
      repeat(detail);
    });
    panel.setAttribute("aria-busy", "false");
    panel.querySelector(".cf-panel-body").replaceChildren(box);
    panel.dataset.failed = "";
  }

  document.addEventListener("htmx:responseError", (event) => failure(event.detail));
  document.addEventListener("htmx:sendError", (event) => failure(event.detail));
  document.addEventListener("htmx:timeout", (event) => failure(event.detail));
  document.addEventListener("portal:alert", (event) => {
    const message = portal.text("custom");
    message.querySelector("div").textContent = event.detail.text;
    portal.alert(message);
  });
  document.addEventListener("portal:toast", (event) => portal.toast(event.detail.text));
  document.addEventListener("htmx:beforeRequest", (event) => {
    const target = event.detail.target;
    if (target) target.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const target = event.detail.target;
    if (target && !("failed" in target.dataset)) target.removeAttribute("aria-busy");
    if (event.detail.successful) portal.byId("alerts")?.replaceChildren();
  });

  // --- Focus never falls to the page's body ---
  // By request: answers come while others are under way.
  const befores = new WeakMap();

  document.addEventListener("htmx:beforeSwap", (event) => {
    const active = document.activeElement;
    const request = event.detail.requestConfig;
    // What arrives by itself, live or because its page has loaded, moves the keyboard only when it takes its place away:
    // it must not pretend that somebody has it there now, nor catch what another answer is about to put back.
    const byItself = (request?.triggeringEvent?.type || "live") === "live";
    const untouched = byItself && !event.detail.target?.contains(active);
    befores.set(event.detail.xhr, { id: active && active.id, untouched, paging: Boolean(request?.elt?.closest?.(".cf-pages")) });
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    // Told once for each element that was swapped; the first time settles it.
    const before = befores.get(event.detail.xhr);
    if (!before) return;
    befores.delete(event.detail.xhr);
    const target = document.getElementById(event.detail.target?.id || "") || event.detail.elt;
    if (before.paging && target) {
      settleAt(target);
      target.scrollIntoView({ block: "start" });
    } else if (!before.untouched && (document.activeElement === document.body || !document.activeElement)) {
      if (!(before.id && portal.focus(portal.byId(before.id)))) settleAt(target);
    }
  });

  function settleAt(target) {
    const inside = target && target.querySelector && (target.querySelector("[data-focus], [autofocus]") || target.querySelector("h1, h2, h3"));
    portal.focus(inside) || portal.focus(target) || portal.focus(portal.byId("page-title")) || portal.focus(portal.byId("main"));
  }

  // Where the keyboard is, for what leads it back there: what stands there may be replaced by itself meanwhile.
  portal.placeOf = (element) => ({
    element,
    id: element?.id,
    row: element?.closest?.("[data-row]")?.dataset.row,
    region: element?.parentElement?.closest("[id]")?.id,
  });
  portal.leadBack = function (place) {
    const there = place.element !== document.body && place.element?.isConnected && portal.focus(place.element);
    if (there || portal.focus(portal.byId(place.id)) || portal.focus(place.row && linkOfRow(place.row))) return;
    settleAt(portal.byId(place.region));
  };

  function linkOfRow(id) {
    const row = document.querySelector(`[data-row="${CSS.escape(id)}"]`);
    return row && portal.linkOf(row);
  }

  // --- Dialog: a link whose form is loaded into #dialog is modal while script runs ---
  const dialog = portal.byId("dialog");
  let opener = null;

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog || !dialog.firstElementChild || dialog.open) return;
    portal.openDialog(event.detail.requestConfig.elt);
  });
  portal.openDialog = function (from) {
    opener = portal.placeOf(from);
    dialog.showModal();
    if (document.activeElement === document.body || document.activeElement === dialog) {
      portal.focus(dialog.querySelector("[autofocus]") || dialog.querySelector("h2"));
    }
  };
  portal.dialogOpener = () => (opener && opener.id) || "";
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    portal.leadBack(opener);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  document.addEventListener("portal:close-dialog", () => dialog.open && dialog.close());

  // --- Toasts stay while somebody reads them ---
  function leaveLater(toast) {
    if (toast.querySelector("a")) return;
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 3000) : toast.remove());
    setTimeout(leave, 10000);
  }
  document.querySelectorAll("[data-toast]").forEach(leaveLater);
  document.addEventListener("htmx:oobAfterSwap", (event) => event.detail.target?.querySelectorAll?.("[data-toast]").forEach(leaveLater));

  // --- Clicks ---
  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    const dismissed = at("[data-dismiss]");
    if (dismissed) return dismissed.closest("[data-toast], .cf-message")?.remove();
    const copied = at("[data-copy], [data-copy-from]");
    if (copied) return copy(copied);
    if (at("[data-print]")) return window.print();
    const saved = at("[data-download]");
    if (saved) return download(saved);
    const row = at("[data-row] a.cf-row-link");
    if (row) {
      history.replaceState({ ...history.state, row: row.closest("[data-row]").dataset.row }, "");
      leadBackHere(row);
    }
    const back = at("a[data-back]");
    if (back && document.referrer === back.href && history.length > 1 && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      history.back();
    }
    closeMenus(event.target);
  });

  // A row says which list it is in; the page knows how that is filtered.
  function leadBackHere(link) {
    const address = new URL(link.href);
    if (address.searchParams.get("back") !== location.pathname) return;
    address.searchParams.set("back", location.pathname + location.search);
    link.href = address;
  }

  async function copy(button) {
    const from = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
    const words = from ? lines(from) : button.dataset.copy;
    if (navigator.clipboard && window.isSecureContext) await navigator.clipboard.writeText(words);
    else copyOldWay(words);
    portal.announce(portal.word("copied"));
    const use = button.querySelector("use");
    if (!use || button.dataset.was) return;
    button.dataset.was = use.getAttribute("href");
    use.setAttribute("href", button.dataset.was.split("#")[0] + "#check");
    setTimeout(() => {
      use.setAttribute("href", button.dataset.was);
      delete button.dataset.was;
    }, 1500);
  }

  // Plain HTTP, such as a portal on the office network, has no clipboard object.
  function copyOldWay(words) {
    const area = document.createElement("textarea");
    const active = document.activeElement;
    area.value = words;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    portal.focus(active);
  }

  function lines(element) {
    const items = [...element.querySelectorAll("li")];
    return items.length ? items.map((item) => item.textContent.trim()).join("\n") : element.textContent.trim();
  }

  function download(button) {
    const link = document.createElement("a");
    const address = URL.createObjectURL(new Blob([lines(document.querySelector(button.dataset.download)) + "\n"], { type: "text/plain" }));
    link.href = address;
    link.download = button.dataset.filename || "counterfoil.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  // --- Menus: <details> that behave like menus ---
  const MENUS = "details[data-menu][open], details.cf-filter[open]";

  function closeMenus(except) {
    document.querySelectorAll(MENUS).forEach((menu) => { if (!menu.contains(except)) menu.open = false; });
  }
  // Words take no focus: a click on those of a menu gives it to what is around the menu, which nobody left.
  document.addEventListener("focusin", (event) => { if (!event.target.querySelector(MENUS)) closeMenus(event.target); });
  // Without scripts the fields with errors stand open; here their summary is read first, and leads to them.
  closeMenus(document.activeElement);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector(MENUS);
    if (!menu) return;
    event.preventDefault();
    menu.open = false;
    portal.focus(menu.querySelector("summary"));
  });

  // --- Coming back ---
  // htmx keeps the address, filters included, in the tab's storage: it must not outlive the page.
  function forget() {
    sessionStorage.removeItem("htmx-current-path-for-history");
    sessionStorage.removeItem("htmx-history-cache");
    localStorage.removeItem("htmx-history-cache");
  }
  forget();
  document.addEventListener("htmx:pushedIntoHistory", forget);
  document.addEventListener("htmx:replacedInHistory", forget);
  window.addEventListener("pagehide", forget);
  window.addEventListener("popstate", () => sessionStorage.setItem("portal-popped", "1"));
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.addEventListener("htmx:load", forget);

  function comeBack() {
    const popped = sessionStorage.getItem("portal-popped");
    sessionStorage.removeItem("portal-popped");
    const row = history.state && history.state.row;
    const link = row && linkOfRow(row);
    if (link) return portal.focus(link);
    if (popped) portal.byId("results")?.scrollIntoView({ block: "start" });
  }
  comeBack();
})();
