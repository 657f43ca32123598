// Names what the admin's own markup leaves without a name for screen readers, and asks before typed words are lost.

function nameOf(control) {
  const cell = control.closest("td");
  const heading = cell?.closest("table").tHead?.rows[0].cells[cell.cellIndex];
  const label = heading ?? control.closest(".fieldBox, .form-row")?.querySelector("label");
  return (label?.textContent ?? "").trim().replace(/:$/, "");
}

function nameControls() {
  for (const control of document.querySelectorAll(".inline-group td :is(select, input:not([type=hidden]), textarea)")) {
    if (!control.labels?.length && !control.ariaLabel) control.ariaLabel = nameOf(control);
  }
  for (const box of document.querySelectorAll(".select2-container")) {
    const name = nameOf(box);
    for (const part of box.querySelectorAll(".select2-search__field, .select2-selection, [role=textbox]")) {
      part.setAttribute("aria-label", name);
    }
    box.querySelector("ul.select2-selection__rendered")?.setAttribute("role", "none");
    for (const item of box.querySelectorAll("ul.select2-selection__rendered > li")) item.setAttribute("role", "none");
  }
  for (const heading of document.querySelectorAll("th.original:empty")) heading.textContent = "Row";
  for (const hint of document.querySelectorAll(".help-tooltip[aria-label]")) hint.setAttribute("role", "img");
}

// A browser offers words for a whole field: of several with commas between, let it offer the last one.
function offerNext({ target: { list, value } }) {
  if (!list?.matches(".catalog-offers")) return;
  const before = value.slice(0, value.lastIndexOf(",") + 1);
  for (const option of list.options) option.value = before ? `${before} ${option.dataset.slug}` : option.dataset.slug;
}

document.addEventListener("input", offerNext);
nameControls();
new MutationObserver(nameControls).observe(document.body, { childList: true, subtree: true });

const form = document.querySelector(".change-form #content-main form");
let typed = Boolean(document.getElementById("error-summary")); // after an error nothing is saved yet

form?.addEventListener("input", () => { typed = true; });
form?.addEventListener("change", () => { typed = true; });
form?.addEventListener("submit", (event) => { if (event.submitter?.formTarget !== "_blank") typed = false; });
addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
document.getElementById("error-summary")?.focus();
