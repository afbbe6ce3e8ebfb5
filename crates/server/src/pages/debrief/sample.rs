//! A debrief with everything that the page can show. For tests of the template.

use call::debrief::{Counts, Moment};
use talk::{Affect, CallId, End, Regime, Variable};

use super::super::call::Spoken;
use super::super::telling::{self, Part as Five};
use super::notes::{self, CriticalView, DetailView, NextView, PointView, StepView, TurnView};
use super::{NOTE_CHARS_MAX, Page};
use crate::picture;
use crate::site::Shell;

/// The page of a settled call, of a stopped one, and of one that goes on.
pub fn samples() -> Vec<(&'static str, String)> {
    let stopped = Page { stopped: true, scored: false, story: vec![], ..Page::sample() };
    let ongoing = Page { ongoing: true, scored: false, story: vec![], ..Page::sample() };
    vec![
        super::super::sample("debrief", &Page::sample()),
        super::super::sample("debrief, stopped", &stopped),
        super::super::sample("debrief, going on", &ongoing),
    ]
}

fn point(kind: &'static str, disagreed: bool) -> PointView {
    PointView {
        turn: 1,
        code: "VALIDATE".to_owned(),
        name: "Validation".to_owned(),
        short: "Said it makes sense".to_owned(),
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
        donated: disagreed,
        before: "Well, <fine>.".to_owned(),
        said: "It is no wonder".to_owned(),
        coder: "rules-1".to_owned(),
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
        let moment = |turn, regime| Moment {
            turn,
            affect,
            regime,
            change: Affect::default(),
            turning_point: turn == 1,
        };
        let moments = [moment(0, Regime::Hot), moment(1, Regime::Guarded)];
        let critical =
            call::Critical { turn: 1, kind: call::outcome::CriticalKind::Hostile, code: None };
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
            parts: vec![Five {
                name: "Trust",
                words: "good".to_owned(),
                number: "70 out of 100".to_owned(),
            }],
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
            steps: vec![StepView {
                what: "Stop the closing".to_owned(),
                required: false,
                turn: Some(1),
            }],
            details: vec![DetailView {
                what: "The date".to_owned(),
                state: "missed",
                place: String::new(),
            }],
            counts: notes::counts(&Counts::default()),
            story: vec!["Her husband died.".to_owned()],
            reflection: vec!["What did you hear?".to_owned()],
        }
    }
}
