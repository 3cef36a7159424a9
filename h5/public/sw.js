// The shell of the pages offline. Pages come from the network and fall back on the last shell; files with a hash in
// their name are kept. Nothing of the API is ever kept: no order, no person, no price stays on the device.
const SHELL = "o2o-h5-shell";
const FILES = "o2o-h5-files";
const ASSETS = "/static/h5/assets/";
/** Files of old versions: more than this many are dropped, the oldest first. */
const MOST = 120;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.add("/h5/")).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname.startsWith("/h5/")) event.respondWith(page(request));
  else if (url.pathname.startsWith(ASSETS)) event.respondWith(file(request));
});

async function page(request) {
  try {
    const answer = await fetch(request);
    // every page is the same shell: one copy, without anybody's query
    if (answer.ok) await (await caches.open(SHELL)).put("/h5/", answer.clone());
    return answer;
  } catch (offline) {
    const kept = await caches.match("/h5/");
    if (kept) return kept;
    throw offline;
  }
}

async function file(request) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    await cache.put(request, answer.clone());
    const keys = await cache.keys();
    await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map((old) => cache.delete(old)));
  }
  return answer;
}
