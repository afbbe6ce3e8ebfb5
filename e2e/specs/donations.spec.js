// A disputed item is its owner's until they give it away; then a trainer sees its words without a name, and judges it.
import { giveFirst, wholeCall } from "../journey.js";
import { IDS } from "../plans.js";
import { expect, test } from "../practice.js";

const NOTE = "That was a question about the dates.";

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with script" : "without script";
  test(`an item is given, judged without a name, and taken back, ${how}`, async ({ site, people, visit }) => {
    const page = await visit({ as: people.agent, javaScriptEnabled });
    const note = `${NOTE} ${how}`;
    await wholeCall(page, site, IDS[0], "good");
    const given = await giveFirst(page, note);
    const trainer = await visit({ as: people.trainer, javaScriptEnabled });
    await trainer.goto(site.origin);
    await trainer.getByRole("link", { name: "Given items" }).click();
    const item = trainer.locator(".given", { hasText: note });
    await expect(item).toHaveCount(1);
    await expect(trainer.locator("main")).not.toContainText("Dana");
    await item.getByRole("button", { name: "The code is wrong" }).click();
    await expect(item).toContainText("Judged: the code is wrong.");
    await given.getByRole("button", { name: "Take the item back" }).click();
    await expect(page.getByText("You gave this item")).toHaveCount(0);
    await trainer.reload();
    await expect(item).toHaveCount(0);
  });
}
