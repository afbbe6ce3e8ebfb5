//! Tests of the whole crate on files: the good sample, a bad sample for each diagnostic, and texts that are no scenario.
//! Not the unit tests beside the code.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use scenario::{
    After, Bound, Diagnostic, GateAfter, Move, Program, Severity, limit, parse_plan,
    parse_scenario, render_table, table,
};
use talk::{CodeId, Codebook, Heard, Regime};

const SAMPLE: &str = include_str!("sample.scenario");
const PLAN: &str = include_str!("sample.plan");
const BAD: &str = include_str!("bad.toml");
const PAGE: &str = include_str!("../../../docs/reference/scenario-diagnostics.md");
static CODEBOOK: LazyLock<Codebook> = LazyLock::new(|| {
    Codebook::parse(include_str!("../../../content/codebook/codes.toml")).expect("the codebook")
});

fn scenario(text: &str) -> (Option<Program>, Vec<Diagnostic>) {
    parse_scenario("some/where/sample.scenario", text, &CODEBOOK)
}

fn sample() -> Program {
    let (program, found) = scenario(SAMPLE);
    program.unwrap_or_else(|| panic!("the sample is whole: {found:#?}"))
}

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn the_sample_has_nothing_but_empty_places_for_signatures() {
    let (program, found) = scenario(SAMPLE);
    assert!(program.is_some());
    assert_eq!(codes(&found), ["S056", "S056", "S056"]);
    assert_eq!((found[0].line, found[0].column), (15, 1));
}

#[test]
fn the_sample_becomes_a_program_with_stable_line_ids() {
    let program = sample();
    let caller = &program.caller;
    assert_eq!(program.briefing.situation.len(), 2);
    assert!(program.briefing.summary.ends_with("and somebody to say which."));
    assert_eq!(program.aftermath.story.len(), 2);
    assert!(program.aftermath.story[0].contains("every bill, every form. She died"));
    assert_eq!(program.aftermath.reflection.len(), 1);
    assert_eq!(caller.opening[0].texts.len(), 2);
    assert_eq!(caller.opening[0].id, "opening/1");
    let blame = caller.pools.iter().find(|pool| pool.after.len() == 2).expect("a pool after codes");
    assert_eq!(blame.regime, Some(Regime::Hot));
    assert_eq!(blame.after[0], After::Code(CodeId::new("BLAME")));
    assert_eq!(blame.lines[0].id, "hot.after.blame-argue/1");
    assert_eq!(caller.pools[0].lines[4].texts, [""]);
    assert_eq!(caller.safety.cue_turns, Some((3, 5)));
    assert_eq!(caller.safety.cue[0].heading.heard, Heard::Veiled);
    assert_eq!(caller.safety.cue[0].id, "safety.cue/1");
    assert_eq!(caller.facts[3].again[1].id, "fact.wife.again/2");
    assert_eq!(program.farewell(talk::End::Resolved)[1].id, "farewell.resolved/2");
    assert_eq!(caller.triggers[0].says, ["calm down", "policy"]);
}

#[test]
fn own_numbers_of_a_gate_leave_the_rest_of_its_depth() {
    let program = sample();
    let gate = program.fact("reading").expect("a fact").gate;
    assert_eq!((gate.trust_min, gate.heard_min, gate.shame_max), (0.45, 0.35, 0.65));
    assert_eq!(gate.after, GateAfter::ExploreOrFeeling);
    assert_eq!(program.fact("wife").expect("a fact").gate.harmless_turns, 3);
}

#[test]
fn what_the_start_leaves_out_is_the_default_angry_caller() {
    let start = sample().caller.start;
    assert_eq!(start.get(talk::Variable::Arousal), 0.82);
    assert_eq!(start.get(talk::Variable::Distress), 0.60);
    assert_eq!(start.get(talk::Variable::Shame), 0.40);
}

#[test]
fn the_plan_of_the_sample_is_whole() {
    let program = sample();
    let (plan, found) = parse_plan("sample.plan", PLAN, Some(&program));
    assert_eq!(found, []);
    let plan = plan.expect("a plan");
    assert_eq!(plan.agents[0].seeds.len(), 3);
    assert_eq!(plan.agents[0].moves.len(), 3);
    assert_eq!(plan.agents[0].moves[2], Move::EndCall);
    let Move::Say(first) = &plan.agents[0].moves[0] else { panic!("a turn") };
    assert!(first.ends_with("three sums: no wonder that you are angry."));
    assert_eq!(plan.agents[1].expect.trust, Some(Bound::AtMost(0.40)));
}

struct Case {
    code: String,
    says: String,
    found: Vec<Diagnostic>,
    is_read: bool,
}

fn patched(text: &str, patches: &[toml::Value], repeat: usize) -> String {
    let mut text = text.to_owned();
    for patch in patches {
        let find = patch[0].as_str().expect("find");
        assert_eq!(text.matches(find).count(), 1, "`{find}` stands once");
        let replace = patch[1].as_str().expect("replace");
        let many = (0..repeat).map(|n| replace.replace("%N%", &n.to_string()));
        text = text.replace(find, &many.collect::<String>());
    }
    text
}

fn bad_cases() -> Vec<Case> {
    let table: toml::Table = toml::from_str(BAD).expect("bad.toml is TOML");
    let cases = table["case"].as_array().expect("cases");
    cases.iter().map(run_case).collect()
}

fn run_case(case: &toml::Value) -> Case {
    let list =
        |key: &str| case.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let words = |key: &str| case.get(key).and_then(toml::Value::as_str).unwrap_or("").to_owned();
    let repeat = case.get("repeat").and_then(toml::Value::as_integer).unwrap_or(1);
    let repeat = usize::try_from(repeat).expect("a count");
    let code = words("code");
    let (found, is_read) = if code.starts_with('P') {
        let text = patched(SAMPLE, &list("scenario"), 1);
        let program = scenario(&text).0.expect("the scenario beside a bad plan is good");
        let plan = patched(PLAN, &list("patch"), repeat);
        let (plan, found) = parse_plan("sample.plan", &plan, Some(&program));
        (found, plan.is_some())
    } else {
        let (program, found) = scenario(&patched(SAMPLE, &list("patch"), repeat));
        (found, program.is_some())
    };
    Case { code, says: words("says"), found, is_read }
}

#[test]
fn every_bad_sample_gives_its_diagnostic() {
    for Case { code, says, found, is_read } in bad_cases() {
        let own: Vec<&Diagnostic> = found.iter().filter(|one| one.code == code).collect();
        assert!(!own.is_empty(), "{code} was not found among {:?}", codes(&found));
        let is_said =
            own.iter().any(|one| one.message.contains(&says) || one.remedy.contains(&says));
        assert!(is_said, "{code} does not say `{says}`: {own:#?}");
        let has_error = found.iter().any(|one| one.severity == Severity::Error);
        assert_eq!(is_read, !has_error, "{code}: a result stands exactly where no error does");
    }
}

#[test]
fn every_diagnostic_stands_in_the_table_once_and_has_a_bad_sample() {
    let known: BTreeSet<&str> = table().iter().map(|row| row.0).collect();
    assert_eq!(known.len(), table().len(), "no code stands twice");
    let cases = bad_cases();
    let tried: BTreeSet<&str> = cases.iter().map(|case| case.code.as_str()).collect();
    assert_eq!(known, tried);
    for diagnostic in cases.iter().flat_map(|case| &case.found) {
        let row = table().iter().find(|row| row.0 == diagnostic.code).expect("a row");
        assert_eq!(row.1, diagnostic.severity, "{}", diagnostic.code);
        assert!(diagnostic.line >= 1 && diagnostic.column >= 1);
        assert!(!diagnostic.message.is_empty() && !diagnostic.remedy.is_empty());
    }
}

#[test]
fn the_page_of_diagnostics_is_the_table() {
    let remedy = "run `cargo run -q -p scenario --example check -- --table` into the page";
    assert_eq!(PAGE, render_table(), "{remedy}");
}

#[test]
fn a_diagnostic_reads_as_place_code_message_and_remedy() {
    let (_, found) = scenario(&SAMPLE.replace("== fact letters ==", "== fact Letters =="));
    let one = found.iter().find(|one| one.code == "S014").expect("a fault");
    let shown = one.to_string();
    assert!(shown.starts_with("some/where/sample.scenario:42:1: error S014: "), "{shown}");
    assert!(shown.contains("\n  remedy: Use lower case letters"), "{shown}");
}

#[test]
fn places_count_characters_and_follow_a_line_that_goes_on() {
    let text = SAMPLE.replace("- Never mind.", "- Né. Ça {va|bien}.\n  Néver [x] mind.");
    let (_, found) = scenario(&text);
    let one = found.iter().find(|one| one.code == "S024").expect("a fault");
    let line = 1 + text.lines().position(|line| line.contains("[x]")).expect("the line");
    assert_eq!((one.line as usize, one.column), (line, 9));
}

#[test]
fn a_byte_order_mark_tabs_and_windows_line_ends_are_read_alike() {
    let text = format!("\u{feff}{}", SAMPLE.replace("\n  ", "\n\t\t").replace('\n', "\r\n"));
    assert_eq!(scenario(&text).0, Some(sample()));
    let plan = format!("\u{feff}{}", PLAN.replace('\n', "\r\n"));
    assert_eq!(parse_plan("sample.plan", &plan, None).0, parse_plan("sample.plan", PLAN, None).0);
}

#[test]
fn a_scenario_cut_at_any_byte_gives_diagnostics_and_no_panic() {
    let text = SAMPLE.replace("Ray Fenn", "Ræy Fénn 🙂");
    for cut in 0..text.len() - 300 {
        let part = String::from_utf8_lossy(&text.as_bytes()[..cut]);
        let (program, found) = scenario(&part);
        assert!(program.is_none() && !found.is_empty(), "cut at {cut}");
    }
    for cut in 0..PLAN.len() {
        let part = String::from_utf8_lossy(&PLAN.as_bytes()[..cut]);
        let _ = parse_plan("sample.plan", &part, None);
    }
}

/// As many facts and questions as the limits allow, all alike in length.
fn many_questions() -> String {
    let mut text = String::from("evenkeel scenario 1\n");
    for fact in 0..40 {
        text.push_str(&format!("== fact f{fact} ==\nasks:\n"));
        for ask in 0..40 {
            let words: Vec<String> = (0..60).map(|n| format!("{}", fact * ask + n)).collect();
            text.push_str(&format!("- {}\n", words.join(" ")));
        }
    }
    text
}

#[test]
fn junk_of_any_size_gives_few_diagnostics() {
    let lists = "== opening ==\n- x\n== lines HOT ==\n";
    let nested = format!("evenkeel scenario 1\n{lists}- {}", "{a|".repeat(600));
    let long = format!("evenkeel scenario 1\n{lists}- {{a|b}}{}", "\n  {a|b} x".repeat(40_000));
    let junk = [
        "{".repeat(1 << 20),
        "{".repeat(500_000),
        "\0".repeat(500_000),
        "\u{fffd}\n".repeat(11_000),
        "== a ==\n".repeat(60_000),
        format!("evenkeel scenario 1\n{}", "== fact x ==\nasks:\n- a b c\n".repeat(3_900)),
        format!("evenkeel scenario 1\n== caller ==\nstart: {}", "a,".repeat(900)),
        format!(
            "evenkeel scenario 1\n{lists}{}",
            "- {a|b}{c|d}{e|f}{g|h}{i|j}{k|l}\n".repeat(11_000)
        ),
        nested,
        long,
        many_questions(),
    ];
    for text in &junk {
        for found in [scenario(text).1, parse_plan("sample.plan", text, None).1] {
            assert!(!found.is_empty() && found.len() <= limit::DIAGNOSTICS_MAX + 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_readers_panic(text in ".{0,400}", at in 0_usize..6_000) {
        let _ = scenario(&text);
        let _ = parse_plan("sample.plan", &text, None);
        let at = (0..=at.min(SAMPLE.len())).rev().find(|i| SAMPLE.is_char_boundary(*i)).unwrap_or(0);
        let _ = scenario(&format!("{}{text}{}", &SAMPLE[..at], &SAMPLE[at..]));
    }

    #[test]
    fn no_mix_of_signs_makes_the_readers_panic(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "== ", " ==", "\n", "- ", "{", "|", "}", "[", "]", "<veiled>", "<", ">", "fact", " x", ":", "gate",
            "  ", "lines HOT", " after ", "BLAME", ",", "tells", "asks", "0.5", "é", "> ", "seeds", "# ",
            "end the call", "trust", "safety", "truth", "story", "reflection",
        ]), 0..200)) {
        let text = parts.concat();
        let _ = scenario(&format!("evenkeel scenario 1\n{text}"));
        let _ = parse_plan("sample.plan", &format!("evenkeel plan 1\n== good ==\n{text}"), None);
    }
}
