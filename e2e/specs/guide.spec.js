// The pictures of docs/guide/first-call.md, taken from the real pages: GUIDE=1 npx playwright test guide
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { acceptLink, say, speak, takeCall, toDebrief } from "../journey.js";
import { plan } from "../plans.js";
import { expect, test } from "../practice.js";
import { Site } from "../site.js";

const IMAGES = fileURLToPath(new URL("../../docs/guide/images/", import.meta.url));
const BYTES_MAX = 1.2 * 1024 * 1024;
const DESKTOP = { width: 1100, height: 760 };
const PHONE = { width: 390, height: 780 };
const SCENARIO = "licence-suspended";

const shoot = async (page, name, { of, height, above = 0 } = {}) => {
  await page.evaluate(() => document.fonts.ready.then(() => true));
  const path = join(IMAGES, `${name}.png`);
  if (!of) return page.screenshot({ path, animations: "disabled", caret: "hide" });
  const box = await page.locator(of).first().evaluate((element) => {
    const { top, height } = element.getBoundingClientRect();
    return { top: top + scrollY, height };
  });
  const clip = { x: 0, y: Math.max(0, box.top - above), width: page.viewportSize().width, height: Math.min(height ?? box.height, 1000) };
  return page.screenshot({ path, fullPage: true, clip, animations: "disabled", caret: "hide" });
};

const mixedCall = async (page, site) => {
  const good = plan(SCENARIO, "good").said;
  const harsh = plan(SCENARIO, "harmful").said;
  await takeCall(page, site, SCENARIO, { whisper: true });
  for (const words of [good[0], good[1], harsh[2], good[2], good[3], good[4], good[5]]) await say(page, words);
};

const debriefPictures = async (page) => {
  await shoot(page, "debrief", { of: "main", height: 940 });
  await shoot(page, "debrief-points", { of: ".two", height: 900, above: 12 });
  await page.locator("#turn-3 summary").first().click();
  await shoot(page, "debrief-turns", { of: "#turn-3", height: 640, above: 16 });
};

const rewindPictures = async (page) => {
  await page.locator("#turn-3").getByRole("button", { name: /Take this turn again/ }).click();
  for (const words of plan(SCENARIO, "good").said.slice(2, 5)) await say(page, words);
  await speak(page, { said: [], endsCall: true });
  await toDebrief(page);
  await page.getByRole("link", { name: "See both futures side by side" }).click();
  await shoot(page, "futures", { of: "main", height: 900 });
};

test("the pictures of the guide show the real pages", async ({ visit }) => {
  test.setTimeout(180_000);
  mkdirSync(IMAGES, { recursive: true });
  const site = await Site.first();
  try {
    const page = await visit({ colorScheme: "light", viewport: DESKTOP });
    await acceptLink(page, site.adminLink, { name: "Dana Reyes", login: "dana" });
    const state = { state: await page.context().storageState() };
    await shoot(page, "first-page");
    await page.goto(`${site.origin}/scenarios/${SCENARIO}`);
    await shoot(page, "pre-brief", { of: "main", height: 820 });
    await mixedCall(page, site);
    await shoot(page, "call");
    const phone = await visit({ as: state, colorScheme: "light", viewport: PHONE });
    await phone.goto(page.url());
    await phone.locator("#talk .they").last().scrollIntoViewIfNeeded();
    await shoot(phone, "call-phone");
    const night = await visit({ as: state, colorScheme: "dark", viewport: DESKTOP });
    await night.goto(page.url());
    await night.locator("#help > summary").click();
    await shoot(night, "help-dark");
    await speak(page, { said: [], endsCall: true });
    await toDebrief(page);
    await debriefPictures(page);
    await rewindPictures(page);
  } finally {
    await site.remove();
  }
  const bytes = readdirSync(IMAGES).reduce((sum, name) => sum + statSync(join(IMAGES, name)).size, 0);
  expect(bytes).toBeLessThan(BYTES_MAX);
});
