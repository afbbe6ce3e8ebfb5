//! `evenkeel code`: the turns of a transcript as JSON lines, coded in order, in constant memory, on every core.

use std::sync::Arc;

use coder::Coder;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

use crate::Outcome;
use crate::args::CodeArgs;
use crate::content;
use crate::output::{self, Line};

mod line;

use line::{Numbered, code_lines};

/// Lines that are read before they are coded together; bounds the memory with `LINE_BYTES_MAX`.
const BATCH_LINES: usize = 512;
/// Bytes of lines that are read before they are coded together.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

pub fn run(args: &CodeArgs) -> anyhow::Result<Outcome> {
    let coder = content::coder()?;
    let mut reader = output::reader(args.input.as_deref())?;
    output::refuse_same_file(args.input.as_deref(), args.output.as_deref())?;
    let mut writer = output::writer(args.output.as_deref())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let n_threads = args.jobs.unwrap_or(cores).clamp(1, 256);
    let bar = progress(args);
    let mut n_read = 0_u64;
    let mut broken = false;
    loop {
        let batch = read_batch(&mut *reader, &mut n_read)?;
        if batch.is_empty() {
            break;
        }
        for (bytes, fault) in code_batch(&coder, &batch, n_threads) {
            broken |= fault;
            writer.write_all(&bytes)?;
        }
        bar.set_position(n_read);
    }
    writer.flush()?;
    bar.finish_and_clear();
    Ok(if broken { Outcome::Findings } else { Outcome::Done })
}

/// A bar on standard error, only where a person watches and the output goes elsewhere.
fn progress(args: &CodeArgs) -> ProgressBar {
    let to_file = args.output.is_some() || !std::io::stdout().is_terminal();
    if !std::io::stderr().is_terminal() || !to_file {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) =
        ProgressStyle::with_template("{spinner} {human_pos} lines, {per_sec}, {elapsed}")
    {
        bar.set_style(style);
    }
    bar
}

fn read_batch(
    reader: &mut dyn std::io::BufRead,
    n_read: &mut u64,
) -> anyhow::Result<Vec<Numbered>> {
    let mut batch = Vec::with_capacity(BATCH_LINES);
    let mut n_bytes = 0;
    while batch.len() < BATCH_LINES && n_bytes < BATCH_BYTES {
        let Some(line) = output::next_line(reader)? else { break };
        *n_read += 1;
        if let Line::Text(text) = &line {
            n_bytes += text.len();
        }
        batch.push((*n_read, line));
    }
    Ok(batch)
}

/// Codes a batch on every thread; the answers come back in the order of the lines.
fn code_batch(coder: &Arc<Coder>, batch: &[Numbered], n_threads: usize) -> Vec<(Vec<u8>, bool)> {
    let share = batch.len().div_ceil(n_threads).max(1);
    if n_threads == 1 {
        return vec![code_lines(coder, batch)];
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            batch.chunks(share).map(|part| scope.spawn(|| code_lines(coder, part))).collect();
        parts
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
