//! A checked scenario made ready to be played: its program and the shelves on which questions, steps and
//! details are looked up by meaning. Built once per scenario, shared by all its calls.

use coder::meaning::Shelf;
use scenario::Program;

/// A scenario ready to be played.
pub struct Stage {
    pub program: Program,
    facts: Shelf,
    steps: Shelf,
    details: Shelf,
}

impl Stage {
    #[must_use]
    pub fn new(program: Program) -> Self {
        let facts = Shelf::new(labelled(program.caller.facts.iter().map(|fact| &fact.asks)));
        let steps = Shelf::new(labelled(program.caller.case.steps.iter().map(|s| &s.said_like)));
        let details =
            Shelf::new(labelled(program.aftermath.details.iter().map(|d| &d.caught_like)));
        Self { program, facts, steps, details }
    }

    /// The fact that a question asks for, and how near it came; `None` below the line.
    #[must_use]
    pub fn fact_asked(&self, text: &str) -> Option<(&scenario::Fact, f64)> {
        let (index, score) = self.facts.nearest(text, 1).into_iter().next()?;
        let fact = self.program.caller.facts.get(index)?;
        (score >= self.facts.line()).then_some((fact, score))
    }

    /// The steps of the case that a turn sounds like, nearest first.
    #[must_use]
    pub fn steps_like(&self, text: &str) -> Vec<&scenario::Step> {
        let steps = &self.program.caller.case.steps;
        near(&self.steps, text, steps.len()).filter_map(|index| steps.get(index)).collect()
    }

    /// The critical details that a turn shows to have been caught.
    #[must_use]
    pub fn details_like(&self, text: &str) -> Vec<&scenario::Detail> {
        let details = &self.program.aftermath.details;
        near(&self.details, text, details.len()).filter_map(|index| details.get(index)).collect()
    }
}

fn labelled<'a>(
    examples: impl Iterator<Item = &'a Vec<String>>,
) -> impl Iterator<Item = (usize, &'a str)> {
    examples.enumerate().flat_map(|(i, texts)| texts.iter().map(move |text| (i, text.as_str())))
}

fn near(shelf: &Shelf, text: &str, n: usize) -> impl Iterator<Item = usize> {
    let matches = shelf.nearest(text, n);
    matches.into_iter().filter(|(_, score)| *score >= coder::meaning::LINE).map(|(index, _)| index)
}
