// Shows what the server answered without losing the place: focus, caret, scroll, and what is being typed stay.

const FIELDS = "input:not([type=hidden]), select, textarea";
const CONTROLS = ":is(button, summary, a[href], select, textarea, input:not([type=hidden])):not([tabindex], :disabled)";
const errors = new Map();
const note = Object.assign(document.createElement("p"), { className: "notice", popover: "manual" });
let inProgram = null;

// True while regions are swapped: focus that moves then was moved by no person.
export let swapping = false;

// What the server last gave a field.
export function standing(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.defaultChecked;
  if (field.tagName !== "SELECT") return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value;
}

export function isChanged(field) {
  return (typeof standing(field) === "boolean" ? field.checked : field.value) !== standing(field);
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  const value = node.matches("button, [type=checkbox], [type=radio]") ? node.getAttribute("value") : "";
  return node.id || node.dataset.slug || (node.getAttribute("name") ?? "") + (value ?? "");
}

function matching(spot, next, rows) {
  const key = keyOf(next);
  const same = (node) => node.nodeName === next.nodeName && keyOf(node) === key;
  if (!key) return spot && same(spot) ? spot : null;
  for (let node = spot; node; node = node.nextSibling) if (same(node)) return node;
  return rows.get(key) ?? null;
}

// A matched field keeps its element, and its value where `mine` says that it is the person's own.
function matchField(field, fresh, context) {
  const keeps = context.mine(field);
  const { value, checked } = keeps ? field : fresh;
  matchInside(field, fresh, context);
  if (field.value !== value) field.value = value;
  if ("checked" in field) field.checked = checked;
}

function matchInside(old, fresh, context) {
  for (const { name, value } of [...fresh.attributes ?? []]) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes ?? []]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  if (!fresh.attributes && old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
  matchChildren(old, fresh, context);
}

function matchChildren(old, fresh, context) {
  let spot = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const match = matching(spot, next, context.rows);
    if (!match) old.insertBefore(next, spot);
    else {
      if (match === spot) spot = spot.nextSibling;
      else old.insertBefore(match, spot);
      if (match.matches?.(FIELDS)) matchField(match, next, context);
      else matchInside(match, next, context);
    }
  }
  while (spot) {
    const gone = spot;
    spot = spot.nextSibling;
    gone.remove();
  }
}

// Makes the inside of an element what the HTML says; what is the same already isn't touched.
export function fill(element, html, mine = isChanged) {
  const rows = new Map([...element.querySelectorAll("[data-item]")].map((row) => [row.id, row]));
  matchChildren(element, parse(html), { mine, rows });
}

function canFocus(element) {
  return element?.isConnected && !element.disabled && element.checkVisibility();
}

// Where the focus may go when its element is gone: the row or its neighbours, else a control that was beside it.
function placesAround(element) {
  const row = element.closest("[data-item]");
  const around = [];
  for (let node = element.parentElement; node; node = node.parentElement) around.push(node);
  const beside = () => around.filter((node) => node.isConnected).map((node) => node.querySelector(CONTROLS));
  const rows = [row, row?.nextElementSibling, row?.previousElementSibling];
  return () => [...rows, ...beside()];
}

function keepFocus(change, wanted) {
  const active = document.activeElement ?? document.body;
  const around = placesAround(active);
  change();
  if (active === document.body || (document.activeElement === active && canFocus(active))) return;
  const item = document.getElementById(wanted) ?? document.getElementById(`item-${wanted}`);
  const next = [active, item, ...around()].find(canFocus);
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function markError(name, words) {
  const field = document.getElementById(name) ?? document.getElementsByName(name)[0];
  if (!field || !isChanged(field)) return errors.delete(name);
  const id = `${name}-error`;
  let line = document.getElementById(id);
  if (!line) {
    line = Object.assign(document.createElement("p"), { id, className: "field-error" });
    (field.closest(".chip") ?? field).after(line);
  }
  line.textContent = words;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
}

// Says at each field what is wrong with it; it stays said until the field is sent again or given up.
export function showErrors(found) {
  for (const [name, words] of Object.entries(found)) {
    errors.set(name, words);
    const around = document.getElementById(name)?.closest("details");
    if (around) around.open = true;
  }
  for (const [name, words] of errors) markError(name, words);
}

export function forgetErrors(names) {
  for (const name of names) {
    errors.delete(name);
    document.getElementById(`${name}-error`)?.remove();
    const field = document.getElementById(name);
    field?.removeAttribute("aria-invalid");
    field?.removeAttribute("aria-describedby");
  }
}

// Marks the catalog's cards of exercises that the program has.
export function markCards(slugs = inProgram) {
  inProgram = slugs;
  if (!slugs) return;
  for (const card of document.querySelectorAll("li.card[data-slug]")) {
    const isIn = slugs.includes(card.dataset.slug);
    card.classList.toggle("is-in", isIn);
    for (const word of card.querySelectorAll("[data-in-program]")) word.hidden = !isIn;
  }
}

// Puts the answer's regions in place; `mine` says of a field whether the typed value goes before the server's.
export function swap(answer, mine) {
  swapping = true;
  try {
    keepFocus(() => {
      for (const [name, html] of Object.entries(answer.regions ?? {})) {
        const region = document.querySelector(`[data-region="${name}"]`);
        if (region) fill(region, html, mine);
      }
    }, answer.focus);
  } finally {
    swapping = false;
  }
  showErrors({});
  markCards(answer.inProgram);
}

// Says words to a screen reader, also while a dialog covers the page.
export function say(words) {
  if (!words) return;
  const open = [...document.querySelectorAll("dialog[open] [role=status].visually-hidden")].at(-1);
  const said = open ?? document.getElementById("said");
  said.textContent = "";
  setTimeout(() => { said.textContent = words; }, 60);
}

// Shows words that must be seen, above all that is open, until the next edit is saved.
export function notice(words) {
  if (!note.isConnected) document.querySelector("main").append(note);
  note.textContent = words;
  note.togglePopover(Boolean(words));
}
