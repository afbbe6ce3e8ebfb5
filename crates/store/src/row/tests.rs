//! Every event reads back exactly as it was written, and old samples read for ever.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::sync::Arc;
use talk::{
    Affect, Answers, Branch, CallId, CodeId, Coded, CoderVersion, End, Felt, Found, Heading, Heard,
    Instant, Kind, Level, Mood, Noticed, Opened, Reason, Regime, Reply, Rule, Safety, Seed, Seq,
    Sign, Span, Style,
};

use super::*;

fn number() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![0.0..1.0, POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO]
}
fn text() -> impl Strategy<Value = String> {
    any::<String>()
}
fn id() -> impl Strategy<Value = CodeId> {
    "[A-Z_]{1,12}".prop_map(|name| CodeId::new(&name))
}
fn at() -> impl Strategy<Value = Instant> {
    any::<i64>().prop_map(Instant)
}
fn one<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}
fn affect() -> impl Strategy<Value = Affect> {
    proptest::array::uniform8(number()).prop_map(Affect)
}
fn span() -> impl Strategy<Value = Span> {
    (any::<u32>(), any::<u32>())
        .prop_map(|(start, end)| Span { start: start as usize, end: end as usize })
}
fn arc() -> impl Strategy<Value = Arc<str>> {
    text().prop_map(Arc::from)
}

prop_compose! {
    fn mood()(
        (affect, regime, reactivity, style) in
            (affect(), option::of(one(&Regime::ALL)), number(), one(&[Style::Attack, Style::Withdraw])),
        (open_request, latent_risk, safety_done) in any::<(bool, bool, bool)>(),
        danger_floor in number(),
        used in vec(vec(id(), 0..3), 0..5),
        counts in any::<[u32; 5]>(),
        voiced in one(&Heard::ALL),
        left_at in option::of(any::<u32>()),
    ) -> Mood {
        let [n_relational, n_turns, n_hot, n_quiet, held_turns] = counts;
        Mood {
            affect, regime, reactivity, style, open_request, latent_risk, danger_floor, used,
            n_relational, n_turns, n_hot, n_quiet, held_turns, voiced, safety_done, left_at,
        }
    }
}

prop_compose! {
    fn reply()(
        (text, manner, act) in (text(), option::of(text()), text()),
        (lines, told) in (vec(text(), 0..3), vec(text(), 0..3)),
        wants_answer in option::of(any::<bool>()),
        heard in one(&Heard::ALL),
    ) -> Reply {
        Reply { text, manner, act, lines, told, heading: Heading { wants_answer, heard } }
    }
}

prop_compose! {
    fn opened()(
        (scenario, codebook, coder) in (text(), text(), arc()),
        (scenario_version, seed) in any::<(u32, u64)>(),
        branch in option::of(any::<([u8; 16], u64)>()),
        (mood, reply, at) in (mood(), reply(), at()),
    ) -> Opened {
        Opened {
            scenario, scenario_version, seed: Seed(seed), coder: CoderVersion(coder), codebook,
            branched_from: branch.map(|(id, seq)| Branch { call: CallId::from_random(id), seq: Seq(seq) }),
            mood, reply, at,
        }
    }
}

prop_compose! {
    fn found()(
        (code, subtype, level) in (id(), option::of(arc()), one(&[Level::Weak, Level::Strong])),
        span_of in option::of(span()),
        answers in option::of((any::<u16>(), span())),
        (confidence, rule) in (number(), arc()),
    ) -> Found {
        let answers = answers.map(|(context, span)| Answers { context: context.into(), span });
        Found { code, subtype, level, span: span_of, answers, confidence, rule: Rule(rule) }
    }
}

prop_compose! {
    fn coded()(
        codes in vec(found(), 0..4),
        signs in vec((id(), span(), number()), 0..3),
        (heard, kinds, spans) in (one(&Heard::ALL), vec(one(&Kind::ALL), 0..4), vec(span(), 0..3)),
        (abstained, coder) in (any::<bool>(), arc()),
    ) -> Coded {
        let signs = signs.into_iter().map(|(sign, span, confidence)| Sign { sign, span, confidence });
        Coded {
            codes, signs: signs.collect(), safety: Safety { heard, kinds, spans },
            abstained, coder: CoderVersion(coder),
        }
    }
}

prop_compose! {
    fn noticed()(
        asked in option::of((text(), number())),
        (steps, details, events) in (vec(text(), 0..3), vec(text(), 0..3), vec(id(), 0..3)),
        trigger in option::of(text()),
        (safety_done, closing, handing_over) in any::<(bool, bool, bool)>(),
    ) -> Noticed {
        Noticed { asked, steps, details, events, trigger, safety_done, closing, handing_over }
    }
}

fn event() -> impl Strategy<Value = Event> {
    let reason = (id(), affect()).prop_map(|(cause, step)| Reason { cause, step });
    prop_oneof![
        opened().prop_map(|opened| Event::Opened(Box::new(opened))),
        (text(), at()).prop_map(|(text, at)| Event::Said { text, at }),
        coded().prop_map(Event::Coded),
        noticed().prop_map(Event::Noticed),
        (mood(), vec(reason, 0..4)).prop_map(|(mood, reasons)| Event::Felt(Felt { mood, reasons })),
        (reply(), at()).prop_map(|(reply, at)| Event::Replied { reply, at }),
        (one(&End::ALL), at()).prop_map(|(end, at)| Event::Ended { end, at }),
        (any::<u32>(), id(), text(), any::<bool>(), at()).prop_map(
            |(turn, code, note, withdrawn, at)| Event::Disagreed {
                turn,
                code,
                note,
                withdrawn,
                at
            }
        ),
    ]
}

proptest! {
    #[test]
    fn every_event_reads_back_exactly_as_it_was_written(event in event()) {
        let text = event_to_json(&event).unwrap();
        let again = event_from_json(&text, "test").unwrap();
        prop_assert_eq!(&again, &event);
        // Equal text, too: it tells -0.0 from 0.0.
        prop_assert_eq!(event_to_json(&again).unwrap(), text);
    }

    #[test]
    fn reading_damaged_events_never_panics(event in event(), place: usize, byte: u8) {
        let mut bytes = event_to_json(&event).unwrap().into_bytes();
        let place = place % bytes.len();
        bytes[place] = byte;
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let _ = event_from_json(text, "test");
        }
    }
}

#[test]
fn a_number_that_json_cannot_hold_is_refused() {
    let noticed = Noticed { asked: Some(("rent".to_owned(), f64::NAN)), ..Noticed::default() };
    let error = event_to_json(&Event::Noticed(noticed)).unwrap_err();
    assert!(error.to_string().contains("finite"), "{error}");
}

#[test]
fn samples_of_version_1_read_for_ever() {
    let samples = include_str!("../../tests/samples/event-v1.jsonl");
    let mut kinds = Vec::new();
    for (n, line) in samples.lines().enumerate() {
        let event = event_from_json(line, &format!("line {}", n + 1)).unwrap();
        kinds.push(event.kind());
        if VERSION == 1 {
            assert_eq!(event_to_json(&event).unwrap(), line, "the form of version 1 has changed");
        }
    }
    let all = ["opened", "said", "coded", "noticed", "felt", "replied", "ended", "disagreed"];
    for kind in all {
        assert!(kinds.contains(&kind), "no sample of `{kind}`");
    }
}

#[test]
fn an_event_climbs_every_step_above_its_version() {
    fn two(mut value: Value) -> Result<Value, String> {
        value["seen"] = Value::from("two");
        Ok(value)
    }
    fn three(mut value: Value) -> Result<Value, String> {
        let seen = value["seen"].as_str().unwrap_or("nothing").to_owned();
        value["seen"] = Value::from(format!("{seen} three"));
        Ok(value)
    }
    let steps: &[Step] = &[two, three];
    let seen = |v: u64| upgrade(serde_json::json!({ "v": v }), 3, steps).map(|v| v["seen"].clone());
    assert_eq!(seen(1).unwrap(), "two three");
    assert_eq!(seen(2).unwrap(), "nothing three");
    assert_eq!(seen(3).unwrap(), Value::Null);
    assert!(seen(4).unwrap_err().contains("version 4"));
    assert!(seen(0).is_err());
}

#[test]
fn a_damaged_event_is_an_error_with_its_place() {
    for text in
        ["", "[]", "{}", r#"{"v":1}"#, r#"{"v":1,"kind":"sung"}"#, r#"{"v":2,"kind":"said"}"#]
    {
        let error = event_from_json(text, "event 3").unwrap_err();
        assert!(error.to_string().contains("event 3"), "{error}");
    }
}
