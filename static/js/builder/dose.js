// Sends a row's dose once it is changed and left, as one edit; knows what is typed and not sent yet.

import { isChanged, standing, swapping } from "./show.js";

const FIELD = /^(?:sets|reps|hold_s|minutes|tempo_s|rest_s|times_per_day|days_per_week|side|note)-(\d+)$/;
const PAUSE_MS = 400;
// By item: the version that was seen when typing began, the fields typed in, and those changed and left.
const rows = new Map();
// By field: the value on its way, or refused; it isn't sent a second time.
const sent = new Map();
let edit;

// The item that a field of a row belongs to; such a field's id is its name.
function itemOf({ id }) {
  return FIELD.exec(id)?.[1];
}

export function seen(name) {
  return document.getElementsByName(name)[0]?.value;
}

function rowOf(item) {
  if (!rows.has(item)) rows.set(item, { version: seen(`v-${item}`), typed: new Set(), left: new Set(), timer: 0 });
  return rows.get(item);
}

function send(item) {
  const row = rows.get(item);
  if (!row) return;
  clearTimeout(row.timer);
  const fields = [];
  for (const name of row.left) {
    const field = document.getElementById(name);
    row.typed.delete(name);
    if (!field || field.value === (sent.get(name) ?? standing(field))) continue;
    sent.set(name, field.value);
    fields.push([name, field.value]);
  }
  row.left.clear();
  if (!row.typed.size) rows.delete(item);
  if (fields.length) edit("dose", [...fields, [`v-${item}`, row.version]]);
}

// Sends all that is typed, left or not: another edit is about to follow.
export function flush() {
  for (const [item, row] of [...rows]) {
    for (const name of row.typed) row.left.add(name);
    send(item);
  }
}

export function isTyped(name) {
  return rows.get(itemOf({ id: name }))?.typed.has(name) ?? false;
}

// Rows of these items that are being typed in count as seen as they are now.
export function rebase(isAbout) {
  for (const [item, row] of rows) if (isAbout(item)) row.version = seen(`v-${item}`);
}

// The server has these fields, or has handed them back.
export function settle(fields) {
  for (const [name, value] of fields) if (sent.get(name) === value) sent.delete(name);
}

// What was refused and has been put right otherwise may be typed again.
export function forgetRefused(isOnItsWay) {
  for (const name of [...sent.keys()]) {
    const field = document.getElementById(name);
    if (!(field && isChanged(field)) && !isOnItsWay(name)) sent.delete(name);
  }
}

// Fields that were fine go again without those that weren't.
export function sendRest(fields, wrong) {
  const fine = fields.filter(([name]) => !(name in wrong) && itemOf({ id: name }));
  settle(fine);
  if (!fields.some(([name]) => name in wrong)) return;
  for (const [name] of fine) rowOf(itemOf({ id: name })).left.add(name);
  for (const item of new Set(fine.map(([name]) => itemOf({ id: name })))) send(item);
}

function onInput({ target }) {
  const item = itemOf(target);
  if (item) rowOf(item).typed.add(target.name);
}

function onChange({ target }) {
  const item = itemOf(target);
  if (!item || swapping) return;
  const row = rowOf(item);
  row.left.add(target.name);
  clearTimeout(row.timer);
  if (target.type === "number") row.timer = setTimeout(() => send(item), PAUSE_MS);
  else send(item);
}

function onKey(event) {
  const item = itemOf(event.target);
  if (event.key !== "Enter" || !item || event.isComposing || event.target.tagName === "SELECT") return;
  event.preventDefault();
  rowOf(item).left.add(event.target.name);
  send(item);
}

function onLeave({ target, relatedTarget }) {
  const row = target.closest?.("[data-item]");
  if (row && !swapping && !row.contains(relatedTarget)) send(row.dataset.item);
}

// A number that is come to is selected, so that typing takes its place; a click would undo that at once.
function onFocus({ target }) {
  if (target.type !== "number" || !itemOf(target) || swapping || isChanged(target)) return;
  target.select();
  setTimeout(() => { if (document.activeElement === target && !isChanged(target)) target.select(); });
}

export function start(send) {
  edit = send;
  document.addEventListener("input", onInput);
  document.addEventListener("change", onChange);
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusout", onLeave);
  document.addEventListener("focusin", onFocus);
}
