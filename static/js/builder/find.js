// Searches the catalog as one types, newest answer last; adds the first one found by Enter.

import { isPlain } from "./click.js";
import { fill, markCards, say } from "./show.js";

const PAUSE_MS = 120;
const PATIENCE_MS = 10_000;
const form = document.getElementById("find");
const found = document.querySelector("[data-found]");
const trouble = Object.assign(document.createElement("p"), { className: "find-trouble", hidden: true });
let edit;
let timer = 0;
let asking = new AbortController();
// Whether the list shows what was asked for last; and the addition by Enter that waits for its own list.
let asked = Promise.resolve(true);
let adding = Promise.resolve();

function address() {
  const catalog = new URL("../catalog/", new URL(document.querySelector("main").dataset.edit, location));
  catalog.search = new URLSearchParams(new FormData(form));
  return catalog;
}

function tellTrouble(words) {
  trouble.textContent = words;
  trouble.hidden = !words;
  say(words);
}

async function ask(where, { quiet = false } = {}) {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    const answer = await fetch(where, { headers: { "X-Requested-With": "fetch" }, signal: patience });
    const html = await answer.text();
    if (signal.aborted) return false;
    const isAway = answer.redirected || answer.status === 401;
    if (isAway) return tellTrouble("You are signed out. This is the list from before.");
    if (!answer.ok) throw new Error(answer.statusText);
    fill(found, html);
    markCards();
    tellTrouble("");
    if (!quiet) say(found.querySelector("[data-count]")?.textContent.trim());
    return true;
  } catch {
    if (!signal.aborted) tellTrouble("The search can't be reached. This is the list from before.");
    return false;
  }
}

function look(pause, how) {
  clearTimeout(timer);
  timer = pause ? setTimeout(look, pause, 0) : 0;
  if (pause) return;
  const where = address();
  asked = adding.then(() => ask(where, how));
}

function results() {
  return [...found.querySelectorAll('button[value^="add:"]')].filter((button) => button.checkVisibility());
}

// Adds the first result of what is in the field, even when its answer is still on the way; the next words may be
// typed meanwhile, and are looked for after it.
function addFirst() {
  if (timer) look(0);
  form.elements.q.select();
  adding = asked.then((isShown) => {
    const first = isShown && results()[0];
    if (first) edit(first.value);
  });
}

function walk(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
  const stops = [form.elements.q, ...results()];
  const card = event.target.closest("li.card");
  const here = card ? stops.findIndex((stop) => card.contains(stop)) : stops.indexOf(event.target);
  if (here < 0) return;
  event.preventDefault();
  stops[here + steps[event.key]]?.focus();
}

// A link to a search on this very page, such as “Find release exercises”, searches without loading it again.
function follow(event) {
  const link = event.target.closest('a[href$="#catalog"]');
  if (!link || !isPlain(event) || link.pathname !== location.pathname) return;
  event.preventDefault();
  const wanted = new URL(link.href).searchParams;
  for (const field of form.querySelectorAll("[name]:not([type=hidden], [name=suits])")) {
    const value = wanted.get(field.name) ?? "";
    if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  }
  look(0);
  document.querySelector("[data-open-catalog]")?.click();
  form.elements.q.focus();
}

// Looks for the same again without a word: what suits the patient may have changed.
export function again() {
  if (form && found) look(0, { quiet: true });
}

export function start(send) {
  if (!form || !found) return;
  edit = send;
  found.before(trouble);
  if (form.elements.q.value !== form.elements.q.defaultValue) look(0); // typed before this script was there
  form.addEventListener("input", (event) => { if (event.target.name === "q") look(PAUSE_MS); });
  form.addEventListener("change", (event) => { if (event.target.name !== "q") look(0); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.elements.q.value.trim()) addFirst();
    else look(0);
  });
  document.getElementById("catalog").addEventListener("keydown", walk);
  document.addEventListener("click", follow);
}
