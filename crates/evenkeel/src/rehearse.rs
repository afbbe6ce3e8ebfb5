//! `evenkeel rehearse`: plays the planned agents and holds each call against its plan.

use std::io::Write;

use anyhow::bail;
use call::{Rehearsal, Stage};
use scenario::{Bound, Expect};
use serde::Serialize;
use talk::{Codebook, End, Event};

use crate::args::RehearseArgs;
use crate::{Outcome, content, output};

#[derive(Serialize)]
struct RehearsalRow<'a> {
    scenario: &'a str,
    agent: &'a str,
    seed: u64,
    end: &'a str,
    heard: f64,
    trust: f64,
    case: f64,
    safety: &'a str,
    expected: ExpectRow,
    met: bool,
}

#[derive(Serialize)]
struct ExpectRow {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ends: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heard: Option<BoundRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<BoundRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<BoundRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    safety: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum BoundRow {
    AtLeast(f64),
    AtMost(f64),
}

impl BoundRow {
    fn new(bound: Bound) -> Self {
        match bound {
            Bound::AtLeast(value) => BoundRow::AtLeast(value),
            Bound::AtMost(value) => BoundRow::AtMost(value),
        }
    }
}

pub fn run(args: &RehearseArgs) -> anyhow::Result<Outcome> {
    let book = content::codebook()?;
    let coder = content::coder()?;
    let names =
        if args.scenarios.is_empty() { content::scenario_ids() } else { args.scenarios.clone() };
    let mut writer = output::writer(None)?;
    let mut missed = false;
    for name in names {
        let pair = content::pair(&name, &book)?;
        let Some(plan) = pair.plan else {
            bail!("{name} has no plan beside it; write {name}.plan, or leave it out");
        };
        for agent in &plan.agents {
            for seed in &agent.seeds {
                let rehearsal = call::rehearse(&coder, &book, &pair.stage, agent, *seed)?;
                missed |= !rehearsal.met;
                let scenario = &pair.stage.program.id;
                if args.json {
                    let row = row(scenario, &rehearsal, &agent.expect);
                    serde_json::to_writer(&mut writer, &row)?;
                    writer.write_all(b"\n")?;
                } else {
                    tell(&mut writer, scenario, &rehearsal)?;
                }
                if args.transcript {
                    transcript(&mut writer, &book, &pair.stage, &rehearsal)?;
                }
            }
        }
    }
    writer.flush()?;
    Ok(if missed { Outcome::Findings } else { Outcome::Done })
}

fn row<'a>(scenario: &'a str, rehearsal: &'a Rehearsal, expect: &Expect) -> RehearsalRow<'a> {
    let outcome = &rehearsal.outcome;
    let round = |x: f64| (x * 1e4).round() / 1e4;
    RehearsalRow {
        scenario,
        agent: &rehearsal.agent,
        seed: rehearsal.seed.0,
        end: outcome.end.map_or("", End::as_str),
        heard: round(outcome.heard),
        trust: round(outcome.trust),
        case: round(outcome.case),
        safety: outcome.safety.as_str(),
        expected: ExpectRow {
            ends: expect.ends.iter().map(|end| end.as_str()).collect(),
            heard: expect.heard.map(BoundRow::new),
            trust: expect.trust.map(BoundRow::new),
            case: expect.case.map(BoundRow::new),
            safety: expect.safety.iter().map(|safety| safety.as_str()).collect(),
        },
        met: rehearsal.met,
    }
}

fn tell(writer: &mut dyn Write, scenario: &str, rehearsal: &Rehearsal) -> anyhow::Result<()> {
    let outcome = &rehearsal.outcome;
    let verdict = if rehearsal.met { "as planned" } else { "MISSED" };
    writeln!(
        writer,
        "{scenario:32} {:10} seed {:<4} {:15} heard {:.2}  trust {:.2}  case {:.2}  safety {:9} {verdict} {}",
        rehearsal.agent,
        rehearsal.seed.0,
        outcome.end.map_or("", End::as_str),
        outcome.heard,
        outcome.trust,
        outcome.case,
        outcome.safety.as_str(),
        rehearsal.misses.join(", "),
    )?;
    Ok(())
}

fn transcript(
    writer: &mut dyn Write,
    book: &Codebook,
    stage: &Stage,
    rehearsal: &Rehearsal,
) -> anyhow::Result<()> {
    let name = &stage.program.caller.name;
    for event in &rehearsal.events {
        match event {
            Event::Opened(opened) => {
                writeln!(writer, "    {name}: {}", crate::play::words(&opened.reply))?;
            }
            Event::Said { text, .. } => writeln!(writer, "    agent: {text}")?,
            Event::Coded(coded) => writeln!(writer, "      {}", crate::play::codes(coded))?,
            Event::Noticed(noticed) => {
                if let Some(line) = crate::play::noticed(noticed) {
                    writeln!(writer, "      {line}")?;
                }
            }
            Event::Felt(felt) => writeln!(writer, "      {}", crate::play::mood(book, &felt.mood))?,
            Event::Replied { reply, .. } => {
                writeln!(writer, "    {name}: {}  <{}>", crate::play::words(reply), reply.act)?;
            }
            Event::Ended { end, .. } => writeln!(writer, "    ({})", end.as_str())?,
            Event::Disagreed { .. } => {}
        }
    }
    writeln!(writer)?;
    Ok(())
}
