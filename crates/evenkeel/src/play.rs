//! `evenkeel play`: a call in the terminal. Nothing is stored; the same `call::turn` serves it.

use std::io::{self, BufRead, IsTerminal, Write};

use call::{Debrief, Next, Stage, State};
use coder::Coder;
use scenario::SafetyOutcome;
use talk::code::Coded;
use talk::{
    Clock, Codebook, End, Event, Instant, Mood, Noticed, Reply, Seed, Seq, Speaker, Utterance,
    Variable,
};

use crate::args::PlayArgs;
use crate::site::SystemClock;
use crate::{Outcome, content};

pub fn run(args: &PlayArgs) -> anyhow::Result<Outcome> {
    let book = content::codebook()?;
    let Some(name) = &args.scenario else { return list(&book) };
    let pair = content::pair(name, &book)?;
    let coder = content::coder()?;
    let now = system_now();
    let seed = Seed(args.seed.unwrap_or(now.0.unsigned_abs() % 100_000));
    let program = &pair.stage.program;
    let brief = &program.briefing;
    println!("{}\n", brief.title);
    println!("What may be hard to hear: {}\n", brief.content_note);
    brief.situation.iter().for_each(|paragraph| println!("{paragraph}\n"));
    brief.you_know.iter().for_each(|fact| println!("  - {fact}"));
    println!("\nNot reviewed by a clinician unless its file says so. {HELP}");
    println!(
        "Type what you say. `/end` puts the phone down, `/stop` stops practising. Seed {}.\n",
        seed.0
    );

    let opened = call::open(&coder, &book, &pair.stage, seed, now);
    println!("{}: {}\n", program.caller.name, words(&opened.reply));
    let state = converse(args, &coder, &book, &pair.stage, State::begin(opened))?;
    if state.end == Some(End::StoppedByAgent) {
        println!("You stopped. Nothing is scored, nothing is kept.");
        return Ok(Outcome::Done);
    }
    let debrief = call::debrief(&book, &content::feedback()?, program, &state);
    tell_debrief(&debrief, &pair.stage);
    Ok(Outcome::Done)
}

/// Shown at the start and whenever practice stops for the agent's own sake.
const HELP: &str = "If any of this is about you: in the US call or text 988; elsewhere your local emergency number. You can stop at any time.";

fn list(book: &Codebook) -> anyhow::Result<Outcome> {
    for (id, stage) in content::stages(book)? {
        let brief = &stage.program.briefing;
        println!(
            "{id}\n  {} ({}, {}, about {} minutes)\n  {}\n",
            brief.title, brief.sector, brief.channel, brief.minutes, brief.summary
        );
    }
    println!("Start one with: evenkeel play NAME");
    Ok(Outcome::Done)
}

fn converse(
    args: &PlayArgs,
    coder: &Coder,
    book: &Codebook,
    stage: &Stage,
    mut state: State,
) -> anyhow::Result<State> {
    let name = &stage.program.caller.name;
    let prompt = io::stdin().is_terminal();
    let mut lines = io::stdin().lock().lines();
    while state.end.is_none() {
        if prompt {
            print!("you: ");
            io::stdout().flush()?;
        }
        let line = lines.next().transpose()?.unwrap_or_else(|| "/end".to_owned());
        let events = match line.trim() {
            "" => continue,
            "/end" => call::end_call(stage, &state, End::AgentEnded, system_now())?,
            "/stop" => call::end_call(stage, &state, End::StoppedByAgent, system_now())?,
            said => match take(coder, book, stage, &state, said) {
                Ok(events) => events,
                Err(stop) => {
                    println!("{stop}");
                    if matches!(stop, Stop::OwnRisk) {
                        call::end_call(stage, &state, End::StoppedByAgent, system_now())?
                    } else {
                        continue;
                    }
                }
            },
        };
        state.advance(&events)?;
        for event in &events {
            match event {
                Event::Coded(coded) if args.whisper => println!("  ({})", codes(coded)),
                Event::Felt(felt) if args.whisper => println!("  ({})", mood(book, &felt.mood)),
                Event::Replied { reply, .. } => println!("\n{name}: {}\n", words(reply)),
                Event::Ended { end, .. } => println!("({})", how_it_ended(*end)),
                Event::Opened(_)
                | Event::Said { .. }
                | Event::Coded(_)
                | Event::Noticed(_)
                | Event::Felt(_)
                | Event::Disagreed { .. } => {}
            }
        }
    }
    Ok(state)
}

/// Why a line was not taken as a turn.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(
        "Practice has stopped, because what you wrote sounded as if it might be about you. Nothing is scored, kept or reported.\nIn the US call or text 988, now or later. Please let somebody near you know."
    )]
    OwnRisk,
    #[error(transparent)]
    Refused(#[from] call::Refused),
}

fn take(
    coder: &Coder,
    book: &Codebook,
    stage: &Stage,
    state: &State,
    said: &str,
) -> Result<Vec<Event>, Stop> {
    let seq = Seq(state.n_events);
    let utterance =
        Utterance { seq, speaker: Speaker::Agent, text: said.to_owned(), at: system_now() };
    if call::safety::own_risk(&coder.code(&utterance, &talk::Context::default())) {
        return Err(Stop::OwnRisk);
    }
    Ok(call::turn(coder, book, stage, state, &utterance)?.events)
}

fn system_now() -> Instant {
    SystemClock.now()
}

/// A reply with its hint of manner.
pub fn words(reply: &Reply) -> String {
    match (&reply.manner, reply.text.as_str()) {
        (Some(manner), "") => format!("[{manner}]"),
        (Some(manner), text) => format!("{text} [{manner}]"),
        (None, text) => text.to_owned(),
    }
}

/// The codes on a turn, in one line.
pub fn codes(coded: &Coded) -> String {
    if coded.abstained {
        return "the coder could not tell".to_owned();
    }
    if coded.codes.is_empty() {
        return "no code".to_owned();
    }
    let each = coded.codes.iter().map(|found| {
        format!("{} {} {:.2} {}", found.code, found.level.number(), found.confidence, found.rule.0)
    });
    each.collect::<Vec<_>>().join(", ")
}

pub fn noticed(noticed: &Noticed) -> Option<String> {
    let mut parts = Vec::new();
    if let Some((fact, score)) = &noticed.asked {
        parts.push(format!("asked {fact} {score:.2}"));
    }
    parts.extend(noticed.steps.iter().map(|step| format!("step {step}")));
    parts.extend(noticed.details.iter().map(|detail| format!("detail {detail}")));
    parts.extend(noticed.events.iter().map(ToString::to_string));
    parts.extend(noticed.trigger.iter().map(|trigger| format!("trigger {trigger}")));
    parts.extend(noticed.safety_done.then(|| "safety step".to_owned()));
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The mood in one line.
pub fn mood(book: &Codebook, mood: &Mood) -> String {
    let x = |variable| mood.affect.get(variable);
    format!(
        "{} arousal {:.2} distress {:.2} trust {:.2} heard {:.2} shame {:.2} agency {:.2} progress {:.2}",
        call::affect::regime(book, mood).as_str(),
        x(Variable::Arousal),
        x(Variable::Distress),
        x(Variable::Trust),
        x(Variable::Heard),
        x(Variable::Shame),
        x(Variable::Agency),
        x(Variable::Progress),
    )
}

fn how_it_ended(end: End) -> &'static str {
    match end {
        End::Resolved => "the case is settled",
        End::AgentEnded => "you put the phone down",
        End::CallerHungUp => "they hung up",
        End::CallerLeft => "they left",
        End::HandedOver => "handed over",
        End::StoppedByAgent => "practice stopped",
        End::Limit => "the call reached its limit",
    }
}

fn tell_debrief(debrief: &Debrief, stage: &Stage) {
    let outcome = &debrief.outcome;
    let safety = match outcome.safety {
        SafetyOutcome::NoCue => "no cue was voiced",
        SafetyOutcome::Kept => "asked, and the safety step taken",
        SafetyOutcome::Asked => "asked; the safety step was not reached",
        SafetyOutcome::Missed => "a cue was voiced and not asked about",
        SafetyOutcome::Breached => "a critical error, see below",
    };
    println!(
        "\nfelt heard {:.2}   trust {:.2}   case {:.0}%   safety: {safety}\n",
        outcome.heard,
        outcome.trust,
        outcome.case * 100.0
    );
    for point in &debrief.strengths {
        println!(
            "turn {}: \"{}\"\n  {} ({}, confidence {:.2})\n  {}\n",
            point.turn, point.quote, point.name, point.rule, point.confidence, point.say
        );
    }
    match &debrief.next {
        Some(Next::Code(point)) => {
            println!(
                "One thing to try next. Turn {}: \"{}\"\n  {}",
                point.turn, point.quote, point.say
            );
            point.instead.iter().for_each(|other| println!("  - {other}"));
        }
        Some(Next::Pattern { title, say, instead, .. }) => {
            println!("One thing to try next. {title}\n  {say}");
            instead.iter().for_each(|other| println!("  - {other}"));
        }
        None => {}
    }
    println!("\nTheir story");
    stage.program.aftermath.story.iter().for_each(|paragraph| println!("\n{paragraph}"));
    println!("\n{HELP}");
}
