/* Steps through the highlights of an article, by buttons or by J and K. */
"use strict";

const highlights = [...document.querySelectorAll('mark[id^="mark-"]')];
const steps = document.querySelector(".mark-steps");
let current = -1;

function step(offset) {
  highlights[current]?.classList.remove("current");
  current = (current + offset + highlights.length) % highlights.length;
  highlights[current].classList.add("current");
  highlights[current].scrollIntoView({ block: "center" });
  steps.querySelector("[role=status]").textContent = `${current + 1}/${highlights.length}`;
}

if (steps && highlights.length > 1) {
  steps.hidden = false;
  steps.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) step(Number(button.dataset.step));
  });
  document.addEventListener("keydown", (event) => {
    const offset = { j: 1, k: -1 }[event.key];
    if (offset && isShortcut(event)) step(current < 0 && offset < 0 ? 0 : offset);
  });
}
