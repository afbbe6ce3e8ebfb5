//! Every example and near miss of the codebook gets its code. Not the only examples; see `counter`.

use coder::Coder;
use talk::{Codebook, Coded, Context, Instant, Said, Seq, Speaker, Utterance};

pub fn said(speaker: Speaker, text: &str) -> Said {
    Said { speaker, text: text.to_owned(), heading: None, coded: None }
}
pub fn context(turns: &[(Speaker, &str)]) -> Context {
    Context { turns: turns.iter().map(|(speaker, text)| said(*speaker, text)).collect() }
}
pub fn utterance(speaker: Speaker, text: &str) -> Utterance {
    Utterance { seq: Seq(1), speaker, text: text.to_owned(), at: Instant(0) }
}
pub fn agent(text: &str, context: &Context) -> Coded {
    coder().code(&utterance(Speaker::Agent, text), context)
}
pub fn coder() -> &'static Coder {
    static CODER: std::sync::OnceLock<Coder> = std::sync::OnceLock::new();
    CODER.get_or_init(|| Coder::embedded().expect("the shipped lexicons are sound"))
}

/// A context where the code needs one.
fn before(code: &str) -> Context {
    match code {
        "DEFLECT" => {
            context(&[(Speaker::Caller, "I'm scared I'll lose my flat. My father died on Monday.")])
        }
        "SAFETY_ASK" | "SAFETY_ACT" => {
            context(&[(Speaker::Caller, "I can't do this any more. There's no point being here.")])
        }
        _ => Context::default(),
    }
}
fn names(coded: &Coded) -> Vec<&str> {
    coded.codes.iter().map(|found| found.code.as_str()).collect()
}

#[test]
fn every_example_of_the_codebook_gets_its_code_and_no_other_harmful_one() {
    let book = Codebook::parse(coder::CODEBOOK).unwrap();
    let mut faults = Vec::new();
    for entry in &book.codes {
        for text in &entry.positive {
            let coded = agent(text, &before(entry.id.as_str()));
            let harm = |c: &&str| book.code(c).unwrap().valence == talk::codebook::Valence::Harmful;
            let odd = names(&coded).into_iter().filter(harm).any(|c| entry.id != *c);
            if !coded.has(entry.id.as_str()) || odd {
                faults.push(format!("{} <- {text} -> {:?}", entry.id, names(&coded)));
            }
        }
    }
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_near_miss_of_the_codebook_gets_what_it_says() {
    let book = Codebook::parse(coder::CODEBOOK).unwrap();
    let mut faults = Vec::new();
    for entry in &book.codes {
        for miss in &entry.near_miss {
            let place = if miss.gets == "DEFLECT" { "DEFLECT" } else { "none" };
            let coded = agent(&miss.text, &before(place));
            let right = match miss.gets.as_str() {
                "OTHER" => coded.codes.is_empty(),
                code => coded.has(code) && !coded.has(entry.id.as_str()),
            };
            if !right {
                faults.push(format!(
                    "{} (not {}) <- {} -> {:?}",
                    miss.gets,
                    entry.id,
                    miss.text,
                    names(&coded)
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
}
