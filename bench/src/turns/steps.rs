//! The server's own account of each step of a turn, read from its log while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::binary::LogLines;
use crate::figures::Spread;

/// By the step's name.
pub type Steps = BTreeMap<String, Spread>;

/// Collects the steps told while `measuring`; other lines of the log are warnings and go to standard error.
pub fn listen(log: LogLines, measuring: Arc<AtomicBool>) -> JoinHandle<Steps> {
    std::thread::spawn(move || {
        let mut told: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for (_, line) in log {
            match read(&line) {
                Some((step, micros)) if measuring.load(Ordering::Relaxed) => {
                    told.entry(step.to_owned()).or_default().push(micros);
                }
                Some(_) => {}
                None => eprintln!("server: {line}"),
            }
        }
        told.into_iter().map(|(step, micros)| (step, Spread::of(micros))).collect()
    })
}

/// `… evenkeel::steps: step="append" us=123`
fn read(line: &str) -> Option<(&str, u64)> {
    let (_, rest) = line.split_once("evenkeel::steps: ")?;
    let step = rest.split_once("step=\"")?.1.split('"').next()?;
    let micros = rest.split_once("us=")?.1.split_whitespace().next()?.parse().ok()?;
    Some((step, micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_from_a_line_of_the_log() {
        let line = r#"2026-03-01T09:30:00.000000Z DEBUG evenkeel::steps: step="append" us=1234"#;
        assert_eq!(read(line), Some(("append", 1234)));
        assert_eq!(read("2026-03-01T09:30:00Z  WARN store: slow"), None);
    }
}
