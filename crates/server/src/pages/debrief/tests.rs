//! The debrief's page renders for every kind of call: settled, stopped, going on.

use talk::{Affect, Regime, Variable};

use super::*;
use call::debrief::Moment;

fn point(kind: &'static str, disagreed: bool) -> PointView {
    PointView {
        turn: 1,
        code: "VALIDATE".to_owned(),
        name: "Validation".to_owned(),
        quote: "no wonder <you> are".to_owned(),
        missed: false,
        say: "You tied the feeling to its cause.".to_owned(),
        rule: "validate.no_wonder".to_owned(),
        level: "General",
        sure: telling::sure_words(0.9),
        confidence: "0.90".to_owned(),
        effect: "more trust".to_owned(),
        kind,
        disagreed,
        note: "I meant it".to_owned(),
    }
}

fn turn() -> TurnView {
    let reply = Spoken { text: "Oh.".to_owned(), manner: Some("quietly".to_owned()) };
    TurnView {
        turn: 1,
        said: vec![
            notes::Piece { text: "It is ".to_owned(), marked: false },
            notes::Piece { text: "no wonder".to_owned(), marked: true },
        ],
        reply,
        points: vec![point("helps", false), point("hurts", true)],
        moved: "grew calmer".to_owned(),
        causes: "a sore place was touched (less trust)".to_owned(),
        abstained: false,
        turning_point: true,
    }
}

impl Page {
    pub fn sample() -> Self {
        let mut affect = Affect::default();
        affect.set(Variable::Trust, 0.5);
        let moment = |turn, regime| Moment { turn, affect, regime, change: Affect::default(), turning_point: turn == 1 };
        let moments = [moment(0, Regime::Hot), moment(1, Regime::Guarded)];
        let critical = call::Critical { turn: 1, kind: call::outcome::CriticalKind::Hostile, code: None };
        Self {
            shell: Shell::sample("Debrief"),
            id: CallId::from_random([2; 16]),
            scenario: "the-form".to_owned(),
            title: "The form".to_owned(),
            caller: "Ines".to_owned(),
            when: "1 March 2026, 09:30 UTC".to_owned(),
            end_words: telling::end_sentence(End::Resolved),
            ongoing: false,
            stopped: false,
            scored: true,
            branched: true,
            hard: true,
            note_chars_max: NOTE_CHARS_MAX,
            parts: vec![Five { name: "Trust", words: "good".to_owned(), number: "70 out of 100".to_owned() }],
            critical: vec![CriticalView::of(&critical)],
            picture: picture::draw("felt", "What Ines felt", &moments, None),
            strengths: vec![point("helps", false)],
            next: Some(NextView {
                title: "Validation".to_owned(),
                quote: String::new(),
                say: "Try this.".to_owned(),
                instead: vec!["Another way".to_owned()],
                turn: Some(1),
                point: Some(point("hurts", true)),
            }),
            opening: Spoken { text: "Hello?".to_owned(), manner: None },
            turns: vec![turn(), TurnView { turn: 2, abstained: true, points: vec![], ..turn() }],
            last_words: Some(Spoken { text: String::new(), manner: Some("hangs up".to_owned()) }),
            steps: vec![StepView { what: "Stop the closing".to_owned(), required: false, turn: Some(1) }],
            details: vec![DetailView { what: "The date".to_owned(), state: "missed", place: String::new() }],
            counts: notes::counts(&call::debrief::Counts::default()),
            story: vec!["Her husband died.".to_owned()],
            reflection: vec!["What did you hear?".to_owned()],
        }
    }
}

#[test]
fn the_debrief_shows_receipts_abstentions_and_the_story_behind_a_fold() {
    let page = super::super::checked(&Page::sample());
    for words in ["validate.no_wonder", "0.90 of 1", "The coder could not tell.", "Take turn 1 again", "Read Ines"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("no wonder <you>"), "quotes are escaped");
    assert!(!page.to_lowercase().contains("total score"));
}

#[test]
fn a_stopped_call_shows_no_score() {
    let stopped = Page { stopped: true, scored: false, story: vec![], ..Page::sample() };
    let page = super::super::checked(&stopped);
    assert!(page.contains("Nothing in it is scored"));
    assert!(!page.contains("out of 100") && !page.contains("validate.no_wonder"));
}

#[test]
fn a_call_that_goes_on_has_no_debrief_yet() {
    let ongoing = Page { ongoing: true, scored: false, story: vec![], ..Page::sample() };
    let page = super::super::checked(&ongoing);
    assert!(page.contains("not over yet"));
    assert!(!page.contains("no wonder"));
}
