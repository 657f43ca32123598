// Picks a colour by eye beside its field, and shows it on the sample at once.

const field = document.querySelector("input[name=colour]");
const sheet = document.querySelector(".clinic-sheet .handout");
const picker = Object.assign(document.createElement("input"), { type: "color", className: "form-control" });
picker.value = "#0f4c5c";
const row = Object.assign(document.createElement("div"), { className: "colour-row" });

function show(colour) {
  const whole = /^#[0-9a-f]{6}$/i.test(colour);
  if (whole) picker.value = colour;
  sheet.style.setProperty("--accent", whole ? colour : "");
}

picker.setAttribute("aria-label", "Pick the colour");
field.before(row);
row.append(field, picker);
row.classList.toggle("is-invalid", field.classList.contains("is-invalid")); // what is wrong is shown beside such an element
picker.addEventListener("input", () => {
  field.value = picker.value;
  show(picker.value);
});
field.addEventListener("input", () => show(field.value.trim()));
if (field.value) show(field.value.trim());
