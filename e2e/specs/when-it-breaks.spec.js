// No network, and a broken site: help stays one click away, and every page says what to do.
import { openSync, readdirSync, statSync, writeSync, closeSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { acceptLink } from "../journey.js";
import { expect, test } from "../practice.js";
import { Site } from "../site.js";

const BROKEN = [/ERR_CONNECTION_REFUSED/, /ERR_INTERNET_DISCONNECTED/, /WebSocket connection to .* failed/, /Failed to fetch/];

const kept = () => caches.match("/offline").then((page) => Boolean(page));

test("with the network gone the help page and the offline page still show the resources", async ({ visit, allowed }) => {
  allowed.push(...BROKEN);
  const site = await Site.first();
  try {
    const page = await visit();
    await page.goto(`${site.origin}/sign-in`);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await expect.poll(() => page.evaluate(kept)).toBe(true);
    await site.kill();
    await page.goto(`${site.origin}/help`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Help now");
    await expect(page.locator('main a[href^="tel:988"]').first()).toBeVisible();
    await page.goto(`${site.origin}/sign-in`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("No network just now");
    await expect(page.locator('main a[href^="tel:988"]').first()).toBeVisible();
    expect(await page.evaluate(() => getComputedStyle(document.body).fontSize)).not.toBe("16px");
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    await page.locator("#help > summary").click();
    await expect(page.locator("#help .help-panel")).toBeVisible();
  } finally {
    await site.remove();
  }
});

/** Overwrites the database, as a dying disk would. */
const spoil = (data) => {
  for (const name of readdirSync(data)) {
    if (!/\.sqlite(-wal)?$/.test(name)) continue;
    const path = join(data, name);
    const file = openSync(path, "r+");
    const size = statSync(path).size;
    if (size > 0) writeSync(file, Buffer.alloc(size, 0x55), 0, size, 0);
    closeSync(file);
  }
};

test("a broken database gives a page that says so, with help on it and no insides", async ({ visit, allowed }) => {
  allowed.push(/status of 5\d\d/);
  const site = await Site.first();
  try {
    const page = await visit();
    await acceptLink(page, site.adminLink, { name: "Ana Lopez", login: "ana" });
    spoil(site.data);
    const answer = await page.goto(`${site.origin}/people`);
    expect(answer.status()).toBeGreaterThanOrEqual(500);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Something broke|Busy just now/);
    await page.locator("#help > summary").click();
    await expect(page.locator('#help a[href^="tel:988"]').first()).toBeInViewport();
    expect(await page.locator("body").innerText()).not.toMatch(/sqlite|sqlx|panicked|\.rs\b/i);
    const help = await page.goto(`${site.origin}/help`);
    expect(help.status()).toBe(200);
  } finally {
    await site.remove();
  }
});
