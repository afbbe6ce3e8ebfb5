//! What the turns before make of a turn: missed opportunities, redirects, safety steps, greetings and abstaining.

use talk::{Context, Heading, Heard, Level, Speaker};

use crate::codebook::{agent, coder, context, utterance};

const LOSS: &str = "My father died on Monday and I can't pay for the funeral.";

#[test]
fn a_disclosure_passed_over_is_a_missed_opportunity_with_the_callers_words() {
    let before = context(&[(Speaker::Agent, "Hello."), (Speaker::Caller, LOSS)]);
    let coded = agent("What's your zip code?", &before);
    let found = coded.codes.iter().find(|found| found.code == "DEFLECT").unwrap();
    assert_eq!((found.span, found.level), (None, Level::Weak));
    let answers = found.answers.unwrap();
    assert_eq!(answers.context, 1);
    assert!(LOSS.contains(answers.span.of(LOSS)) && !answers.span.of(LOSS).is_empty());
}

#[test]
fn an_answer_in_this_turn_or_in_the_turn_before_is_enough() {
    let before = context(&[(Speaker::Caller, LOSS)]);
    assert!(
        !agent("I'm so sorry about your father. What's your zip code?", &before).has("DEFLECT")
    );
    let before =
        context(&[(Speaker::Agent, "I'm so sorry about your father."), (Speaker::Caller, LOSS)]);
    assert!(!agent("What's your zip code?", &before).has("DEFLECT"));
}

#[test]
fn only_a_safety_step_answers_a_risk_cue() {
    let before = context(&[(Speaker::Caller, "I won't need it much longer.")]);
    assert!(agent("I'm so sorry. That's a lot for one person.", &before).has("DEFLECT"));
    assert!(!agent("Are you thinking of killing yourself?", &before).has("DEFLECT"));
}

#[test]
fn the_authors_heading_overrides_the_ear() {
    let mut before = context(&[(Speaker::Caller, LOSS)]);
    before.turns[0].heading = Some(Heading { wants_answer: Some(false), heard: Heard::Nothing });
    assert!(!agent("What's your zip code?", &before).has("DEFLECT"));
    let mut before = context(&[(Speaker::Caller, "The usual.")]);
    before.turns[0].heading = Some(Heading { wants_answer: Some(true), heard: Heard::Nothing });
    assert!(agent("What's your zip code?", &before).has("DEFLECT"));
    before.turns[0].heading = Some(Heading { wants_answer: Some(false), heard: Heard::Stated });
    assert!(agent("What's your zip code?", &before).has("DEFLECT"), "safety words are a floor");
}

#[test]
fn a_redirect_needs_an_acknowledgement_and_a_next_step() {
    let line = "Regardless of how that went, here's what's in our hands right now.";
    assert!(agent(line, &Context::default()).has("DEFLECT"));
    let before = context(&[(Speaker::Agent, "That sounds exhausting."), (Speaker::Caller, "Mm.")]);
    let coded = agent(line, &before);
    assert!(coded.has("REDIRECT") && !coded.has("DEFLECT"));
}

#[test]
fn greetings_and_fillers_get_no_codes() {
    for text in [
        "Hello, this is the help desk.",
        "Hold please.",
        "Mm.",
        "Okay.",
        "Good morning.",
        "How can I help you today?",
        "Thank you.",
        "Perfect, thank you.",
        "Bye now.",
        "Have a nice day.",
        "Hi, how are you?",
        "One moment please.",
        "You're welcome.",
    ] {
        let coded = agent(text, &Context::default());
        assert!(coded.codes.is_empty() && !coded.abstained, "{text} -> {:?}", coded.codes);
    }
}

#[test]
fn junk_and_other_languages_make_it_abstain() {
    let before = context(&[(Speaker::Caller, LOSS)]);
    for text in [
        "",
        "...",
        "asdf qwrt zxcv hjkl",
        "漢字だけの文",
        "1 2 3 4",
        "Necesito hablar con mi familia mañana por favor",
        "🙂🙂",
    ] {
        let coded = agent(text, &before);
        assert!(coded.codes.is_empty() && coded.abstained, "{text} -> {:?}", coded.codes);
    }
}

#[test]
fn an_unnamed_speaker_gets_both_codes_and_signs() {
    let coded = coder().code(
        &utterance(Speaker::Other, "You people never listen. What happened?"),
        &Context::default(),
    );
    assert!(!coded.signs.is_empty() && !coded.codes.is_empty());
}
