// A pose as text: JSON, a line for whatever fits on one. `as_text` in exercises/pose_editor.py writes the same.

const WIDEST_LINE = 100;

function short(value) {
  if (Array.isArray(value)) return `[${value.map(short).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${short(each)}`).join(", ")}}`;
}

export function asText(value, indent = 0) {
  const line = short(value);
  const isList = Array.isArray(value);
  const isEmpty = value === null || typeof value !== "object" || !Object.keys(value).length;
  if (isEmpty || (indent && line.length + indent <= WIDEST_LINE)) return line;
  const deeper = " ".repeat(indent + 2);
  const inner = isList
    ? value.map((each) => `${deeper}${asText(each, indent + 2)}`)
    : Object.entries(value).map(([key, each]) => `${deeper}${JSON.stringify(key)}: ${asText(each, indent + 2)}`);
  return [isList ? "[" : "{", inner.join(",\n"), `${" ".repeat(indent)}${isList ? "]" : "}"}`].join("\n");
}
