/* Offers completions below the search box while one types. Without it the box works as it is. */
"use strict";

const PAUSE = 60; // milliseconds between the last key and the question

for (const input of document.querySelectorAll('.search input[name="q"]')) {
  offerCompletions(input);
}

function offerCompletions(input) {
  const list = document.createElement("ul");
  list.id = `${input.id}-completions`;
  list.className = "completions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Gợi ý");
  input.form.append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  let typed = input.value;
  let chosen = -1;
  let waiting = 0;
  let asking = new AbortController();

  function show(completions) {
    list.replaceChildren(...completions.map((text, number) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${number}`;
      item.setAttribute("role", "option");
      item.textContent = text;
      return item;
    }));
    list.hidden = completions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    choose(-1);
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
    const stops = list.children.length + 1; // the last stop is what was typed
    const next = (chosen + 1 + step + stops) % stops - 1;
    choose(next);
    input.value = next < 0 ? typed : list.children[next].textContent;
  }

  async function ask() {
    asking = new AbortController();
    try {
      const address = `/api/complete?q=${encodeURIComponent(typed)}`;
      const answer = await fetch(address, { signal: asking.signal });
      show(answer.ok ? (await answer.json()).completions : []);
    } catch {
      // Overtaken by a newer question, or no connection: what is shown stays.
    }
  }

  function stop() {
    clearTimeout(waiting);
    asking.abort();
    show([]);
  }

  input.addEventListener("input", () => {
    typed = input.value;
    clearTimeout(waiting);
    asking.abort();
    if (typed.trim()) {
      waiting = setTimeout(ask, PAUSE);
    } else {
      show([]);
    }
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Escape") {
      event.preventDefault();
      input.value = typed;
      stop();
    }
  });

  input.addEventListener("blur", stop);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) {
      input.value = item.textContent;
      input.form.requestSubmit();
    }
  });
}
