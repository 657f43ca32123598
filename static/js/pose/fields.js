// One setting of a pose from its description: `get` reads its value, `set` writes it (undefined takes it away).

import { button, field, group, make, numberBox, select } from "./build.js";

const NONE = "";
const OWN = "own";

function number({ spec, get, set, key }) {
  const shown = spec.start === undefined || spec.blank ? "" : String(spec.start);
  const box = numberBox(get(), { ...spec, placeholder: shown }, key, (value) => set(value ?? (spec.blank ? null : undefined)));
  return field(spec.label, box);
}

function boxes(parts, value, spec, key, change, name) {
  const values = [...value];
  return parts.map((part, place) =>
    field(part, numberBox(values[place], { low: -150, high: 150, ...spec }, `${key}.${place}`, (each) => {
      if (each === null && !spec.blank) return;
      values[place] = each;
      change([...values]);
    }, `${name}, ${part}`)),
  );
}

function numbers({ spec, get, set, key }) {
  return group(spec.label, ...boxes(spec.parts, get() ?? spec.start, spec, key, set, spec.label));
}

function choice({ spec, get, set, key, redo }) {
  const options = spec.start ? spec.options : [[NONE, "as usual"], ...spec.options];
  return field(spec.label, select(options, get() ?? spec.start, key, (value) => { set(value || undefined); redo(); }));
}

function check({ spec, get, set, key }) {
  const box = make("input", { type: "checkbox", className: "form-check-input", checked: get() ?? spec.start, data: { key } });
  box.onchange = () => set(box.checked === spec.start ? undefined : box.checked);
  return make("label", { className: "pose-check" }, box, ` ${spec.label}`);
}

function ticks(options, chosen, key, change) {
  return options.map(([value, words]) => {
    const box = make("input", { type: "checkbox", className: "form-check-input", checked: chosen.includes(value), data: { key: `${key}.${value}` } });
    box.onchange = () => {
      chosen = options.map(([each]) => each).filter((each) => (each === value ? box.checked : chosen.includes(each)));
      change(chosen);
    };
    return make("label", { className: "pose-check" }, box, ` ${words}`);
  });
}

function several({ spec, get, set, key }) {
  return group(spec.label, ...ticks(spec.options, get() ?? spec.start ?? [], key, set));
}

// A direction by name, as three numbers, or none.
function direction({ spec, get, set, key, redo }) {
  const value = get();
  const own = Array.isArray(value);
  const options = [[NONE, spec.none ?? "by itself"], ...spec.options, [OWN, "its own way"]];
  const list = select(options, own ? OWN : value ?? NONE, key, (chosen) => {
    set(chosen === OWN ? [1, 0, 0] : chosen || undefined);
    redo();
  }, spec.label);
  const parts = own ? boxes(["right +", "away +", "up +"], value, { step: 0.1 }, key, set, spec.label) : [];
  return group(spec.label, list, ...parts);
}

// A point, or a place on the body.
export function spot({ spec, get, set, key, redo, places }) {
  const value = get() ?? spec.start;
  const isPlace = typeof value === "string";
  const options = spec.places_only ? places : [[OWN, "a point"], ...places];
  const list = select(options, isPlace ? value : OWN, key, (chosen) => {
    set(chosen === OWN ? [0, 0, 0] : chosen);
    redo();
  }, spec.label);
  return group(spec.label, list, ...(isPlace ? [] : boxes(["right +", "away +", "up +"], value, {}, key, set, spec.label)));
}

function path({ spec, get, set, key, redo, places }) {
  const all = () => [...(get() ?? spec.start)];
  const rows = all().map((each, place) => {
    const put = (value) => set(all().map((one, at) => (at === place ? value : one)));
    const gone = button("Take out", `${key}.${place}.out`, () => { set(all().filter((_, at) => at !== place)); redo(); }, `Take out place ${place + 1}`);
    gone.disabled = all().length < 3;
    const row = { ...spec, label: `Place ${place + 1}`, start: each };
    return make("div", { className: "pose-row" }, spot({ spec: row, get: () => each, set: put, key: `${key}.${place}`, redo, places }), gone);
  });
  const more = button("Add a place", `${key}.more`, () => { set([...all(), all().at(-1)]); redo(); });
  return group(spec.label, ...rows, more);
}

function points({ spec, get, set, key }) {
  const all = get() ?? spec.start;
  const rows = spec.names.map((name, place) => {
    const put = (value) => set((get() ?? spec.start).map((each, at) => (at === place ? value : each)));
    return group(name, ...boxes(["right +", "away +"], all[place], {}, `${key}.${place}`, put, name));
  });
  return group(spec.label, ...rows);
}

// What touches, and how high; two of them work out the lean.
function rests({ spec, get, set, key, redo }) {
  const all = () => structuredClone(get() ?? []);
  const rows = all().map((rest, place) => {
    const put = (change) => set(all().map((each, at) => (at === place ? { ...each, ...change } : each)));
    const parts = [rest.parts].flat();
    const name = place ? "Also" : "Parts";
    const height = numberBox(rest.height ?? 0, { low: -50, high: 100 }, `${key}.${place}.height`, (value) => value !== null && put({ height: value }));
    const gone = button("Take out", `${key}.${place}.out`, () => { set(all().filter((_, at) => at !== place)); redo(); }, `Take out: ${name}`);
    const list = ticks(spec.options, parts, `${key}.${place}`, (chosen) => chosen.length && put({ parts: chosen }));
    return group(name, make("div", { className: "pose-ticks" }, ...list), field("At height", height), gone);
  });
  const more = button("Add what it rests with", `${key}.more`, () => { set([...all(), { parts: ["pelvis"], height: 0 }]); redo(); });
  return group(spec.label, ...rows, ...(rows.length < 2 ? [more] : []));
}

function anchor({ spec, get, set, key, redo }) {
  const value = get();
  const list = select([[NONE, "nothing: by “Pelvis at”"], ...spec.options], value?.[0] ?? NONE, key, (place) => {
    set(place ? [place, get()?.[1] ?? 0] : null);
    redo();
  }, `${spec.label}: place`);
  const x = value && field("is at, right +", numberBox(value[1], { low: -150, high: 150 }, `${key}.x`, (each) => each !== null && set([get()[0], each])));
  return group(spec.label, list, x);
}

const KINDS = { number, numbers, choice, check, several, direction, spot, path, points, rests, anchor };

export function fieldFor(spec, get, set, key, page) {
  const made = { spec, get, set: (value) => set(value, key), key: `${key}/${spec.key}`, redo: page.rebuild, places: page.controls.places };
  return KINDS[spec.kind](made);
}

// The fields of an object: each writes into it, or takes itself out.
export function fieldsFor(specs, object, key, page, write) {
  return specs.map((spec) =>
    fieldFor(spec, () => object()?.[spec.key], (value) => write(`${key}/${spec.key}`, (it) => {
      if (value === undefined) delete it[spec.key];
      else it[spec.key] = value;
    }), key, page),
  );
}
