//! The debrief: a pure fold of the owner's log, on read. Strengths first, one thing to try next, each with its receipt:
//! the quote, the rule, how sure the coder is. What the caller felt turn by turn, the details, the hidden story.

use scenario::Program;
use talk::codebook::{Codebook, Valence};
use talk::{Affect, CodeId, Feedback, Found, Level, Regime, Variable};

use crate::affect;
use crate::outcome::{CriticalKind, Outcome, outcome};
use crate::state::{Exchange, State};

/// Strengths shown at most: more than three are not remembered, so the strongest come first.
const STRENGTHS_MAX: usize = 3;
/// Closed questions in a row worth a word (sourcebook 1.4, session metrics: flag at 3).
const CLOSED_RUN: u32 = 3;

/// Everything that the debrief page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Debrief {
    pub outcome: Outcome,
    /// The caller before the first turn, then after each.
    pub moments: Vec<Moment>,
    pub strengths: Vec<Point>,
    pub next: Option<Next>,
    pub turns: Vec<TurnNotes>,
    pub details: Vec<DetailSeen>,
    pub steps: Vec<StepSeen>,
    pub counts: Counts,
}

/// How the caller was after a turn (0 is the start), and what moved them.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    pub turn: u32,
    pub affect: Affect,
    pub regime: Regime,
    /// Change since the moment before.
    pub change: Affect,
    /// Whether this turn is among those that moved felt-heard, trust or arousal most.
    pub turning_point: bool,
}

/// One receipt: a code on a turn, with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub turn: u32,
    pub code: CodeId,
    /// The code's name in the codebook.
    pub name: String,
    /// The same in plain words, such as "named the feeling".
    pub short: String,
    pub quote: String,
    pub rule: String,
    pub level: Level,
    pub confidence: f64,
    /// What it did, in the words of `feedback.toml`.
    pub say: String,
    pub instead: Vec<String>,
    pub disagreed: bool,
}

/// The one thing to try next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    Code(Point),
    Pattern { title: String, say: String, instead: Vec<String>, turn: Option<u32> },
}

/// Every code on one turn, for the notes inside the transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnNotes {
    pub turn: u32,
    pub points: Vec<Point>,
    /// What moved the caller, largest first: a cause and what it did to each variable, before clamping and decay.
    pub causes: Vec<(String, Affect)>,
    pub abstained: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DetailSeen {
    pub what: String,
    /// The turn after which the caller offered it.
    pub offered: Option<u32>,
    pub caught: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StepSeen {
    pub what: String,
    pub required: bool,
    pub turn: Option<u32>,
}

/// Numerators and denominators, never ratios alone (sourcebook 0, caution 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub n_turns: u32,
    pub n_reflections: u32,
    pub n_complex_reflections: u32,
    pub n_questions: u32,
    pub n_open_questions: u32,
    pub n_facilitative: u32,
    pub n_harmful: u32,
    pub n_missed: u32,
    pub longest_closed_run: u32,
    /// The first turn that listened; 0 when none did.
    pub first_listening_turn: u32,
    pub n_words: u32,
}

/// Folds the debrief.
#[must_use]
pub fn debrief(book: &Codebook, feedback: &Feedback, program: &Program, state: &State) -> Debrief {
    let outcome = outcome(program, state);
    let moments = moments(book, state);
    let turns = turn_notes(book, feedback, state);
    let counts = counts(book, state);
    Debrief {
        strengths: strengths(book, &turns, &moments),
        next: next(book, feedback, &outcome, &turns, &moments, counts),
        details: details(program, state),
        steps: steps(program, state),
        outcome,
        moments,
        turns,
        counts,
    }
}

fn moments(book: &Codebook, state: &State) -> Vec<Moment> {
    let start = &state.opened.mood;
    let mut moments = vec![Moment {
        turn: 0,
        affect: start.affect,
        regime: affect::regime(book, start),
        change: Affect::default(),
        turning_point: false,
    }];
    for (turn, exchange) in (1..).zip(&state.exchanges) {
        let mood = &exchange.felt.mood;
        let before = moments.last().map_or(Affect::default(), |moment| moment.affect);
        let mut change = mood.affect;
        Variable::ALL.iter().for_each(|v| change.add(*v, -before.get(*v)));
        let regime = affect::regime(book, mood);
        moments.push(Moment { turn, affect: mood.affect, regime, change, turning_point: false });
    }
    mark_turning_points(&mut moments);
    moments
}

/// The three turns with the largest movement of felt-heard, trust and arousal together.
fn mark_turning_points(moments: &mut [Moment]) {
    let mut by_size: Vec<usize> = (1..moments.len()).collect();
    by_size.sort_by(|a, b| moved(&moments[*b].change).total_cmp(&moved(&moments[*a].change)));
    for index in by_size.into_iter().take(3) {
        moments[index].turning_point = moved(&moments[index].change) > 0.0;
    }
}

fn moved(change: &Affect) -> f64 {
    [Variable::Heard, Variable::Trust, Variable::Arousal].iter().map(|v| change.get(*v).abs()).sum()
}

/// How good a turn was for the caller: more heard and trusting, less aroused, distressed and ashamed.
fn relief(change: &Affect) -> f64 {
    change.get(Variable::Heard) + change.get(Variable::Trust) + change.get(Variable::Agency)
        - change.get(Variable::Arousal)
        - change.get(Variable::Distress)
        - change.get(Variable::Shame)
}

fn turn_notes(book: &Codebook, feedback: &Feedback, state: &State) -> Vec<TurnNotes> {
    let notes = (1..).zip(&state.exchanges).map(|(turn, exchange)| {
        let mut causes: Vec<(String, Affect)> = exchange
            .felt
            .reasons
            .iter()
            .map(|reason| (reason.cause.to_string(), reason.step))
            .collect();
        causes.sort_by(|a, b| moved(&b.1).total_cmp(&moved(&a.1)));
        let found = exchange.coded.codes.iter();
        TurnNotes {
            turn,
            points: found.map(|f| point(book, feedback, state, turn, exchange, f)).collect(),
            causes,
            abstained: exchange.coded.abstained,
        }
    });
    notes.collect()
}

fn point(
    book: &Codebook,
    feedback: &Feedback,
    state: &State,
    turn: u32,
    exchange: &Exchange,
    found: &Found,
) -> Point {
    let words = feedback.code(found.code.as_str());
    let entry = book.code(found.code.as_str());
    let quote = found
        .span
        .map_or_else(|| unanswered(state, turn, found), |span| span.of(&exchange.said).to_owned());
    let name = entry.map_or_else(|| found.code.to_string(), |entry| entry.name.clone());
    Point {
        turn,
        code: found.code.clone(),
        short: words.map_or_else(|| name.clone(), |words| words.short.clone()),
        name,
        quote,
        rule: found.rule.0.to_string(),
        level: found.level,
        confidence: found.confidence,
        say: words.map(|w| w.say.clone()).unwrap_or_default(),
        instead: words.map(|w| w.instead.clone()).unwrap_or_default(),
        disagreed: state.disagreements.iter().any(|d| d.turn == turn && d.code == found.code),
    }
}

/// The caller's words that a code by omission left without an answer.
fn unanswered(state: &State, turn: u32, found: &Found) -> String {
    let before = turn.checked_sub(2).and_then(|i| state.exchanges.get(i as usize));
    let text = before.map_or(&state.opened.reply.text, |exchange| &exchange.reply.text);
    found.answers.map(|answers| answers.span.of(text).to_owned()).unwrap_or_default()
}

fn strengths(book: &Codebook, turns: &[TurnNotes], moments: &[Moment]) -> Vec<Point> {
    let helpful = |point: &&Point| {
        let entry = book.code(point.code.as_str());
        let kind = entry.map(|entry| entry.valence);
        let skilled = point.code == "LIMIT" || point.code == "BOUNDARY" || point.code == "REDIRECT";
        (kind == Some(Valence::Facilitative) || skilled) && !point.disagreed
    };
    let mut points: Vec<&Point> = turns.iter().flat_map(|t| &t.points).filter(helpful).collect();
    let weight = |point: &Point| {
        let change = moments.get(point.turn as usize).map_or(0.0, |moment| relief(&moment.change));
        change * point.confidence * f64::from(point.level.number())
    };
    points.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let mut chosen: Vec<Point> = Vec::new();
    for point in points {
        let seen = chosen.iter().any(|c| c.code == point.code || c.turn == point.turn);
        if !seen && chosen.len() < STRENGTHS_MAX {
            chosen.push(point.clone());
        }
    }
    chosen.sort_by_key(|point| point.turn);
    chosen
}

/// One thing, not a list: safety before anything else, then what hurt most, then a habit over several turns.
fn next(
    book: &Codebook,
    feedback: &Feedback,
    outcome: &Outcome,
    turns: &[TurnNotes],
    moments: &[Moment],
    counts: Counts,
) -> Option<Next> {
    let pattern = |id: &str, turn: Option<u32>| {
        feedback.pattern(id).map(|words| Next::Pattern {
            title: words.title.clone(),
            say: words.say.clone(),
            instead: words.instead.clone(),
            turn,
        })
    };
    let safety = outcome.critical.iter().find_map(|critical| match critical.kind {
        CriticalKind::Hostile => None,
        CriticalKind::CuePassedOver => pattern("cue_passed_over", Some(critical.turn)),
        CriticalKind::PromiseInsteadOfSafety => pattern("promise", Some(critical.turn)),
        CriticalKind::LeftWithFlagOpen => pattern("left_with_flag_open", Some(critical.turn)),
    });
    let harmful = |point: &&Point| {
        let entry = book.code(point.code.as_str());
        entry.is_some_and(|entry| entry.valence == Valence::Harmful) && !point.disagreed
    };
    let cost = |point: &Point| {
        moments.get(point.turn as usize).map_or(0.0, |m| relief(&m.change)) * point.confidence
    };
    let worst = turns.iter().flat_map(|t| &t.points).filter(harmful);
    let worst = worst.min_by(|a, b| cost(a).total_cmp(&cost(b))).cloned();
    let caused = |cause: &str| {
        turns.iter().find(|t| t.causes.iter().any(|(c, _)| c == cause)).map(|t| t.turn)
    };
    safety
        .or_else(|| worst.map(Next::Code))
        .or_else(|| caused("premature").and_then(|turn| pattern("premature", Some(turn))))
        .or_else(|| caused("stall").and_then(|turn| pattern("stall", Some(turn))))
        .or_else(|| habit(counts).and_then(|id| pattern(id, None)))
        .or_else(|| pattern("keep_going", None))
}

fn habit(counts: Counts) -> Option<&'static str> {
    if counts.longest_closed_run >= CLOSED_RUN {
        return Some("closed_run");
    }
    if counts.n_reflections == 0 {
        return Some("no_reflection");
    }
    (counts.n_open_questions == 0).then_some("no_open_question")
}

fn details(program: &Program, state: &State) -> Vec<DetailSeen> {
    let seen = program.aftermath.details.iter().map(|detail| DetailSeen {
        what: detail.what.clone(),
        offered: state.offered(&detail.offered_in),
        caught: turn_where(state, |e| e.noticed.details.contains(&detail.id)),
    });
    seen.collect()
}

fn steps(program: &Program, state: &State) -> Vec<StepSeen> {
    let seen = program.caller.case.steps.iter().map(|step| StepSeen {
        what: step.what.clone(),
        required: step.required,
        turn: turn_where(state, |e| e.noticed.steps.contains(&step.id)),
    });
    seen.collect()
}

fn turn_where(state: &State, holds: impl Fn(&Exchange) -> bool) -> Option<u32> {
    (1..).zip(&state.exchanges).find(|(_, exchange)| holds(exchange)).map(|(turn, _)| turn)
}

fn counts(book: &Codebook, state: &State) -> Counts {
    let mut counts = Counts { n_turns: state.n_turns(), ..Counts::default() };
    let mut closed_run = 0;
    for (turn, exchange) in (1..).zip(&state.exchanges) {
        let has = |codes: &[&str]| codes.iter().any(|code| exchange.coded.has(code));
        let count =
            |codes: &[&str]| codes.iter().map(|c| u32::from(exchange.coded.has(c))).sum::<u32>();
        counts.n_reflections +=
            count(&["REFL_SIMPLE", "REFL_COMPLEX", "NAME_FEELING", "CLARIFY", "VALIDATE"]);
        counts.n_complex_reflections += count(&["REFL_COMPLEX", "NAME_FEELING", "VALIDATE"]);
        counts.n_questions += count(&["EXPLORE", "ASK_CLOSED", "INVOLVE", "SAFETY_ASK"]);
        counts.n_open_questions += count(&["EXPLORE", "INVOLVE"]);
        counts.n_missed += u32::from(exchange.coded.codes.iter().any(|f| f.answers.is_some()));
        let words = exchange.said.split_whitespace().count();
        counts.n_words += u32::try_from(words).unwrap_or(0);
        for found in &exchange.coded.codes {
            let valence = book.code(found.code.as_str()).map(|entry| entry.valence);
            counts.n_facilitative += u32::from(valence == Some(Valence::Facilitative));
            counts.n_harmful += u32::from(valence == Some(Valence::Harmful));
        }
        closed_run = if has(&["ASK_CLOSED"]) && exchange.coded.codes.len() == 1 {
            closed_run + 1
        } else {
            0
        };
        counts.longest_closed_run = counts.longest_closed_run.max(closed_run);
        let listens =
            has(&["REFL_SIMPLE", "REFL_COMPLEX", "NAME_FEELING", "VALIDATE", "CONCERN", "CLARIFY"]);
        if listens && counts.first_listening_turn == 0 {
            counts.first_listening_turn = turn;
        }
    }
    counts
}
