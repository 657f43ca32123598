// A slider and a number for each joint. One that isn't set in this picture shows what it takes over.

import { button, make, numberBox } from "./build.js";

const SIDES = [["both", "Both sides"], ["R", "Right"], ["L", "Left"]];
const SIDE_WORDS = { R: "right", L: "left" };

export const valueIn = (joints, joint, side) => joints?.[`${joint}_${side}`] ?? joints?.[joint] ?? 0;

export class Joints {
  constructor(page) {
    this.page = page;
    this.side = "both";
  }

  // Which sides a row is about; “” is a joint of the spine.
  sidesOf(joint) {
    if (!joint.paired) return [""];
    return this.side === "both" ? ["R", "L"] : [this.side];
  }

  isOwn(joint, side) {
    const own = this.page.own().joints ?? {};
    return (side && `${joint.name}_${side}` in own) || joint.name in own;
  }

  value(joint, side) {
    const own = this.page.own().joints;
    return valueIn(this.isOwn(joint, side) ? own : this.page.seen()?.before.joints, joint.name, side);
  }

  set(joint, value) {
    const sides = this.sidesOf(joint);
    this.page.change(`joint:${joint.name}:${this.side}`, () => {
      const own = this.page.own();
      own.joints ??= {};
      this.split(own.joints, joint);
      if (sides.length === 2) {
        for (const side of sides) delete own.joints[`${joint.name}_${side}`];
        own.joints[joint.name] = value;
      } else own.joints[sides[0] ? `${joint.name}_${sides[0]}` : joint.name] = value;
    });
  }

  letGo(joint) {
    this.page.change("", () => {
      const own = this.page.own();
      this.split(own.joints, joint);
      for (const side of this.sidesOf(joint)) delete own.joints[side ? `${joint.name}_${side}` : joint.name];
      if (!Object.keys(own.joints).length) delete own.joints;
    });
    this.refresh();
    this.rows.get(joint.name).slider.focus();
  }

  // A value for both sides becomes one for each, so that one of them can be changed.
  split(joints, joint) {
    if (!joint.paired || !(joint.name in joints)) return;
    for (const side of ["R", "L"]) joints[`${joint.name}_${side}`] ??= joints[joint.name];
    delete joints[joint.name];
  }

  build() {
    this.rows = new Map();
    const choice = SIDES.map(([value, words]) => {
      const radio = make("input", { type: "radio", name: "side-of-joints", className: "form-check-input", value, checked: value === this.side, data: { key: `side:${value}` } });
      radio.onchange = () => { this.side = value; this.refresh(); };
      return make("label", { className: "pose-check" }, radio, ` ${words}`);
    });
    const sides = make("fieldset", { className: "pose-sides" }, make("legend", { className: "visually-hidden" }, "Side of the joints"), ...choice);
    this.note = make("div", { className: "pose-notes" });
    const groups = this.page.controls.groups.map((each) =>
      make("section", { className: "pose-joints", aria: { label: each.name } }, ...each.joints.map((joint) => this.row(joint))),
    );
    this.element = make("div", { className: "panel-body" }, sides, this.note, ...groups);
    this.refresh();
    return this.element;
  }

  row(joint) {
    const id = `joint-${joint.name}`;
    const slider = make("input", { type: "range", className: "form-range", id, min: joint.low, max: joint.high, step: "any", data: { key: id } });
    const put = (value) => {
      const next = Math.min(joint.high, Math.max(joint.low, Math.round(value * 10) / 10));
      this.set(joint, next);
      this.refresh();
    };
    slider.oninput = () => put(Math.round(Number(slider.value) / joint.step) * joint.step);
    slider.onkeydown = (event) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      const end = { Home: joint.low, End: joint.high }[event.key];
      if (by === undefined && end === undefined) return;
      event.preventDefault();
      put(end ?? this.value(joint, this.sidesOf(joint)[0]) + by * joint.step);
    };
    const box = numberBox(0, joint, `${id}.box`, (value) => {
      if (value !== null && value >= joint.low && value <= joint.high) { this.set(joint, value); this.refresh(box); }
    }, joint.label);
    const free = button("×", `${id}.free`, () => this.letGo(joint), `Let go of ${joint.label}`);
    const said = make("span", { className: "pose-joint-said", id: `${id}-said` });
    slider.setAttribute("aria-describedby", said.id);
    this.rows.set(joint.name, { joint, slider, box, free, said });
    const label = make("label", { htmlFor: id }, joint.label);
    const [low, high] = joint.ends.map((words) => make("span", { aria: { hidden: "true" } }, words));
    const under = make("span", { className: "pose-ends muted" }, low, said, high);
    return make("div", { className: "pose-joint" }, label, make("span", { className: "pose-slide" }, slider, under), box, free);
  }

  // Shows values anew; `typing` is the box that somebody types in.
  refresh(typing = null) {
    if (!this.rows) return;
    for (const { joint, slider, box, free, said } of this.rows.values()) {
      const sides = this.sidesOf(joint);
      const [value, other = value] = sides.map((side) => this.drawn(joint, side) ?? this.value(joint, side));
      const own = sides.some((side) => this.isOwn(joint, side));
      slider.value = String(value);
      slider.setAttribute("aria-valuetext", `${value}${joint.unit}`);
      if (box !== typing) box.value = String(value);
      free.hidden = !own;
      said.textContent = this.words(joint, sides, value, other, own);
      const row = slider.closest(".pose-joint");
      row.classList.toggle("is-own", own);
      const pinned = sides.every((side) => side && this.decides(joint, side));
      row.classList.toggle("is-pinned", pinned);
      slider.disabled = box.disabled = pinned;
    }
    this.notes();
  }

  words(joint, sides, value, other, own) {
    const both = value === other ? "" : `right ${value}${joint.unit}, left ${other}${joint.unit}; `;
    const pinned = sides.filter((side) => side && this.decides(joint, side)).map((side) => SIDE_WORDS[side]);
    if (pinned.length) return `${both}${pinned.join(" and ")} pinned`;
    return both + (own ? "set here" : "taken over");
  }

  // A pinned limb's joint as it came out; of a shoulder only the turn can be told.
  drawn(joint, side) {
    if (!side || !this.decides(joint, side) || /^(shoulder_(flex|abd)|forearm)/.test(joint.name)) return undefined;
    return this.page.seen()?.measured[`${joint.name}_${side}`];
  }

  decides(joint, side) {
    const pins = this.page.seen()?.full.pins ?? {};
    return Object.entries(this.page.controls.decided).some(([limb, joints]) => pins[`${limb}_${side}`] && joints.includes(joint.name));
  }

  notes() {
    const pins = this.page.seen()?.full.pins ?? {};
    const sides = this.side === "both" ? ["R", "L"] : [this.side];
    const limbs = ["foot", "hand"].flatMap((limb) => sides.map((side) => `${limb}_${side}`)).filter((limb) => pins[limb]);
    const had = this.note.dataset.limbs;
    if (had === limbs.join()) return;
    this.note.dataset.limbs = limbs.join();
    const free = limbs.map((limb) => {
      const words = `${SIDE_WORDS[limb.at(-1)]} ${limb.slice(0, -2)}`;
      return button(`Free the ${words}`, `free:${limb}`, () => this.page.free(limb));
    });
    const words = "Where a hand or foot is pinned, its place decides the joints above it. Free it to move them here:";
    this.note.replaceChildren(...(limbs.length ? [make("p", { className: "small" }, words), make("p", { className: "pose-row" }, ...free)] : []));
  }
}
