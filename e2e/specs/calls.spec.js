// Each scenario, played by its plan's agents in a real browser, with script and without.
import { expectEnd, outcome, speak, takeCall, toDebrief } from "../journey.js";
import { IDS, plan } from "../plans.js";
import { expect, test } from "../practice.js";

const LEAST = /at least ([\d.]+)/;
const MOST = /at most ([\d.]+)/;
const SAFETY = {
  no_cue: "no cue came up",
  kept: "you asked, stayed and acted",
  asked: "you asked; the next step was still missing",
  missed: "a cue went by without a question",
  breached: "a safety step was missing where it mattered",
};

/** The number beside "felt heard" keeps what the plan promises. */
const expectHeard = async (page, promise) => {
  const number = Number(/(\d+) out of 100/.exec(await outcome(page, "Felt heard").innerText())[1]) / 100;
  const least = LEAST.exec(promise)?.[1];
  const most = MOST.exec(promise)?.[1];
  if (least) expect(number).toBeGreaterThanOrEqual(Number(least));
  if (most) expect(number).toBeLessThanOrEqual(Number(most));
};

const expectOutcome = async (page, planned) => {
  await expectEnd(page, planned.ends);
  await expect(page.locator(".five > div")).toHaveCount(5);
  await expectHeard(page, planned.heard);
  const allowed = planned.safety.split(", ").map((safety) => SAFETY[safety]);
  expect(allowed).toContain((await outcome(page, "Safety").innerText()).trim());
};

const preBrief = async (page, site, id) => {
  await page.goto(`${site.origin}/`);
  await page.locator(`.card a[href="/scenarios/${id}"]`).click();
  await expect(page.getByRole("heading", { name: "Before you begin" })).toBeVisible();
  await expect(page.getByText("You can stop at any time. Skipping leaves no trace.")).toBeVisible();
  await expect(page.getByText("Not reviewed by a clinician.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Not today" })).toHaveAttribute("href", "/");
  await page.getByLabel("Whisper").check();
  await page.getByRole("button", { name: "Take the call" }).click();
  await expect(page.locator("#talk .they").first()).toBeVisible();
};

/** Disagrees with the first strength: it is no strength then, the note stands beside its turn, and it can be taken back. */
const disagree = async (page) => {
  const strengths = page.locator("[aria-labelledby=strengths-title] .point");
  const quotes = () => strengths.locator("blockquote").allInnerTexts();
  const before = await quotes();
  const point = strengths.first();
  const turn = await point.locator(".receipt a").innerText();
  await point.locator("summary", { hasText: "I disagree" }).click();
  await point.getByLabel("Why, if you like").fill("I meant it as a plain question.");
  await point.getByRole("button", { name: "Say that you disagree" }).click();
  const noted = page.locator(`#turn-${turn} .disagreed`);
  await expect(noted).toBeVisible();
  await expect(noted).toContainText("Your note: “I meant it as a plain question.”");
  expect(await quotes()).not.toContain(before[0]);
  await noted.getByRole("button", { name: "Take that back" }).click();
  await expect(page.locator(".disagreed")).toHaveCount(0);
  expect(await quotes()).toEqual(before);
};

const readStory = async (page) => {
  const story = page.locator("details.story");
  await expect(story.locator(".story-in")).toBeHidden();
  await story.locator("summary").click();
  await expect(story.locator(".story-in p").first()).toBeVisible();
};

const readDebrief = async (page) => {
  await expect(page.getByRole("heading", { name: "What helped" })).toBeVisible();
  expect(await page.locator("[aria-labelledby=strengths-title] .point blockquote").count()).toBeGreaterThan(0);
  await expect(page.locator("[aria-labelledby=strengths-title] .receipt").first()).toContainText(/Turn \d+.*The coder is .*Rule/);
  await expect(page.getByRole("heading", { name: "One thing to try next" })).toBeVisible();
  await expect(page.getByRole("img", { name: /felt, turn by turn/ })).toBeVisible();
  await disagree(page);
  await readStory(page);
};

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with script" : "without script";
  for (const id of IDS) {
    test(`a good agent goes from the pre-brief of ${id} to its story, ${how}`, async ({ site, people, visit }) => {
      const page = await visit({ as: people.agent, javaScriptEnabled });
      const planned = plan(id, "good");
      await preBrief(page, site, id);
      await speak(page, planned);
      await toDebrief(page);
      await expectOutcome(page, planned);
      await readDebrief(page);
    });
  }
}

for (const id of IDS) {
  for (const agent of ["careless", "harmful"]) {
    test(`a ${agent} agent in ${id} comes to the end that the plan states`, async ({ site, people, visit }) => {
      const page = await visit({ as: people.agent });
      const planned = plan(id, agent);
      await takeCall(page, site, id);
      await speak(page, planned);
      await toDebrief(page);
      await expectOutcome(page, planned);
    });
  }
}

test("the whisper names what was just heard and which way it moved the caller", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  await takeCall(page, site, "licence-suspended", { whisper: true });
  await speak(page, { said: plan("licence-suspended", "good").said.slice(0, 1), endsCall: true });
  const heard = page.locator("#whisper-list li");
  await expect(heard.first()).toBeVisible();
  await expect(heard.first().locator("strong")).not.toBeEmpty();
  await expect(page.locator("#whisper-list .way").first()).toHaveText(/heard|trust|calmer|heated/);
});

test("without the whisper nothing is said about codes during the call", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  await takeCall(page, site, "licence-suspended", { whisper: false });
  await expect(page.locator("#whisper")).toHaveCount(0);
});

test("a paused call hides the talk and goes on where it was", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  await takeCall(page, site, "locked-out-again");
  await page.locator("#said").fill("Good morning, this");
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("heading", { name: "Paused" })).toBeVisible();
  await expect(page.locator("#talk")).toBeHidden();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.locator("#said")).toHaveValue("Good morning, this");
  await expect(page.locator("#said")).toBeFocused();
});

test("stopping to practise scores nothing and says so", async ({ site, people, visit }) => {
  const page = await visit({ as: people.agent });
  const path = await takeCall(page, site, "locked-out-again");
  await page.getByRole("button", { name: "Stop practising" }).click();
  await page.goto(`${site.origin}${path}/debrief`);
  await expect(page.getByText("Nothing in it is scored").first()).toBeVisible();
  await expect(page.locator(".five")).toHaveCount(0);
});
