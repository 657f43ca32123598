// Drags rows by their grip and cards by picture or name, and says before letting go where a drop is out of order.

const START_PX = 6;
const EDGE_PX = 64;
const SCROLL_PX = 14;
const WORDS = "{phase} normally comes here: {name} belongs to {usual}.";

let edit;
let held = null;
const ghost = Object.assign(document.createElement("div"), { className: "drag-ghost", hidden: true });
const line = Object.assign(document.createElement("div"), { className: "drag-line", hidden: true });

function sections() {
  return [...document.querySelectorAll('[data-region="program"] section[data-phase]')];
}

function nameOf(source) {
  return source.dataset.name ?? source.querySelector("h3, [data-drawer]")?.textContent.trim() ?? "";
}

function grab(event) {
  if (event.button || !event.isPrimary || held) return;
  const row = event.target.closest("[data-grip]")?.closest("[data-item]");
  const card = event.target.closest("img, [data-drawer]")?.closest("li.card:not(dialog *)");
  const source = row ?? card;
  if (!source) return;
  const usual = row ? row.dataset.usualPhase : card.dataset.phase;
  const { pointerId: pointer, clientX: x, clientY: y } = event;
  held = { id: source.id, row, source, usual, name: nameOf(source), pointer, x, y };
}

function move(event) {
  if (event.pointerId !== held?.pointer) return;
  const far = Math.hypot(event.clientX - held.x, event.clientY - held.y);
  if (held.stage === "over" || (!held.stage && far <= START_PX)) return;
  Object.assign(held, { x: event.clientX, y: event.clientY });
  if (!held.stage) lift();
  aim();
}

function lift() {
  held.stage = "lifted";
  getSelection().removeAllRanges();
  document.documentElement.setPointerCapture(held.pointer);
  document.documentElement.classList.add("is-dragging");
  held.source.classList.add("is-lifted");
  ghost.textContent = held.name;
  requestAnimationFrame(scroll);
}

// The section and gap that the pointer is nearest to, or null outside the program.
function aimed() {
  const { left, right } = document.querySelector('[data-region="program"]').getBoundingClientRect();
  if (held.x < left || held.x > right) return null;
  const off = (section) => {
    const { top, bottom } = section.getBoundingClientRect();
    return Math.max(top - held.y, held.y - bottom, 0);
  };
  const section = sections().sort((a, b) => off(a) - off(b))[0];
  const rows = [...section.querySelectorAll("[data-item]")];
  const others = rows.filter((row) => !held.row || row.id !== held.id);
  const middle = (row) => row.getBoundingClientRect().top + row.offsetHeight / 2;
  return { section, rows, others, next: others.find((row) => held.y < middle(row)) };
}

function aim() {
  held.aim = aimed();
  ghost.hidden = false;
  ghost.style.transform = `translate(${held.x + 12}px, ${held.y + 12}px)`;
  for (const section of sections()) delete section.dataset.drop;
  line.hidden = !held.aim;
  if (!held.aim) return;
  const { section, others, next } = held.aim;
  const list = section.querySelector("[data-list]").getBoundingClientRect();
  const y = next ? next.getBoundingClientRect().top : others.at(-1)?.getBoundingClientRect().bottom ?? list.top;
  line.style.transform = `translate(${list.left}px, ${y}px)`;
  line.style.width = `${list.width}px`;
  section.dataset.drop = section.dataset.phase === held.usual ? "ok" : "out-of-order";
  line.dataset.drop = section.dataset.drop;
  line.textContent = section.dataset.drop === "ok" ? "" : wordsFor(section);
}

function wordsFor(section) {
  const usual = sections().find((other) => other.dataset.phase === held.usual)?.dataset.label ?? held.usual;
  const words = { phase: section.dataset.label, name: held.name, usual };
  return (section.dataset.dropWords || WORDS).replace(/\{(phase|name|usual)\}/g, (_, word) => words[word]);
}

function scroll() {
  if (held?.stage !== "lifted") return;
  const below = held.y - (innerHeight - EDGE_PX);
  const above = EDGE_PX - held.y;
  if (above > 0 || below > 0) {
    const speed = SCROLL_PX * Math.min(1, Math.max(above, below) / EDGE_PX);
    scrollBy({ top: above > 0 ? -speed : speed, behavior: "instant" });
    aim();
  }
  requestAnimationFrame(scroll);
}

function lay() {
  ghost.hidden = line.hidden = true;
  document.documentElement.classList.remove("is-dragging");
  held.source.classList.remove("is-lifted");
  for (const section of sections()) delete section.dataset.drop;
}

function drop({ section, rows, next }) {
  const fields = [["phase", section.dataset.phase], ["before", next?.dataset.item ?? ""]];
  if (!held.row) return edit(`add:${held.source.dataset.slug}`, fields);
  const here = rows.findIndex((row) => row.id === held.id);
  if (here < 0 || rows[here + 1] !== next) edit(`place:${held.row.dataset.item}`, fields);
}

// The click that ends a drag isn't one.
function swallowClick() {
  const swallow = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
}

function letGo(event) {
  if (event.pointerId !== held?.pointer) return;
  const { stage, aim: last } = held;
  if (stage) swallowClick();
  if (stage === "lifted") {
    lay();
    if (last && event.type === "pointerup") drop(last);
  }
  held = null;
}

function cancel(event) {
  if (event.key !== "Escape" || held?.stage !== "lifted") return;
  event.preventDefault();
  event.stopPropagation();
  lay();
  held.stage = "over";
}

export function start(send) {
  edit = send;
  document.body.append(ghost, line);
  document.addEventListener("pointerdown", grab);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", letGo);
  document.addEventListener("pointercancel", letGo);
  document.addEventListener("keydown", cancel, { capture: true });
  for (const native of ["dragstart", "selectstart"]) {
    document.addEventListener(native, (event) => { if (held) event.preventDefault(); });
  }
}
