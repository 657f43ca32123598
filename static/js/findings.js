// Weighs the findings as they are ticked, and keeps the leading driver out of the other ones.

const form = document.querySelector("#assessment");
const findings = document.querySelector("#findings");
const weights = document.querySelector("#weights");
const said = document.querySelector("#weights-said");
const PAUSE_MS = 250;
let timer = 0;
let asking = new AbortController();

function answered(part) {
  return part.querySelectorAll(".finding input:checked:not([value=''])").length;
}

function count() {
  document.querySelector("#answered").textContent = answered(findings);
  for (const group of findings.querySelectorAll(".finding-group")) {
    group.querySelector(".group-answered").textContent = answered(group);
  }
}

function say(words, { trouble }) {
  said.textContent = words;
  said.classList.toggle("is-trouble", trouble);
  weights.classList.toggle("is-old", trouble);
  weights.removeAttribute("aria-busy");
}

async function weigh() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const body = new FormData(form);
  body.set("weigh", "panel");
  weights.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(location.pathname, { method: "POST", body, signal });
    if (!answer.ok) throw new Error(answer.statusText);
    const html = await answer.text();
    if (signal.aborted) return;
    weights.innerHTML = html;
    say(`Weighed: ${answered(findings)} noted.`, { trouble: false });
  } catch {
    if (!signal.aborted) say("This couldn't be updated. Press “Weigh the findings”.", { trouble: true });
  }
}

function leadLeaves() {
  const lead = form.elements.driver.value;
  for (const box of form.querySelectorAll("input[name=other_drivers]")) {
    box.closest("label").hidden = box.value === lead;
  }
}

form.addEventListener("change", (event) => {
  if (event.target.name === "driver") leadLeaves();
  if (!event.target.closest(".finding")) return;
  count();
  clearTimeout(timer);
  timer = setTimeout(weigh, PAUSE_MS);
});
leadLeaves();
