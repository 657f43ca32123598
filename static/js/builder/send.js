// Sends edits one at a time, in order, each at most once; what can't be sent yet waits in this page's memory.

const PATIENCE_MS = 20_000;
const LONGEST_PAUSE_S = 8;
// A server that is busy, starts again, or can't write; the same edit gets through later.
const BUSY = [429, 502, 503, 504];
// How often an edit that the server stumbles over is tried before it is given up.
const TRIES = 3;
// Troubles that end by themselves: it is tried again after a pause.
const PASSING = ["offline", "busy", "failing"];
// Pressed twice, these are one: sent again right after the same edit while that is still on its way.
const ONCE = /^(add|remove|duplicate|swap|reset|fix|accept|withdraw|star|unstar|stage):/;

const form = document.getElementById("edit");

function key() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The items that an edit is about; "" is none in particular.
export function itemsOf({ what, fields }) {
  const named = fields.map(([name, value]) => (name === "chosen" ? value : /^v-(.+)/.exec(name)?.[1]));
  return [what.split(":")[1] ?? "", ...named.filter(Boolean)];
}

function post(edit) {
  const body = new URLSearchParams(edit.fields);
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("version", edit.version);
  body.set("key", edit.key);
  body.set("do", edit.what);
  const headers = { "X-Requested-With": "fetch", Accept: "application/json" };
  return fetch(form.action, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
}

// The answer as data, or null when it is a page.
async function read(response) {
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  return isJson ? response.json() : null;
}

// Takes a fresh token from this very page; says "signed out" or "unreachable" when there is none for it.
async function refresh() {
  const response = await fetch(location.pathname, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if ([403, 404].includes(response.status)) return "unreachable";
  if (!response.ok && response.status !== 401) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById("edit")?.elements.csrfmiddlewaretoken;
  if (!fresh) return "signed out";
  const [mine, theirs] = [document, page].map((it) => it.querySelector("main").dataset);
  if (mine.program !== theirs.program || mine.user !== theirs.user) return "unreachable";
  form.elements.csrfmiddlewaretoken.value = fresh.value;
  return "";
}

function isSame(one, what, fields) {
  return one?.what === what && JSON.stringify(one.fields) === JSON.stringify(fields);
}

export class Queue {
  #waiting = [];
  #busy = false;
  #halt = "";
  #refused = false;
  #pause = 1;
  #timer = 0;

  // `on` is told what came of each edit (done, conflict, refused, failed) and how things stand (state).
  constructor(on) {
    this.on = on;
  }

  get waiting() {
    return this.#waiting.length;
  }

  // Why nothing is being sent: "", "offline", "busy", "failing", "signed out", "unreachable" or "conflict".
  get halt() {
    return this.#halt;
  }

  // An edit is what to do and the fields it needs, as pairs; `first` puts it before those that wait.
  put(what, fields = [], { first = false } = {}) {
    if (ONCE.test(what) && isSame(this.#waiting.at(-1), what, fields)) return;
    const version = form.elements.version.value;
    const edit = { what, fields: fields.map((pair) => [...pair]), key: key(), version, made: performance.now() };
    if (first) this.#waiting.unshift(edit);
    else this.#waiting.push(edit);
    this.#tell();
    this.#run();
  }

  // Whether a field's value is still to be sent.
  carries(name) {
    return this.#waiting.some((edit) => edit.fields.some((pair) => pair[0] === name));
  }

  // Edits that wait on these items count as made on what is there now: what changed it were edits before them.
  rebase(isAbout, seen) {
    for (const edit of this.#waiting.filter((one) => itemsOf(one).some(isAbout))) {
      edit.version = form.elements.version.value;
      for (const pair of edit.fields) if (pair[0].startsWith("v-")) pair[1] = seen(pair[0]) ?? pair[1];
    }
  }

  // Goes on after a conflict was settled.
  resume() {
    this.#halt = "";
    this.#tell();
    this.#run();
  }

  // Tries again now, with a fresh token when the session had ended.
  async retry() {
    if (this.#busy || ["", "conflict"].includes(this.#halt)) return;
    clearTimeout(this.#timer);
    this.#busy = true;
    try {
      this.#halt = PASSING.includes(this.#halt) ? "" : await refresh();
    } catch {
      this.#lose();
    }
    this.#busy = false;
    this.#tell();
    this.#run();
  }

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#waiting.length && !this.#halt) {
      try {
        await this.#send(this.#waiting[0]);
      } catch {
        this.#lose();
      }
      this.#tell();
    }
    this.#busy = false;
  }

  async #send(edit) {
    const response = await post(edit);
    if (BUSY.includes(response.status)) return this.#lose("busy");
    if (response.status >= 500) return this.#fail(edit);
    const answer = await read(response);
    this.#pause = 1;
    const forged = response.status === 403 && (answer ? answer.csrf : !edit.tried);
    const away = response.status === 401 || forged || (response.ok && !answer);
    if (away) return this.#askWhoIsThere(edit);
    this.#waiting.shift();
    this.#refused = !response.ok;
    if (response.status === 409 && answer) this.#halt = "conflict";
    const came = response.ok ? "done" : this.#halt ? "conflict" : "refused";
    this.#report(came, edit, answer ?? {});
  }

  // A page that fails to show an answer must not make an edit that was saved look unsent.
  #report(came, edit, answer) {
    try {
      this.on[came](edit, answer);
    } catch (error) {
      if (this.#halt === "conflict") this.#halt = "";
      reportError(error);
    }
  }

  // The session may be back already, through another tab: the first time that is tried without a word.
  async #askWhoIsThere(edit) {
    const trouble = edit.tried ? "signed out" : await refresh();
    edit.tried = !trouble;
    this.#halt = trouble;
  }

  // An edit that the server can't carry out goes, at last, so that those behind it get through.
  #fail(edit) {
    edit.failures = (edit.failures ?? 0) + 1;
    if (edit.failures < TRIES) return this.#lose("failing");
    this.#waiting.shift();
    this.#pause = 1;
    this.#refused = true;
    return this.#report("failed", edit, {});
  }

  #lose(trouble = "offline") {
    this.#halt ||= trouble;
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_S);
    if (PASSING.includes(this.#halt)) this.#timer = setTimeout(() => this.retry(), this.#pause * 1000);
  }

  #tell() {
    this.on.state({ halt: this.#halt, waiting: this.waiting, refused: this.#refused });
  }
}
