//! `evenkeel code`: one line out per line in, in order, whatever comes in.

use serde_json::{Value, json};

use crate::run::evenkeel;

fn code(lines: &[Value]) -> Vec<Value> {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let ran = evenkeel(&["code"], input.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.lines()
}

#[test]
fn a_line_out_has_every_field_of_the_contract() {
    let rows = code(&[
        json!({"id": "a", "speaker": "agent", "text": "Sir, you need to calm down.", "channel": "phone"}),
        json!({"id": 7, "speaker": "caller", "text": "I want to speak to your supervisor. I just want it to be over."}),
        json!({"id": "o", "speaker": "other", "text": "You should have called us before the deadline."}),
    ]);
    assert_eq!(rows[0]["id"], "a");
    assert_eq!(rows[0]["codes"][0]["code"], "INVALIDATE");
    let span = rows[0]["codes"][0]["span"].as_array().unwrap();
    assert!(span[0].as_u64() < span[1].as_u64());
    for field in ["level", "confidence", "rule"] {
        assert!(!rows[0]["codes"][0][field].is_null(), "{field}");
    }
    assert_eq!(rows[0]["signs"], json!([]));
    assert_eq!(rows[0]["safety"], json!({"heard": "nothing", "kinds": [], "spans": []}));
    assert_eq!(rows[0]["abstained"], false);
    assert!(rows[0]["coder"].as_str().unwrap().contains("rules-"));
    assert_eq!(rows[1]["id"], 7);
    assert_eq!(rows[1]["codes"], json!([]));
    assert!(rows[1]["signs"].as_array().unwrap().iter().any(|s| s["sign"] == "GOES_ABOVE"));
    assert_eq!(rows[1]["safety"]["heard"], "veiled");
    assert_eq!(rows[1]["safety"]["kinds"], json!(["self_harm"]));
    assert!(rows[2]["codes"].as_array().unwrap().iter().any(|c| c["code"] == "BLAME"));
}

#[test]
fn a_code_by_omission_has_no_span_and_points_at_what_it_left() {
    let caller = "My husband died in May and I can't sleep.";
    let rows = code(&[json!({
        "id": 1, "speaker": "agent", "text": "Okay. And your zip code?",
        "context": [{"speaker": "agent", "text": "Benefits office, this is Dana."}, {"speaker": "caller", "text": caller}],
    })]);
    let missed =
        rows[0]["codes"].as_array().unwrap().iter().find(|c| c["code"] == "DEFLECT").unwrap();
    if missed["span"].is_null() {
        assert_eq!(missed["level"], 1);
        assert_eq!(missed["answers"]["context"], 1);
        let end = missed["answers"]["span"][1].as_u64().unwrap();
        assert!(end as usize <= caller.chars().count());
    }
}

#[test]
fn spans_count_unicode_scalar_values() {
    let text = "Ça va, 😀 señor. You need to calm down.";
    let rows = code(&[json!({"id": 1, "speaker": "agent", "text": text})]);
    let span = &rows[0]["codes"][0]["span"];
    let (start, end) = (span[0].as_u64().unwrap() as usize, span[1].as_u64().unwrap() as usize);
    let quote: String = text.chars().skip(start).take(end - start).collect();
    assert!(quote.contains("calm down"), "{quote}");
}

#[test]
fn broken_lines_yield_errors_in_their_place_and_the_rest_is_coded() {
    let input = b"\n{\"id\":1,\"speaker\":\"agent\",\"text\":\"Are you done?\"}\nnot json\n\n{\"id\":2,\"speaker\":\"robot\",\"text\":\"x\"}\n{\"id\":3,\"speaker\":\"agent\"}\n\xff\xfe\n{\"id\":4,\"speaker\":\"caller\",\"text\":\"Fine.\"}";
    let ran = evenkeel(&["code", "--jobs", "3"], input);
    assert_eq!(ran.code, 1);
    let rows = ran.lines();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0]["codes"][0]["code"], "HOSTILE");
    assert_eq!(
        (&rows[1]["error"]["code"], &rows[1]["error"]["line"]),
        (&json!("bad_json"), &json!(3))
    );
    assert!(rows[1].get("id").is_none());
    assert_eq!((&rows[2]["id"], &rows[2]["error"]["code"]), (&json!(2), &json!("bad_speaker")));
    assert_eq!((&rows[3]["id"], &rows[3]["error"]["line"]), (&json!(3), &json!(6)));
    assert_eq!(rows[4]["error"]["code"], "not_utf8");
    assert_eq!(rows[5]["id"], 4);
}

#[test]
fn a_megabyte_and_worse_get_an_error_and_nothing_is_lost() {
    let long = json!({"id": "long", "speaker": "agent", "text": "but ".repeat(1 << 18)});
    let endless = format!("{{\"id\":\"endless\",\"text\":\"{}\"", "x".repeat(5 << 20));
    let deep = format!("{{\"id\":\"deep\",\"x\":{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let last = json!({"id": "last", "speaker": "agent", "text": "That's our policy."});
    let ran = evenkeel(&["code"], format!("{long}\n{endless}\n{deep}\n{last}\n").as_bytes());
    assert_eq!(ran.code, 1);
    let rows = ran.lines();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0]["error"]["code"], "text_too_long");
    assert_eq!(rows[1]["error"]["code"], "line_too_long");
    assert_eq!(rows[2]["error"]["line"], 3);
    assert_eq!(rows[3]["codes"][0]["code"], "POLICY_WALL");
}

#[test]
fn the_order_is_kept_on_many_threads_and_files_work_too() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.jsonl"), folder.path().join("out.jsonl"));
    let lines: String = (0..3_000)
        .map(|n| format!("{}\n", json!({"id": n, "speaker": "agent", "text": format!("Case {n}: you should have called.")})))
        .collect();
    std::fs::write(&input, lines).unwrap();
    let (input, output) = (input.display().to_string(), output.display().to_string());
    let ran = evenkeel(&["code", "--in", &input, "--out", &output, "--jobs", "4"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let text = std::fs::read_to_string(&output).unwrap();
    for (n, line) in text.lines().enumerate() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["id"], n);
    }
    assert_eq!(text.lines().count(), 3_000);
}

#[test]
fn callers_have_emotions_and_agents_have_none() {
    let rows = code(&[
        json!({"id": 1, "speaker": "caller", "text": "Thank you so much, you've been brilliant."}),
        json!({"id": 2, "speaker": "agent", "text": "Thank you so much, you've been brilliant."}),
    ]);
    assert_eq!(rows[0]["emotions"].as_object().unwrap().len(), 28);
    assert_eq!(rows[0]["emotions"]["gratitude"]["on"], true);
    assert!(rows[1].get("emotions").is_none());
}

#[test]
fn the_rules_alone_say_so_in_their_version() {
    let line = json!({"id": 1, "speaker": "agent", "text": "You need to calm down."});
    let ran = evenkeel(&["code", "--rules-alone"], format!("{line}\n").as_bytes());
    let version = ran.lines()[0]["coder"].as_str().unwrap().to_owned();
    assert!(version.starts_with("rules-") && !version.contains("ear"), "{version}");
}

/// A folder with a table of turns, one of them broken, and the ways to call the command on it.
struct Bulk {
    folder: tempfile::TempDir,
}

impl Bulk {
    fn new(n: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut table = "id,speaker,text,context\n".to_owned();
        for at in 0..n {
            let context = r#"[{""speaker"":""caller"",""text"":""I rang""}]"#;
            let speaker = if at == 1 { "robot" } else { "agent" };
            table.push_str(&format!("t{at},{speaker},\"Case {at}:\nyou should, \"\"really\"\", have called.\",\"{context}\"\n"));
        }
        std::fs::write(folder.path().join("in.csv"), table).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, input: &str, output: &str, more: &[&str]) -> i32 {
        let (input, output) = (self.path(input), self.path(output));
        let mut args = vec!["code", "--rules-alone", "--in", &input, "--out", &output];
        args.extend(more);
        let ran = evenkeel(&args, b"");
        assert_eq!(ran.out, "");
        ran.code
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

#[test]
fn tables_and_parts_hold_the_same_as_lines() {
    let bulk = Bulk::new(40);
    for output in ["out.jsonl", "out.csv", "out.parquet"] {
        assert_eq!(bulk.run("in.csv", output, &[]), 1, "one row has a speaker that nobody knows");
    }
    let lines: Vec<Value> =
        bulk.text("out.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let table = bulk.text("out.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let heads = reader.headers().unwrap().clone();
    assert_eq!(
        heads.iter().collect::<Vec<_>>(),
        ["id", "codes", "signs", "safety", "emotions", "abstained", "coder", "error"]
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((lines.len(), rows.len()), (40, 40));
    for (line, row) in lines.iter().zip(&rows) {
        assert_eq!(line["id"], row[0]);
        if line.get("error").is_some() {
            assert_eq!(line["error"], serde_json::from_str::<Value>(&row[7]).unwrap());
            assert_eq!(line["error"]["code"], "bad_speaker");
            continue;
        }
        assert_eq!(line["codes"], serde_json::from_str::<Value>(&row[1]).unwrap());
        assert_eq!(line["codes"][0]["code"], "BLAME");
        assert_eq!(row[5], *"false");
    }
    // The parts are a table again: coded once more, their ids and errors come back.
    let again = evenkeel(&["code", "--rules-alone", "--in", &bulk.path("out.parquet")], b"");
    assert_eq!((again.code, again.err.contains("no column `speaker`")), (2, true), "{}", again.err);
}

#[test]
fn a_run_that_was_killed_goes_on_where_its_output_is_whole() {
    let bulk = Bulk::new(30);
    for output in ["out.jsonl", "out.csv"] {
        bulk.run("in.csv", output, &[]);
        let whole = bulk.text(output);
        for cut in [0, 1, 60, whole.len() / 3, whole.len() / 2, whole.len() - 1, whole.len()] {
            std::fs::write(bulk.path(output), &whole.as_bytes()[..cut]).unwrap();
            bulk.run("in.csv", output, &["--resume"]);
            assert_eq!(bulk.text(output), whole, "{output} cut at {cut}");
        }
    }
    bulk.run("in.csv", "parts", &[]);
    assert!(
        std::fs::metadata(bulk.path("parts")).unwrap().is_file(),
        "a new name without .parquet is a file of lines"
    );
    bulk.run("in.csv", "out.parquet", &[]);
    let before = std::fs::read(bulk.folder.path().join("out.parquet/part-000001.parquet")).unwrap();
    assert_eq!(
        bulk.run("in.csv", "out.parquet", &[]),
        2,
        "a folder that holds parts is not written over"
    );
    bulk.run("in.csv", "out.parquet", &["--resume"]);
    let after = std::fs::read(bulk.folder.path().join("out.parquet/part-000001.parquet")).unwrap();
    assert_eq!(before, after);
    assert_eq!(std::fs::read_dir(bulk.path("out.parquet")).unwrap().count(), 1);
}
