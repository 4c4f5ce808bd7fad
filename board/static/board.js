// What makes an open board live: refresh when something changed, and count down the time to undo.
// Everything on these pages also works without this file.
"use strict";

const body = document.body;
const live = document.getElementById("live");

// Puts the fresh parts of the page in place. A part in use (an open list of reasons, a field) is left alone.
function replaceParts(fresh) {
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const other = fresh.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
    if (!other || part.innerHTML === other.innerHTML) continue;
    if (part.querySelector("details[open]") && other.querySelector("details")) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && (focused.getAttribute("href") || focused.closest("form")?.getAttribute("action"));
    part.replaceWith(document.adoptNode(other));
    if (again) {
      const found = other.querySelector(`a[href="${CSS.escape(again)}"], form[action="${CSS.escape(again)}"] button`);
      found?.focus({ preventScroll: true });
    }
  }
  countDown();
}

// What may no longer be read goes before the new page comes.
function wipe() {
  document.getElementById("content").replaceChildren();
}

let busy = false;
let more = false;

async function refresh() {
  if (busy) {
    more = true;
    return;
  }
  busy = true;
  try {
    const address = new URL(location.href);
    address.searchParams.delete("notice");
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (answer.status === 401) {
      location.assign("/board/login");
      return;
    }
    if (answer.status === 404) {
      // Once: the page that says so is no longer one that can be gone.
      if (!document.querySelector("[data-fresh]")) return;
      wipe();
      location.reload();
      return;
    }
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const parts = (page) => [...page.querySelectorAll("[data-fresh]")].map((part) => part.dataset.fresh);
      const [here, there] = [parts(document), parts(fresh)];
      // A part that went may no longer be read (withdrawn, given back): the whole page, also when somebody is typing.
      // A part that appeared waits for who is.
      const gone = here.some((part) => !there.includes(part));
      const typing = [...document.querySelectorAll("textarea")].some((field) => field.value);
      if (gone) wipe();
      if (gone || (there.length > here.length && !typing)) location.reload();
      else replaceParts(fresh);
    }
  } catch {
    // The line is down; the event stream says so and tries again.
  } finally {
    busy = false;
    if (more) {
      more = false;
      refresh();
    }
  }
}

function listen() {
  const stream = new EventSource(body.dataset.live);
  stream.addEventListener("changed", refresh);
  stream.addEventListener("open", () => {
    live.textContent = "";
    live.dataset.state = "on";
  });
  stream.addEventListener("error", () => {
    live.textContent = body.dataset.off;
    live.dataset.state = "off";
    // A browser gives up after a refusal (logged out, server restarted): ask once more after a while.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => refresh().then(listen), 3000);
  });
}

let counting = 0;

function countDown() {
  clearInterval(counting);
  const waits = [...document.querySelectorAll("[data-due]")].map((form) => ({
    form,
    until: Date.now() + 1000 * Number(form.dataset.due),
  }));
  if (!waits.length) return;
  const show = () => {
    for (const { form, until } of waits) {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      const place = form.querySelector(".count-down");
      place.textContent = left ? `(${form.dataset.seconds.replace("{}", left)})` : "";
      form.querySelector("button")?.toggleAttribute("disabled", left === 0);
    }
    if (waits.every(({ until }) => Date.now() > until + 1500)) {
      clearInterval(counting);
      refresh();
    }
  };
  show();
  counting = setInterval(show, 500);
}

// What a browser keeps of a page that was left (to show it again on "back") may no longer be read by now.
addEventListener("pagehide", (event) => {
  if (event.persisted && body.dataset.live) wipe();
});
addEventListener("pageshow", (event) => {
  if (event.persisted && body.dataset.live) location.reload();
});

countDown();
if (body.dataset.live && "EventSource" in window) listen();
// Waiting times go on while nothing happens.
if (body.dataset.live) setInterval(refresh, 60000);
