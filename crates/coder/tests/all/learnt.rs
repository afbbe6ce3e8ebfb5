//! The network inside the coder: the same words always get the same codes, and safety is only ever raised by it.

use coder::Coder;
use proptest::prelude::*;
use talk::{Coded, Context, Speaker, Utterance};

use crate::codebook::{coder as practice, context, utterance};

pub fn coder() -> &'static Coder {
    static CODER: std::sync::OnceLock<Coder> = std::sync::OnceLock::new();
    CODER.get_or_init(|| Coder::embedded().unwrap().with_learnt_codes())
}

pub fn rules() -> &'static Coder {
    static RULES: std::sync::OnceLock<Coder> = std::sync::OnceLock::new();
    RULES.get_or_init(|| Coder::embedded().unwrap().rules_alone())
}

/// What was said of a turn, without places, which move with the letters.
fn told(coded: &Coded) -> Vec<(String, u8)> {
    coded.codes.iter().map(|found| (found.code.to_string(), found.level.number())).collect()
}

const TURNS: [&str; 8] = [
    "So Monday you heard it had gone through, and it's still not there. What's the date on the last letter?",
    "You need to calm down.",
    "I can hear how frightening this is. Are you thinking about ending your life?",
    "That's the policy. There is nothing I can do.",
    "I'll send the form today and ring you on Thursday before noon.",
    "Okay.",
    "I'm sorry. We should have told you in March, and we didn't.",
    "Would it help to talk about what you'd like to do first, the arrears or the licence?",
];

#[test]
fn the_files_of_the_network_belong_together() {
    coder().wake().unwrap();
    assert!(coder().version().0.contains("+ear-"), "{}", coder().version().0);
    assert!(practice().version().0.contains("+safety-"), "{}", practice().version().0);
    assert!(!rules().version().0.contains("ear") && !rules().version().0.contains("safety"));
}

#[test]
fn spaces_and_capitals_change_no_code() {
    let before = context(&[(Speaker::Caller, "I rang on Monday and nobody knows anything.")]);
    for text in TURNS {
        let plain = told(&coder().code(&utterance(Speaker::Agent, text), &before));
        for other in [format!("  {text}\n"), text.replace(' ', "   "), text.to_lowercase()] {
            assert_eq!(
                told(&coder().code(&utterance(Speaker::Agent, &other), &before)),
                plain,
                "{other}"
            );
        }
    }
}

#[test]
fn turns_coded_together_are_coded_as_alone() {
    let none = Context::default();
    let long = "The letter came and then the next one came. ".repeat(60);
    let turns: Vec<Utterance> = TURNS
        .iter()
        .copied()
        .chain([long.as_str()])
        .map(|text| utterance(Speaker::Other, text))
        .collect();
    let all: Vec<_> = turns.iter().map(|turn| (turn, &none)).collect();
    for (turn, (coded, emotions)) in turns.iter().zip(coder().code_all(&all)) {
        let alone = coder().code_all(&[(turn, &none)]).pop().unwrap();
        assert_eq!(told(&coded), told(&alone.0), "{}", turn.text);
        assert_eq!(coded.safety, alone.0.safety);
        assert_eq!(emotions.len(), 28);
        for (one, other) in emotions.iter().zip(&alone.1) {
            assert!((one.p - other.p).abs() < 1e-4 && one.label == other.label);
        }
    }
}

#[test]
fn emotions_are_never_inferred_for_agents() {
    for text in TURNS {
        let agent = utterance(Speaker::Agent, text);
        let (coded, emotions) = coder().code_all(&[(&agent, &Context::default())]).pop().unwrap();
        assert!(emotions.is_empty() && coded.signs.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_the_rules_hear_is_never_lowered(text in "[ a-zA-Z',.!?]{0,200}", which in 0..3_usize) {
        let speaker = [Speaker::Agent, Speaker::Caller, Speaker::Other][which];
        let turn = utterance(speaker, &text);
        let with = practice().code(&turn, &Context::default()).safety;
        prop_assert_eq!(&with, &coder().code(&turn, &Context::default()).safety);
        let without = rules().code(&turn, &Context::default()).safety;
        prop_assert!(with.heard >= without.heard);
        prop_assert!(without.kinds.iter().all(|kind| with.kinds.contains(kind)));
        prop_assert!(without.spans.iter().all(|span| with.spans.contains(span)));
    }

    #[test]
    fn any_text_is_coded_with_places_inside_it(text in any::<String>(), before in any::<String>()) {
        let context = context(&[(Speaker::Caller, &before)]);
        let n_chars = text.chars().count();
        let coded = coder().code(&utterance(Speaker::Other, &text), &context);
        let spans = coded.codes.iter().filter_map(|found| found.span);
        for span in spans.chain(coded.signs.iter().map(|sign| sign.span)).chain(coded.safety.spans.iter().copied()) {
            prop_assert!(span.start <= span.end && span.end <= n_chars, "{span:?} of {n_chars}");
        }
        for found in &coded.codes {
            prop_assert!((0.0..=1.0).contains(&found.confidence));
        }
        if coded.abstained {
            prop_assert!(coded.codes.is_empty());
        }
    }
}
