/* On every page: the key "/", buttons that copy, a search box that says what the page shows. */
"use strict";

const shortcutsOn = document.documentElement.dataset.shortcuts !== "off";

/* Whether a key is a shortcut, not a letter of a text or a part of another command. */
function isShortcut(event) {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  return shortcutsOn && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && isShortcut(event)) {
    const input = document.querySelector('.search input[name="q"]');
    event.preventDefault();
    input.focus();
    input.select();
  }
});

/* Back from another page: a page kept by the browser keeps what was typed last, not its query. */
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const input of document.querySelectorAll('.search input[name="q"]')) {
    input.value = input.defaultValue;
  }
});

/* Copying needs a secure context; without it the buttons stay hidden. */
function offerCopying(root) {
  if (!navigator.clipboard) return;
  for (const element of root.querySelectorAll(".copies, [data-copy]")) element.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const from = document.getElementById(button.dataset.copyFrom);
  await navigator.clipboard.writeText(from ? from.textContent : new URL(button.dataset.copy, location.href).href);
  button.textContent = button.dataset.copied;
});

offerCopying(document);

const printing = document.querySelector("[data-print]");
if (printing) {
  printing.hidden = false;
  printing.addEventListener("click", () => window.print());
}
