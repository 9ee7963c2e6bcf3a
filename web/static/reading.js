/* Steps through the highlights of an article, by buttons or by J and K. */
"use strict";

const marks = [...document.querySelectorAll('mark[id^="mark-"]')];
const steps = document.querySelector(".mark-steps");
let current = -1;

function step(by) {
  marks[current]?.classList.remove("current");
  current = (current + by + marks.length) % marks.length;
  marks[current].classList.add("current");
  marks[current].scrollIntoView({ block: "center" });
  steps.querySelector("[role=status]").textContent = `${current + 1}/${marks.length}`;
}

if (steps && marks.length > 1) {
  steps.hidden = false;
  steps.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) step(Number(button.dataset.step));
  });
  document.addEventListener("keydown", (event) => {
    const by = { j: 1, k: -1 }[event.key];
    if (by && isShortcut(event)) step(current < 0 && by < 0 ? 0 : by);
  });
}
