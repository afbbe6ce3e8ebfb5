// Everything by keyboard alone: focus is always somewhere, and always seen.
import { PASSWORD } from "../journey.js";
import { plan } from "../plans.js";
import { expect, test } from "../practice.js";

const SCENARIO = "locked-out-again";
const STOPS_MAX = 90;

/** What has the focus, and whether one can see that it has. */
const focused = () => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const outlined = (element) => parseFloat(getComputedStyle(element).outlineWidth) > 0 && getComputedStyle(element).outlineStyle !== "none";
  // A card shows the focus of the link that fills it.
  const card = at.closest(".card");
  const box = at.getBoundingClientRect();
  const bar = document.querySelector(".desk")?.getBoundingClientRect();
  const covered = bar?.height > 0 && !at.closest(".desk") && box.top >= bar.top && box.bottom > 0;
  return {
    what: `${at.tagName.toLowerCase()}#${at.id} ${at.textContent.trim().slice(0, 30)}`,
    lost: at === document.body || at === document.documentElement,
    seen: outlined(at) || Boolean(card && outlined(card)) || style.boxShadow !== "none",
    covered: Boolean(covered),
  };
};

const expectFocusSeen = async (page) => {
  const at = await page.evaluate(focused);
  expect(at.lost, `focus is lost on ${page.url()}`).toBe(false);
  expect(at.seen, `focus cannot be seen on ${at.what}`).toBe(true);
  expect(at.covered, `focus is covered on ${at.what}`).toBe(false);
};

/** Presses Tab until `target` has the focus; every stop on the way must be visible. */
const tabTo = async (page, target) => {
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
    await expectFocusSeen(page);
  }
  throw new Error(`Tab does not reach ${target}`);
};

const speak = async (page, words, turn) => {
  await expect(page.locator("#said")).toBeFocused();
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("log").locator(`.they[data-turn="${turn}"] .words`)).toBeVisible();
  await expect(page.locator("#said")).toBeFocused();
};

const signInByKeys = async (page, site, login) => {
  await page.goto(`${site.origin}/sign-in`);
  await tabTo(page, page.getByLabel("Login"));
  await page.keyboard.type(login);
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Practise a hard call");
};

const helpByKeys = async (page) => {
  const summary = page.locator("#help > summary");
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    if (await summary.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press("Shift+Tab");
    await expectFocusSeen(page);
  }
  await page.keyboard.press("Enter");
  await expect(page.locator("#help .help-panel")).toBeVisible();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.getElementById("help").contains(document.activeElement))).toBe(true);
  await page.keyboard.press("Escape");
  await expect(page.locator("#help .help-panel")).toBeHidden();
  await expect(summary).toBeFocused();
};

test("a call from sign-in to a disagreement needs no mouse", async ({ site, people, visit }) => {
  const page = await visit();
  const said = plan(SCENARIO, "good").said;
  await signInByKeys(page, site, people.agent.login);
  await tabTo(page, page.locator(`.card a[href="/scenarios/${SCENARIO}"]`));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByLabel("Whisper"));
  await page.keyboard.press("Space");
  await tabTo(page, page.getByRole("button", { name: "Take the call" }));
  await page.keyboard.press("Enter");
  for (const turn of [1, 2, 3]) await speak(page, said[turn - 1], turn);
  await helpByKeys(page);
  await tabTo(page, page.getByRole("button", { name: "Put the phone down" }));
  await page.keyboard.press("Enter");
  await expect(page.locator("#over")).toBeFocused();
  await tabTo(page, page.getByRole("link", { name: "Look at the call" }));
  await page.keyboard.press("Enter");
  const point = page.locator(".two .point").first();
  await tabTo(page, point.locator("details.disagree > summary"));
  await page.keyboard.press("Enter");
  await tabTo(page, point.getByRole("textbox"));
  await page.keyboard.type("I meant something else.");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your note: “I meant something else.”").first()).toBeVisible();
});

test("new words of the caller land in a log that readers announce", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  await page.goto(`${site.origin}/scenarios/${SCENARIO}`);
  await page.getByRole("button", { name: "Take the call" }).click();
  const log = page.getByRole("log", { name: "The call so far" });
  await expect(log).toHaveAttribute("aria-live", "polite");
  await speak(page, plan(SCENARIO, "good").said[0], 1);
  await expect(log.locator(".you .words")).toHaveCount(1);
  await expect(page.getByRole("textbox", { name: "What do you say?" })).toBeFocused();
  await expect(page.locator("#status")).toHaveAttribute("role", "status");
});

test("pausing and going on keep the focus", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  await page.goto(`${site.origin}/scenarios/${SCENARIO}`);
  await page.getByRole("button", { name: "Take the call" }).click();
  await tabTo(page, page.getByRole("button", { name: "Pause" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Go on" })).toBeFocused();
  await expectFocusSeen(page);
  await page.keyboard.press("Enter");
  await expect(page.locator("#said")).toBeFocused();
});
