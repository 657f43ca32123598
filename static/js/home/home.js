// The patient's page: notes are shown at once, kept on the phone, and sent when the site can be reached.

import { forget, keepPage, keepPictures } from "./kept.js";
import * as notes from "./notes.js";
import { showTimers } from "./timer.js";

const main = document.getElementById("main");
const said = document.getElementById("said");
const { key, standing, sync, ask, worker, home, gone } = main.dataset;
const link = key;
const most = Number(main.dataset.most);
const ticked = JSON.parse(main.dataset.ticked);
const scores = JSON.parse(main.dataset.scores);
const PATIENCE_MS = 20_000;
const PAUSE_MS = 3_000;
const LONGEST_PAUSE_MS = 300_000;
const SCRIPT = { "X-Requested-With": "fetch" };

/** The day where the patient is, as 2026-11-21. */
function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

function say(words) {
  said.textContent = words;
}

/** That there is no network is said where nothing more important stands. */
function sayOffline() {
  if (said.textContent !== said.dataset.waiting) say(said.dataset.offline);
}

// --- What the page shows

function take(note) {
  if (note.kind === "score") {
    scores[note.day] = note.score;
    return;
  }
  const done = new Set(ticked[note.day] ?? []);
  if (note.on) done.add(note.number);
  else done.delete(note.number);
  ticked[note.day] = [...done];
}

function show() {
  const day = today();
  const done = new Set(ticked[day] ?? []);
  for (const form of document.querySelectorAll(".home-tick")) {
    const button = form.querySelector("button");
    const isDone = done.has(Number(form.dataset.number));
    const words = isDone ? button.dataset.undo : button.dataset.do;
    if (button.textContent !== words) button.textContent = words;
    button.toggleAttribute("data-done", isDone);
    button.value = isDone ? "0" : "1";
    form.elements.day.value = day;
  }
  const counted = main.dataset.doneToday.replace("{n}", done.size).replace("{total}", main.dataset.total);
  document.getElementById("done-today").textContent = counted;
  const form = document.querySelector(".home-score");
  form.elements.day.value = day;
  const score = scores[day];
  if (score !== undefined) form.elements.score.value = String(score);
  else form.querySelectorAll(":checked").forEach((radio) => { radio.checked = false; });
  document.getElementById("score-noted").textContent =
    score === undefined ? "" : main.dataset.scoreNoted.replace("{n}", score);
}

// --- Keeping and sending

let sending = null;
let again = 0;
let pause = PAUSE_MS;
let refused = 0; // notes that the site didn't take, as long as that isn't said

/** Keep a note, then show it: what is shown isn't lost when the page is closed the next moment. */
async function note(it) {
  say(""); // so that the same words are read out again
  const isKept = await notes.keep(link, it).then(() => true, () => false);
  take(it);
  show();
  if (isKept) await send({ isNew: true });
  else await sendAtOnce(it);
}

/** Send a note that this browser can't keep; if that fails, the page says that it isn't noted. */
async function sendAtOnce(it) {
  try {
    const answer = await post([it]);
    if (!answer.ok) throw new Error(`${answer.status}`);
    refused += (await answer.json()).refused;
    sayTaken();
  } catch {
    say(said.dataset.unsaved);
  }
}

/** What the site refused is gone, for it would refuse it again; so at least it is said. */
function sayTaken() {
  say(refused ? said.dataset.refused : said.dataset.saved);
  refused = 0;
}

/** Send all that waits, one sending at a time. */
function send(how = {}) {
  sending = (sending ?? Promise.resolve()).then(() => sendNow(how)).catch(wait);
  return sending;
}

async function sendNow({ isNew = false }) {
  const waiting = await notes.waiting(link).catch(() => []); // a browser that keeps nothing has nothing to send
  if (!waiting.length) return;
  const rows = waiting.slice(0, most);
  const answer = await post(rows.map((row) => row.note));
  if (answer.ok) {
    refused += (await answer.json()).refused;
    pause = PAUSE_MS;
    await notes.sent(rows);
    if (rows.length < waiting.length) return sendNow({ isNew });
    sayTaken();
    await keepPage(home).catch(() => {});
  } else if (answer.status === 404) {
    await end();
  } else if (answer.status === 403) {
    say(said.dataset.closed); // another link was opened on this phone: this page is of the one before
  } else if (answer.status === 401) {
    say(said.dataset.closed);
    if (!isNew) await askWhetherItWorks();
  } else {
    wait();
  }
}

function post(kept) {
  const headers = { ...SCRIPT, "Content-Type": "application/json" };
  const body = JSON.stringify({ key, notes: kept });
  return fetch(sync, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
}

/** Try again after a pause; a phone doesn't always tell when its network is back. */
function wait() {
  say(said.dataset.waiting);
  clearTimeout(again);
  again = setTimeout(() => send(), pause);
  pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
}

/** The visit may be over while the link still works; only a link that doesn't work any more takes the page away. */
async function askWhetherItWorks() {
  const answer = await fetch(ask, { method: "POST", headers: SCRIPT, body: new URLSearchParams({ standing }) });
  if (answer.status === 404) await end();
}

async function end() {
  await forget();
  main.replaceChildren(Object.assign(document.createElement("h1"), { textContent: gone }));
  main.className = "home-card";
  main.tabIndex = -1;
  main.focus();
  say("");
}

// --- The start

async function start() {
  showTimers();
  for (const row of await notes.waiting(link).catch(() => [])) take(row.note);
  show();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const at = new Date().toISOString();
    if (form.matches(".home-tick")) {
      event.preventDefault();
      const button = form.querySelector("button");
      note({ kind: "tick", day: today(), number: Number(form.dataset.number), on: button.value === "1", at });
    } else if (form.matches(".home-score")) {
      event.preventDefault();
      note({ kind: "score", day: today(), score: Number(form.elements.score.value), at });
    } else if (form.matches(".home-leave")) {
      event.preventDefault();
      send().finally(() => form.submit()); // what waits goes first
    }
  });
  addEventListener("online", () => send());
  addEventListener("offline", sayOffline);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    show(); // it may be another day by now
    send();
  });
  await keepForLater();
  await send();
  await askWhetherItWorks().catch(sayOffline);
  document.body.dataset.ready = "";
}

async function keepForLater() {
  if (!navigator.serviceWorker) return;
  const isKept = Boolean(navigator.serviceWorker.controller); // it kept this page as it came
  try {
    await navigator.serviceWorker.register(worker, { scope: home });
    await navigator.serviceWorker.ready;
    if (isKept) await keepPictures();
    else await keepPage(home);
  } catch {
    // No network, or a private window: the page works all the same.
  }
}

start();
