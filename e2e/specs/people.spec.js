// Accounts: the first admin, invitations, many people from a file, recovery, resets, leavers.
import { readFile } from "node:fs/promises";
import { acceptLink, PASSWORD, signIn, wholeCall } from "../journey.js";
import { addPerson, checkRows, handedLink } from "../people.js";
import { expect, test } from "../practice.js";
import { Site } from "../site.js";

const heading = (page) => page.getByRole("heading", { level: 1 });

const signOut = async (page, site) => {
  await page.goto(`${site.origin}/account`);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
};

test("the printed link makes the first admin, once, and shows the recovery code once", async ({ visit, allowed }) => {
  const site = await Site.first();
  try {
    const page = await visit();
    const code = await acceptLink(page, site.adminLink, { name: "Ana Lopez", login: "ana" });
    expect(code.length).toBeGreaterThan(12);
    await page.goto(`${site.origin}/account`);
    await expect(page.getByText("Ana Lopez, login ana, admin.")).toBeVisible();
    expect(await page.content()).not.toContain(code);
    await signOut(page, site);
    await signIn(page, site, "ana");
    await expect(heading(page)).toHaveText("Practise a hard call");
    allowed.push(/status of 4\d\d/);
    const stranger = await visit();
    const again = await stranger.goto(site.adminLink);
    expect(again.status()).toBeGreaterThanOrEqual(400);
    await expect(stranger.getByLabel("Password")).toHaveCount(0);
  } finally {
    await site.remove();
  }
});

test("an agent accepts an invitation from the admin and practises", async ({ site, people, visit }) => {
  const admin = await visit({ as: people.admin });
  const link = await addPerson(admin, site, { name: "Lee Ito", login: "lee", role: "agent" });
  const page = await visit();
  await page.goto(link);
  await expect(page.getByText("Hello Lee Ito. Your login is lee.")).toBeVisible();
  await acceptLink(page, link);
  await expect(page.getByRole("link", { name: "Lee Ito" })).toBeVisible();
  await expect(page.getByRole("link", { name: "People" })).toHaveCount(0);
});

test("a wrong password is told apart from nothing", async ({ site, people, visit, allowed }) => {
  allowed.push(/status of 422/);
  const page = await visit();
  await signIn(page, site, people.agent.login, "not the password at all");
  await expect(page.getByRole("alert")).toContainText("do not go together");
  await expect(page.getByLabel("Login")).toHaveValue(people.agent.login);
  await signIn(page, site, "nobody-of-that-name", "not the password at all");
  await expect(page.getByRole("alert")).toContainText("do not go together");
});

test("a file with faults adds nobody and names each place", async ({ site, people, visit, allowed }) => {
  allowed.push(/status of 422/);
  const page = await visit({ as: people.admin });
  await checkRows(page, site, "login,name,role\nrow.one,Row One,agent\ndana,Dana Again,agent\nrow.two,Row Two,boss\n");
  await expect(page.getByRole("alert")).toContainText("Nobody was added");
  const rows = page.locator("tbody tr");
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(0)).toContainText("dana");
  await expect(rows.nth(1)).toContainText("boss");
  await page.goto(`${site.origin}/people`);
  await expect(page.getByText("Row One")).toHaveCount(0);
});

test("a file without faults adds everybody after a look, with a link each", async ({ site, people, visit }) => {
  const page = await visit({ as: people.admin });
  await checkRows(page, site, "login,name,role\ncsv.a,Ada Csv,agent\ncsv.b,Björn Csv,trainer\n");
  await expect(page.getByText("Nobody has been added yet. This would add 2")).toBeVisible();
  await page.getByRole("button", { name: "Add 2 and make their links" }).click();
  await expect(heading(page)).toHaveText("Invitation links");
  const link = (await page.locator("tbody tr").first().locator("code").innerText()).trim();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as CSV, once" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(file).toContain(link);
  expect(file).toContain("Björn Csv");
  const ada = await visit();
  await acceptLink(ada, link);
  await expect(ada.getByRole("link", { name: "Ada Csv" })).toBeVisible();
});

test("a recovery code sets a new password and keeps all practice open", async ({ site, people, visit }) => {
  const admin = await visit({ as: people.admin });
  const link = await addPerson(admin, site, { name: "Noor Haddad", login: "noor", role: "agent" });
  const page = await visit();
  const code = await acceptLink(page, link);
  await wholeCall(page, site, "locked-out-again", "harmful");
  await signOut(page, site);
  await page.goto(`${site.origin}/sign-in`);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByLabel("Login").fill("noor");
  await page.getByLabel("Recovery code").fill(code.toLowerCase());
  await page.getByLabel("New password").fill("another calm sentence");
  await page.getByRole("button", { name: "Set the new password" }).click();
  await expect(heading(page)).toHaveText("Your recovery code");
  expect((await page.locator(".recovery-code code").innerText()).trim()).not.toBe(code);
  await page.getByLabel("I have written the code down").check();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.locator(".past-call")).toHaveCount(1);
  await expect(page.getByText("your recovery code")).toHaveCount(0);
});

test("a reset locks earlier practice until the old recovery code, and tells the owner who did it", async ({ site, people, visit }) => {
  const admin = await visit({ as: people.admin });
  const link = await addPerson(admin, site, { name: "Omar Diaz", login: "omar", role: "agent" });
  const page = await visit();
  const code = await acceptLink(page, link);
  await wholeCall(page, site, "locked-out-again", "harmful");
  await admin.goto(`${site.origin}/people`);
  await admin.getByRole("link", { name: "Omar Diaz" }).click();
  await admin.getByRole("link", { name: "Start a reset" }).click();
  await admin.getByRole("button", { name: "Start the reset" }).click();
  const reset = await handedLink(admin);
  await page.goto(`${site.origin}/`);
  await expect(page).toHaveURL(/sign-in/);
  await acceptLink(page, reset, { password: "after the reset, calm" });
  await expect(page.getByText("Your password was reset by Ana Lopez")).toBeVisible();
  await expect(page.getByText("1 earlier call waits for")).toBeVisible();
  await expect(page.locator(".past-call")).toHaveCount(0);
  await page.goto(`${site.origin}/account`);
  await page.getByLabel("Recovery code").fill(code);
  await page.getByRole("button", { name: "Open my earlier practice" }).click();
  await page.goto(`${site.origin}/`);
  await expect(page.locator(".past-call")).toHaveCount(1);
});

test("a deactivated leaver is signed out at once and cannot come back in", async ({ site, people, visit, allowed }) => {
  allowed.push(/status of 4\d\d/);
  const admin = await visit({ as: people.admin });
  const link = await addPerson(admin, site, { name: "Pia Berg", login: "pia", role: "agent" });
  const page = await visit();
  await acceptLink(page, link);
  await admin.goto(`${site.origin}/people`);
  await admin.getByRole("link", { name: "Pia Berg" }).click();
  await admin.getByRole("button", { name: "Deactivate this account" }).click();
  await expect(admin.getByRole("button", { name: "Reactivate this account" })).toBeVisible();
  await page.goto(`${site.origin}/`);
  await expect(page).toHaveURL(/sign-in/);
  await signIn(page, site, "pia");
  await expect(page.getByRole("alert")).toContainText("do not go together");
});

test("another sign-in of one's own can be seen and ended", async ({ site, people, visit }) => {
  const here = await visit();
  await signIn(here, site, people.other.login);
  const there = await visit();
  await signIn(there, site, people.other.login, PASSWORD);
  await here.goto(`${site.origin}/account`);
  await expect(here.getByText("(this one)")).toHaveCount(1);
  await here.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(here.getByRole("button", { name: "Sign out everywhere else" })).toHaveCount(0);
  await there.goto(`${site.origin}/`);
  await expect(there).toHaveURL(/sign-in/);
  const fresh = await visit();
  await signIn(fresh, site, people.other.login);
  people.other.state = await fresh.context().storageState();
});
