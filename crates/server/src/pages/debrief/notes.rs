//! The debrief's points, turns and counts as the page shows them: quotes marked in the agent's own words, receipts,
//! what moved. Made from `call::Debrief` and the state; decides nothing.

use call::debrief::{Counts, DetailSeen, Next, Point, StepSeen, TurnNotes};
use call::outcome::Critical;
use call::{Debrief, Exchange, State};
use talk::codebook::Valence;
use talk::{Affect, Codebook, Found, Level, Variable};

use super::super::call::Spoken;
use super::super::telling;
use crate::wire;

/// One receipt: what was heard, on which words, by which rule, and how sure the coder is.
#[derive(Clone, Debug, PartialEq)]
pub struct PointView {
    pub turn: u32,
    pub code: String,
    pub name: String,
    /// What was done, in plain words.
    pub short: String,
    pub quote: String,
    /// The quote is the caller's, left without an answer.
    pub missed: bool,
    pub say: String,
    pub rule: String,
    pub level: &'static str,
    pub sure: &'static str,
    pub confidence: String,
    pub effect: String,
    /// `helps`, `hurts` or `neutral`.
    pub kind: &'static str,
    pub disagreed: bool,
    pub note: String,
    /// The item was given so that the coder learns.
    pub donated: bool,
    /// What the caller said before, and the whole of what the agent said: all that is given.
    pub before: String,
    pub said: String,
    pub coder: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NextView {
    pub title: String,
    pub quote: String,
    pub say: String,
    pub instead: Vec<String>,
    pub turn: Option<u32>,
    pub point: Option<PointView>,
}

/// One turn with its notes.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnView {
    pub turn: u32,
    pub said: Vec<Piece>,
    pub reply: Spoken,
    pub points: Vec<PointView>,
    pub moved: String,
    pub causes: String,
    pub abstained: bool,
    pub turning_point: bool,
}

/// A stretch of what was said, marked when a code rests on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub marked: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriticalView {
    pub turn: u32,
    pub words: &'static str,
}

impl CriticalView {
    pub fn of(critical: &Critical) -> Self {
        Self { turn: critical.turn, words: telling::critical_words(critical) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    pub what: String,
    pub required: bool,
    pub turn: Option<u32>,
}

impl StepView {
    pub fn of(step: &StepSeen) -> Self {
        Self { what: step.what.clone(), required: step.required, turn: step.turn }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailView {
    pub what: String,
    pub state: &'static str,
    pub place: String,
}

impl DetailView {
    pub fn of(detail: &DetailSeen) -> Self {
        let offered = |turn: u32| match turn {
            0 => "in the first words".to_owned(),
            turn => format!("in the answer to turn {turn}"),
        };
        let (state, place) = match (detail.offered, detail.caught) {
            (Some(at), Some(turn)) => {
                ("caught", format!("Offered {}, caught in turn {turn}.", offered(at)))
            }
            (None, Some(turn)) => ("caught", format!("Caught in turn {turn}.")),
            (Some(at), None) => ("missed", format!("Offered {}.", offered(at))),
            (None, None) => (
                "not offered",
                "The caller never came to it. That is no fault of yours by itself.".to_owned(),
            ),
        };
        Self { what: detail.what.clone(), state, place }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountView {
    pub what: &'static str,
    pub n: String,
}

/// Numerators with their denominators (sourcebook 0, caution 3).
#[must_use]
pub fn counts(counts: &Counts) -> Vec<CountView> {
    let of = |what, n: u32, all: u32| CountView { what, n: format!("{n} of {all}") };
    let first = match counts.first_listening_turn {
        0 => "none".to_owned(),
        turn => format!("turn {turn} of {}", counts.n_turns),
    };
    let coded = counts.n_facilitative + counts.n_harmful;
    vec![
        of(
            "Complex reflections, of all reflections",
            counts.n_complex_reflections,
            counts.n_reflections,
        ),
        of("Open questions, of all questions", counts.n_open_questions, counts.n_questions),
        CountView {
            what: "Reflections to questions",
            n: format!("{} to {}", counts.n_reflections, counts.n_questions),
        },
        of("Helpful codes, of helpful and hurtful", counts.n_facilitative, coded),
        of("Turns that left something without an answer", counts.n_missed, counts.n_turns),
        CountView { what: "First turn that listened", n: first },
        of("Closed questions in a row, of turns", counts.longest_closed_run, counts.n_turns),
        CountView {
            what: "Your words, in turns",
            n: format!("{} in {}", counts.n_words, counts.n_turns),
        },
    ]
}

/// What the views are made from.
pub struct Notes<'a> {
    pub book: &'a Codebook,
    pub state: &'a State,
    pub debrief: &'a Debrief,
    /// Turn and code of what its owner gave away.
    pub donated: &'a [(u32, String)],
}

impl Notes<'_> {
    pub fn strengths(&self) -> Vec<PointView> {
        self.debrief.strengths.iter().map(|point| self.point(point)).collect()
    }

    pub fn next(&self) -> Option<NextView> {
        self.debrief.next.as_ref().map(|next| match next {
            Next::Code(point) => NextView {
                title: capital(&point.short),
                quote: point.quote.clone(),
                say: point.say.clone(),
                instead: point.instead.clone(),
                turn: Some(point.turn),
                point: Some(self.point(point)),
            },
            Next::Pattern { title, say, instead, turn } => NextView {
                title: title.clone(),
                quote: String::new(),
                say: say.clone(),
                instead: instead.clone(),
                turn: turn.filter(|turn| *turn >= 1),
                point: None,
            },
        })
    }

    pub fn turns(&self) -> Vec<TurnView> {
        let pairs = self.debrief.turns.iter().zip(&self.state.exchanges);
        pairs.map(|(notes, exchange)| self.turn(notes, exchange)).collect()
    }

    fn turn(&self, notes: &TurnNotes, exchange: &Exchange) -> TurnView {
        let moment = self.debrief.moments.iter().find(|moment| moment.turn == notes.turn);
        TurnView {
            turn: notes.turn,
            said: pieces(&exchange.said, &exchange.coded.codes),
            reply: Spoken::of(&exchange.reply),
            points: notes.points.iter().map(|point| self.point(point)).collect(),
            moved: moment.map(|m| telling::change_words(&m.change)).unwrap_or_default(),
            causes: self.other_causes(notes),
            abstained: notes.abstained,
            turning_point: moment.is_some_and(|moment| moment.turning_point),
        }
    }

    /// What moved the caller besides the codes: events, a sore place, too much kindness without a step.
    fn other_causes(&self, notes: &TurnNotes) -> String {
        let coded = |cause: &str| self.book.code(cause).is_some();
        let others = notes.causes.iter().filter(|(cause, _)| !coded(cause));
        let told = others.map(|(cause, step)| {
            let name = match cause.as_str() {
                "trigger" => "a sore place was touched",
                "stall" => "kind words for some time without a step",
                "premature" => "a step before the caller could take it in",
                "EV_HOLD_UNEXPLAINED" => "a hold without a reason",
                "EV_REASK" => "something was asked for again",
                other => return format!("{} ({})", event_words(other), directions(step)),
            };
            format!("{name} ({})", directions(step))
        });
        told.collect::<Vec<_>>().join("; ")
    }

    fn point(&self, point: &Point) -> PointView {
        let index = usize::try_from(point.turn).ok().and_then(|turn| turn.checked_sub(1));
        let exchange = index.and_then(|index| self.state.exchanges.get(index));
        let reason = exchange.and_then(|e| e.felt.reasons.iter().find(|r| r.cause == point.code));
        let found = exchange.and_then(|e| e.coded.codes.iter().find(|f| f.code == point.code));
        let valence = self.book.code(point.code.as_str()).map(|entry| entry.valence);
        let disagreement =
            self.state.disagreements.iter().find(|d| d.turn == point.turn && d.code == point.code);
        PointView {
            turn: point.turn,
            code: point.code.to_string(),
            name: point.name.clone(),
            short: capital(&point.short),
            quote: point.quote.clone(),
            missed: found.is_some_and(|found| found.span.is_none()),
            say: point.say.clone(),
            rule: point.rule.clone(),
            level: match point.level {
                Level::Weak => "General",
                Level::Strong => "Strong, about this caller",
            },
            sure: telling::sure_words(point.confidence),
            confidence: format!("{:.2}", point.confidence),
            effect: reason.map(|reason| directions(&reason.step)).unwrap_or_default(),
            kind: match valence {
                Some(Valence::Facilitative) => "helps",
                Some(Valence::Harmful) => "hurts",
                Some(Valence::Neutral) | None => "neutral",
            },
            disagreed: point.disagreed,
            note: disagreement.map(|d| d.note.clone()).unwrap_or_default(),
            donated: self
                .donated
                .iter()
                .any(|(turn, code)| *turn == point.turn && point.code == code.as_str()),
            before: index
                .map_or_else(String::new, |index| self.state.reply_before(index).text.clone()),
            said: exchange.map(|exchange| exchange.said.clone()).unwrap_or_default(),
            coder: exchange.map(|e| e.coded.coder.0.to_string()).unwrap_or_default(),
        }
    }
}

/// "named the feeling" → "Named the feeling".
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `EV_COLD_TRANSFER` → "cold transfer".
fn event_words(id: &str) -> String {
    id.trim_start_matches("EV_").replace('_', " ").to_lowercase()
}

/// Which way a step went; an honest word when it went nowhere that is shown.
fn directions(step: &Affect) -> String {
    let ways = wire::directions(step);
    if !ways.is_empty() {
        return ways.join(", ");
    }
    let task = step.get(Variable::Progress) > 0.0 || step.get(Variable::Agency) > 0.0;
    if task { "moved the case on".to_owned() } else { "little".to_owned() }
}

/// What was said, cut where a code's words begin and end.
fn pieces(said: &str, codes: &[Found]) -> Vec<Piece> {
    let letters: Vec<char> = said.chars().collect();
    let mut marked = vec![false; letters.len()];
    for span in codes.iter().filter_map(|found| found.span) {
        let (start, end) = (span.start.min(letters.len()), span.end.min(letters.len()));
        marked[start..end.max(start)].fill(true);
    }
    let both: Vec<(char, bool)> = letters.into_iter().zip(marked).collect();
    let runs = both.chunk_by(|a, b| a.1 == b.1);
    runs.map(|run| Piece {
        text: run.iter().map(|(letter, _)| letter).collect(),
        marked: run.first().is_some_and(|(_, marked)| *marked),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use talk::{CodeId, Rule, Span};

    fn found(start: usize, end: usize) -> Found {
        Found {
            code: CodeId::new("VALIDATE"),
            subtype: None,
            level: Level::Strong,
            span: Some(Span { start, end }),
            answers: None,
            confidence: 0.9,
            rule: Rule(Arc::from("x")),
        }
    }

    #[test]
    fn the_pieces_together_are_what_was_said_whatever_the_spans() {
        for spans in [vec![], vec![(0, 3)], vec![(1, 2), (2, 9)], vec![(5, 2)], vec![(90, 99)]] {
            let codes: Vec<_> = spans.iter().map(|(a, b)| found(*a, *b)).collect();
            let joined: String =
                pieces("Häre, you 🙂 go", &codes).into_iter().map(|p| p.text).collect();
            assert_eq!(joined, "Häre, you 🙂 go");
        }
        let pieces = pieces("no wonder", &[found(3, 9)]);
        assert_eq!(pieces[1], Piece { text: "wonder".to_owned(), marked: true });
    }

    #[test]
    fn every_count_names_what_it_is_out_of() {
        for count in counts(&Counts::default()) {
            let told = [" of ", " to ", " in ", "none"].iter().any(|word| count.n.contains(word));
            assert!(told, "{}: {}", count.what, count.n);
        }
    }
}
