// What holds on every page: crisis resources one click away, WCAG 2.2 AA by axe, no sideways scrolling, calm motion, quiet console.
import AxeBuilder from "@axe-core/playwright";
import { enter } from "../rooms.js";
import { expect, test } from "../practice.js";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const NARROW = { width: 320, height: 700 };
/** The help panel is the same everywhere; axe looks into it over three kinds of page. */
const HELP_LOOKED_AT = ["sign in", "first page", "a call"];
const STATUS = /status of 4\d\d/;

/** Walks through every room with one page per person, and looks at each. All findings are told together. */
const walk = async ({ site, people, rooms, visit }, options, look) => {
  const pages = new Map();
  for (const room of rooms.list) {
    if (!pages.has(room.as)) pages.set(room.as, await visit({ as: people[room.as], ...options }));
    const page = pages.get(room.as);
    await test.step(room.name, async () => {
      await enter(page, site, room);
      await look(page, room.name);
    });
  }
};

/** What axe finds, one line per element. */
const found = ({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} — ${node.failureSummary.replace(/\s+/g, " ").slice(0, 220)}`));

/** Looks from the top of the page, and holds it there: what has scrolled half under the header is not small. */
const axe = async (page, name) => {
  await page.evaluate(() => {
    Element.prototype.scrollTo.call(document.documentElement, { top: 0, behavior: "instant" });
    window.scrollTo = () => {};
  });
  const result = await new AxeBuilder({ page }).withTags(TAGS).setLegacyMode(true).analyze();
  expect.soft(found(result), name).toEqual([]);
};

const looks = [
  { name: "light on a desktop", colorScheme: "light", viewport: DESKTOP },
  { name: "dark on a desktop", colorScheme: "dark", viewport: DESKTOP },
  { name: "light on a phone", colorScheme: "light", viewport: PHONE },
  { name: "dark on a phone", colorScheme: "dark", viewport: PHONE },
];
for (const { name: look, ...options } of looks) {
  test(`axe finds nothing on any page, ${look}`, async ({ site, people, rooms, visit, allowed }) => {
    test.setTimeout(180_000);
    allowed.push(STATUS);
    await walk({ site, people, rooms, visit }, { reducedMotion: "reduce", ...options }, async (page, name) => {
      await axe(page, name);
      if (!HELP_LOOKED_AT.includes(name)) return;
      await page.locator("#help > summary").click();
      await axe(page, `${name}, help open`);
    });
  });
}

test("axe finds nothing with all parts of a debrief and a call unfolded", async ({ site, people, rooms, visit }) => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await visit({ as: people.agent, colorScheme, reducedMotion: "reduce" });
    for (const path of [rooms.calls.going, `${rooms.calls.over}/debrief`, `${rooms.calls.branch}/futures`]) {
      await page.goto(`${site.origin}${path}`);
      await page.locator("main").evaluate((main) => main.querySelectorAll("details").forEach((part) => (part.open = true)));
      await axe(page, `${path}, unfolded, ${colorScheme}`);
    }
  }
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with script" : "without script";
  test(`crisis resources are one click away on every page, ${how}`, async ({ site, people, rooms, visit, allowed }) => {
    test.setTimeout(120_000);
    allowed.push(STATUS);
    await walk({ site, people, rooms, visit }, { javaScriptEnabled, viewport: PHONE }, async (page, name) => {
      const panel = page.locator("#help .help-panel");
      await expect.soft(panel, name).toBeHidden();
      await expect.soft(page.locator("#help > summary"), name).toBeInViewport();
      await page.locator("#help > summary").click();
      await expect.soft(panel.locator('a[href^="tel:988"]').first(), name).toBeInViewport();
      await expect.soft(page.locator('footer a[href="/help"], #help a[href="/help"]').first(), name).toBeAttached();
    });
  });
}

test("every page has one main heading, a title, a language and a way past the header", async ({ site, people, rooms, visit, allowed }) => {
  test.setTimeout(120_000);
  allowed.push(STATUS);
  const titles = new Map();
  await walk({ site, people, rooms, visit }, {}, async (page, name) => {
    await expect.soft(page.locator("h1"), name).toHaveCount(1);
    await expect.soft(page.locator("main"), name).toHaveCount(1);
    await expect.soft(page.locator("html"), name).toHaveAttribute("lang", "en");
    titles.set(name, await page.title());
    await page.locator(".skip").focus();
    await expect.soft(page.locator(".skip"), name).toBeInViewport();
    await page.keyboard.press("Enter");
    await expect.soft(page.locator("#main"), name).toBeFocused();
  });
  for (const [name, title] of titles) expect.soft(title.split(" · ")[0].length, name).toBeGreaterThan(3);
});

/** What sticks out to the right, and by how much. Parts that scroll by themselves may hold wide things. */
const sticksOut = () => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return "";
  const scrolls = (element) => {
    for (let at = element; at; at = at.parentElement) if (/auto|scroll|hidden/.test(getComputedStyle(at).overflowX) && at !== document.body) return true;
    return false;
  };
  const outside = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element));
  const last = outside.at(-1);
  return `${wide} px too wide: ${outside.length} elements, such as <${last?.tagName.toLowerCase()} class="${last?.className}"> ${last?.textContent.trim().slice(0, 40)}`;
};

test("nothing scrolls sideways on a screen 320 px wide", async ({ site, people, rooms, visit, allowed }) => {
  test.setTimeout(120_000);
  allowed.push(STATUS);
  await walk({ site, people, rooms, visit }, { viewport: NARROW }, async (page, name) => {
    expect.soft(await page.evaluate(sticksOut), name).toBe("");
    await page.locator("#help > summary").click();
    expect.soft(await page.evaluate(sticksOut), `${name}, help open`).toBe("");
  });
});

test("text at twice its size fits every page, and grows", async ({ site, people, rooms, visit, allowed }) => {
  test.setTimeout(120_000);
  allowed.push(STATUS);
  // The size of the letters, not of the box: a heading that wrapped may stand on one line in a wider column.
  const letters = () => parseFloat(getComputedStyle(document.querySelector("h1")).fontSize);
  await walk({ site, people, rooms, visit }, {}, async (page, name) => {
    const before = await page.evaluate(letters);
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    expect.soft(await page.evaluate(letters), name).toBeGreaterThan(before * 1.2);
    expect.soft(await page.evaluate(sticksOut), name).toBe("");
  });
});

test("nothing moves for people who asked for less motion", async ({ site, people, rooms, visit, allowed }) => {
  test.setTimeout(120_000);
  allowed.push(STATUS);
  const moving = () => {
    const long = [...document.querySelectorAll("*")].filter((element) => {
      const { transitionDuration, animationDuration, animationName, scrollBehavior } = getComputedStyle(element);
      const seconds = (text) => Math.max(...text.split(",").map(parseFloat));
      return seconds(transitionDuration) > 0.01 || (animationName !== "none" && seconds(animationDuration) > 0.01) || scrollBehavior === "smooth";
    });
    return long.map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
  };
  await walk({ site, people, rooms, visit }, { reducedMotion: "reduce" }, async (page, name) => {
    expect.soft(await page.evaluate(moving), name).toEqual([]);
  });
});

test("the theme button changes the theme and the choice stays", async ({ site, visit }) => {
  const page = await visit({ colorScheme: "light" });
  await page.goto(`${site.origin}/sign-in`);
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.getByRole("button", { name: "Use the dark theme" }).click();
  await expect.poll(paper).not.toBe(light);
  await page.goto(`${site.origin}/help`);
  expect(await paper()).not.toBe(light);
  await page.getByRole("button", { name: "Use the light theme" }).click();
  await expect.poll(paper).toBe(light);
});
