// The demo: one printed link lets anybody in.
import { say, takeCall } from "../journey.js";
import { expect, test } from "../practice.js";
import { demo } from "../site.js";

test("the demo's printed link lets one in to practise", async ({ visit, allowed }) => {
  allowed.push(/status of 404/, /ERR_CONNECTION_REFUSED/, /error occurred when fetching the script/);
  const site = await demo();
  try {
    const page = await visit();
    await page.goto(site.link);
    const sam = page.getByRole("button", { name: /Sam Okafor/ });
    await expect(sam.or(page.getByRole("heading", { name: "Practise a hard call" })).first()).toBeVisible();
    if (await sam.isVisible()) await sam.click();
    await expect(page.getByRole("link", { name: "Sam Okafor" })).toBeVisible();
    await takeCall(page, site, "locked-out-again");
    await say(page, "Good morning, Lorna. What happened this morning?");
    const stranger = await visit();
    const answer = await stranger.goto(`${site.origin}/demo/not-the-secret`);
    expect(answer.status()).toBeGreaterThanOrEqual(400);
    expect(await site.stop()).toBe(0);
  } finally {
    await site.kill();
  }
});
