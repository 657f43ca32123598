// The pose editor: one state, which is the text; every control changes it, and the server draws it.

import { make } from "./build.js";
import { Drawer } from "./draw.js";
import { Joints } from "./joints.js";
import { Limbs, Whole } from "./limbs.js";
import { Props, Scene } from "./scene.js";
import { asText } from "./text.js";

const MOST_STEPS_BACK = 100;
const ONE_EDIT_MS = 1200;
const ONE_WORD_MS = 1200; // browsers take letters for one word up to a second apart
const LEG = ["hip_flexion", "hip_abduction", "hip_rotation", "knee_flexion", "ankle_dorsiflexion"];

const main = document.querySelector("main");
const form = document.getElementById("pose-form");
const text = form.elements.pose;
const $ = (id) => document.getElementById(id);
const undos = [], redos = [];
let last = { key: "", at: 0 };
let answer = { frames: [] };
let frame = "start";
let isSaving = false;
let letters = null;
const opened = document.querySelector(".form-errors") ? null : JSON.stringify(snapshot());

const page = {
  controls: JSON.parse(main.dataset.controls),
  pose: {},
  seen: () => answer.frames.find((each) => each.name === frame) ?? answer.frames[0],
  frames: () => ["start", ...(page.pose.steps ?? []).map((step) => step.name), ...(page.pose.finish ? ["finish"] : [])],
  titleOf: (name) => answer.frames.find((each) => each.name === name)?.title ?? name,

  // What the chosen picture says itself.
  own() {
    if (frame !== "start" && frame !== "finish") return page.pose.steps.find((step) => step.name === frame);
    return (page.pose[frame] ??= {});
  },

  // Changes the pose; changes of one key that follow one another are undone as one.
  change(key, act) {
    remember(key);
    act();
    text.value = asText(page.pose);
    drawer.want();
  },

  // A list whose option is being typed stays until that is done: a new one would know only the next letter.
  rebuild(focus = "") {
    if (letters && document.activeElement.matches("select")) letters.then = () => build(focus);
    else build(focus);
  },

  // Lets a limb go; a leg stays as it is drawn.
  free(limb) {
    const measured = page.seen()?.measured ?? {};
    page.change("", () => {
      limbs.put(limb, null);
      if (!limb.startsWith("foot")) return;
      const own = page.own();
      own.joints ??= {};
      for (const joint of LEG) {
        joints.split(own.joints, { name: joint, paired: true });
        own.joints[`${joint}_${limb.at(-1)}`] = measured[`${joint}_${limb.at(-1)}`];
      }
    });
    build(`side:${joints.side}`);
  },
};

const joints = new Joints(page), limbs = new Limbs(page), whole = new Whole(page);
const props = new Props(page), scene = new Scene(page);
const panels = [
  ["Joints", joints, true], ["Hands and feet", limbs], ["Whole body", whole], ["Props", props], ["View, muscles and arrows", scene],
].map(([title, part, open = false]) => {
  const inside = make("div");
  const whose = make("span", { className: "muted small" });
  const head = make("summary", { className: "panel-head" }, make("h2", {}, title), whose);
  $("panels").append(make("details", { className: "panel", open }, head, inside));
  return { part, inside, whose, isOfFrame: [joints, limbs, whole].includes(part) };
});

$("panels").hidden = true; // until there is a pose that can be read

function wordsTyped() {
  return Object.fromEntries([...form.querySelectorAll("[name^=words-]")].map((it) => [it.name, it.value]));
}

function snapshot() {
  return { text: text.value, words: wordsTyped(), frame };
}

function typed() {
  return JSON.stringify({ ...snapshot(), frame: "" });
}

function remember(key) {
  const isSame = key && key === last.key && Date.now() - last.at < ONE_EDIT_MS;
  last = { key, at: Date.now() };
  if (isSame) return;
  undos.push(snapshot());
  undos.splice(0, undos.length - MOST_STEPS_BACK);
  redos.length = 0;
  buttons();
}

function buttons() {
  $("undo").disabled = !undos.length;
  $("redo").disabled = !redos.length;
}

function goBack(from, to) {
  const then = from.pop();
  if (!then) return;
  to.push(snapshot());
  text.value = then.text;
  frame = then.frame;
  try {
    page.pose = JSON.parse(then.text); // what is changed next is changed in this one
  } catch {
    // Text that can't be read was typed; the server says so.
  }
  last = { key: "", at: 0 };
  buttons();
  const gone = Object.entries(then.words).filter(([name, value]) => {
    if (form.elements[name]) form.elements[name].value = value;
    return !form.elements[name];
  });
  drawer.want({ words: Object.fromEntries(gone), all: true });
}

// Builds the panels anew; the focus stays on the control with the same key.
function build(focus = "") {
  const key = focus || document.activeElement?.dataset?.key;
  $("panels").hidden = false;
  for (const { part, inside, whose, isOfFrame } of panels) {
    inside.replaceChildren(part.build());
    whose.textContent = isOfFrame ? `of “${page.titleOf(frame)}”` : "of all pictures";
  }
  refocus(key);
}

function refocus(key) {
  if (!key) return;
  const same = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (same && same !== document.activeElement) same.focus({ preventScroll: true });
}

function show() {
  const now = page.seen();
  if (now) {
    const before = answer.frames[answer.frames.indexOf(now) - 1];
    const alt = form.elements[`words-en-${now.name}`]?.value || `${now.title} as drawn`;
    const under = $("onion").checked && before ? make("img", { className: "pose-under", src: before.picture, alt: "" }) : null;
    $("picture").replaceChildren(...[under, make("img", { className: "figure", src: now.picture, alt, width: 320, height: 240 })].filter(Boolean));
  }
  $("picture").classList.toggle("is-mirrored", $("mirror").checked);
  for (const thumb of form.querySelectorAll("[data-show]")) {
    if (thumb.dataset.show === frame) thumb.setAttribute("aria-current", "true");
    else thumb.removeAttribute("aria-current");
  }
  for (const item of form.querySelectorAll("#frames > ol > li")) item.classList.toggle("is-other", item.dataset.frame !== frame);
  for (const line of form.querySelectorAll("[data-words-of]")) line.classList.toggle("is-other", line.dataset.wordsOf !== frame);
}

function choose(name) {
  frame = name;
  last = { key: "", at: 0 };
  build();
  show();
}

function tell(mistakes) {
  if (!answer.frames.length && document.querySelector(".form-errors")) return; // the page has told them
  const list = make("ul", { className: "pose-warnings" }, ...mistakes.map((line) => make("li", {}, line)));
  $("problems").replaceChildren(...(mistakes.length ? [list] : []));
  $("picture").classList.toggle("is-old", mistakes.length > 0);
}

const drawer = new Drawer(form, main.dataset.draw, {
  state: typed,
  answered(got, wish, sent) {
    $("said").textContent = "";
    if (typed() !== sent && (wish.act || wish.all || wish.typed)) return drawer.want(wish); // changed meanwhile
    tell(got.mistakes);
    if (!got.frames?.length) return;
    const isNew = Boolean(wish.act || wish.all || wish.typed);
    if (wish.act) remember("");
    answer = got;
    if (isNew) page.pose = got.pose;
    if (wish.act) text.value = asText(page.pose);
    if (!page.frames().includes(frame)) frame = page.frames().at(-1);
    if (wish.act?.startsWith("add:")) frame = page.frames()[page.frames().indexOf(wish.act.slice(4)) + 1] ?? frame;
    const key = document.activeElement?.dataset?.key;
    $("frames").innerHTML = got.frames_html;
    const isOther = [...new Set(Object.keys(wordsTyped()).map((name) => name.split("-").slice(2).join("-")))].join();
    if (wish.act || wish.all || isOther !== page.frames().join()) $("words").innerHTML = got.words_html;
    else levels(got);
    refocus(key);
    if (isNew) build();
    else joints.refresh(document.activeElement);
    show();
  },
  failed() {
    $("said").textContent = "The picture can't be drawn now. Your work is kept: press Draw to try again.";
  },
});

function levels(got) {
  for (const [language, { text: words, hard }] of Object.entries(got.levels)) {
    const level = form.querySelector(`[data-level="${language}"]`);
    level.textContent = words;
    level.classList.toggle("is-hard", hard);
  }
  $("missing").replaceChildren(...got.missing.map((line) => make("li", {}, line)));
}

form.addEventListener("submit", (event) => {
  const act = event.submitter?.value ?? "draw";
  if (["save", "over"].includes(act)) {
    isSaving = true;
    return;
  }
  event.preventDefault();
  drawer.want(act === "draw" ? { typed: true } : { act, submitter: null });
});

let typing;
form.addEventListener("input", (event) => {
  if (event.target === text) {
    clearTimeout(typing);
    typing = setTimeout(() => drawer.want({ typed: true }), 400);
  } else if (event.target.name?.startsWith("words-")) {
    clearTimeout(typing);
    typing = setTimeout(() => drawer.want(), 400);
  }
});
text.addEventListener("focus", () => remember("text"));

form.addEventListener("click", (event) => {
  const thumb = event.target.closest("[data-show]");
  if (thumb) choose(thumb.dataset.show);
});
$("undo").onclick = () => goBack(undos, redos);
$("redo").onclick = () => goBack(redos, undos);
$("mirror").onchange = show;
$("onion").onchange = show;

function spelt() {
  const { wait, then } = letters ?? {};
  letters = null;
  clearTimeout(wait);
  then?.();
}

document.addEventListener("keydown", (event) => {
  if (event.key.length > 1 || !event.target.matches("select")) return spelt();
  clearTimeout(letters?.wait);
  letters = { then: letters?.then, wait: setTimeout(spelt, ONE_WORD_MS) };
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("textarea, input:not([type=range]):not([type=checkbox]):not([type=radio])");
  if (isTyping || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key === "y" || (key === "z" && event.shiftKey)) goBack(redos, undos);
  else if (key === "z") goBack(undos, redos);
  else return;
  event.preventDefault();
});

addEventListener("beforeunload", (event) => {
  if (!isSaving && JSON.stringify({ ...snapshot(), frame: "start" }) !== opened) event.preventDefault();
});

let asking;
$("like").addEventListener("input", () => {
  clearTimeout(asking);
  asking = setTimeout(async () => {
    const response = await fetch(`${main.dataset.like}?${new URLSearchParams({ q: $("like").value })}`).catch(() => null);
    if (!response?.ok) return;
    const { names } = await response.json();
    $("like-names").replaceChildren(...names.map((name) => new Option("", name)));
  }, 200);
});

document.documentElement.classList.add("has-pose-script");
drawer.want({ typed: true });
