// Security as a browser sees it: cookies, policy, other people's calls, words that would like to be markup, other sites.
import { request as httpRequest } from "node:http";
import { say, speak, takeCall, toDebrief } from "../journey.js";
import { expect, test } from "../practice.js";

const NOT_FOUND = "There is nothing here";

test("nobody else sees a call: not another agent, not the admin", async ({ site, people, rooms, visit, allowed }) => {
  allowed.push(/status of 404/);
  const { over, branch, going } = rooms.calls;
  for (const who of [people.other, people.admin]) {
    const page = await visit({ as: who });
    for (const path of [over, going, branch, `${over}/debrief`, `${branch}/futures`, `${over}x`]) {
      const answer = await page.goto(`${site.origin}${path}`);
      expect(answer.status(), `${who.name}, ${path}`).toBe(404);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(NOT_FOUND);
    }
    const own = await page.goto(`${site.origin}/`);
    expect(own.status()).toBe(200);
    await expect(page.locator(`a[href^="${over}"]`)).toHaveCount(0);
  }
});

test("nobody else can act on a call either", async ({ site, people, rooms, visit }) => {
  const { over, going } = rooms.calls;
  const page = await visit({ as: people.admin });
  await page.goto(`${site.origin}/account`);
  const csrf = await page.locator("main input[name=csrf]").first().inputValue();
  for (const [path, form] of [[`${going}/say`, { turn: "3", said: "Hello" }], [`${going}/end`, {}], [`${going}/stop`, {}], [`${over}/rewind`, { turn: "1" }], [`${over}/disagree`, { turn: "1", code: "OPEN_Q" }]]) {
    const answer = await page.request.post(`${site.origin}${path}`, { form: { csrf, ...form }, maxRedirects: 0 });
    expect(answer.status(), path).toBe(404);
  }
  const owner = await visit({ as: people.agent });
  await owner.goto(`${site.origin}${over}/debrief`);
  await expect(owner.locator(".debrief h1")).toBeVisible();
});

test("the cookie of a sign-in is closed to scripts and bound to the site", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  await page.goto(`${site.origin}/`);
  const cookies = await page.context().cookies();
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) {
    expect(cookie, cookie.name).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
  }
  expect(await page.evaluate(() => document.cookie)).toBe("");
});

test("a script that slips into a page does not run", async ({ site, people, visit, allowed }) => {
  allowed.push(/Content Security Policy/, /status of 404/);
  const page = await visit({ as: people.agent });
  const answer = await page.goto(`${site.origin}/`);
  const policy = answer.headers()["content-security-policy"];
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.slipped = true";
    document.head.append(script);
    const link = document.createElement("div");
    link.innerHTML = '<img src="x" onerror="window.slipped = true">';
    document.body.append(link);
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(Boolean(window.slipped)))));
  });
  expect(ran).toBe(false);
});

for (const javaScriptEnabled of [true, false]) {
  test(`markup in what somebody says stays words, ${javaScriptEnabled ? "with script" : "without script"}`, async ({ site, people, visit }) => {
    const page = await visit({ as: people.other, javaScriptEnabled });
    const words = "</textarea><b>I'm sorry</b> <img src=x onerror=alert(1)> & \"you\" what happened?";
    await takeCall(page, site, "licence-suspended", { whisper: true });
    await say(page, words);
    await expect(page.locator("#talk .you .words")).toHaveText(words);
    await speak(page, { said: [], endsCall: true });
    await toDebrief(page);
    await expect(page.locator(".transcript .you .words").first()).toHaveText(words);
    await expect(page.locator("main img, main b")).toHaveCount(0);
  });
}

test("a form without its token is refused with a page that says why", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  const answer = await page.request.post(`${site.origin}/scenarios/licence-suspended/start`, { form: {}, maxRedirects: 0 });
  expect(answer.status()).toBe(403);
  expect(await answer.text()).toContain("988");
});

/** The status that an upgrade to the call's socket gets, from a page of `origin`. */
const upgrade = (site, path, cookie, origin) =>
  new Promise((done, fail) => {
    const headers = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", Cookie: cookie, Origin: origin };
    const request = httpRequest(`${site.origin}${path}/live`, { headers });
    request.on("upgrade", (answer, socket) => {
      socket.destroy();
      done(answer.statusCode);
    });
    request.on("response", (answer) => {
      answer.resume();
      done(answer.statusCode);
    });
    request.on("error", fail);
    request.end();
  });

test("the live call answers its own pages and its owner only", async ({ site, people, rooms }) => {
  const cookieOf = ({ state }) => state.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const { going } = rooms.calls;
  expect(await upgrade(site, going, cookieOf(people.agent), site.origin)).toBe(101);
  expect(await upgrade(site, going, cookieOf(people.agent), "https://elsewhere.example")).toBe(403);
  expect(await upgrade(site, going, cookieOf(people.other), site.origin)).toBe(404);
  expect(await upgrade(site, going, "", site.origin)).not.toBe(101);
});

test("a broken cookie counts as none", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  const cookies = await page.context().cookies();
  await page.context().addCookies(cookies.map((cookie) => ({ ...cookie, value: "\u00a1broken" })));
  await page.goto(`${site.origin}/`);
  await expect(page).toHaveURL(/sign-in/);
  await expect(page.getByLabel("Login")).toBeVisible();
});

test("a deleted call is gone", async ({ site, people, visit, allowed }) => {
  allowed.push(/status of 404/);
  const page = await visit({ as: people.other });
  const path = await takeCall(page, site, "locked-out-again");
  await say(page, "Good morning, what happened?");
  await speak(page, { said: [], endsCall: true });
  await toDebrief(page);
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Delete this call" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Practise a hard call");
  const answer = await page.goto(`${site.origin}${path}/debrief`);
  expect(answer.status()).toBe(404);
});
