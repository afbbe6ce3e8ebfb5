//! What the agents of a bench say: the lines of the shipped plans, and the codebook's own examples.

use anyhow::Context;
use scenario::Move;
use talk::Codebook;

/// The shipped scenarios with their plans.
const SHIPPED: [(&str, &str, &str); 3] = [
    (
        "licence-suspended",
        include_str!("../../content/scenarios/licence-suspended.scenario"),
        include_str!("../../content/scenarios/licence-suspended.plan"),
    ),
    (
        "locked-out-again",
        include_str!("../../content/scenarios/locked-out-again.scenario"),
        include_str!("../../content/scenarios/locked-out-again.plan"),
    ),
    (
        "the-form-is-still-on-the-table",
        include_str!("../../content/scenarios/the-form-is-still-on-the-table.scenario"),
        include_str!("../../content/scenarios/the-form-is-still-on-the-table.plan"),
    ),
];

/// A scenario and what its good agent says, in order.
#[derive(Clone, Debug)]
pub struct Script {
    pub scenario: &'static str,
    pub lines: Vec<String>,
}

pub fn codebook() -> anyhow::Result<Codebook> {
    Codebook::parse(coder::CODEBOOK).context("the shipped codebook")
}

/// Scenario and plan, read.
pub fn shipped(book: &Codebook) -> anyhow::Result<Vec<(scenario::Program, scenario::Plan)>> {
    let read = |(id, scenario, plan): (&str, &str, &str)| {
        let (program, _) = scenario::parse_scenario(&format!("{id}.scenario"), scenario, book);
        let program = program.with_context(|| format!("{id}.scenario"))?;
        let (plan, _) = scenario::parse_plan(&format!("{id}.plan"), plan, Some(&program));
        Ok((program, plan.with_context(|| format!("{id}.plan"))?))
    };
    SHIPPED.into_iter().map(read).collect()
}

/// What is said in live calls: the good agents' lines.
pub fn scripts() -> anyhow::Result<Vec<Script>> {
    let book = codebook()?;
    let scripts = SHIPPED.iter().zip(shipped(&book)?).map(|((id, ..), (_, plan))| {
        let good =
            plan.agents.into_iter().next().with_context(|| format!("{id}.plan has no agent"))?;
        let lines = good.moves.into_iter().filter_map(|step| match step {
            Move::Say(text) => Some(text),
            Move::EndCall => None,
        });
        Ok(Script { scenario: id, lines: lines.collect() })
    });
    scripts.collect()
}

/// Turns as somebody would transcribe them: every line of every plan, and the codebook's examples.
pub fn transcript() -> anyhow::Result<Vec<String>> {
    let book = codebook()?;
    let mut lines: Vec<String> = Vec::new();
    for (_, plan) in shipped(&book)? {
        for step in plan.agents.into_iter().flat_map(|agent| agent.moves) {
            if let Move::Say(text) = step {
                lines.push(text);
            }
        }
    }
    for entry in &book.codes {
        lines.extend(entry.positive.iter().cloned());
        lines.extend(entry.near_miss.iter().map(|near| near.text.clone()));
    }
    anyhow::ensure!(!lines.is_empty(), "the plans and the codebook hold no lines");
    Ok(lines)
}
