// Moves rows, undoes and jumps by keyboard; keys of one letter can be turned off and rest while one types.

import { isChanged, say } from "./show.js";

const TEXT = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button])";
const page = document.querySelector("main");
let edit;

function sections() {
  return [...document.querySelectorAll('[data-region="program"] section[data-phase]')];
}

function moveRow(event, row) {
  const up = event.key === "ArrowUp";
  event.preventDefault();
  if (!event.shiftKey) return edit(`${up ? "up" : "down"}:${row.dataset.item}`);
  const all = sections();
  const there = all[all.indexOf(row.closest("section")) + (up ? -1 : 1)];
  if (!there) return say(up ? "This is the first phase." : "This is the last phase.");
  const before = up ? "" : there.querySelector("[data-item]")?.dataset.item ?? "";
  edit(`place:${row.dataset.item}`, [["phase", there.dataset.phase], ["before", before]]);
}

function undo(event) {
  const key = event.key.toLowerCase();
  const redo = key === "y" || event.shiftKey;
  const typing = event.target.matches(TEXT) && isChanged(event.target);
  if (!["z", "y"].includes(key) || typing || document.querySelector("dialog:modal")) return;
  event.preventDefault();
  edit(redo ? "redo" : "undo");
}

function goToPhase(event) {
  const heading = sections()[event.code.at(-1) - 1]?.querySelector("h2");
  if (!heading) return;
  event.preventDefault();
  heading.tabIndex = -1;
  heading.focus();
}

function singleKey(event) {
  if (page.dataset.singleKeys === "off" || event.target.matches(TEXT) || document.querySelector("dialog:modal")) return;
  if (event.key === "?") document.getElementById("shortcuts")?.showModal();
  else if (event.key === "/") {
    document.querySelector("[data-open-catalog]")?.click();
    document.querySelector("#find [name=q]")?.focus();
  } else return;
  event.preventDefault();
}

function onKey(event) {
  const row = event.target.closest?.("[data-item]");
  const command = event.ctrlKey || event.metaKey;
  if (event.isComposing || !event.target.matches) return;
  if (event.repeat && event.key === "Enter" && event.target.matches("button[name=do]")) event.preventDefault();
  else if (command && !event.altKey) undo(event);
  else if (event.altKey && !command && row && /^Arrow(Up|Down)$/.test(event.key)) moveRow(event, row);
  else if (event.altKey && !command && !event.shiftKey && /^Digit[1-5]$/.test(event.code)) goToPhase(event);
  else if (!command && !event.altKey) singleKey(event);
}

function onChoice({ target }) {
  if (target.id !== "single-keys") return;
  page.dataset.singleKeys = target.checked ? "on" : "off";
  edit(`keys:${page.dataset.singleKeys}`);
}

export function start(send) {
  edit = send;
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", onChoice);
}
