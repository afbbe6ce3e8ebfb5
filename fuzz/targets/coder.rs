//! Fuzz target: any transcript through the coder. Spans lie in their texts, and the same text is coded alike twice.
//!
//! Not a test of judgement. Each line is a turn, its first letter says whose: A, C or anything else; the last one is
//! coded, those before are its context. `fuzz/run` builds and runs it.
#![no_main]

use std::sync::LazyLock;

use coder::Coder;
use libfuzzer_sys::fuzz_target;
use talk::{Coded, Context, Heard, Instant, Said, Seq, Span, Speaker, Utterance};

static CODER: LazyLock<Coder> = LazyLock::new(|| Coder::embedded().expect("the shipped lexicons read"));

fn turn(line: &str) -> (Speaker, &str) {
    let rest = line.get(1..);
    match line.as_bytes().first() {
        Some(b'A') => (Speaker::Agent, rest.unwrap_or("")),
        Some(b'C') => (Speaker::Caller, rest.unwrap_or("")),
        Some(_) | None => (Speaker::Other, line),
    }
}

fn holds(coded: &Coded, utterance: &Utterance, context: &Context) {
    let lies_in = |span: Span, text: &str| span.start < span.end && span.end <= text.chars().count();
    let sure = |confidence: f64| (0.0..=1.0).contains(&confidence);
    for found in &coded.codes {
        assert!(sure(found.confidence), "{found:?}");
        assert!(!found.rule.0.is_empty(), "{found:?}");
        assert!(found.span.is_some() || found.answers.is_some(), "{found:?}: no words and nothing unanswered");
        assert!(found.span.is_none_or(|span| lies_in(span, &utterance.text)), "{found:?}");
        if let Some(answers) = found.answers {
            let said = context.turns.get(answers.context);
            assert!(said.is_some_and(|said| lies_in(answers.span, &said.text)), "{found:?}");
        }
    }
    for sign in &coded.signs {
        assert!(lies_in(sign.span, &utterance.text) && sure(sign.confidence), "{sign:?}");
    }
    let safety = &coded.safety;
    assert!(safety.spans.iter().all(|span| lies_in(*span, &utterance.text)), "{safety:?}");
    assert_eq!(safety.heard == Heard::Nothing, safety.spans.is_empty(), "{safety:?}");
    assert!(!coded.abstained || coded.codes.is_empty(), "abstained, and yet there are codes");
    assert!(utterance.speaker != Speaker::Caller || coded.codes.is_empty());
    assert!(utterance.speaker != Speaker::Agent || coded.signs.is_empty());
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut turns: Vec<(Speaker, &str)> = text.split('\n').map(turn).collect();
    let Some((speaker, last)) = turns.pop() else { return };
    let said = |(speaker, text): (Speaker, &str)| Said { speaker, text: text.to_owned(), heading: None, coded: None };
    let context = Context { turns: turns.into_iter().map(said).collect() };
    let utterance = Utterance { seq: Seq(0), speaker, text: last.to_owned(), at: Instant(0) };
    let coded = CODER.code(&utterance, &context);
    holds(&coded, &utterance, &context);
    assert!(CODER.code(&utterance, &context) == coded, "the same turn is coded alike");
});
