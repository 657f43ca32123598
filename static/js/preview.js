// Shows a handout's sheet anew as its options change, and says how long it will be.

const HEADERS = { "X-Requested-With": "fetch" };
const SORRY = "This couldn't be shown. Load the page again.";

function styled(link) {
  return new Promise((resolve) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
  });
}

// Puts a new sheet where the old one is once its styles are there, so that nobody sees it bare.
async function put(inside, fresh) {
  const part = Object.assign(document.createElement("div"), { hidden: true });
  part.append(...fresh.childNodes);
  const styles = [...part.querySelectorAll("link")].map(styled);
  const old = [...inside.childNodes];
  inside.append(part);
  await Promise.all(styles);
  for (const node of old) node.remove();
  part.hidden = false;
}

export async function ask(address) {
  const answer = await fetch(address, { headers: HEADERS });
  if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
  return answer;
}

export function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

export function queryOf(form) {
  return new URLSearchParams(new FormData(form)).toString();
}

// What leads on takes the options of the form that is open along, whoever wrote its address.
let current = null;

function carry(event) {
  const link = event.target.closest("a[data-carries]");
  if (link && current?.isConnected) link.search = queryOf(current);
}

for (const kind of ["pointerdown", "keydown", "click"]) document.addEventListener(kind, carry, true);

// Keeps the sheet beside a form of options up to date; `apart` puts it in a shadow, safe from the page's styles.
export function start(root, { apart = false } = {}) {
  const form = root.querySelector("form[data-preview]");
  const said = root.querySelector("[data-preview-said]");
  const sheet = root.querySelector("[data-sheet]");
  const inside = apart ? sheet.attachShadow({ mode: "open" }) : sheet;
  let turn = 0;

  async function measure(mine) {
    const answer = await (await ask(`${form.dataset.pdf}?${queryOf(form)}`)).json();
    if (mine === turn) said.textContent = answer.said;
  }

  function sorry(mine) {
    if (mine === turn) said.textContent = SORRY;
  }

  async function again() {
    const mine = ++turn;
    sheet.setAttribute("aria-busy", "true");
    try {
      const html = await (await ask(`${form.action}?${queryOf(form)}`)).text();
      if (mine !== turn) return;
      await put(inside, parse(html).querySelector("[data-sheet]"));
      await measure(mine);
    } catch {
      sorry(mine);
    }
    if (mine === turn) sheet.removeAttribute("aria-busy");
  }

  current = form;
  if (apart) inside.append(...sheet.childNodes);
  form.addEventListener("change", again);
  measure(0).catch(() => sorry(0));
  return { again, form, inside, sheet };
}
