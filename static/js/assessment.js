// Marks the usual muscles of a driver as soon as it is chosen, as long as nobody marked any by hand.

const form = document.querySelector("#assessment");
const rows = [...form.querySelectorAll(".muscle")];
let byHand = form.elements.based_on.value !== "";

function has(row, kind, driver) {
  return row.dataset[kind].split(" ").includes(driver);
}

function fill() {
  const driver = form.elements.driver.value;
  const affected = form.elements.affected_side.value;
  if (!driver || byHand) return;
  for (const row of rows) {
    const [finding, side] = row.querySelectorAll("select");
    finding.value = has(row, "tight", driver) ? "tight" : has(row, "weak", driver) ? "weak" : "";
    side.value = ["left", "right"].includes(affected) && !("trunk" in row.dataset) ? affected : "both";
  }
  const marked = rows.filter((row) => row.querySelector("select").value);
  document.querySelector("#main-muscles").replaceChildren(...marked);
  const more = document.querySelector(".more-muscles");
  more.append(...rows.filter((row) => !marked.includes(row)));
  more.open = false;
}

form.addEventListener("change", (event) => {
  if (event.target.closest(".muscle")) byHand = true;
  else if (["driver", "affected_side"].includes(event.target.name)) fill();
});
