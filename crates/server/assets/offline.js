// Keeps the help page, its looks and the offline page at hand. It stores nothing else: no call, no debrief, no form.

const SHELF = "help-2";
const KEPT = ["/help", "/offline"];

const keep = async () => {
  const shelf = await caches.open(SHELF);
  for (const path of KEPT) {
    const answer = await fetch(path, { credentials: "omit", cache: "reload" });
    if (!answer.ok) continue;
    const page = await answer.clone().text();
    await shelf.put(path, answer);
    // The page names its own style sheet and scripts, each with the hash of its content.
    const needs = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((found) => found[1]);
    await Promise.all([...new Set(needs)].map((path) => shelf.add(path).catch(() => {})));
  }
};

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const clear = async () => {
    for (const name of await caches.keys()) if (name !== SHELF) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(clear());
});

const page = async (request, path) => {
  try {
    return await fetch(request);
  } catch {
    const shelf = await caches.open(SHELF);
    const kept = (path === "/help" && (await shelf.match("/help"))) || (await shelf.match("/offline"));
    return kept ?? Response.error();
  }
};

const asset = async (request) => {
  try {
    return await fetch(request);
  } catch {
    const shelf = await caches.open(SHELF);
    return (await shelf.match(request)) ?? (await shelf.match(request, { ignoreSearch: true })) ?? Response.error();
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, url.pathname));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
});
