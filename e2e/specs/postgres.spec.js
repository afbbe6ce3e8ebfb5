// One journey on PostgreSQL, when EVENKEEL_TEST_POSTGRES names one. The test makes a database of its own through psql.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { acceptLink, expectEnd, say, speak, takeCall, toDebrief } from "../journey.js";
import { plan } from "../plans.js";
import { expect, test } from "../practice.js";
import { Site } from "../site.js";

const POSTGRES = process.env.EVENKEEL_TEST_POSTGRES;
const SCENARIO = "licence-suspended";

const sql = (statement) => execFileSync("psql", [POSTGRES, "-v", "ON_ERROR_STOP=1", "-qc", statement], { stdio: ["ignore", "pipe", "pipe"] });

const journey = async ({ visit, allowed }) => {
  allowed.push(/WebSocket connection to .* failed/, /ERR_CONNECTION_REFUSED/);
  const name = `evenkeel_e2e_${randomBytes(6).toString("hex")}`;
  sql(`create database ${name}`);
  const database = new URL(POSTGRES);
  database.pathname = `/${name}`;
  const site = await Site.first({ database: database.href });
  try {
    const page = await visit();
    await acceptLink(page, site.adminLink, { name: "Ana Lopez", login: "ana" });
    const planned = plan(SCENARIO, "good");
    await takeCall(page, site, SCENARIO);
    await say(page, planned.said[0]);
    await site.kill();
    await expect(page.locator("#status")).toContainText("Reconnecting");
    await site.again();
    await expect(page.locator("#status")).toContainText("Connected again");
    await speak(page, { ...planned, said: planned.said.slice(1) });
    await toDebrief(page);
    await expectEnd(page, planned.ends);
    await expect(page.locator(".transcript .you")).toHaveCount(planned.said.length);
  } finally {
    await site.remove();
    sql(`drop database ${name} with (force)`);
  }
};

if (POSTGRES) test("on PostgreSQL a call outlives a killed server and comes to its end", journey);
