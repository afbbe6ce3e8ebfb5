// Reads the agents' lines from content/scenarios/*.plan, so that the journeys say what the plans say.
import { readFileSync } from "node:fs";

const SCENARIOS = new URL("../content/scenarios/", import.meta.url);

/** Every scenario that ships, by id. */
export const IDS = ["licence-suspended", "locked-out-again", "the-form-is-still-on-the-table"];

/** One agent of a plan: what they say, whether they put the phone down, how the call may end. */
export const plan = (id, agent) => {
  const text = readFileSync(new URL(`${id}.plan`, SCENARIOS), "utf8");
  const part = text.split(`\n== ${agent} ==\n`)[1]?.split("\n== ")[0];
  if (!part) throw new Error(`${id}.plan has no agent ${agent}`);
  const lines = part.split("\n");
  const value = (key) => lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
  return {
    said: lines.filter((line) => line.startsWith("> ")).map((line) => line.slice(2)),
    endsCall: lines.includes("end the call"),
    ends: value("ends").split(", "),
    heard: value("heard"),
    safety: value("safety"),
  };
};

/** An end as the page says it. */
export const END_WORDS = {
  resolved: "The case is settled, and the caller said so.",
  agent_ended: "You put the phone down.",
  caller_hung_up: "The caller hung up.",
  caller_left: "The caller left quietly.",
  handed_over: "Somebody else has taken the caller over, with you on the line.",
  stopped_by_agent: "You stopped practising. Nothing is scored.",
};
