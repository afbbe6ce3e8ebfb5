//! What holds for any text at all, of the rules; `learnt` has what holds of the network: no panic, spans in place, codes once, the same answer twice, safety never lowered.

use std::collections::HashSet;

use proptest::prelude::*;
use talk::{Codebook, Context, Speaker};

use crate::codebook::{context, utterance};
use crate::learnt::rules as coder;

/// Words that rules listen for, so that random texts hit them.
const WORDS: &[&str] = &[
    "i",
    "you",
    "want",
    "to",
    "die",
    "not",
    "never",
    "kill",
    "myself",
    "no wonder",
    "so you",
    "what happened",
    "but",
    "I'm sorry",
    "calm down",
    "the letter",
    "payment",
    "?",
    ".",
    "!",
    ",",
    "\u{201c}",
    "\u{2019}",
    "can't",
    "go on",
    "anyway",
    "policy",
    "é",
    "漢字",
    "🙂",
    "44812",
    "\n",
    "988",
    "are",
    "thinking of",
    "dont",
    "all right",
    "all",
    "right",
    "right now",
    "tonight",
    "...",
    "'",
    "-",
    "joking",
    "end it all",
    "end",
    "it",
    "just",
    "fine",
    "forget it",
    "safe",
    "promise me",
    "by Friday",
    "does that work",
    "if",
    "we",
];

fn texts() -> impl Strategy<Value = String> {
    let words = prop::collection::vec(prop::sample::select(WORDS), 0..40);
    prop_oneof![words.prop_map(|words| words.join(" ")), any::<String>()]
}
fn speakers() -> impl Strategy<Value = Speaker> {
    prop::sample::select(vec![Speaker::Agent, Speaker::Caller, Speaker::Other])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_codes_that_are_known_once_and_in_place(
        text in texts(), earlier in texts(), speaker in speakers(),
    ) {
        let book = Codebook::parse(coder::CODEBOOK).unwrap();
        let before = context(&[(Speaker::Agent, "Hello."), (Speaker::Caller, &earlier)]);
        let said = utterance(speaker, &text);
        let coded = coder().code(&said, &before);
        prop_assert_eq!(&coded, &coder().code(&said, &before));
        let n_chars = text.chars().count();
        let mut seen = HashSet::new();
        let mut last = 0;
        for found in &coded.codes {
            prop_assert!(book.code(found.code.as_str()).is_some());
            prop_assert!(seen.insert(found.code.clone()));
            prop_assert!((0.0..=1.0).contains(&found.confidence));
            match (found.span, found.answers) {
                (Some(span), _) => {
                    prop_assert!(last <= span.start && span.start < span.end && span.end <= n_chars);
                    last = span.start;
                }
                (None, Some(answers)) => {
                    let words = before.turns[answers.context].text.chars().count();
                    prop_assert!(answers.span.end <= words);
                }
                (None, None) => prop_assert!(false, "a code without a place"),
            }
            if found.code == "FALSE_COMFORT" {
                prop_assert!(found.subtype.is_some());
            }
        }
        prop_assert!(!coded.abstained || coded.codes.is_empty());
        for span in coded.safety.spans.iter().chain(coded.signs.iter().map(|sign| &sign.span)) {
            prop_assert!(span.start < span.end && span.end <= n_chars);
        }
    }

    #[test]
    fn more_words_never_lower_what_was_heard(text in texts(), more in texts(), speaker in speakers()) {
        let heard = |text: &str| coder().code(&utterance(speaker, text), &Context::default()).safety.heard;
        let longer = format!("{text} {more}");
        prop_assert!(heard(&longer) >= heard(&text), "{:?} fell after {:?}", text, more);
    }
}

#[test]
fn a_megabyte_of_anything_ends_soon() {
    let text = "you need to calm down, but i want to die not ".repeat(23_000);
    let _ = coder().code(&utterance(Speaker::Other, &text), &context(&[(Speaker::Caller, "Mm.")]));
    for piece in ["i want to die not ", "so you ", "a", "? ! . ", "all right ", "\u{201c}"] {
        let text = piece.repeat(100_000 / piece.len());
        for speaker in [Speaker::Agent, Speaker::Caller] {
            let _ = coder().code(&utterance(speaker, &text), &context(&[(Speaker::Caller, &text)]));
        }
    }
}
