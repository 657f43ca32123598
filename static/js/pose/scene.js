// What is around the body: props, the eye, marked muscles, arrows, a close-up.

import { button, field, group, make, numberBox, select } from "./build.js";
import { fieldsFor } from "./fields.js";

const SIDES = [["", "both sides"], ["_R", "right"], ["_L", "left"]];

// A prop is a name, or a name with settings.
const kindOf = (prop) => (typeof prop === "string" ? prop : Object.keys(prop)[0]);
const settingsOf = (prop) => (typeof prop === "string" ? undefined : prop[kindOf(prop)]);

function onlyIn(page, name, get, set, key) {
  const frames = page.frames();
  if (frames.length < 2) return null;
  const chosen = get() ?? frames;
  const boxes = frames.map((frame) => {
    const box = make("input", { type: "checkbox", className: "form-check-input", checked: chosen.includes(frame), data: { key: `${key}.in.${frame}` } });
    box.onchange = () => {
      const now = frames.filter((each) => (each === frame ? box.checked : (get() ?? frames).includes(each)));
      set(now.length === frames.length ? undefined : now);
    };
    return make("label", { className: "pose-check" }, box, ` ${page.titleOf(frame)}`);
  });
  return group(name, ...boxes);
}

export class Props {
  constructor(page) {
    this.page = page;
  }

  list() {
    return this.page.pose.props ?? [];
  }

  write(place, key, change) {
    this.page.change(key, () => {
      const kind = kindOf(this.list()[place]);
      const settings = settingsOf(this.list()[place]) ?? {};
      change(settings);
      this.page.pose.props[place] = Object.keys(settings).length ? { [kind]: settings } : kind;
    });
  }

  add(kind) {
    const { props, needed } = this.page.controls;
    this.page.change("", () => {
      const must = (needed[kind] ?? []).map((key) => [key, props[kind].fields.find((each) => each.key === key).start]);
      this.page.pose.props = [...this.list(), must.length ? { [kind]: structuredClone(Object.fromEntries(must)) } : kind];
    });
    this.page.rebuild(`prop:${this.list().length - 1}.out`);
  }

  remove(place) {
    this.page.change("", () => {
      this.page.pose.props.splice(place, 1);
      if (!this.page.pose.props.length) delete this.page.pose.props;
    });
    this.page.rebuild("prop.add");
  }

  build() {
    const { props } = this.page.controls;
    const rows = this.list().map((prop, place) => this.row(prop, place));
    const kinds = select(Object.entries(props).map(([kind, each]) => [kind, each.label]), this.kind, "prop.kind", (kind) => { this.kind = kind; });
    this.kind ??= kinds.value;
    const more = make("div", { className: "pose-row" }, field("Prop", kinds), button("Add this prop", "prop.add", () => this.add(this.kind)));
    return make("div", { className: "panel-body pose-fields" }, ...rows, more);
  }

  row(prop, place) {
    const kind = kindOf(prop);
    const known = this.page.controls.props[kind] ?? { label: kind, fields: [] };
    const key = `prop:${place}`;
    const get = () => settingsOf(this.list()[place]);
    const write = (name, change) => this.write(place, name, change);
    const fields = fieldsFor(known.fields, get, key, this.page, write);
    const shown = onlyIn(this.page, "Shown in", () => get()?.frames, (value) => write("", (it) => {
      if (value) it.frames = value;
      else delete it.frames;
    }), key);
    const title = `${known.label}${this.list().length > 1 ? ` (${place + 1})` : ""}`;
    return group(title, ...fields, shown, button("Remove", `${key}.out`, () => this.remove(place), `Remove ${title}`));
  }
}

export class Scene {
  constructor(page) {
    this.page = page;
  }

  build() {
    return make("div", { className: "panel-body pose-fields" }, this.eye(), this.side(), this.muscles(), this.arrows(), this.closeUp());
  }

  eye() {
    const { pose, controls } = this.page;
    const view = pose.view ?? "side";
    const own = Array.isArray(view);
    const put = (value) => this.page.change("view", () => { pose.view = value; });
    const options = [...controls.views, ["own", "its own angles"]];
    const list = select(options, own ? "own" : view, "view", (value) => { put(value === "own" ? [...controls.angles[own ? "side" : view]] : value); this.page.rebuild(); }, "Seen from");
    const angles = own ? [
      field("around (°)", numberBox(view[0], { low: -180, high: 180 }, "view.0", (value) => value !== null && put([value, this.page.pose.view[1]]))),
      field("from above (°)", numberBox(view[1], { low: -20, high: 90 }, "view.1", (value) => value !== null && put([this.page.pose.view[0], value]))),
    ] : [];
    return group("Seen from", list, ...angles);
  }

  side() {
    const list = select([["right", "the right side"], ["left", "the left side"]], this.page.pose.side ?? "right", "works", (value) =>
      this.page.change("", () => { this.page.pose.side = value; }));
    return group("As drawn, works", make("label", {}, make("span", { className: "visually-hidden" }, "The side that works"), list));
  }

  // Marked muscles as rows of tone, name and side, and back.
  marked() {
    return Object.entries(this.page.pose.show ?? {}).flatMap(([tone, names]) =>
      [names].flat().map((name) => (/_[RL]$/.test(name) ? [tone, name.slice(0, -2), name.slice(-2)] : [tone, name, ""])));
  }

  mark(rows) {
    this.page.change("", () => {
      const show = {};
      for (const [tone, name, side] of rows) (show[tone] ??= []).push(name + side);
      if (rows.length) this.page.pose.show = show;
      else delete this.page.pose.show;
    });
    this.page.rebuild();
  }

  muscles() {
    const { controls } = this.page;
    const all = this.marked();
    const rows = all.map((row, place) => {
      const put = (at) => (value) => this.mark(all.map((each, here) => (here === place ? each.with(at, value) : each)));
      const name = `Muscle ${place + 1}`;
      return make("div", { className: "pose-row" },
        select(controls.muscles, row[1], `muscle:${place}`, put(1), name),
        select(SIDES, row[2], `muscle:${place}.side`, put(2), `${name}: side`),
        select(controls.tones, row[0], `muscle:${place}.tone`, put(0), `${name}: what is done to it`),
        button("Remove", `muscle:${place}.out`, () => this.mark(all.filter((_, here) => here !== place)), `Remove muscle ${place + 1}`));
    });
    const more = button("Mark a muscle", "muscle.more", () => this.mark([...all, ["strengthen", "gluteus_maximus", "_R"]]));
    return group("Marked muscles", ...rows, more);
  }

  // Every arrow with where it stands in the pose: the one in `arrow`, then those in `arrows`.
  listed() {
    const { pose } = this.page;
    const one = pose.arrow ? [{ value: pose.arrow, put: (value) => { if (value) pose.arrow = value; else delete pose.arrow; } }] : [];
    return [...one, ...(pose.arrows ?? []).map((value, place) => ({
      value,
      put: (next) => {
        if (next) pose.arrows[place] = next;
        else pose.arrows.splice(place, 1);
        if (!pose.arrows.length) delete pose.arrows;
      },
    }))];
  }

  arrows() {
    const rows = this.listed().map((_, place) => {
      const now = () => { const { value } = this.listed()[place]; return typeof value === "string" ? { place: value } : value; };
      const write = (name, change) => this.page.change(name, () => {
        const next = { ...now() };
        change(next);
        this.listed()[place].put(Object.keys(next).length === 1 && next.place ? next.place : next);
      });
      const key = `arrow:${place}`;
      const shown = onlyIn(this.page, "Shown in", () => now().frames, (value) => write("", (it) => {
        if (value) it.frames = value;
        else delete it.frames;
      }), key);
      const gone = button("Remove", `${key}.out`, () => { this.page.change("", () => this.listed()[place].put(null)); this.page.rebuild(); }, `Remove arrow ${place + 1}`);
      return group(`Arrow ${place + 1}`, ...fieldsFor(this.page.controls.arrow, now, key, this.page, write), shown, gone);
    });
    const more = button("Add an arrow", "arrow.more", () => {
      this.page.change("", () => {
        const { pose } = this.page;
        if (pose.arrows || pose.arrow) pose.arrows = [...(pose.arrows ?? []), "hip_R"];
        else pose.arrow = "hip_R";
      });
      this.page.rebuild();
    });
    return group("Arrows", ...rows, more);
  }

  closeUp() {
    const { pose, controls } = this.page;
    const [place, size] = pose.close_up ? [pose.close_up].flat() : ["", 17];
    const put = (value) => { this.page.change("close-up", () => { if (value) pose.close_up = value; else delete pose.close_up; }); };
    const list = select([["", "none"], ...controls.places], place, "close-up", (value) => { put(value && (size && size !== 17 ? [value, size] : value)); this.page.rebuild(); }, "Close-up of");
    const box = place && field("Size", numberBox(size ?? 17, { low: 6, high: 60 }, "close-up.size", (value) => value !== null && put([[pose.close_up].flat()[0], value])));
    return group("Close-up of", list, box || null);
  }
}
