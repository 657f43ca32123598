// Opens the handout's preview beside the program, and brings it up to date after each edit that was saved.

import { isPlain } from "./click.js";

const WIDE = matchMedia("(min-width: 1280px)");
const FOLDED = matchMedia("(max-width: 760px)");
const PAUSE_MS = 300;

const panel = document.getElementById("preview");
const place = panel.querySelector("[data-preview-place]");
let preview = null;
let timer = 0;

function loadStyles() {
  const link = document.querySelector(`link[href="${panel.dataset.styles}"]`);
  if (link) return Promise.resolve();
  const fresh = Object.assign(document.createElement("link"), { rel: "stylesheet", href: panel.dataset.styles });
  document.head.append(fresh);
  return new Promise((resolve) => { fresh.addEventListener("load", resolve); });
}

// A sheet of paper is shown whole, as small as its place; on a phone it folds to one column instead.
function fit() {
  const paper = preview?.inside.querySelector(".handout");
  if (!paper) return;
  const width = parseFloat(getComputedStyle(paper).maxWidth);
  paper.style.boxSizing = "border-box";
  paper.style.width = FOLDED.matches ? "" : `${width}px`;
  paper.style.zoom = FOLDED.matches ? 1 : Math.min(1, preview.sheet.clientWidth / width);
}

async function open(link) {
  try {
    const [{ ask, start }] = await Promise.all([import("../preview.js"), loadStyles()]);
    const part = document.createElement("div");
    part.innerHTML = await (await ask(link.href)).text();
    preview = start(part, { apart: true });
    place.replaceChildren(part);
  } catch {
    location.assign(link.href);
    return;
  }
  new ResizeObserver(fit).observe(preview.sheet);
  if (panel.open) return;
  if (WIDE.matches) panel.show();
  else panel.showModal();
}

function onClick(event) {
  const link = event.target.closest("a[data-beside]");
  if (!link || !isPlain(event)) return;
  event.preventDefault();
  open(link);
}

function onSaved(changes) {
  const before = changes[0].oldValue;
  const { state } = changes[0].target.dataset;
  if (!panel.open || state !== "saved" || before === state) return;
  clearTimeout(timer);
  timer = setTimeout(() => preview.again(), PAUSE_MS);
}

document.addEventListener("click", onClick);
panel.addEventListener("keydown", (event) => { if (event.key === "Escape") panel.close(); });
panel.addEventListener("close", () => place.replaceChildren());
WIDE.addEventListener("change", () => panel.close());
new MutationObserver(onSaved).observe(document.getElementById("saved"), {
  attributeFilter: ["data-state"],
  attributeOldValue: true,
});
