// What each journey is given: a site of its worker, people who are there already, and pages that may not complain.
// Every page that `visit` opens is watched: an error or warning in its console fails the test, unless it was announced.
import { test as base, expect } from "@playwright/test";
import { acceptLink, PASSWORD } from "./journey.js";
import { addPerson } from "./people.js";
import { everyRoom } from "./rooms.js";
import { Site } from "./site.js";

/** Somebody with an account, and the browser state of being signed in. */
const settle = async (browser, link, person) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const code = await acceptLink(page, link, person.first ? person : {});
  const state = await context.storageState();
  await context.close();
  return { ...person, password: PASSWORD, code, state };
};

const invited = async (browser, site, admin, person) => {
  const context = await browser.newContext({ storageState: admin.state });
  const page = await context.newPage();
  const link = await addPerson(page, site, person);
  await context.close();
  return settle(browser, link, person);
};

const watch = (page, heard, allowed) => {
  const note = (words) => {
    if (!allowed.some((fits) => fits.test(words))) heard.push(words);
  };
  page.on("console", (message) => {
    if (["error", "warning", "assert"].includes(message.type())) note(`${message.type()} on ${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => note(`exception on ${page.url()}: ${error.message}`));
};

export const test = base.extend({
  site: [
    async ({}, use) => {
      const site = await Site.first();
      await use(site);
      await site.remove();
    },
    { scope: "worker", timeout: 90_000 },
  ],

  people: [
    async ({ browser, site }, use) => {
      const admin = await settle(browser, site.adminLink, { first: true, name: "Ana Lopez", login: "ana" });
      const agent = await invited(browser, site, admin, { name: "Dana Reyes", login: "dana", role: "agent" });
      const other = await invited(browser, site, admin, { name: "Kim Park", login: "kim", role: "agent" });
      const trainer = await invited(browser, site, admin, { name: "Noor Moss", login: "moss", role: "trainer" });
      await use({ admin, agent, other, trainer });
    },
    { scope: "worker", timeout: 90_000 },
  ],

  /** Every page of the site, made once for a worker. */
  rooms: [async ({ browser, site, people }, use) => use(await everyRoom(browser, site, people)), { scope: "worker", timeout: 120_000 }],

  /** Words that a page may say in its console in this test. */
  allowed: async ({}, use) => use([]),

  /** Opens a watched page: `visit({ as: people.agent, javaScriptEnabled: false, … })`. */
  visit: async ({ browser, allowed }, use) => {
    const contexts = [];
    const heard = [];
    await use(async ({ as, ...options } = {}) => {
      const context = await browser.newContext({ storageState: as?.state, viewport: { width: 1280, height: 900 }, locale: "en-US", ...options });
      contexts.push(context);
      context.on("page", (page) => watch(page, heard, allowed));
      return context.newPage();
    });
    for (const context of contexts) await context.close();
    expect(heard, "what the pages said in the console").toEqual([]);
  },
});

export { expect };
