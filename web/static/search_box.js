/* Suggestions below the search box while a query is typed, and recent searches on this device.
   Without this script the box still works. */
"use strict";

const PAUSE = 150; // milliseconds after the last key; less would send requests within syllables
const RECENT = "timtin-recent";
const MAX_RECENT = 8;

for (const input of document.querySelectorAll('.search input[name="q"]')) {
  offerSuggestions(input);
}
rememberSearch();

function recentSearches() {
  try {
    const kept = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((query) => typeof query === "string") : [];
  } catch {
    return []; // storage is switched off, or contains something else
  }
}

function keepRecent(searches) {
  try {
    if (searches.length) localStorage.setItem(RECENT, JSON.stringify(searches.slice(0, MAX_RECENT)));
    else localStorage.removeItem(RECENT);
  } catch {
    // Storage is switched off or full: nothing is remembered.
  }
}

function rememberSearch() {
  const query = new URLSearchParams(location.search).get("q")?.trim();
  if (query && query.length <= 200 && document.querySelector(".hits")) {
    keepRecent([query, ...recentSearches().filter((other) => other !== query)]);
  }
}

function offerSuggestions(input) {
  const texts = input.form.dataset;
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "completions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", texts.suggestions);
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.form.append(list, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  let typed = input.value;
  let chosen = -1;
  let waiting = 0; // the timer of a request
  let unanswered = false; // whether something was typed, or the list opened, since Escape
  let asking = new AbortController();

  /* Each suggestion is {text} for a query, {text, address} for a source or section, {text, forget} for the end
     of the list of recent searches. */
  function show(suggestions) {
    list.replaceChildren(...suggestions.map((suggestion, number) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${number}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.suggestion = suggestion;
      if (suggestion.address) item.className = "place";
      if (suggestion.forget) item.className = "forget";
      item.append(...parts(suggestion.text));
      return item;
    }));
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = list.hidden ? "" : texts.count.replace("{count}", suggestions.length);
    choose(-1);
  }

  /* Return a suggestion with the letters typed in a span of their own, shown less prominently. */
  function parts(text) {
    const beginning = text.slice(0, typed.length);
    if (!typed || beginning.toLowerCase() !== typed.toLowerCase()) return [text];
    const span = document.createElement("span");
    span.className = "typed";
    span.textContent = beginning;
    return [span, text.slice(typed.length)];
  }

  function choose(number) {
    chosen = number;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === number)));
    if (number < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", list.children[number].id);
    }
  }

  function move(step) {
    cancel(); // a pending response would replace the list under the selection
    const stops = list.children.length + 1; // the last stop is what was typed
    const next = (chosen + 1 + step + stops) % stops - 1;
    choose(next);
    const suggestion = list.children[next]?.suggestion;
    input.value = suggestion && !suggestion.address && !suggestion.forget ? suggestion.text : typed;
  }

  function take(suggestion) {
    if (suggestion.forget) {
      keepRecent([]);
      show([]);
    } else if (suggestion.address) {
      location.assign(suggestion.address);
    } else {
      input.value = suggestion.text;
      input.form.requestSubmit();
    }
  }

  async function ask() {
    asking = new AbortController();
    const { signal } = asking;
    try {
      const address = `${texts.complete}?q=${encodeURIComponent(typed)}`;
      const answer = await fetch(address, { signal });
      const { queries, places } = answer.ok ? await answer.json() : { queries: [], places: [] };
      if (document.activeElement !== input) return;
      show([
        ...places.map(({ label, address }) => ({ text: label, address })),
        ...queries.map((text) => ({ text })),
      ]);
    } catch {
      // Superseded by a newer request, or no connection: the list shown stays.
    }
  }

  function showRecent() {
    const recent = recentSearches().map((text) => ({ text }));
    show(recent.length ? [...recent, { text: texts.forget, forget: true }] : []);
  }

  function cancel() {
    clearTimeout(waiting);
    asking.abort();
  }

  function stop() {
    unanswered = false;
    cancel();
    show([]);
  }

  function open() {
    unanswered = true;
    if (typed.trim()) ask();
    else showRecent();
  }

  function changed() {
    unanswered = true;
    typed = input.value;
    cancel();
    if (typed.trim()) waiting = setTimeout(ask, PAUSE);
    else showRecent();
  }

  input.addEventListener("input", (event) => {
    if (!event.isComposing) changed();
  });
  input.addEventListener("compositionend", changed);

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && list.hidden) {
      event.preventDefault();
      typed = input.value;
      open();
    } else if (step) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen].suggestion);
    } else if (event.key === "Escape" && (unanswered || !list.hidden)) {
      // Browsers clear the box at this key; here it only closes the list, or cancels one that is
      // about to open. A second press clears the box.
      event.preventDefault();
      if (chosen >= 0) input.value = typed;
      stop();
    }
  });

  input.addEventListener("click", () => {
    if (list.hidden && !input.value) showRecent();
  });
  input.form.addEventListener("submit", stop);
  input.addEventListener("blur", stop);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) take(item.suggestion);
  });
}
