// Notes that wait on this phone until the site has them: ticks and scores, by link. One per exercise or score and day.

const STORE = "notes";
const LONGEST_MS = 30 * 24 * 60 * 60 * 1000;

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("home", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function ask(mode, act) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const work = database.transaction(STORE, mode);
      const asked = act(work.objectStore(STORE));
      work.oncomplete = () => resolve(asked?.result);
      work.onabort = work.onerror = () => reject(work.error);
    });
  } finally {
    database.close();
  }
}

/** Keep a note; it takes the place of an earlier one of the same exercise, or score, and day. */
export function keep(link, note) {
  const id = [link, note.kind, note.day, note.number ?? ""].join(" ");
  return ask("readwrite", (store) => store.put({ id, link, note }));
}

/** The link's notes that wait, oldest first. */
export async function waiting(link) {
  const rows = (await ask("readonly", (store) => store.getAll())) ?? [];
  const own = rows.filter((row) => row.link === link && Date.now() - Date.parse(row.note.at) < LONGEST_MS);
  return own.sort((one, other) => one.note.at.localeCompare(other.note.at));
}

/** Let go of notes that the site has; one that was changed meanwhile stays. */
export async function sent(rows) {
  for (const row of rows) {
    await ask("readwrite", (store) => {
      const asked = store.get(row.id);
      asked.onsuccess = () => {
        if (asked.result?.note.at === row.note.at) store.delete(row.id);
      };
      return asked;
    });
  }
}
