// When an agent's own words sound like their own risk, practice stops: resources, a human, nothing kept.
import { say, takeCall } from "../journey.js";
import { expect, test } from "../practice.js";

const OWN_WORDS = "I can't do this any more, I want to kill myself tonight.";

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with script" : "without script";
  test(`one's own risk stops practice and stores none of the words, ${how}`, async ({ site, people, visit }) => {
    const page = await visit({ as: people.agent, javaScriptEnabled });
    const path = await takeCall(page, site, "licence-suspended");
    await say(page, "Good morning, this is Dana. How can I help?");
    await page.locator("#said").fill(OWN_WORDS);
    await page.getByRole("button", { name: "Say it" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Practice has stopped");
    await expect(page.locator(".care .resources")).toContainText("988");
    await expect(page.locator(".care")).toContainText("Ana Lopez, ext. 4410");
    await expect(page.locator("main")).not.toContainText("kill");
    for (const address of [`${path}/debrief`, path, "/"]) {
      await page.goto(`${site.origin}${address}`);
      expect(await page.content()).not.toContain("kill myself");
    }
    expect(site.log()).not.toContain("kill myself");
    await page.goto(`${site.origin}${path}/debrief`);
    await expect(page.getByText("Nothing in it is scored").first()).toBeVisible();
    await expect(page.locator(".five")).toHaveCount(0);
  });
}

test("asking a caller about suicide is not taken for one's own risk", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  await takeCall(page, site, "the-form-is-still-on-the-table");
  await say(page, "I'm worried about you. Are you thinking of killing yourself?");
  await expect(page.locator("#said")).toBeVisible();
});
