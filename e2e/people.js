// The steps of whoever looks after accounts: adding somebody, importing a file. Called by journeys and by what they are given.
import { expect } from "@playwright/test";

/** Adds one person; returns the invitation link that the page shows once. */
export const addPerson = async (page, site, { name, login, role }) => {
  await page.goto(`${site.origin}/people/add`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Role").selectOption(role);
  await page.getByRole("button", { name: "Add and make a link" }).click();
  return handedLink(page);
};

/** The link on a page that hands one over. */
export const handedLink = async (page) => {
  await expect(page.getByText("It is shown now and never again.")).toBeVisible();
  return (await page.locator("main .card code").innerText()).trim();
};

/** Puts rows into the import page and looks at the check. */
export const checkRows = async (page, site, csv) => {
  await page.goto(`${site.origin}/people/import`);
  await page.getByLabel("File", { exact: true }).setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.getByRole("button", { name: "Look at it first" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Check before adding");
};
