// Shows what can be done with the chosen rows; shift and click choose all between.

const BOXES = "input[name=chosen]";
let last = "";

function boxes() {
  return [...document.querySelectorAll(BOXES)];
}

// To be called after rows came or went. The class hides from the first paint on, so that nothing jumps.
export function count() {
  const chosen = boxes().filter((box) => box.checked).length;
  for (const part of document.querySelectorAll("[data-bulk]")) part.classList.toggle("no-script", !chosen);
  for (const part of document.querySelectorAll("[data-chosen-count]")) part.textContent = chosen;
}

function onClick({ target, shiftKey }) {
  if (!target.matches(BOXES)) return;
  const all = boxes();
  const ends = [all.findIndex((box) => box.value === last), all.indexOf(target)].sort((a, b) => a - b);
  if (shiftKey && ends[0] >= 0) for (const box of all.slice(ends[0], ends[1])) box.checked = target.checked;
  last = target.value;
  count();
}

export function start() {
  document.addEventListener("click", onClick);
  count();
}
