/* Results that appear in place while one types, on the home page too, and change when a filter, an
   order or a page is chosen. What is shown is the page that the same address gives without scripts. */
"use strict";

const INSTANT_PAUSE = 200; // milliseconds after the last key
const INSTANT = { "X-Instant": "1" }; // a query that is not finished is not logged
const IN_PLACE = ".filters a[href], .sorts a, .chips a, .paging a, .notice a";

let loading = new AbortController();
let pausing = 0;
let following = Promise.resolve(); // until what was clicked last is shown
let composing = false;
const box = () => document.querySelector('.search input[name="q"]');
const status = document.createElement("p"); // reads out how many results there are now
status.className = "visually-hidden";
status.setAttribute("role", "status");
document.body.append(status);
let shown = location.pathname + location.search; // without the part that opens the sheet

/* Show the results of an address; whether they could be shown. */
async function show(address, headers = {}) {
  loading.abort();
  loading = new AbortController();
  const { signal } = loading;
  const answer = await fetch(address, { signal, headers });
  if (!answer.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#main");
  if (signal.aborted || !fresh?.querySelector(".results")) return false;
  const enters = !document.querySelector(".results");
  // A box that moves ends the composition of a letter, and takes the list away from who chooses.
  if (enters && (composing || box().hasAttribute("aria-activedescendant"))) return false;
  keepOpen(fresh);
  updateForm(page);
  if (enters) raiseBox(page);
  document.querySelector("#main").replaceWith(document.adoptNode(fresh));
  document.title = page.title;
  status.textContent = document.querySelector(".answer-head h1").textContent.trim();
  offerCopying(document);
  shown = new URL(address, location).pathname + new URL(address, location).search;
  return true;
}

/* From the home page: its box goes to the top of the page, with its focus and its suggestions, so
   that each key meets what it was meant for. */
function raiseBox(page) {
  const input = box();
  const { selectionStart, selectionEnd } = input;
  const links = [...page.querySelectorAll("body > a.skip")].map((link) => document.adoptNode(link));
  document.querySelectorAll("body > a.skip").forEach((link) => link.remove());
  document.body.prepend(...links);
  const header = document.adoptNode(page.querySelector("header.top"));
  document.querySelector("header.top").replaceWith(header);
  const place = header.querySelector(".search");
  if (header.moveBefore) {
    place.parentNode.moveBefore(input.form, place);
  } else { // a browser of before 2025 takes the focus, and with it the list, from what moves
    place.before(input.form);
    input.focus();
    input.setSelectionRange(selectionStart, selectionEnd);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  place.remove();
}

/* What was unfolded stays unfolded. */
function keepOpen(fresh) {
  const folded = fresh.querySelectorAll(".filters details");
  document.querySelectorAll(".filters details").forEach((details) => {
    const name = details.closest("section")?.getAttribute("aria-labelledby");
    const same = [...folded].find((other) => other.closest("section")?.getAttribute("aria-labelledby") === name);
    if (same) same.open = details.open;
  });
}

/* The search box carries the filters in hidden fields; a submitted form must carry the new ones. */
function updateForm(page) {
  const form = box().form;
  const fresh = page.querySelector(".top-row .search");
  form.querySelectorAll('input[type="hidden"]').forEach((field) => field.remove());
  form.append(...[...fresh.querySelectorAll('input[type="hidden"]')].map((field) => document.adoptNode(field)));
  const input = form.elements.q;
  input.defaultValue = fresh.elements.q.defaultValue;
}

/* Follow a link in place; the focus goes to the link that stands for the same choice. Words that
   are typed but not searched for yet stay, and are searched for with that choice. */
async function follow(link) {
  clearTimeout(pausing);
  const input = box();
  const searched = wordsOf(link.href) === wordsOf(location) ? input.defaultValue : input.value;
  const place = placeOf(link);
  const sheet = location.hash === "#filters" ? "#filters" : "";
  const scrolled = document.querySelector(".sheet-body").scrollTop;
  const address = new URL(link.href);
  const paging = link.closest(".paging");
  try {
    if (!(await show(address))) throw new Error("not a page of results");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(link.href);
    return;
  }
  history.pushState(null, "", address.pathname + address.search + sheet);
  if (sheet) reopen(scrolled);
  if (input.value === searched) input.value = input.defaultValue;
  else searchWhileTyping();
  if (document.activeElement === input) return; // somebody is typing
  if (paging) document.querySelector("#main").focus();
  else place()?.focus({ preventScroll: true });
  if (paging) window.scrollTo(0, 0);
}

function wordsOf(address) {
  return new URL(address).searchParams.get("q");
}

/* Return how to find a link again in the new page: by the group it stands in and what it says. */
function placeOf(link) {
  const group = link.closest("section, nav, ul")?.getAttribute("aria-labelledby");
  const inGroup = group ? `[aria-labelledby="${group}"] a` : IN_PLACE;
  const says = wording(link);
  return () => [...document.querySelectorAll(inGroup)].find((other) => wording(other) === says)
    ?? document.querySelector("#main");
}

function wording(link) {
  return link.querySelector(".label")?.textContent ?? link.title ?? link.textContent;
}

/* :target follows navigation only: a new element with the name is none until one goes to it. */
function reopen(scrolled) {
  location.replace("#filters");
  document.querySelector(".sheet-body").scrollTop = scrolled;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(IN_PLACE);
  const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
  if (link && plain && new URL(link.href).pathname === location.pathname && !link.getAttribute("href").startsWith("#")) {
    event.preventDefault();
    following = follow(link);
  }
});

window.addEventListener("popstate", async () => {
  if (shown === location.pathname + location.search) return; // the sheet opened or closed
  clearTimeout(pausing);
  try {
    if (!(await show(location.href))) location.reload();
  } catch (error) {
    if (error.name !== "AbortError") location.reload();
  }
  box().value = box().defaultValue;
});

/* Instant results. All that is typed at one go is one step of the history. */
function searchWhileTyping() {
  clearTimeout(pausing);
  pausing = setTimeout(async () => {
    await following; // its filters go with the words
    const input = box();
    const typed = input.value.trim();
    if (!typed || typed === input.defaultValue.trim()) return;
    const parameters = new URLSearchParams(new FormData(input.form));
    const address = `${input.form.getAttribute("action")}?${parameters}`;
    const step = document.querySelector(".results") ? "replaceState" : "pushState";
    try {
      if (await show(address, INSTANT)) history[step](null, "", address);
    } catch {
      // Overtaken by a newer question, or no connection: what is shown stays.
    }
  }, INSTANT_PAUSE);
}

document.addEventListener("compositionstart", () => { composing = true; });
document.addEventListener("compositionend", (event) => {
  composing = false;
  if (event.target === box()) searchWhileTyping();
});
document.addEventListener("input", (event) => {
  if (!event.isComposing && event.target === box()) searchWhileTyping();
});
document.addEventListener("submit", (event) => {
  if (event.target !== box().form) return;
  clearTimeout(pausing);
  loading.abort();
});

/* J and K step through the hits. */
document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key];
  if (!step || !isShortcut(event)) return;
  const links = [...document.querySelectorAll(".hit h2 a")];
  const at = links.indexOf(document.activeElement?.closest(".hit")?.querySelector("h2 a"));
  links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
});

/* Escape closes the sheet of filters. */
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#filters") {
    location.hash = "main";
    document.querySelector(".to-filters")?.focus();
  }
});
