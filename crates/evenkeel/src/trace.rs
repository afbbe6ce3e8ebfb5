//! `evenkeel trace`: the affect model alone, in and out as the executable specification.

use crate::Outcome;
use crate::args::TraceArgs;
use crate::content;
use crate::output::{self, Line};

mod row;

use row::answer;

pub fn run(args: &TraceArgs) -> anyhow::Result<Outcome> {
    let book = content::codebook()?;
    let mut reader = output::reader(args.file.as_deref())?;
    let mut writer = output::writer(None)?;
    let mut outcome = Outcome::Done;
    let mut n = 0_u64;
    while let Some(line) = output::next_line(&mut *reader)? {
        n += 1;
        let answer = match &line {
            Line::Text(text) if text.trim().is_empty() => continue,
            Line::Text(text) => answer(&book, text),
            Line::NotUtf8 => Err("the line is not UTF-8".to_owned()),
            Line::TooLong => {
                Err(format!("the line is longer than {} bytes", output::LINE_BYTES_MAX))
            }
        };
        match answer {
            Ok(row) => serde_json::to_writer(&mut writer, &row)?,
            Err(detail) => {
                outcome = Outcome::Findings;
                let error = serde_json::json!({"code": "bad_trace", "detail": detail, "line": n});
                serde_json::to_writer(&mut writer, &serde_json::json!({ "error": error }))?;
            }
        }
        writer.write_all(b"\n")?;
    }
    writer.flush()?;
    Ok(outcome)
}
