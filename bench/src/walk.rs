//! The steps inside one turn, measured in this process: the server's log tells them as one ("compute").

use std::hint::black_box;
use std::time::Instant;

use call::{Stage, State};
use clap::Args;
use scenario::Move;
use serde_json::json;
use talk::{Event, Seq, Speaker, Utterance};

use crate::figures::{self, Spread, micros};
use crate::words;

#[derive(Args)]
pub struct WalkArgs {
    /// Times that every plan is played.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
}

/// A turn of 25 words and one before it: what the live coder is held to (12 ms at the median, on one core).
const WORDS_25: &str = "So the letter in March said one amount and the letter in May another, and \
    nobody rang you back. What does the last one say?";
const BEFORE_25: &str = "I have rung four times since Easter and every time I am told something else, so \
    which of your letters am I meant to believe now?";
const TIMES_25: usize = 200;

/// Microseconds of each step, one for each turn.
#[derive(Default)]
struct Laps {
    context: Vec<u64>,
    code: Vec<u64>,
    code_25: Vec<u64>,
    notice: Vec<u64>,
    turn: Vec<u64>,
    fold: Vec<u64>,
}

pub fn run(args: &WalkArgs, json: bool) -> anyhow::Result<bool> {
    let book = words::codebook()?;
    let coder = coder::Coder::embedded()?.with_learnt_codes();
    let mut laps = Laps::default();
    for (program, plan) in words::shipped(&book)? {
        let stage = Stage::new(program);
        for agent in plan.agents.iter().cycle().take(plan.agents.len() * args.rounds) {
            let opened = call::open(&coder, &book, &stage, agent.seeds[0], talk::Instant(0));
            let mut events = vec![Event::Opened(Box::new(opened.clone()))];
            let mut state = State::begin(opened);
            for step in &agent.moves {
                let (Move::Say(text), None) = (step, state.end) else { break };
                let utterance = Utterance {
                    seq: Seq(state.n_events),
                    speaker: Speaker::Agent,
                    text: text.clone(),
                    at: talk::Instant(1),
                };
                let happened = lap(&mut laps, &coder, &book, &stage, &state, &utterance)?;
                state.advance(&happened)?;
                events.extend(happened);
            }
            let began = Instant::now();
            black_box(State::fold(&events)?);
            laps.fold.push(micros(began.elapsed()));
        }
    }
    laps.code_25 = twenty_five(&coder);
    tell(laps, json);
    Ok(true)
}

fn twenty_five(coder: &coder::Coder) -> Vec<u64> {
    let said = |text: &str| talk::Said {
        speaker: Speaker::Caller,
        text: text.to_owned(),
        heading: None,
        coded: None,
    };
    let context = talk::Context { turns: vec![said(BEFORE_25)] };
    let utterance = Utterance {
        seq: Seq(1),
        speaker: Speaker::Agent,
        text: WORDS_25.to_owned(),
        at: talk::Instant(1),
    };
    let once = || {
        let began = Instant::now();
        black_box(coder.code(&utterance, &context));
        micros(began.elapsed())
    };
    (0..TIMES_25).map(|_| once()).collect()
}

fn lap(
    laps: &mut Laps,
    coder: &coder::Coder,
    book: &talk::Codebook,
    stage: &Stage,
    state: &State,
    utterance: &Utterance,
) -> Result<Vec<Event>, call::Refused> {
    let began = Instant::now();
    let context = state.context();
    laps.context.push(micros(began.elapsed()));
    let began = Instant::now();
    let coded = coder.code(utterance, &context);
    laps.code.push(micros(began.elapsed()));
    let began = Instant::now();
    black_box(call::notice::notice(stage, state, &utterance.text, &coded));
    laps.notice.push(micros(began.elapsed()));
    let began = Instant::now();
    let turn = call::turn(coder, book, stage, state, utterance)?;
    laps.turn.push(micros(began.elapsed()));
    Ok(turn.events)
}

fn tell(laps: Laps, json: bool) {
    let rest = |n: usize| {
        let parts = laps.context[n] + laps.code[n] + laps.notice[n];
        laps.turn[n].saturating_sub(parts)
    };
    let rest = Spread::of((0..laps.turn.len()).map(rest).collect());
    let rows = [
        ("context", Spread::of(laps.context)),
        ("code", Spread::of(laps.code)),
        ("code, 25 words after one turn", Spread::of(laps.code_25)),
        ("notice", Spread::of(laps.notice)),
        ("affect and reply (the rest)", rest),
        ("turn, whole", Spread::of(laps.turn)),
        ("fold of a whole call", Spread::of(laps.fold)),
    ];
    eprintln!("{}", Spread::head("one turn, pure"));
    for (name, spread) in &rows {
        eprintln!("{}", spread.row(name));
    }
    if json {
        let steps: serde_json::Map<_, _> =
            rows.iter().map(|(name, spread)| ((*name).to_owned(), spread.json())).collect();
        println!("{}", json!({"bench": "walk", "machine": figures::machine(), "steps": steps}));
    }
}
