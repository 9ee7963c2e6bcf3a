/* On every page: the "/" shortcut, copy buttons, the query in the search box after going back. */
"use strict";

const shortcutsOn = document.documentElement.dataset.shortcuts !== "off";

/* Return whether a key press is a shortcut rather than typed text or part of another command. */
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

/* A page restored from the back/forward cache has the text typed last instead of its query. */
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const input of document.querySelectorAll('.search input[name="q"]')) {
    input.value = input.defaultValue;
  }
});

/* Copying requires a secure context; without one the buttons stay hidden. */
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
