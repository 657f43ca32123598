// Makes elements: `make("p", { className: "small" }, "words", element)`.

export function make(tag, properties = {}, ...children) {
  const { data = {}, aria = {}, ...others } = properties;
  const element = Object.assign(document.createElement(tag), others);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function button(words, key, press, label = "") {
  const properties = { type: "button", className: "btn btn-secondary btn-sm", data: { key }, onclick: press };
  return make("button", label ? { ...properties, aria: { label } } : properties, words);
}

export function select(options, value, key, change, label = "") {
  const element = make("select", { className: "form-select form-select-sm", data: { key } });
  if (label) element.setAttribute("aria-label", label);
  for (const [each, words] of options) element.append(new Option(words, each, false, each === value));
  element.onchange = () => change(element.value);
  return element;
}

// A box that gives a number, or null when it is empty.
export function numberBox(value, { low, high, step = 1, placeholder = "" }, key, change, label = "") {
  const element = make("input", { type: "number", className: "form-control form-control-sm", step: "any", data: { key } });
  Object.assign(element, { min: low, max: high, placeholder, value: value ?? "" });
  if (label) element.setAttribute("aria-label", label);
  element.oninput = () => {
    if (!element.validity.badInput) change(element.value === "" ? null : Number(element.value));
  };
  element.onkeydown = (event) => {
    const way = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!way) return;
    event.preventDefault();
    const next = Number(element.value || placeholder || 0) + way * step;
    element.value = String(Math.min(high, Math.max(low, Math.round(next * 1000) / 1000)));
    change(Number(element.value));
  };
  return element;
}

// A control with its words before it; they alone are its name, not what it holds.
export function field(words, ...controls) {
  for (const control of controls) if (!control.hasAttribute("aria-label")) control.setAttribute("aria-label", words);
  return make("label", { className: "pose-field" }, make("span", {}, words), ...controls);
}

export function group(words, ...controls) {
  return make("fieldset", { className: "pose-field pose-group" }, make("legend", {}, words), ...controls);
}
