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
    if (Date.now() - (sent.get(form) || 0) < ON_ITS_WAY) return event.preventDefault();
    sent.set(form, Date.now());
    // The page goes before the answer comes; the next one tells whether that was to sign in.
    if (form.matches("[data-keep]")) portal.keep(true);
  });

  // --- Text that was not sent when the session ended; never submitted by itself ---
  const KEPT = "portal-kept";
  const TEXT = 'textarea, input[type="text"], input:not([type])';
  const CHOICE = 'select, input[type="radio"]:checked, input[type="checkbox"]';

  // What was typed, and with it what was chosen: the amount of a part means nothing where the whole is chosen.
  function unsent(form) {
    const fields = {};
    // A review carries all of it in fields that nobody sees.
    let written = "carries" in form.dataset;
    [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken").forEach((field) => {
      const carried = "carries" in form.dataset && field.type === "hidden";
      if (!(carried || field.matches(`${TEXT}, ${CHOICE}`)) || portal.holdsCardNumber(field.value)) return;
      fields[field.name] = field.type === "checkbox" ? (field.checked ? "True" : "False") : field.value;
      // A form that came back with its errors has not been taken yet, although nothing in it was changed since.
      if (field.matches(TEXT)) written ||= field.value !== field.defaultValue || Boolean("unsent" in form.dataset && field.value);
    });
    const opener = form.closest("dialog") ? portal.dialogOpener() : "";
    return written && { name: form.dataset.keep || form.id, at: form.dataset.keepAt || location.pathname, opener, fields };
  }

  const store = (kept) => sessionStorage.setItem(KEPT, JSON.stringify(kept));

  portal.keep = function (sent = false) {
    const forms = [...document.querySelectorAll("form[data-keep]")].map(unsent).filter(Boolean);
    if (forms.length) store({ person: root.dataset.person, sent, forms });
  };
  document.addEventListener("htmx:beforeOnLoad", (event) => { if (event.detail.xhr.status === 401) portal.keep(); });
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-sign-out]")) sessionStorage.clear(); });

  function offer() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
    if (!kept) return;
    // A page on which nobody is signed in came in the place of an answer: what was sent was not taken.
    if (!root.dataset.person) return store({ ...kept, sent: false });
    const forms = kept.sent || kept.person !== root.dataset.person ? [] : kept.forms;
    const elsewhere = forms.filter((each) => each.at !== location.pathname);
    if (elsewhere.length) store({ ...kept, forms: elsewhere });
    else sessionStorage.removeItem(KEPT);
    forms.filter((each) => each.at === location.pathname).forEach(suggest);
  }

  const formOf = (kept) => document.querySelector(`form[data-keep="${CSS.escape(kept.name)}"]`) || portal.byId(kept.name);

  // One that is not on the page comes in a dialog; its message then stands above the page, which no panel replaces.
  function suggest(kept) {
    const form = formOf(kept);
    const opener = kept.opener && portal.byId(kept.opener);
    if (!form && !opener) return;
    const message = portal.text("kept");
    const what = message.querySelector("[data-what]");
    if (!form) what.textContent = `${opener.textContent.trim()} · `;
    message.querySelector("[data-restore]").addEventListener("click", () => (form ? putBack(form, kept, message) : open(kept, message)));
    message.querySelector("[data-discard]").addEventListener("click", () => message.remove());
    if (form) form.before(message);
    else portal.byId("main").prepend(message);
    portal.announce(message.querySelector("[data-said]").textContent);
  }

  function open(kept, message) {
    const opener = portal.byId(kept.opener);
    // Nothing of the kind can be asked for any more.
    if (!opener) return message.remove();
    const fill = (event) => {
      if (event.detail.target?.id !== "dialog") return;
      document.removeEventListener("htmx:afterSwap", fill);
      const form = formOf(kept);
      if (form) putBack(form, kept, message);
    };
    document.addEventListener("htmx:afterSwap", fill);
    opener.click();
  }

  function putBack(form, kept, message) {
    Object.entries(kept.fields).forEach(([name, value]) => {
      const field = form.elements[name];
      // Keys of the form that was lost are nothing to this one. A tick may be a consent, so it is given anew.
      if (!field || field.type === "hidden") return;
      if (field.type === "checkbox") field.checked &&= value !== "False";
      else field.value = value;
    });
    message.remove();
    const first = [...form.elements].find((field) => kept.fields[field.name] && field.matches(TEXT) && field.checkVisibility());
    first?.scrollIntoView({ block: "center" });
    portal.focus(first);
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
