//! Whole sessions that people judged good or poor: how well codes and the affect model alone tell them apart.
//!
//! Nothing is fitted. Beside it stands what the mere length of the agent's turns tells: a score that does not beat it shows nothing.

use anyhow::Context as _;
use call::affect::{self, AgentTurn};
use coder::Coder;
use serde::Deserialize;
use serde_json::Value;
use talk::codebook::{Codebook, Valence};
use talk::{Chance, Coded, Context, Instant, Said, Seed, Seq, Speaker, Utterance, Variable};

use super::tally::Measured;

const DRAWS: u64 = 1_000;
const TAIL: f64 = 0.025;
const SEED: Seed = Seed(1);
/// What a session is judged by, in the order of `Session::scores`.
pub const SCORES: [&str; 3] = [
    "codes: helpful less harmful, a turn",
    "affect: how heard the caller feels, on average",
    "length: characters of an agent's turn",
];

#[derive(Deserialize)]
struct Row {
    id: String,
    turns: Vec<Turn>,
    labels: Value,
}

#[derive(Deserialize)]
struct Turn {
    speaker: String,
    text: String,
}

/// One session, judged by people and by three scores.
pub struct Session {
    pub set: &'static str,
    pub good: bool,
    pub scores: [f64; 3],
}

/// The sessions of one file; `None` when its lines are single turns.
///
/// # Errors
/// When a line is not a session although the first one is, with its number.
pub fn read(
    file: &str,
    text: &str,
    coder: &Coder,
    book: &Codebook,
) -> anyhow::Result<Option<Vec<Session>>> {
    let mut out = Vec::new();
    for (n, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let value: Value =
            serde_json::from_str(line).with_context(|| format!("{file}:{n}: not JSON"))?;
        if value.get("turns").is_none() {
            return Ok(None);
        }
        let row: Row = serde_json::from_value(value).with_context(|| {
            format!("{file}:{n}: a session is {{\"id\", \"turns\", \"labels\"}}")
        })?;
        let label = |name: &str| row.labels[name].as_str();
        let (set, good) = match (label("mi_quality"), label("quality")) {
            (Some(quality), _) => ("annomi sessions", quality == "high"),
            (None, Some(quality)) => ("esconv sessions", quality == "ok"),
            (None, None) => {
                anyhow::bail!("{file}:{n}: {} has neither mi_quality nor quality", row.id)
            }
        };
        out.push(Session { set, good, scores: scores(coder, book, &row.turns) });
    }
    Ok(Some(out))
}

fn scores(coder: &Coder, book: &Codebook, turns: &[Turn]) -> [f64; 3] {
    let said = said(turns);
    let agents: Vec<usize> =
        (0..said.len()).filter(|at| said[*at].speaker == Speaker::Agent).collect();
    let coded = code(coder, &said, &agents);
    let mut mood = affect::fresh(affect::ANGRY);
    let (mut balance, mut heard, mut length) = (0.0, 0.0, 0.0);
    for (coded, at) in coded.iter().zip(&agents) {
        balance += coded.codes.iter().map(|found| worth(book, found.code.as_str())).sum::<f64>();
        length += said[*at].text.chars().count() as f64;
        let n_words = said[*at].text.split_whitespace().count();
        let turn = AgentTurn {
            codes: coded.codes.iter().map(|found| (found.code.clone(), found.level)).collect(),
            n_words: u32::try_from(n_words).unwrap_or(u32::MAX),
            ..AgentTurn::default()
        };
        mood = affect::feel(book, &mood, &turn).mood;
        heard += mood.affect.get(Variable::Heard);
    }
    let n = agents.len().max(1) as f64;
    [balance / n, heard / n, length / n]
}

fn said(turns: &[Turn]) -> Vec<Said> {
    let speaker =
        |turn: &Turn| if turn.speaker == "agent" { Speaker::Agent } else { Speaker::Caller };
    let said = |turn: &Turn| Said {
        speaker: speaker(turn),
        text: turn.text.clone(),
        heading: None,
        coded: None,
    };
    turns.iter().map(said).collect()
}

fn code(coder: &Coder, said: &[Said], agents: &[usize]) -> Vec<Coded> {
    let asked: Vec<(Utterance, Context)> = agents
        .iter()
        .map(|at| {
            let text = said[*at].text.clone();
            let utterance =
                Utterance { seq: Seq(0), speaker: Speaker::Agent, text, at: Instant(0) };
            (utterance, Context { turns: said[..*at].to_vec() })
        })
        .collect();
    let asked: Vec<_> = asked.iter().map(|(utterance, context)| (utterance, context)).collect();
    coder.code_all(&asked).into_iter().map(|(coded, _)| coded).collect()
}

fn worth(book: &Codebook, code: &str) -> f64 {
    match book.codes.iter().find(|entry| entry.id == code).map(|entry| entry.valence) {
        Some(Valence::Facilitative) => 1.0,
        Some(Valence::Harmful) => -1.0,
        Some(Valence::Neutral) | None => 0.0,
    }
}

/// How often a good session scores above a poor one, ties half, with its interval over sessions drawn anew.
pub fn auc(sessions: &[&Session], score: usize) -> Measured {
    let value = |some: &[&Session]| {
        let of = |good: bool| some.iter().filter(move |one| one.good == good);
        let (mut above, mut n) = (0.0, 0.0);
        for (good, poor) in of(true).flat_map(|good| of(false).map(move |poor| (good, poor))) {
            let gap = good.scores[score] - poor.scores[score];
            above += if gap > 0.0 {
                1.0
            } else if gap < 0.0 {
                0.0
            } else {
                0.5
            };
            n += 1.0;
        }
        if n > 0.0 { above / n } else { 0.5 }
    };
    let mut drawn: Vec<f64> = (0..DRAWS)
        .map(|draw| {
            let mut chance = Chance::new(SEED, "sessions", draw);
            let some: Vec<&Session> =
                sessions.iter().map(|_| sessions[chance.below(sessions.len())]).collect();
            value(&some)
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| drawn[((share * DRAWS as f64) as usize).min(drawn.len() - 1)];
    Measured { value: value(sessions), low: at(TAIL), high: at(1.0 - TAIL) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(good: bool, score: f64) -> Session {
        Session { set: "x", good, scores: [score, 0.0, -score] }
    }

    #[test]
    fn auc_counts_the_pairs_that_stand_the_right_way() {
        let all =
            [session(true, 3.0), session(true, 1.0), session(false, 2.0), session(false, 1.0)];
        let all: Vec<&Session> = all.iter().collect();
        // 3 > 2, 3 > 1, 1 < 2, 1 = 1: two and a half of four.
        assert!((auc(&all, 0).value - 0.625).abs() < 1e-12);
        assert!((auc(&all, 1).value - 0.5).abs() < 1e-12);
        assert!((auc(&all, 2).value - 0.375).abs() < 1e-12);
    }
}
