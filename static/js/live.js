// Live updates: the server says what changed, regions marked data-live ask for their new content themselves.
(function () {
  "use strict";
  const portal = window.portal;
  const url = document.body.dataset.liveUrl;
  if (!url || !window.EventSource) return;
  const state = portal.byId("live-state");
  const pause = portal.byId("live-pause");
  const HIDDEN = 30000;
  const SHORT_LIVED = 5000;
  const EVERY = 1000;

  let stream = null;
  let opened = 0;
  // What changed before is on the page. It was made after this moment, so that nothing is taken for seen that is not.
  let known = Date.now() - performance.now();
  let failures = 0;
  let retry = 0;
  let hiding = 0;
  let paused = sessionStorage.getItem("portal-live-paused") === "1";

  function show(name) {
    if (!state) return;
    state.dataset.liveState = name;
    state.querySelector("[data-live-word]").textContent = portal.word("live-" + name);
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = portal.word(paused ? "resume" : "pause");
  }

  // --- Regions ---
  const regions = () => [...document.querySelectorAll("[data-live]")];
  const bare = (topic) => topic.slice(topic.lastIndexOf(":") + 1);
  const asked = new WeakMap();
  const signalled = new WeakMap();
  const sent = new WeakMap();
  const unseen = new WeakMap();

  function wanted(region, topics) {
    return region.dataset.live.split(/\s+/).map(bare).filter((topic) => topics.has(topic));
  }

  // Rows must not move under somebody who reads, selects or has the keyboard in them.
  function inUse(region) {
    const selection = document.getSelection();
    const selecting = selection && !selection.isCollapsed && region.contains(selection.anchorNode);
    const below = "liveHold" in region.dataset && region.getBoundingClientRect().top < -40;
    return selecting || below || region.contains(document.activeElement) || Boolean(region.querySelector("input:checked[name='row']"));
  }

  function refresh(region) {
    const wait = (asked.get(region) || 0) + EVERY - Date.now();
    if (wait > 0) {
      if (!region.dataset.liveSoon) {
        region.dataset.liveSoon = "1";
        setTimeout(() => {
          delete region.dataset.liveSoon;
          if (region.isConnected) offerOrRefresh(region, []);
        }, wait);
      }
      return;
    }
    asked.set(region, Date.now());
    slotOf(region)?.querySelector("[data-show-new]")?.remove();
    window.htmx.trigger(region, "live");
  }

  const slotOf = (region) => region.querySelector("[data-new-slot]") || (region.id && document.querySelector(`[data-new-slot="${CSS.escape(region.id)}"]`)) || region.parentElement;

  const shows = (region, id) => Boolean(region.querySelector(`[data-row="${CSS.escape(id)}"]`));

  // Ids are remembered until an answer is shown: the one under way may have to be held back.
  function offerOrRefresh(region, ids) {
    const seen = unseen.get(region) || new Set();
    ids.filter((id) => !shows(region, id)).forEach((id) => seen.add(id));
    unseen.set(region, seen);
    if (!inUse(region)) return refresh(region);
    const slot = slotOf(region);
    let button = slot.querySelector("[data-show-new]");
    if (!button) {
      button = portal.text("new");
      button.addEventListener("click", () => {
        // The button goes, and focus must not go with it.
        portal.focus(region.querySelector("[data-focus]")) || portal.focus(region);
        button.remove();
        asked.delete(region);
        region.dataset.liveShow = "1";
        refresh(region);
      });
      if (slot === region.parentElement) region.before(button);
      else slot.append(button);
    }
    const label = button.querySelector("span");
    const first = !label.textContent;
    label.textContent = seen.size ? label.dataset.many.replace("%n", String(seen.size)) : label.dataset.none;
    // Once: whoever hears the page must not hear each change while they type.
    if (first) portal.announce(label.textContent);
  }

  function changed(data) {
    const topics = new Set(data.split(/\s+/).filter(Boolean).map(bare));
    const ids = [...topics].filter((topic) => topic.includes("_"));
    regions().forEach((region) => {
      const hits = wanted(region, topics);
      if (!hits.length) return;
      signalled.set(region, Date.now());
      // A region that waits for a kind is a list of them; one that waits for a single object has nothing new, only changes.
      offerOrRefresh(region, ids.filter((id) => hits.includes(id.slice(0, id.indexOf("_")))));
    });
  }

  // A question that is dropped because another is under way is never sent.
  document.addEventListener("htmx:beforeSend", (event) => sent.set(event.detail.elt, Date.now()));

  // One that waits for another waits in the region, and goes with it.
  document.addEventListener("htmx:trigger", (event) => signalled.set(event.target, Date.now()));

  // What each region was given by itself: an answer that says the same leaves it alone, and whoever reads there.
  const given = new WeakMap();
  const words = (answer) => answer.replace(/(name="csrfmiddlewaretoken" value=)"[^"]*"/g, "$1");
  const isLive = (detail) => detail.requestConfig?.triggeringEvent?.type === "live" && Boolean(detail.requestConfig.elt?.dataset.live);

  function forget(event) {
    for (let within = event.target; within; within = within.parentElement) given.delete(within);
  }
  document.addEventListener("htmx:oobAfterSwap", forget);
  document.addEventListener("htmx:afterSwap", (event) => {
    forget(event);
    if (!isLive(event.detail)) return;
    const next = document.getElementById(event.detail.requestConfig.elt.id);
    if (!next) return;
    given.set(next, words(event.detail.xhr.responseText));
    const said = next.querySelector("[data-says]");
    if (said) portal.announce(said.textContent.trim());
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt: region } = event.detail.requestConfig || {};
    if (!region?.dataset.live) return;
    const requested = region.dataset.liveShow;
    delete region.dataset.liveShow;
    const same = isLive(event.detail) && given.get(region) === words(event.detail.xhr.responseText);
    // Somebody may have come to a row while the answer was under way.
    if (isLive(event.detail) && !same && !requested && inUse(region)) {
      event.detail.shouldSwap = false;
      offerOrRefresh(region, []);
      return;
    }
    if (!event.detail.shouldSwap) return;
    if (same) event.detail.shouldSwap = false;
    unseen.delete(region);
    // What changed after the question is not in the answer, and the region that knows of it goes.
    if (signalled.get(region) > sent.get(region)) setTimeout(() => {
      const next = document.getElementById(region.id);
      if (next) offerOrRefresh(next, []);
    }, EVERY);
  });

  const refreshAll = () => regions().forEach((region) => { if (!inUse(region)) refresh(region); });

  // --- Stream: one per visible tab, because a browser allows six connections per host ---
  function connect() {
    clearTimeout(retry);
    if (stream || paused || document.hidden) return;
    stream = new EventSource(url);
    stream.addEventListener("open", () => {
      opened = Date.now();
      show("on");
    });
    stream.addEventListener("changed", (event) => changed(event.data));
    stream.addEventListener("last", (event) => {
      if (Date.now() - Number(event.data) >= known) regions().forEach((region) => offerOrRefresh(region, []));
    });
    stream.addEventListener("reconnect", () => {
      disconnect();
      failures = 0;
      retry = setTimeout(connect, Math.random() * 2000);
    });
    stream.addEventListener("error", lost);
  }

  function disconnect() {
    clearTimeout(retry);
    if (opened) known = Date.now();
    if (stream) stream.close();
    stream = null;
  }

  function lost() {
    // A stream that ends at once has nothing behind it: ask less and less often, and poll meanwhile.
    failures = opened && Date.now() - opened > SHORT_LIVED ? 1 : failures + 1;
    opened = 0;
    disconnect();
    show("off");
    retry = setTimeout(() => {
      connect();
      refreshAll();
    }, Math.min(60000, 1500 * 2 ** failures) * (0.75 + Math.random() / 2));
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(disconnect, HIDDEN);
      return;
    }
    if (!stream && !paused) {
      failures = 0;
      connect();
      refreshAll();
    }
    quicken();
  });
  window.addEventListener("pagehide", disconnect);

  // --- Without a stream: every minute, and every three seconds for a while after somebody acts ---
  let quick = 0;
  let rounds = 0;
  function quicken() { quick = 20; }
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.requestConfig?.verb === "post") quicken(); });
  setInterval(() => {
    rounds += 1;
    if (paused || document.hidden) return;
    // Work under way moves on without anybody being told.
    regions().forEach((region) => { if ("livePoll" in region.dataset && !inUse(region)) refresh(region); });
    if (stream && opened) return;
    if (quick > 0) quick -= 1;
    else if (rounds % 20) return;
    refreshAll();
  }, 3000);

  if (pause) pause.addEventListener("click", () => {
    paused = !paused;
    if (paused) {
      sessionStorage.setItem("portal-live-paused", "1");
      disconnect();
      show("paused");
    } else {
      sessionStorage.removeItem("portal-live-paused");
      show("off");
      connect();
      refreshAll();
    }
  });

  show(paused ? "paused" : "off");
  connect();
})();
