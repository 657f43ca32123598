// Opens what comes over the page (an exercise's details, the catalog on a narrow screen) and gives the focus back.

import { isPlain } from "./click.js";
import { fill } from "./show.js";

const WIDE = matchMedia("(min-width: 1024px)");
const drawer = document.getElementById("drawer");
const catalog = document.getElementById("catalog");
const sheet = document.createElement("dialog");
const home = document.createComment("the catalog's place on a wide screen");

async function openDrawer(link) {
  try {
    const answer = await fetch(link.href, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    fill(drawer.querySelector("[data-drawer-body]") ?? drawer, await answer.text());
  } catch {
    location.assign(link.href);
    return;
  }
  if (!drawer.open) drawer.showModal();
  drawer.scrollTop = 0;
}

function openSheet() {
  if (sheet.open || WIDE.matches) return;
  catalog.before(home);
  catalog.classList.add("is-open");
  sheet.prepend(catalog);
  sheet.showModal();
  catalog.querySelector("[name=q]")?.focus();
}

function closeSheet() {
  home.replaceWith(catalog);
  catalog.classList.remove("is-open");
}

function onClick(event) {
  const link = event.target.closest("a[data-drawer]");
  if (link && drawer && isPlain(event)) {
    event.preventDefault();
    openDrawer(link);
  } else if (event.target.closest("[data-open-catalog]")) openSheet();
  else if (event.target.closest("[data-close-catalog]")) sheet.close();
  else if (event.target.closest("[data-open-shortcuts]")) document.getElementById("shortcuts").showModal();
  else if (event.target.closest("dialog [data-close]")) {
    if (event.target.closest("a")) event.preventDefault();
    event.target.closest("dialog").close();
  }
}

export function start() {
  sheet.className = "sheet";
  sheet.setAttribute("aria-labelledby", catalog?.getAttribute("aria-labelledby") ?? "");
  const said = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  said.setAttribute("role", "status");
  sheet.append(said);
  document.querySelector("main").append(sheet);
  sheet.addEventListener("close", closeSheet);
  WIDE.addEventListener("change", () => { if (WIDE.matches && sheet.open) sheet.close(); });
  document.addEventListener("click", onClick);
}
