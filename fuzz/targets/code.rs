//! Fuzz target: any bytes as the input of `evenkeel code`. One row out per line in, in order, each of them JSON.
//!
//! Reads with the binary's own line reader and row coder. `fuzz/run` builds and runs it.
#![no_main]
#![allow(dead_code)]

#[path = "../../crates/evenkeel/src/code/line.rs"]
mod line;
#[path = "../../crates/evenkeel/src/output.rs"]
mod output;

use std::sync::LazyLock;

use coder::Coder;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static CODER: LazyLock<Coder> = LazyLock::new(|| Coder::embedded().expect("the shipped lexicons read"));

fuzz_target!(|data: &[u8]| {
    // A small buffer, so that lines cross its edges.
    let mut reader = std::io::BufReader::with_capacity(16, data);
    let mut lines = Vec::new();
    while let Some(line) = output::next_line(&mut reader).expect("memory reads") {
        lines.push((lines.len() as u64 + 1, line));
    }
    let blank = |line: &output::Line| match line {
        output::Line::Text(text) => text.trim_matches(['\u{feff}', ' ', '\t']).is_empty(),
        output::Line::NotUtf8 | output::Line::TooLong => false,
    };
    let expected: Vec<u64> = lines.iter().filter(|(_, line)| !blank(line)).map(|(n, _)| *n).collect();
    let (out, broken) = line::code_lines(&CODER, &lines);
    let text = String::from_utf8(out).expect("rows are UTF-8");
    let rows: Vec<Value> = text.lines().map(|row| serde_json::from_str(row).expect("a row is JSON")).collect();
    assert_eq!(rows.len(), expected.len(), "one row per line");
    let errors = rows.iter().zip(&expected).filter_map(|(row, n)| Some((row.get("error")?, n)));
    let mut n_errors = 0;
    for (error, n) in errors {
        n_errors += 1;
        assert_eq!(error["line"], *n, "an error names its line");
        assert!(error["code"].is_string() && error["detail"].as_str().is_some_and(|d| !d.is_empty()));
    }
    assert_eq!(broken, n_errors > 0);
});
