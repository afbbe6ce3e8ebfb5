//! The other commands: exit codes, JSON, and messages that say what to do.

use serde_json::json;

use crate::run::evenkeel;

fn root(path: &str) -> String {
    format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_embedded_plan_ends_as_it_states() {
    let ran = evenkeel(&["rehearse", "--json"], b"");
    let rows = ran.lines();
    let missed: Vec<_> = rows.iter().filter(|row| row["met"] != true).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!(ran.code, 0);
    for field in
        ["scenario", "agent", "seed", "end", "heard", "trust", "case", "safety", "expected", "met"]
    {
        assert!(rows.iter().all(|row| row.get(field).is_some()), "{field}");
    }
}

#[test]
fn careless_and_harmful_agents_end_clearly_worse_than_the_good_one() {
    let rows = evenkeel(&["rehearse", "--json"], b"").lines();
    let mut scenarios: Vec<&str> = rows.iter().filter_map(|row| row["scenario"].as_str()).collect();
    scenarios.dedup();
    assert!(scenarios.len() >= 3);
    for scenario in scenarios {
        let of = |agent: &str, field: &str| -> Vec<f64> {
            let mine =
                rows.iter().filter(|row| row["scenario"] == scenario && row["agent"] == agent);
            mine.map(|row| row[field].as_f64().unwrap()).collect()
        };
        for field in ["heard", "trust", "case"] {
            let good = of("good", field).into_iter().fold(f64::INFINITY, f64::min);
            for worse in ["careless", "harmful"] {
                let best = of(worse, field).into_iter().fold(0.0, f64::max);
                assert!(good - best >= 0.25, "{scenario} {field}: good {good}, {worse} {best}");
            }
        }
    }
}

#[test]
fn a_plan_that_misses_gives_exit_code_1_and_an_unknown_one_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("licence-suspended.scenario");
    std::fs::copy(root("content/scenarios/licence-suspended.scenario"), &file).unwrap();
    let plan = std::fs::read_to_string(root("content/scenarios/licence-suspended.plan")).unwrap();
    let wrong = plan.replace("ends: resolved", "ends: caller_left");
    assert_ne!(plan, wrong);
    std::fs::write(file.with_extension("plan"), wrong).unwrap();
    let ran = evenkeel(&["rehearse", "--json", &file.display().to_string()], b"");
    assert_eq!(ran.code, 1);
    assert!(ran.lines().iter().any(|row| row["met"] == false));
    let ran = evenkeel(&["rehearse", "nobody-home"], b"");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("licence-suspended"), "{}", ran.err);
}

#[test]
fn scenario_check_recurses_skips_other_kinds_and_finds_faults() {
    let ran = evenkeel(&["scenario", "check", &root("content")], b"");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join("x.scenario"), "evenkeel scenario 1\n== scenrio ==\n").unwrap();
    std::fs::write(deep.join("notes.txt"), "not a scenario").unwrap();
    let path = folder.path().display().to_string();
    let ran = evenkeel(&["scenario", "check", "--json", &path], b"");
    assert_eq!(ran.code, 1);
    for row in ran.lines() {
        for field in ["code", "severity", "file", "line", "column", "message", "remedy"] {
            assert!(row.get(field).is_some(), "{field}");
        }
        assert!(row["file"].as_str().unwrap().ends_with("x.scenario"));
    }
    let gone = evenkeel(&["scenario", "check", "nowhere-at-all"], b"");
    assert_eq!(gone.code, 2);
}

#[test]
fn trace_answers_as_the_specification_and_names_what_it_cannot_read() {
    let input = "{\"id\":\"g\",\"turns\":[{\"codes\":[\"INVALIDATE\"]},{\"codes\":[[\"POLICY_WALL\",2]]},{\"codes\":[\"ARGUE\"]},{\"codes\":[\"BLAME\"]},{\"codes\":[\"OWN\"]}]}\n\n{\"id\":\"x\",\"turns\":[{\"codes\":[\"KINDNESS\"]}]}\n";
    let ran = evenkeel(&["trace"], input.as_bytes());
    assert_eq!(ran.code, 1);
    let rows = ran.lines();
    assert_eq!(rows[0]["id"], "g");
    assert_eq!(rows[0]["hung_up_at"], 4);
    let states = rows[0]["states"].as_array().unwrap();
    assert_eq!(states.len(), 4);
    assert_eq!(states[3]["regime"], "HOT");
    assert!((states[3]["arousal"].as_f64().unwrap() - 0.9224).abs() < 1e-3);
    assert_eq!(rows[1]["error"]["line"], 3);
    assert!(rows[1]["error"]["detail"].as_str().unwrap().contains("KINDNESS"));
}

#[test]
fn a_call_can_be_played_in_the_terminal() {
    let said = "Good morning, this is Dana. What happened?\nYou sound worn out by this.\n/end\n";
    let ran = evenkeel(&["play", "licence-suspended", "--seed", "3", "--whisper"], said.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("you put the phone down"));
    assert!(ran.out.contains("Their story"));
    assert!(ran.out.contains("NAME_FEELING"));
    let stopped = evenkeel(&["play", "licence-suspended"], b"I want to kill myself.\n");
    assert_eq!(stopped.code, 0);
    assert!(stopped.out.contains("Practice has stopped"));
    assert!(!stopped.out.contains("Their story"));
}

#[test]
fn backup_and_restore_bring_a_site_back_and_a_key_inside_the_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let nothing =
        evenkeel(&["doctor", "--data", &path("none"), "--key", &path("key/master.key")], b"");
    assert_eq!(nothing.code, 1, "{}", nothing.out);
    let inside =
        evenkeel(&["doctor", "--data", &path("site"), "--key", &path("site/master.key")], b"");
    assert_eq!(inside.code, 2);
    assert!(inside.err.contains("inside the data folder"));
    // An empty site, made by restoring nothing, is refused with a reason.
    let restored = evenkeel(
        &["restore", &path("no-backup"), "--data", &path("site"), "--key", &path("key/master.key")],
        b"",
    );
    assert_eq!(restored.code, 2);
    let saved = evenkeel(
        &["backup", &path("backup"), "--data", &path("site"), "--key", &path("key/master.key")],
        b"",
    );
    assert_eq!(saved.code, 0, "{}", saved.err);
    let keyring = folder.path().join("key/keyring.jsonl");
    assert!(keyring.is_file());
    let again = evenkeel(
        &["restore", &path("backup"), "--data", &path("other"), "--key", &path("key/master.key")],
        b"",
    );
    assert_eq!(again.code, 0, "{}", again.err);
    let well =
        evenkeel(&["doctor", "--data", &path("other"), "--key", &path("key/master.key")], b"");
    assert_eq!(well.code, 0, "{}", well.out);
    assert!(well.out.contains("synchronous"), "{}", well.out);
}

#[test]
fn help_says_what_heard_is_not() {
    let ran = evenkeel(&["code", "--help"], b"");
    assert!(ran.out.contains("not a judgement of a person"), "{}", ran.out);
    let unknown = evenkeel(&["fly"], b"");
    assert_eq!(unknown.code, 2);
    assert_eq!(json!(ran.code), json!(0));
}

#[test]
fn a_key_that_lies_in_the_data_by_a_link_is_refused_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir_all(folder.path().join("data")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("data"), folder.path().join("alias")).unwrap();
    let key = path("alias/master.key");
    let ran = evenkeel(&["doctor", "--data", &path("data"), "--key", &key], b"");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("inside the data folder"), "{}", ran.err);
}

#[test]
fn code_does_not_empty_the_file_that_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("turns.jsonl");
    let text = "{\"id\":1,\"speaker\":\"agent\",\"text\":\"Are you done?\"}\n";
    std::fs::write(&file, text).unwrap();
    let name = file.display().to_string();
    let ran = evenkeel(&["code", "--in", &name, "--out", &name], b"");
    assert_eq!(ran.code, 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn links_that_lead_in_circles_do_not_hold_the_checker_up() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["up", "also-up"] {
        std::os::unix::fs::symlink(folder.path(), folder.path().join(name)).unwrap();
    }
    std::os::unix::fs::symlink("nowhere", folder.path().join("gone.scenario")).unwrap();
    let ran = evenkeel(&["scenario", "check", &folder.path().display().to_string()], b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
}
