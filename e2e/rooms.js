// Every page of the site, with who sees it, how to get there, and the status it answers with. The walks go through all of them.
import { giveFirst, say, speak, takeCall, wholeCall } from "./journey.js";
import { addPerson, checkRows } from "./people.js";
import { IDS, plan } from "./plans.js";

/** The paths that exist only once somebody has practised. */
const practised = async (browser, site, agent) => {
  const context = await browser.newContext({ storageState: agent.state });
  const page = await context.newPage();
  const good = plan(IDS[0], "good").said;
  const over = await wholeCall(page, site, IDS[0], "good");
  await giveFirst(page, "I meant it as a plain question.");
  await page.locator("#turn-9").getByRole("button", { name: "Take this turn again" }).click();
  const branch = new URL(page.url()).pathname;
  await say(page, plan(IDS[0], "harmful").said[0]);
  await speak(page, { said: [], endsCall: true });
  const cue = await wholeCall(page, site, IDS[2], "careless");
  const going = await takeCall(page, site, IDS[1], { whisper: true });
  await say(page, plan(IDS[1], "good").said[0]);
  await say(page, good[1]);
  const stopped = await takeCall(page, site, IDS[1]);
  await page.getByRole("button", { name: "Stop practising" }).click();
  await context.close();
  return { over, branch, cue, going, stopped };
};

const handed = async (browser, site, admin) => {
  const context = await browser.newContext({ storageState: admin.state });
  const page = await context.newPage();
  const link = await addPerson(page, site, { name: "Guest Guest", login: "guest", role: "trainer" });
  await page.goto(`${site.origin}/people`);
  const person = await page.getByRole("link", { name: "Guest Guest" }).getAttribute("href");
  await context.close();
  return { link: new URL(link).pathname, person };
};

const spoiltForm = (site) => async (page) => {
  await page.goto(`${site.origin}/sign-in`);
  await page.locator("main input[name=csrf]").evaluate((field) => (field.value = "spoilt"));
  await page.getByLabel("Login").fill("x");
  await page.getByLabel("Password").fill("x");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "This form has gone stale" }).waitFor();
};

/** A new name each time: too many failures for one name are slowed down. */
const wrongPassword = (site) => async (page) => {
  await page.goto(`${site.origin}/sign-in`);
  await page.getByLabel("Login").fill(`nobody${Date.now()}`);
  await page.getByLabel("Password").fill("x");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
};

const signedOut = (site, { link }) => [
  { name: "sign in", path: "/sign-in" },
  { name: "sign in, wrong", reach: wrongPassword(site) },
  { name: "get back in", path: "/recover" },
  { name: "an invitation", path: link },
  { name: "a link that does not work", path: "/link/nothing" },
  { name: "help", path: "/help" },
  { name: "privacy", path: "/privacy" },
  { name: "offline", path: "/offline" },
  { name: "not found", path: "/nothing-here" },
  { name: "a stale form", reach: spoiltForm(site) },
];

const forAgents = ({ over, branch, cue, going, stopped }) => [
  { name: "first page", path: "/" },
  ...IDS.map((id) => ({ name: `pre-brief of ${id}`, path: `/scenarios/${id}` })),
  { name: "what helps and what hurts", path: "/rubric" },
  { name: "a call", path: going },
  { name: "a call that is over", path: over },
  { name: "debrief", path: `${over}/debrief` },
  { name: "debrief with a missed cue", path: `${cue}/debrief` },
  { name: "debrief of a stopped call", path: `${stopped}/debrief` },
  { name: "debrief of a call that goes on", path: `${going}/debrief` },
  { name: "both futures", path: `${branch}/futures` },
  { name: "account", path: "/account" },
  { name: "not found, signed in", path: "/calls/nothing-here" },
  { name: "people, not open to an agent", path: "/people" },
  { name: "not in this way", path: `${going}/say` },
];

const forAdmins = (site, { person }) => [
  { name: "people", path: "/people" },
  { name: "add a person", path: "/people/add" },
  { name: "a link to hand over", reach: (page) => addPerson(page, site, { name: "Walked By", login: `walk${Date.now()}`, role: "agent" }) },
  { name: "add people from a file", path: "/people/import" },
  { name: "a file with faults", reach: (page) => checkRows(page, site, "login,name,role\ndana,Dana,agent\n") },
  { name: "a file without faults", reach: (page) => checkRows(page, site, "login,name,role\nfresh.one,Fresh One,agent\n") },
  { name: "what was done", path: "/people/audit" },
  { name: "a person", path: person },
  { name: "before a reset", path: `${person}/reset` },
];

const forTrainers = [{ name: "given items", path: "/donations" }];

/** Makes what the pages need, and lists them: `{ name, as, path | reach }`. */
export const everyRoom = async (browser, site, people) => {
  const calls = await practised(browser, site, people.agent);
  const guest = await handed(browser, site, people.admin);
  const as = (who, rooms) => rooms.map((room) => ({ ...room, as: who }));
  return { calls, list: [...as(undefined, signedOut(site, guest)), ...as("agent", forAgents(calls)), ...as("trainer", forTrainers), ...as("admin", forAdmins(site, guest))] };
};

/** Goes into a room. */
export const enter = async (page, site, room) => {
  if (room.reach) await room.reach(page);
  else await page.goto(`${site.origin}${room.path}`);
};
