// Shows beside a form of the catalog what is being typed, and says beside each field how it reads. The last one wins.

const QUIET_MS = 350;
const SIGNED_OUT = "You were signed out. Save as usual: the page then asks you to sign in, and keeps what you typed.";
const SORRY = "The preview can't be shown now. What you typed is kept.";

const place = document.querySelector("[data-preview-at]");
const form = document.getElementById(place.dataset.form);
const said = document.querySelector("[data-preview-said]");
let timer = 0;
let asking = new AbortController();

// The handout's styles stay inside, and the admin's outside.
function setApart(part) {
  for (const sheet of part.querySelectorAll("[data-sheet]")) {
    const inside = sheet.attachShadow({ mode: "open" });
    inside.append(...sheet.childNodes);
  }
}

function fieldOf(name) {
  return document.getElementById(`id_${name}`)?.closest(".fieldBox, .form-row");
}

function say(note) {
  const field = fieldOf(note.dataset.noteFor);
  if (!field) return;
  const box = field.matches(".fieldBox") ? field.parentElement : field;
  const kept = Object.assign(document.createElement("p"), { className: `said-of-field is-${note.dataset.kind}` });
  kept.textContent = note.textContent;
  box.append(kept);
}

function show(html) {
  const part = new DOMParser().parseFromString(html, "text/html").querySelector("[data-preview-part]");
  for (const old of document.querySelectorAll(".said-of-field")) old.remove();
  for (const note of part.querySelectorAll("[data-note-for]")) {
    say(note);
    note.remove();
  }
  const summary = part.querySelector("[data-summary]");
  if (said.textContent !== summary.textContent) said.textContent = summary.textContent;
  summary.remove();
  const top = [...place.querySelectorAll("[data-sheet]")].map((sheet) => sheet.scrollTop);
  place.replaceChildren(part);
  setApart(part);
  [...place.querySelectorAll("[data-sheet]")].forEach((sheet, at) => { sheet.scrollTop = top[at] ?? 0; });
}

async function ask() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  place.setAttribute("aria-busy", "true");
  try {
    const headers = { "X-Requested-With": "fetch" };
    const answer = await fetch(place.dataset.previewAt, { method: "POST", body: new FormData(form), headers, signal });
    if (answer.status === 401) said.textContent = SIGNED_OUT;
    else if (!answer.ok) throw new Error(answer.statusText);
    else show(await answer.text());
  } catch (trouble) {
    if (trouble.name === "AbortError") return;
    said.textContent = SORRY;
  }
  place.removeAttribute("aria-busy");
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(ask, QUIET_MS);
}

form.addEventListener("input", soon);
form.addEventListener("change", soon);
django.jQuery(form).on("change", soon); // the lists that are searched tell jQuery alone
ask();
