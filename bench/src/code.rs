//! `evenkeel code` on generated transcripts: turns per second on one core and on all, and memory as the input grows.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use crate::figures::{self, per_second, percent};
use crate::process;
use crate::words;

/// How often the memory is looked at. The highest mark is the kernel's own, so nothing is missed but the last moment.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Turns of context that a generated turn carries.
const CONTEXT_TURNS: usize = 2;

#[derive(Args)]
pub struct CodeArgs {
    /// Turns; several for one run after another.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
    turns: Vec<u64>,
    /// Threads of `evenkeel code`: 1 gives turns per second on one core.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
}

pub fn run(args: &CodeArgs, binary: &Path, json: bool) -> anyhow::Result<bool> {
    let lines = words::transcript()?;
    eprintln!(
        "{:>10} {:>6} {:>9} {:>12} {:>18} {:>14} {:>12}",
        "turns", "jobs", "seconds", "turns per s", "turns per core-s", "highest MiB", "generator %"
    );
    for n_turns in &args.turns {
        let result = measure(&lines, *n_turns, args.jobs, binary)?;
        if json {
            println!("{result}");
        }
    }
    Ok(true)
}

fn measure(lines: &[String], n_turns: u64, jobs: usize, binary: &Path) -> anyhow::Result<Value> {
    let began = Instant::now();
    let own_before = process::cpu(std::process::id());
    let mut child = Command::new(binary)
        .args(["code", "--out", "/dev/null", "--jobs", &jobs.to_string()])
        .stdin(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    let input = child.stdin.take().context("the child reads its input")?;
    let pid = child.id();
    let rows = rows(lines);
    let feeder = std::thread::spawn(move || feed(input, &rows, n_turns));
    let (mut highest_kib, mut cpu) = (0, Duration::ZERO);
    let status = loop {
        if let Some((_, highest)) = process::memory_kib(pid) {
            highest_kib = highest_kib.max(highest);
            cpu = cpu.max(process::cpu(pid));
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let wall = began.elapsed();
    feeder.join().ok().context("the feeder ended")??;
    anyhow::ensure!(status.success(), "evenkeel code ended with {status}");
    let own = process::cpu(std::process::id()).saturating_sub(own_before);
    let (per_s, per_core_s) = (per_second(n_turns, wall), per_second(n_turns, cpu));
    eprintln!(
        "{n_turns:>10} {jobs:>6} {:>9.2} {per_s:>12} {per_core_s:>18} {:>14} {:>12}",
        wall.as_secs_f64(),
        highest_kib / 1024,
        percent(own, wall)
    );
    Ok(json!({
        "bench": "code", "machine": figures::machine(), "turns": n_turns, "jobs": jobs, "turns_per_s": per_s,
        "turns_per_core_s": per_core_s, "memory_highest_kib": highest_kib, "generator_cpu_percent": percent(own, wall),
    }))
}

/// Rows without their ids, agent and caller in turn, each with what came before it.
fn rows(lines: &[String]) -> Vec<String> {
    let speaker = |n: usize| if n.is_multiple_of(2) { "agent" } else { "caller" };
    let row = |n: usize| {
        let before = n.saturating_sub(CONTEXT_TURNS)..n;
        let context: Vec<Value> =
            before.map(|n| json!({"speaker": speaker(n), "text": lines[n]})).collect();
        let row = json!({"speaker": speaker(n), "context": context, "text": lines[n]}).to_string();
        // The id goes first; the rest of the row is the same each time.
        row.trim_start_matches('{').to_owned()
    };
    (0..lines.len()).map(row).collect()
}

fn feed(input: impl Write, rows: &[String], n_turns: u64) -> std::io::Result<()> {
    let mut input = BufWriter::with_capacity(1 << 18, input);
    for (n, row) in (0..n_turns).zip(rows.iter().cycle()) {
        writeln!(input, "{{\"id\":{n},{row}")?;
    }
    input.flush()
}
