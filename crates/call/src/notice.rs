//! What the scenario recognises in the agent's turn: a question asked, a step taken, a detail caught, a hold,
//! a transfer, a sore place touched, the safety step done, the call brought to its close. Pure.

use scenario::{Program, Trigger};
use talk::code::Coded;
use talk::{CodeId, Noticed};

use crate::safety;
use crate::stage::Stage;
use crate::state::State;

/// Codes that ask.
const ASKING: [&str; 4] = ["ASK_CLOSED", "EXPLORE", "CLARIFY", "INVOLVE"];

/// Words that put somebody on hold; with a reason or a length in the same turn the hold is explained
/// (codebook, EV_HOLD_UNEXPLAINED).
const HOLDS: [&str; 10] = [
    "hold please",
    "please hold",
    "hold on",
    "hold the line",
    "one moment",
    "hang on",
    "bear with me",
    "put you on hold",
    "place you on hold",
    "just a second",
];
const HOLD_EXPLAINED: [&str; 12] = [
    "while i",
    "so i can",
    "so that i",
    "because",
    "minute",
    "minutes",
    "seconds",
    "is that all right",
    "is that ok",
    "is that okay",
    "would that be",
    "do you mind",
];

/// Words that pass somebody on; cold without a reason, a consent or a hand-over of the story
/// (codebook, EV_TRANSFER_COLD).
const TRANSFERS: [&str; 10] = [
    "transfer you",
    "transferring you",
    "put you through",
    "putting you through",
    "pass you on",
    "pass you to",
    "passing you",
    "connect you to",
    "connect you with another",
    "send you over to",
];
const TRANSFER_WARM: [&str; 20] = [
    "because",
    "i'll tell them",
    "i will tell them",
    "i've told",
    "so you don't have to repeat",
    "won't have to repeat",
    "stay on the line",
    "staying on the line",
    "with you",
    "is that all right",
    "is that ok",
    "is that okay",
    "would you like",
    "would it be",
    "may i",
    "shall i",
    "would you be willing",
    "together",
    "their name is",
    "her name is",
];

/// Words that hand somebody over to a person who is there now.
const HANDS_OVER: [&str; 14] = [
    "is on the line now",
    "is on the line with us",
    "are on the line now",
    "here with us now",
    "i'm handing you over",
    "i am handing you over",
    "i'll hand you over",
    "i will hand you over",
    "i'll hand over to",
    "handing over to",
    "i'll leave you with",
    "i will leave you with",
    "i'm going to leave you with",
    "you're in good hands with",
];

/// Words that bring a call to its close.
const CLOSES: [&str; 18] = [
    "goodbye",
    "good bye",
    "bye",
    "take care",
    "thank you for calling",
    "thanks for calling",
    "thank you for ringing",
    "have a good day",
    "have a good afternoon",
    "have a good evening",
    "anything else before we",
    "shall we leave it there",
    "leave it there",
    "speak to you on",
    "talk to you on",
    "i'll speak to you",
    "i'll talk to you",
    "speak soon",
];

/// Recognises what this turn holds.
#[must_use]
pub fn notice(stage: &Stage, state: &State, text: &str, coded: &Coded) -> Noticed {
    let spoken = plain(text);
    let told = state.told();
    let asks = text.contains('?') || ASKING.iter().any(|code| coded.has(code));
    let asked = if asks { stage.fact_asked(text) } else { None };
    let mut events = Vec::new();
    if asked.is_some_and(|(fact, _)| told.contains(fact.id.as_str())) && !coded.has("CLARIFY") {
        events.push(CodeId::new("EV_REASK"));
    }
    if any(&spoken.replace(" hold on to ", " keep "), &HOLDS) && !any(&spoken, &HOLD_EXPLAINED) {
        events.push(CodeId::new("EV_HOLD_UNEXPLAINED"));
    }
    if any(&spoken, &TRANSFERS) && !any(&spoken, &TRANSFER_WARM) && !coded.has("SAFETY_ACT") {
        events.push(CodeId::new("EV_TRANSFER_COLD"));
    }
    Noticed {
        asked: asked.map(|(fact, score)| (fact.id.clone(), score)),
        steps: steps(stage, state, text, coded),
        details: details(stage, state, text),
        events,
        trigger: trigger(&stage.program, state, &spoken, coded).map(|t| t.id.clone()),
        safety_done: safety::step_done(state, coded),
        closing: any(&spoken, &CLOSES) || coded.has("COMMIT"),
        handing_over: any(&spoken, &HANDS_OVER),
    }
}

/// The sore place that this turn touches. A `once` trigger fires once in a call.
fn trigger<'a>(
    program: &'a Program,
    state: &State,
    spoken: &str,
    coded: &Coded,
) -> Option<&'a Trigger> {
    program.caller.triggers.iter().find(|trigger| {
        let before = |e: &crate::Exchange| e.noticed.trigger.as_deref() == Some(&trigger.id);
        let spent = trigger.once && state.exchanges.iter().any(before);
        let said = trigger.says.iter().any(|phrase| holds(spoken, &plain(phrase)));
        !spent && (said || trigger.codes.iter().any(|code| coded.has(code.as_str())))
    })
}

fn steps(stage: &Stage, state: &State, text: &str, coded: &Coded) -> Vec<String> {
    let done = state.steps_done();
    let fits = |step: &&scenario::Step| {
        let codes = step.codes.is_empty() || step.codes.iter().any(|c| coded.has(c.as_str()));
        codes && !done.contains(step.id.as_str())
    };
    stage.steps_like(text).into_iter().filter(fits).map(|step| step.id.clone()).collect()
}

/// A detail can only be caught once the caller has offered it.
fn details(stage: &Stage, state: &State, text: &str) -> Vec<String> {
    let offered = |detail: &&scenario::Detail| {
        detail.offered_in.is_empty() || state.offered(&detail.offered_in).is_some()
    };
    let caught =
        |id: &str| state.exchanges.iter().any(|e| e.noticed.details.iter().any(|d| d == id));
    let like = stage.details_like(text).into_iter().filter(offered);
    like.filter(|detail| !caught(&detail.id)).map(|detail| detail.id.clone()).collect()
}

/// Lower case, straight quotes, single spaces, no other punctuation, a space at each end.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars().flat_map(char::to_lowercase) {
        let c = if c == '\u{2019}' { '\'' } else { c };
        if c.is_alphanumeric() || c == '\'' {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

/// Whether a plain text holds a plain phrase as whole words.
fn holds(spoken: &str, phrase: &str) -> bool {
    phrase.trim().chars().next().is_some() && spoken.contains(phrase)
}

fn any(spoken: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| spoken.contains(&format!(" {phrase} ")))
}
