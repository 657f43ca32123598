// Answers for the patient's page when the network doesn't. It keeps nothing of itself but fresh copies of the page;
// home.js keeps the rest.

const CACHE = "home";
const HOME = "/p/";
const PICTURE = /^\/p\/(figures|motion)\//;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === HOME) event.respondWith(page(request));
  } else if (PICTURE.test(pathname)) {
    event.respondWith(kept(request));
  } else if (pathname !== HOME) {
    event.respondWith(fresh(request));
  }
});

/** The page from the site; the kept one without a network or after a visit; a link that ended takes it away. */
async function page(request) {
  const cache = await caches.open(CACHE);
  let answer;
  try {
    answer = await fetch(request);
  } catch (reason) {
    const known = await cache.match(HOME);
    if (known) return known;
    throw reason;
  }
  if (answer.ok) await cache.put(HOME, answer.clone());
  if (answer.status === 404) await caches.delete(CACHE);
  if (answer.status === 401 || answer.status >= 500) return (await cache.match(HOME)) ?? answer;
  return answer;
}

async function kept(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

async function fresh(request) {
  try {
    return await fetch(request);
  } catch (reason) {
    const known = await caches.match(request, { ignoreVary: true });
    if (known) return known;
    throw reason;
  }
}
