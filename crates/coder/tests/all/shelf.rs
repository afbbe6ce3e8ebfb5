//! Matching by meaning: a paraphrase scores above the line, an unrelated question below it.

use coder::meaning::{LINE, Shelf};

fn shelf() -> Shelf {
    Shelf::new([
        (0, "When did your payments stop?"),
        (0, "How long have you been without the money?"),
        (1, "Did you lose your job?"),
        (1, "Are you still working?"),
        (2, "How are your children doing?"),
        (2, "Who is looking after the kids?"),
        (3, "What worries you most about the hearing?"),
        (3, "What are you afraid will happen in court?"),
    ])
}

#[test]
fn a_paraphrase_is_above_the_line_and_finds_its_label() {
    for (text, label) in [
        ("When were you cut off from your payments?", 0),
        ("Is your employer still giving you shifts, are you working?", 1),
        ("And how's your son doing with all this?", 2),
        ("What scares you about going before the judge?", 3),
        (
            "I'm sorry about all of that, it sounds exhausting. Before we go on with the forms I'd like to ask: who looks after your daughter?",
            2,
        ),
    ] {
        let found = shelf().nearest(text, 3);
        assert_eq!(found[0].0, label, "{text} -> {found:?}");
        assert!(found[0].1 >= LINE, "{text} -> {found:?}");
    }
}

#[test]
fn an_unrelated_question_is_below_the_line() {
    for text in [
        "What is your zip code?",
        "Can you spell your last name?",
        "Do you have a printer?",
        "Hello, how can I help you?",
        "",
        "???",
    ] {
        let found = shelf().nearest(text, 1);
        assert!(found.first().is_none_or(|(_, score)| *score < LINE), "{text} -> {found:?}");
    }
}
