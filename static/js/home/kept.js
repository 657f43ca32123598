// What is kept of the page on this phone: the page with all it shows, for when there is no network.

const CACHE = "home";

/** Keep the page as the site shows it now, and all that the open one loaded. */
export async function keepPage(home) {
  if (!("caches" in window)) return;
  const page = await fetch(home, { credentials: "same-origin" });
  if (!page.ok) return;
  const cache = await caches.open(CACHE);
  await cache.put(home, page);
  await keepPictures();
}

/** Keep what the page that is open loaded: pictures, style, scripts. */
export async function keepPictures() {
  if (!("caches" in window)) return;
  const cache = await caches.open(CACHE);
  const shown = [...document.querySelectorAll("img[src], link[rel=stylesheet], link[rel=icon], link[rel=modulepreload], script[src]")];
  const loaded = performance.getEntriesByType("resource").filter((entry) => /\.(css|js|ttf|svg|png)(\?|$)/.test(entry.name));
  const addresses = new Set([...shown.map((one) => one.src || one.href), ...loaded.map((entry) => entry.name)]);
  const own = [...addresses].filter((address) => new URL(address, location.href).origin === location.origin);
  await Promise.all(own.map(async (address) => {
    if (await cache.match(address)) return;
    const found = await fetch(address, { credentials: "same-origin" });
    if (found.ok) await cache.put(address, found);
  }));
}

/** Take away all that is kept: page, pictures, notes, and the worker. */
export async function forget() {
  if ("caches" in window) await caches.delete(CACHE);
  indexedDB.deleteDatabase("home");
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.filter((one) => new URL(one.scope).pathname === "/p/").map((one) => one.unregister()));
}
