// Forms: card numbers are refused before they are sent, typed text survives a lost session, the session warns.
(function () {
  "use strict";
  const portal = window.portal;
  const root = document.documentElement;

  // --- Card numbers ---
  const FREE_TEXT = 'textarea, input[type="text"], input[type="search"], input[type="email"], input[type="tel"], input:not([type])';

  function luhn(digits) {
    let sum = 0;
    for (let i = 0; i < digits.length; i += 1) {
      let value = Number(digits[digits.length - 1 - i]);
      if (i % 2) value = value > 4 ? value * 2 - 9 : value * 2;
      sum += value;
    }
    return sum % 10 === 0;
  }

  portal.holdsCardNumber = function (words) {
    const runs = words.match(/\d(?:[ .\-]?\d){12,}/g) || [];
    return runs.map((run) => run.replace(/\D/g, "")).some((digits) => digits.length <= 19 && luhn(digits));
  };

  const warned = new WeakMap();

  function guard(field) {
    const guilty = portal.holdsCardNumber(field.value);
    const shown = warned.get(field);
    if (guilty && !shown) {
      const message = portal.text("card-number");
      warned.set(field, message);
      message.id = (field.id || "field-" + Math.random().toString(36).slice(2)) + "_card";
      field.dataset.described = field.getAttribute("aria-describedby") || "";
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", message.id);
      (field.closest(".cf-input, .cf-search") || field).after(message);
      portal.announce(message.textContent.trim());
    } else if (!guilty && shown) {
      shown.remove();
      warned.delete(field);
      field.removeAttribute("aria-invalid");
      if (field.dataset.described) field.setAttribute("aria-describedby", field.dataset.described);
      else field.removeAttribute("aria-describedby");
      delete field.dataset.described;
    }
    return guilty;
  }

  function refuses(scope) {
    const fields = scope.matches(FREE_TEXT) ? [scope] : [...scope.querySelectorAll(FREE_TEXT)];
    const guilty = fields.filter(guard);
    if (guilty.length) portal.focus(guilty[0]);
    return guilty.length > 0;
  }

  document.addEventListener("input", (event) => { if (event.target.matches(FREE_TEXT)) guard(event.target); });
  document.addEventListener("submit", (event) => {
    if (refuses(event.target)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    const from = event.detail.elt;
    const scope = from.closest("form") || (from.matches("input, textarea") ? from : null);
    if (scope && refuses(scope)) event.preventDefault();
  });

  // --- Passwords, error links ---
  document.addEventListener("click", (event) => {
    const reveal = event.target.closest("[data-reveal]");
    if (reveal) {
      const field = portal.byId(reveal.dataset.reveal);
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      reveal.setAttribute("aria-pressed", String(shown));
      reveal.querySelector("span").textContent = portal.word(shown ? "hide" : "show");
      return;
    }
    const error = event.target.closest(".cf-error-summary a[href^='#']");
    if (error) {
      const name = error.getAttribute("href").slice(1);
      const field = portal.byId(name) || portal.byId(name + "_0");
      if (field) {
        event.preventDefault();
        const fold = field.closest("details:not([open])");
        if (fold) fold.open = true;
        // On a phone the fields of a list are on a sheet, which opens as the place an address leads to.
        if (!field.checkVisibility()) location.hash = field.id;
        field.scrollIntoView({ block: "center" });
        portal.focus(field);
      }
    }
  });
  // A password shown on screen is sent, and remembered by the browser, as a password.
  document.addEventListener("submit", (event) => {
    event.target.querySelectorAll("[data-reveal][aria-pressed=true]").forEach((button) => button.click());
  });
  portal.focus(document.querySelector(".cf-error-summary"));

  // --- A form on its way is not sent a second time; after a while whoever stopped it may try again ---
  const ON_ITS_WAY = 10000;
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (Date.now() - (sent.get(form) || 0) < ON_ITS_WAY) event.preventDefault();
    else sent.set(form, Date.now());
  });

  // --- Text that was not sent when the session ended; never submitted by itself ---
  const KEPT = "portal-kept";

  portal.keep = function () {
    const forms = {};
    document.querySelectorAll("form[data-keep]").forEach((form) => {
      const fields = {};
      form.querySelectorAll('textarea, input[type="text"], input:not([type])').forEach((field) => {
        // A form that came back with its errors has not been taken yet, although nothing in it was changed since.
        const unsent = field.value !== field.defaultValue || ("unsent" in form.dataset && field.value);
        if (field.name && unsent && !portal.holdsCardNumber(field.value)) fields[field.name] = field.value;
      });
      if (Object.keys(fields).length) forms[form.dataset.keep || form.id] = fields;
    });
    if (Object.keys(forms).length) sessionStorage.setItem(KEPT, JSON.stringify({ person: root.dataset.person, page: location.pathname, forms }));
  };
  document.addEventListener("htmx:beforeOnLoad", (event) => { if (event.detail.xhr.status === 401) portal.keep(); });
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-sign-out]")) sessionStorage.clear(); });

  function offer() {
    const raw = sessionStorage.getItem(KEPT);
    if (!raw || !root.dataset.person) return;
    const kept = JSON.parse(raw);
    if (kept.person !== root.dataset.person) return sessionStorage.removeItem(KEPT);
    if (kept.page !== location.pathname) return;
    sessionStorage.removeItem(KEPT);
    Object.entries(kept.forms).forEach(([name, fields]) => {
      const form = document.querySelector(`form[data-keep="${CSS.escape(name)}"]`) || portal.byId(name);
      if (form) suggest(form, fields);
    });
  }

  function suggest(form, fields) {
    const message = portal.text("kept");
    message.querySelector("[data-restore]").addEventListener("click", () => {
      Object.entries(fields).forEach(([name, value]) => { if (form.elements[name]) form.elements[name].value = value; });
      message.remove();
      portal.focus(form.elements[Object.keys(fields)[0]]);
    });
    message.querySelector("[data-discard]").addEventListener("click", () => message.remove());
    form.before(message);
  }
  offer();

  // --- The session's end: two minutes of warning, at any tab the work is seen ---
  const idle = Number(root.dataset.sessionSeconds || 0) * 1000;
  if (!idle || !root.dataset.person) return;
  const presence = "BroadcastChannel" in window ? new BroadcastChannel("portal-presence") : null;
  let seen = Date.now();

  function present(tellOthers) {
    seen = Date.now();
    document.querySelector("[data-session]")?.remove();
    if (tellOthers && presence) presence.postMessage("here");
  }
  if (presence) presence.addEventListener("message", () => present(false));
  // Panels and streams load by themselves and do not count, here as on the server.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr.status < 400 && !event.detail.pathInfo.requestPath.includes("/_/")) present(true);
  });
  present(true);

  async function stay() {
    const answer = await fetch(root.dataset.stayUrl, { credentials: "same-origin", cache: "no-store", redirect: "manual" });
    if (answer.ok) return present(true);
    portal.keep();
    location.reload();
  }

  setInterval(() => {
    const left = idle - (Date.now() - seen);
    if (left <= 0) {
      portal.keep();
      location.reload();
    } else if (left <= 120000 && !document.querySelector("[data-session]")) {
      const message = portal.text("session");
      message.querySelector("[data-stay]").addEventListener("click", stay);
      portal.alert(message);
    }
  }, 1000);
})();
