// Taking a turn again, and both futures side by side.
import { say, speak, toDebrief, wholeCall } from "../journey.js";
import { plan } from "../plans.js";
import { expect, test } from "../practice.js";

const SCENARIO = "licence-suspended";

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with script" : "without script";
  test(`a turn taken again gives a second future beside the first, ${how}`, async ({ site, people, visit }) => {
    const page = await visit({ as: people.agent, javaScriptEnabled });
    const first = await wholeCall(page, site, SCENARIO, "harmful");
    const better = plan(SCENARIO, "good").said;
    const before = plan(SCENARIO, "harmful").said;
    await page.locator("#turn-2").getByRole("button", { name: "Take this turn again" }).click();
    await expect(page.getByText("taken again from turn 2")).toBeVisible();
    await expect(page.locator("#talk .you")).toHaveCount(1);
    await expect(page.locator("#talk .you")).toContainText(before[0]);
    expect(await say(page, better[1])).toBe(2);
    await say(page, better[2]);
    await speak(page, { said: [], endsCall: true });
    await toDebrief(page);
    await page.getByRole("link", { name: "See both futures side by side" }).click();
    await expect(page.locator(".futures .lede")).toContainText("turn 2");
    const [old, fresh] = [page.locator(".side-by-side section").nth(0), page.locator(".side-by-side section").nth(1)];
    for (const future of [old, fresh]) {
      await expect(future.getByRole("img", { name: /felt/ })).toBeVisible();
      await expect(future.locator(".five > div")).toHaveCount(5);
    }
    const words = page.locator(".side-by-side").nth(1);
    await expect(words).toContainText(before[1]);
    await expect(words).toContainText(better[1]);
    await page.goto(`${site.origin}${first}/debrief`);
    await expect(page.locator(".transcript .turn .you").nth(1)).toContainText(before[1]);
  });
}
