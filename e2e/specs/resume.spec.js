// The server is killed in the middle of a call and comes back: nothing that was answered is lost, nor what stands in the box.
import { acceptLink, say, speak, takeCall, toDebrief } from "../journey.js";
import { plan } from "../plans.js";
import { expect, test } from "../practice.js";
import { Site } from "../site.js";

const SCENARIO = "licence-suspended";
const LINES = plan(SCENARIO, "good").said;
const TRANSCRIPT = "#talk .words";

const withOwnSite = async (work) => {
  const site = await Site.first();
  try {
    await work(site);
  } finally {
    await site.remove();
  }
};

test("after the server was killed the page reconnects by itself and nothing is lost", async ({ visit, allowed }) => {
  allowed.push(/WebSocket connection to .* failed/, /ERR_CONNECTION_REFUSED/);
  await withOwnSite(async (site) => {
    const page = await visit();
    await acceptLink(page, site.adminLink, { name: "Ana Lopez", login: "ana" });
    await takeCall(page, site, SCENARIO);
    await say(page, LINES[0]);
    await say(page, LINES[1]);
    const before = await page.locator(TRANSCRIPT).allInnerTexts();
    await page.locator("#said").fill("You did what we told you,");
    await site.kill();
    await expect(page.locator("#status")).toContainText("Reconnecting");
    await expect(page.locator("#said")).toHaveValue("You did what we told you,");
    await site.again();
    await expect(page.locator("#status")).toContainText("Connected again");
    expect(await page.locator(TRANSCRIPT).allInnerTexts()).toEqual(before);
    await expect(page.locator("#said")).toHaveValue("You did what we told you,");
    await say(page, LINES[2]);
    await page.reload();
    expect((await page.locator(TRANSCRIPT).allInnerTexts()).slice(0, before.length)).toEqual(before);
    await expect(page.locator("#talk .you")).toHaveCount(3);
    await speak(page, { said: [], endsCall: true });
    await toDebrief(page);
    await expect(page.locator(".transcript .you")).toHaveCount(3);
  });
});

test("words sent while the server was away arrive once, when it is back", async ({ visit, allowed }) => {
  allowed.push(/WebSocket connection to .* failed/, /ERR_CONNECTION_REFUSED/);
  await withOwnSite(async (site) => {
    const page = await visit();
    await acceptLink(page, site.adminLink, { name: "Ana Lopez", login: "ana" });
    await takeCall(page, site, SCENARIO);
    await say(page, LINES[0]);
    await site.kill();
    await expect(page.locator("#status")).toContainText("Reconnecting");
    await page.locator("#said").fill(LINES[1]);
    await page.locator("#said").press("Enter");
    await expect(page.locator("#say")).toHaveAttribute("aria-busy", "true");
    await expect(page.locator("#said")).toHaveValue(LINES[1]);
    await site.again();
    await expect(page.locator('#talk .they[data-turn="2"]')).toBeAttached();
    await expect(page.locator("#talk .you")).toHaveCount(2);
    await expect(page.locator("#said")).toHaveValue("");
    await page.reload();
    await expect(page.locator("#talk .you")).toHaveCount(2);
  });
});

test("without script a reload takes the call up again", async ({ visit }) => {
  await withOwnSite(async (site) => {
    const page = await visit({ javaScriptEnabled: false });
    await acceptLink(page, site.adminLink, { name: "Ana Lopez", login: "ana" });
    await takeCall(page, site, SCENARIO);
    await say(page, LINES[0]);
    const before = await page.locator(TRANSCRIPT).allInnerTexts();
    await site.kill();
    await site.again();
    await page.reload();
    expect(await page.locator(TRANSCRIPT).allInnerTexts()).toEqual(before);
    await say(page, LINES[1]);
    await page.goto(`${site.origin}/`);
    await expect(page.getByRole("heading", { name: "A call is waiting for you" })).toBeVisible();
    await page.getByRole("link", { name: /^Go on with/ }).click();
    await expect(page.locator("#talk .you")).toHaveCount(2);
  });
});

test("a turn sent from a second, older window is not taken, and its words stay in the box", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent, javaScriptEnabled: false });
  const path = await takeCall(page, site, SCENARIO);
  const older = await page.context().newPage();
  await older.goto(`${site.origin}${path}`);
  await say(page, LINES[0]);
  await older.locator("#said").fill("Something else, from an old page.");
  await older.getByRole("button", { name: "Say it" }).click();
  await expect(older.getByText("This call went on elsewhere")).toBeVisible();
  await expect(older.locator("#talk .you")).toHaveCount(1);
  await expect(older.locator("#said")).toHaveValue("Something else, from an old page.");
});

test("an unsent draft outlives a reload", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  await takeCall(page, site, SCENARIO);
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible(); // The script is up.
  await page.locator("#said").pressSequentially("Half a sen");
  await page.reload();
  await expect(page.locator("#said")).toHaveValue("Half a sen");
});

test("words said before the server has greeted go out once", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  const sent = [];
  let release;
  const held = new Promise((done) => (release = done));
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      sent.push(JSON.parse(message));
      server.send(message);
    });
    server.onMessage(async (message) => {
      await held;
      socket.send(message);
    });
  });
  await takeCall(page, site, SCENARIO);
  await expect.poll(() => sent.length).toBe(1); // It asked how the call stands, and has no answer yet.
  await page.locator("#said").fill(LINES[0]);
  await page.locator("#said").press("Enter");
  await expect(page.locator("#say")).toHaveAttribute("aria-busy", "true");
  release();
  await expect(page.locator('#talk .they[data-turn="1"]')).toBeAttached();
  await say(page, LINES[1]);
  expect(sent.filter((frame) => frame.said !== undefined)).toHaveLength(2);
});
