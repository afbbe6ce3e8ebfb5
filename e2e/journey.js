// The steps that journeys share: what a person does on the pages, in the words of the pages. Asserts only what a step needs.
import { expect } from "@playwright/test";
import { END_WORDS, plan } from "./plans.js";

export const PASSWORD = "seven quiet otters rowing";

/** Takes a link (first admin, invitation, reset): password, recovery code, on to the first page. Returns the code. */
export const acceptLink = async (page, link, { name, login, password = PASSWORD } = {}) => {
  await page.goto(link);
  if (name) await page.getByLabel("Your name").fill(name);
  if (login) await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your recovery code");
  const code = (await page.locator(".recovery-code code").innerText()).trim();
  await page.getByLabel("I have written the code down").check();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Practise a hard call");
  return code;
};

export const signIn = async (page, site, login, password = PASSWORD) => {
  await page.goto(`${site.origin}/sign-in`);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
};

/** From the pre-brief into a call; returns the call's path. */
export const takeCall = async (page, site, scenario, { whisper = false } = {}) => {
  await page.goto(`${site.origin}/scenarios/${scenario}`);
  await page.getByLabel("Whisper").setChecked(whisper);
  await page.getByRole("button", { name: "Take the call" }).click();
  await expect(page.locator("#talk .they").first()).toBeVisible();
  return new URL(page.url()).pathname;
};

const isOver = (page) => page.locator("#over:not([hidden])").isVisible();

/** Says one thing and waits for the caller's answer. */
export const say = async (page, words) => {
  const turn = Number(await page.locator("#turn").inputValue());
  await page.locator("#said").fill(words);
  await page.getByRole("button", { name: "Say it" }).click();
  await expect(page.locator(`#talk .they[data-turn="${turn}"]`)).toBeAttached();
  await expect(page.locator("#over:not([hidden]), .desk:not([hidden]) #said:not([readonly])")).toBeVisible();
  return turn;
};

/** Speaks a plan's lines until the call is over, as its agent would. */
export const speak = async (page, { said, endsCall }) => {
  for (const words of said) {
    if (await isOver(page)) return;
    await say(page, words);
  }
  if (endsCall && !(await isOver(page))) await page.getByRole("button", { name: "Put the phone down" }).click();
  await expect(page.locator("#over")).toBeVisible();
};

export const toDebrief = async (page) => {
  await page.getByRole("link", { name: "Look at the call" }).click();
  await expect(page.locator(".debrief h1")).toBeVisible();
};

/** A whole call, to its debrief. Returns the call's path. */
export const wholeCall = async (page, site, scenario, agent = "good", options = {}) => {
  const path = await takeCall(page, site, scenario, options);
  await speak(page, plan(scenario, agent));
  await toDebrief(page);
  return path;
};

/** The end is one that the plan states, and the page says it in words. */
export const expectEnd = async (page, ends) => {
  const words = await page.locator(".debrief .lede").first().innerText();
  expect(ends.map((end) => END_WORDS[end])).toContain(words.trim());
};

/** One of the five, as its words and number: "fully 81 out of 100". */
export const outcome = (page, name) => page.locator(".five > div").filter({ has: page.locator("dt", { hasText: name }) }).locator("dd");

/** Disagrees with the first strength of an open debrief and gives that one item away. Returns the turn's part of the page. */
export const giveFirst = async (page, note) => {
  const point = page.locator("[aria-labelledby=strengths-title] .point").first();
  const turn = await point.locator(".receipt a").innerText();
  await point.locator("summary", { hasText: "I disagree" }).click();
  await point.getByLabel("Why, if you like").fill(note);
  await point.getByRole("button", { name: "Say that you disagree" }).click();
  const there = page.locator(`#turn-${turn}`);
  await there.locator("summary", { hasText: "Give this one item" }).first().click();
  await there.getByRole("button", { name: "Give this item" }).first().click();
  await expect(there.getByText("You gave this item")).toBeVisible();
  return there;
};
