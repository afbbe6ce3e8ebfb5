//! What does not earn anything: the caller's own words back, and phrases that fit every call. What names this caller does.

use talk::codebook::Valence;
use talk::{Codebook, Coded, Context, Level, Speaker};

use crate::codebook::{context, utterance};
use crate::learnt;

const CALLERS: [&str; 4] = [
    "I've been on hold for fifty minutes with a baby on my hip and nobody can tell me where the payment is.",
    "My husband died on the third and now you want his signature on a form by Friday.",
    "You took four hundred and eighty out of my check and I only make nine hundred.",
    "It's the third time this month that I'm locked out and my manager thinks I'm stupid.",
];

fn helps(coded: &Coded) -> Vec<(String, Level)> {
    let book = Codebook::parse(coder::CODEBOOK).unwrap();
    let helpful =
        |code: &str| book.code(code).is_some_and(|entry| entry.valence == Valence::Facilitative);
    let codes = coded.codes.iter().filter(|found| helpful(found.code.as_str()));
    codes.map(|found| (found.code.to_string(), found.level)).collect()
}

fn both(said: &str, before: &Context) -> [Coded; 2] {
    let turn = utterance(Speaker::Agent, said);
    [learnt::rules().code(&turn, before), learnt::coder().code(&turn, before)]
}

#[test]
fn the_callers_own_words_given_back_earn_nothing() {
    for caller in CALLERS {
        let before = context(&[(Speaker::Caller, caller)]);
        let half: String = caller.split_whitespace().skip(3).collect::<Vec<_>>().join(" ");
        for said in [caller, &caller.to_uppercase(), &half, &format!("Okay. {caller}")] {
            for coded in both(said, &before) {
                assert_eq!(helps(&coded), [], "{said} ({})", coded.coder.0);
            }
        }
    }
}

#[test]
fn a_short_echo_and_words_put_anew_are_not_taken_for_parroting() {
    let before = context(&[(Speaker::Caller, CALLERS[1])]);
    let said =
        "Your husband died on the third, and here we are asking him to sign something by Friday.";
    let [_, coded] = both(said, &before);
    assert!(!helps(&coded).is_empty(), "{coded:?}");
}

#[test]
fn phrases_that_fit_every_call_earn_nothing() {
    for caller in CALLERS {
        let before = context(&[(Speaker::Caller, caller)]);
        for said in [
            "I completely understand how you feel.",
            "I understand your frustration.",
            "Your call is important to us.",
            "I hear you.",
            "Everything will be fine, don't worry.",
        ] {
            for coded in both(said, &before) {
                let strong: Vec<_> = helps(&coded)
                    .into_iter()
                    .filter(|(_, level)| *level == Level::Strong)
                    .collect();
                assert_eq!(strong, [], "{said} ({})", coded.coder.0);
            }
        }
    }
}
