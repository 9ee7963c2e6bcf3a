/* Shows results in place while a query is typed, also on the home page, and when a filter, an order
   or a page is chosen. The content is that of the page which the address has without scripts. */
"use strict";

const INSTANT_PAUSE = 200; // milliseconds after the last key
const INSTANT = { "X-Instant": "1" }; // a query that is not finished is not logged
const IN_PLACE = ".filters a[href], .sorts a, .chips a, .paging a, .notice a";

let loading = new AbortController();
let pausing = 0;
let following = Promise.resolve(); // resolves when the last link clicked has been followed
let composing = false;
const box = () => document.querySelector('.search input[name="q"]');
const status = document.createElement("p"); // announces the number of results
status.className = "visually-hidden";
status.setAttribute("role", "status");
document.body.append(status);
let shown = location.pathname + location.search; // without the fragment that opens the sheet

/* Show the results of an address; return whether that was possible. */
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
  // Moving the box would end the composition of a letter, and close a list of suggestions in use.
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

/* From the home page, move the search box to the top of the page with its focus and suggestions, so
   that no key press is lost. */
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
  } else { // browsers before 2025 take the focus from what is moved, and so close the list
    place.before(input.form);
    input.focus();
    input.setSelectionRange(selectionStart, selectionEnd);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  place.remove();
}

/* Keep open what was open. */
function keepOpen(fresh) {
  const details = fresh.querySelectorAll(".filters details");
  document.querySelectorAll(".filters details").forEach((element) => {
    const name = element.closest("section")?.getAttribute("aria-labelledby");
    const same = [...details].find((other) => other.closest("section")?.getAttribute("aria-labelledby") === name);
    if (same) same.open = element.open;
  });
}

/* The form has the filters in hidden fields: replace them by the new ones. */
function updateForm(page) {
  const form = box().form;
  const fresh = page.querySelector(".top-row .search");
  form.querySelectorAll('input[type="hidden"]').forEach((field) => field.remove());
  form.append(...[...fresh.querySelectorAll('input[type="hidden"]')].map((field) => document.adoptNode(field)));
  const input = form.elements.q;
  input.defaultValue = fresh.elements.q.defaultValue;
}

/* Follow a link in place; the focus goes to the link for the same choice. Words that were typed
   but not yet searched for stay, and are searched for with that choice. */
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

/* Return a function that finds a link again in the new page, by its group and its text. */
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

/* A new element becomes the :target only when its fragment is navigated to. */
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

/* Instant results. A query typed without a pause is one entry of the history. */
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
      // Superseded by a newer request, or no connection: the results shown stay.
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
