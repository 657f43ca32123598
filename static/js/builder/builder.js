// The builder's script: makes the page's form quick. Every edit is one of its buttons; without this file they work too.

import * as bulk from "./bulk.js";
import { isPlain } from "./click.js";
import * as dose from "./dose.js";
import * as drag from "./drag.js";
import * as drawer from "./drawer.js";
import * as find from "./find.js";
import * as keys from "./keys.js";
import * as menu from "./menu.js";
import * as picture from "./picture.js";
import { itemsOf, Queue } from "./send.js";
import { fill, forgetErrors, isChanged, notice, say, showErrors, swap } from "./show.js";

const form = document.getElementById("edit");
const merge = document.getElementById("merge");
const signIn = document.getElementById("signin");
// These may touch any row, so that what the server shows of rows goes before what was refused.
const MANY_ROWS = /^(undo|redo|bulk|fix|stage)/;
// Fields that go along with a button, by what it does.
const ALONG = {
  "place": (name, rest) => name === `phase-${rest}`,
  "accept": (name, rest) => name === `reason:${rest}`,
  "bulk": (name) => name === "chosen" || name.startsWith("bulk-"),
  "remove-chosen": (name) => name === "chosen",
  "next-visit": (name) => name === "next_visit",
};
const TROUBLE = {
  "offline": "no connection",
  "busy": "the site can't save at the moment",
  "failing": "something went wrong here",
  "signed out": "you are signed out",
  "unreachable": "this program can't be reached with the account that is signed in",
  "conflict": "somebody else changed the same",
};
const AWAY = ["signed out", "unreachable"];
const SIGN_IN_WORDS = {
  "signed out": "You aren't signed in yet.",
  "unreachable": "The account that is signed in now can't reach this program. Sign in as before; your edits are kept.",
};

const queue = new Queue({ done, conflict, refused, failed, state });
let goingTo = "";
let asked = false;
let noticedAt = 0;

function edit(what, fields = [], options = {}) {
  if (what !== "dose") dose.flush();
  queue.put(what, fields, options);
}

function fieldsFor(button) {
  const [verb, ...rest] = button.value.split(":");
  const also = (button.dataset.with ?? "").split(" ");
  const along = (name) => also.includes(name) || ALONG[verb]?.(name, rest.join(":"));
  return [...new FormData(form)].filter(([name]) => along(name));
}

function chosenInMerge() {
  const fields = [...merge.querySelectorAll("input, select, textarea")];
  const given = fields.filter((field) => field.name && !(["radio", "checkbox"].includes(field.type) && !field.checked));
  return given.map((field) => [field.name, field.value]);
}

function onSubmit(event) {
  event.preventDefault();
  const button = event.submitter;
  if (!button?.value) return;
  if (button.value === "dose" && !merge.contains(button)) return dose.flush();
  if (!merge.contains(button)) return edit(button.value, fieldsFor(button));
  queue.put(button.value, chosenInMerge(), { first: true });
  merge.close();
}

// Whether a typed value goes before the server's: it is still to be sent, or this edit had nothing to do with it.
function isMine(answered, field) {
  if (!isChanged(field)) return false;
  if (queue.carries(field.name) || dose.isTyped(field.name)) return true;
  if (field.name === "chosen") return answered.what !== "remove-chosen";
  const sent = answered.fields.find(([name]) => name === field.name);
  if (sent) return sent[1] !== field.value;
  const [verb, item] = answered.what.split(":");
  return !MANY_ROWS.test(verb) && !(item && field.name.endsWith(`-${item}`));
}

function show(answered, answer) {
  const oursAlone = answer.version <= Number(answered.version) + 1 || answer.merge;
  const about = itemsOf(answered);
  dose.settle(answered.fields);
  form.elements.version.value = answer.version;
  forgetErrors(answered.fields.map(([name]) => name));
  swap(answer, (field) => isMine(answered, field));
  dose.forgetRefused((name) => queue.carries(name));
  bulk.count();
  const isSeen = (item) => oursAlone || about.includes(item);
  queue.rebase(isSeen, dose.seen);
  dose.rebase(isSeen);
}

function done(answered, answer) {
  show(answered, answer);
  say(answer.said);
  if (answer.warning) tell(answer.said);
  else if (answered.made > noticedAt) tell("");
  const [verb, slug] = answered.what.split(":");
  if (verb === "star" || verb === "unstar") turnStars(slug, verb === "star");
  if (verb === "stage") find.again();
}

function turnStars(slug, on) {
  for (const star of document.querySelectorAll(`button[value$="star:${CSS.escape(slug)}"]`)) {
    star.value = `${on ? "unstar" : "star"}:${slug}`;
    star.setAttribute("aria-pressed", on);
    star.querySelector("[data-star]")?.replaceChildren(on ? "★" : "☆");
  }
}

function conflict(answered, answer) {
  show(answered, answer);
  fill(merge, answer.merge);
  merge.showModal();
  say(answer.said);
}

function refused(answered, answer) {
  const wrong = answer.errors ?? {};
  showErrors(wrong);
  dose.sendRest(answered.fields, wrong);
  const words = answer.said ?? "That couldn't be saved. Load the page again to see what is there.";
  say(words);
  tell(Object.keys(wrong).length ? "" : words);
}

// What was typed stays in its field, marked, and is sent again when it is entered again.
function failed(answered) {
  const typed = answered.fields.map(([name]) => name).filter((name) => document.getElementById(name));
  showErrors(Object.fromEntries(typed.map((name) => [name, "Not saved."])));
  dose.settle(answered.fields);
  const about = itemsOf(answered).map((key) => document.querySelector(`#item-${CSS.escape(key)} h3`)).find(Boolean);
  const which = about ? `${about.textContent}: that` : "That";
  const words = `${which} couldn't be saved; something went wrong here. Your other edits are kept.`;
  say(words);
  tell(words);
}

// Edits that were made before the words came don't take them away again.
function tell(words) {
  noticedAt = performance.now();
  notice(words);
}

function wordsFor({ halt, waiting, refused: wrong }) {
  const wait = waiting === 1 ? "1 edit waits." : `${waiting} edits wait.`;
  if (halt) return `Not saved: ${TROUBLE[halt]}. ${waiting ? wait : ""}`.trim();
  if (waiting) return "Saving…";
  return wrong ? "The last change was not saved." : "Saved";
}

function paint(now) {
  const saved = document.getElementById("saved");
  const unsent = now.halt || (!now.waiting && now.refused);
  const text = wordsFor(now);
  saved.dataset.state = unsent ? "unsent" : now.waiting ? "saving" : "saved";
  if (saved.textContent !== text) saved.textContent = text;
  for (const button of document.querySelectorAll("[data-try-now]")) button.hidden = !now.halt || !now.waiting;
}

function state(now) {
  paint(now);
  const away = AWAY.includes(now.halt);
  const edits = now.waiting === 1 ? "1 edit" : `${now.waiting} edits`;
  for (const part of signIn.querySelectorAll("[data-waiting]")) part.textContent = edits;
  const told = signIn.querySelector("[data-signin-said]");
  if (told) told.textContent = away && (asked || now.halt === "unreachable") ? SIGN_IN_WORDS[now.halt] : "";
  if (away && !signIn.open && !asked) signIn.showModal();
  if (!away && signIn.open) signIn.close();
  asked = away;
  if (goingTo && !now.halt && !now.waiting && !now.refused) location.assign(goingTo);
  if (now.halt || now.refused) goingTo = "";
}

// A link is followed once all is saved, so that the next page shows it.
function onLink(event) {
  const link = event.target.closest("a[href]");
  const stays = !link || link.target || link.getAttribute("href").startsWith("#");
  if (stays || event.defaultPrevented || !isPlain(event)) return;
  dose.flush();
  if (!queue.waiting || queue.halt) return;
  event.preventDefault();
  goingTo = link.href;
}

function onClick(event) {
  if (event.target.closest("[data-try-now], [data-signed-in]")) tryNow();
}

function tryNow() {
  if (AWAY.includes(queue.halt) && !signIn.open) signIn.showModal();
  else queue.retry();
}

function comeBack() {
  if (document.visibilityState === "visible" && AWAY.includes(queue.halt)) queue.retry();
}

// Enter in a field of the form would press its first button, whatever that is.
function onEnter(event) {
  const field = event.target;
  if (event.key !== "Enter" || event.defaultPrevented || field.form !== form || !field.matches("input")) return;
  event.preventDefault();
  const does = field.name.startsWith("bulk-") ? "bulk" : field.name === "next_visit" ? "next-visit" : "";
  if (does) edit(does, fieldsFor({ value: does, dataset: {} }));
}

// The next visit is saved as one leaves it.
function onVisit({ target }) {
  if (target.name === "next_visit" && isChanged(target)) edit("next-visit", [[target.name, target.value]]);
}

form.noValidate = true;
drawer.start();
dose.start(edit);
for (const part of [drag, find, keys]) part.start(edit);
for (const part of [menu, bulk, picture]) part.start();
form.addEventListener("submit", onSubmit);
// What was typed goes only by a choice; Escape is none, also where the browser doesn't know closedby.
merge.addEventListener("cancel", (event) => event.preventDefault());
merge.addEventListener("close", () => { if (queue.halt === "conflict") queue.resume(); });
document.addEventListener("click", onClick);
document.addEventListener("click", onLink);
document.addEventListener("keydown", onEnter);
document.addEventListener("change", onVisit);
document.addEventListener("visibilitychange", comeBack);
addEventListener("focus", comeBack);
addEventListener("online", () => queue.retry());
addEventListener("beforeunload", (event) => {
  dose.flush();
  onVisit({ target: form.elements.next_visit });
  if (queue.waiting) event.preventDefault();
});
