import { test } from "../practice.js";
import { enter } from "../rooms.js";
test("look", async ({ site, people, rooms, visit, allowed }) => {
  allowed.push(/./);
  for (const name of ["sign in", "account", "add a person", "add people from a file"]) {
    const room = rooms.list.find((r) => r.name === name);
    const page = await visit({ as: people[room.as], viewport: { width: 900, height: 900 } });
    await enter(page, site, room);
    await page.screenshot({ path: `/tmp/looks/x-${name.replace(/ /g, "_")}.png` });
  }
});
