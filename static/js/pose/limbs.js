// Where hands and feet are held, and what the body as a whole does.

import { button, field, group, make, select } from "./build.js";
import { fieldFor, fieldsFor } from "./fields.js";

const LIMBS = [["hand_R", "Right hand"], ["hand_L", "Left hand"], ["foot_R", "Right foot"], ["foot_L", "Left foot"]];

const holdOf = (pin) => (!pin ? "free" : pin.floor ? "floor" : pin.touch ? "touch" : "at");

export class Limbs {
  constructor(page) {
    this.page = page;
  }

  pin(limb) {
    const own = this.page.own().pins ?? {};
    return limb in own ? own[limb] : this.page.seen()?.before.pins?.[limb];
  }

  // Writes a pin of this picture, which starts as the one it takes over.
  write(limb, key, change) {
    this.page.change(key, () => {
      const now = structuredClone(this.pin(limb) ?? {});
      change(now);
      this.put(limb, now);
    });
  }

  put(limb, pin) {
    const own = this.page.own();
    own.pins ??= {};
    const both = limb.slice(0, -2);
    if (both in own.pins) {
      for (const side of ["R", "L"]) own.pins[`${both}_${side}`] ??= structuredClone(own.pins[both]);
      delete own.pins[both];
    }
    own.pins[limb] = pin;
  }

  hold(limb, how) {
    this.page.change("", () => {
      if (how === "free") return this.put(limb, null);
      const { floor, touch, at, ...others } = structuredClone(this.pin(limb) ?? {});
      const isHand = limb.startsWith("hand");
      const start = at ?? (isHand ? [20, limb.endsWith("R") ? -12 : 12, 40] : [10, limb.endsWith("R") ? -6 : 6, 4]);
      const flat = floor ?? (Array.isArray(start) ? start.slice(0, 2) : [0, 0]);
      const point = Array.isArray(start) ? start : [...(floor ?? [0, 0]), start];
      this.put(limb, {
        floor: () => ({ ...others, floor: flat, ...(isHand ? { at: 1.1 } : {}) }),
        at: () => ({ ...others, at: point }),
        touch: () => ({ ...others, touch: "thigh_front_R" }),
      }[how]());
    });
    this.page.rebuild();
  }

  letGo(limb) {
    this.page.change("", () => {
      const own = this.page.own();
      delete own.pins[limb];
      if (!Object.keys(own.pins).length) delete own.pins;
    });
    this.page.rebuild();
  }

  build() {
    return make("div", { className: "panel-body pose-fields" }, ...LIMBS.map(([limb, words]) => this.limb(limb, words)));
  }

  limb(limb, words) {
    const { controls } = this.page;
    const pin = this.pin(limb);
    const how = holdOf(pin);
    const isHand = limb.startsWith("hand");
    const key = `pin:${limb}`;
    const own = limb in (this.page.own().pins ?? {});
    const parts = [select(controls.holds, how, key, (value) => this.hold(limb, value), `${words}: held`)];
    if (pin) {
      const specs = [...controls.pins[how], ...(isHand ? controls.hand : controls.foot)];
      const level = specs.findIndex((spec) => spec.key === "flat");
      if (how === "floor" && level >= 0) specs[level] = { ...specs[level], start: true };
      if (how === "floor" && isHand) specs.splice(1, 0, { key: "at", label: "Height of the wrist", kind: "number", low: 0, high: 30, start: 1.1, step: 0.1 });
      parts.push(...fieldsFor(specs, () => this.pin(limb), key, this.page, (name, change) => this.write(limb, name, change)));
    }
    if (isHand) parts.push(this.grip(limb));
    if (own) parts.push(button("Take over from the picture before", `${key}.free`, () => this.letGo(limb), `${words}: take over from the picture before`));
    return group(words, ...parts);
  }

  grip(limb) {
    const own = this.page.own().grip ?? {};
    const value = (limb in own ? own[limb] : this.page.seen()?.before.grip?.[limb]) ?? "open";
    const list = select(this.page.controls.grips, value, `grip:${limb}`, (chosen) => this.page.change("", () => {
      this.page.own().grip = { ...this.page.own().grip, [limb]: chosen };
    }));
    return field("Fingers", list);
  }
}

export class Whole {
  constructor(page) {
    this.page = page;
  }

  build() {
    const { controls } = this.page;
    const fields = controls.body.map((spec) => {
      const get = () => (spec.key in this.page.own() ? this.page.own()[spec.key] : this.page.seen()?.before[spec.key]);
      const set = (value) => this.page.change(`body:${spec.key}`, () => {
        if (value === undefined) delete this.page.own()[spec.key];
        else this.page.own()[spec.key] = value;
      });
      const made = fieldFor(spec, get, set, "body", this.page);
      if (!(spec.key in this.page.own())) return made;
      made.classList.add("is-own");
      const free = button("×", `body:${spec.key}.free`, () => { set(undefined); this.page.rebuild(); }, `Let go of ${spec.label}`);
      return make("div", { className: "pose-row" }, made, free);
    });
    return make("div", { className: "panel-body pose-fields" }, ...fields);
  }
}
