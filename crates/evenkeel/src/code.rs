//! `evenkeel code`: the turns of a transcript, coded in order, in constant memory, on every core.
//!
//! Lines of JSON, CSV tables or folders of Parquet, in and out. What was written before a kill is kept with `--resume`.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use coder::Coder;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::CodeArgs;
use crate::output;
use crate::{Outcome, content};

mod csv_table;
mod line;
mod lines;
mod parquet_parts;

use line::{Cells, Read, answer};

/// Turns that are read before they are coded together; bounds the memory with `BATCH_BYTES`.
const BATCH_TURNS: usize = 512;
/// Bytes of turns that are read before they are coded together.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Where turns come from.
pub trait Source {
    /// The next turn and how many bytes it took; `None` at the end. Blank lines are no turns.
    fn next(&mut self) -> anyhow::Result<Option<(Read, usize)>>;
}

/// Where answers go.
pub trait Sink {
    /// Answers that an earlier run left there whole.
    fn n_kept(&self) -> u64;
    fn write(&mut self, answers: &[Cells]) -> anyhow::Result<()>;
    fn finish(&mut self) -> anyhow::Result<()>;
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Lines,
    Csv,
    Parquet,
}

impl Kind {
    fn of(path: Option<&Path>) -> Self {
        let Some(path) = path else { return Kind::Lines };
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => Kind::Csv,
            Some("parquet") => Kind::Parquet,
            _ if path.is_dir() => Kind::Parquet,
            _ => Kind::Lines,
        }
    }
}

pub fn run(args: &CodeArgs) -> anyhow::Result<Outcome> {
    let coder = if args.rules_alone { content::rules_alone()? } else { content::coder()? };
    let (input, output) = (args.input.as_deref(), args.output.as_deref());
    output::refuse_same_file(input, output)?;
    let mut source: Box<dyn Source> = match (Kind::of(input), input) {
        (Kind::Csv, Some(path)) => Box::new(csv_table::Table::open(path)?),
        (Kind::Parquet, Some(path)) => Box::new(parquet_parts::Parts::open(path)?),
        _ => Box::new(lines::Lines::open(input)?),
    };
    let mut sink: Box<dyn Sink> = match (Kind::of(output), output) {
        (Kind::Csv, Some(path)) => Box::new(csv_table::Written::create(path, args.resume)?),
        (Kind::Parquet, Some(path)) => Box::new(parquet_parts::Written::create(path, args.resume)?),
        _ => Box::new(lines::Written::create(output, args.resume)?),
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let n_threads = args.jobs.unwrap_or(cores).clamp(1, 256);
    let bar = progress(args);
    let mut broken = false;
    let mut n_done = 0;
    while n_done < sink.n_kept() && source.next()?.is_some() {
        n_done += 1;
    }
    bar.set_position(n_done);
    loop {
        let batch = read_batch(&mut *source)?;
        if batch.is_empty() {
            break;
        }
        n_done += batch.len() as u64;
        for answers in code_batch(&coder, &batch, n_threads) {
            broken |= answers.iter().any(|cells| !cells.error.is_empty());
            sink.write(&answers)?;
        }
        bar.set_position(n_done);
    }
    sink.finish()?;
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
        ProgressStyle::with_template("{spinner} {human_pos} turns, {per_sec}, {elapsed}")
    {
        bar.set_style(style);
    }
    bar
}

fn read_batch(source: &mut dyn Source) -> anyhow::Result<Vec<Read>> {
    let mut batch = Vec::with_capacity(BATCH_TURNS);
    let mut n_bytes = 0;
    while batch.len() < BATCH_TURNS && n_bytes < BATCH_BYTES {
        let Some((read, bytes)) = source.next()? else { break };
        n_bytes += bytes;
        batch.push(read);
    }
    Ok(batch)
}

/// Codes a batch on every thread; the answers come back in the order of the turns.
fn code_batch(coder: &Arc<Coder>, batch: &[Read], n_threads: usize) -> Vec<Vec<Cells>> {
    let share = batch.len().div_ceil(n_threads).max(1);
    if n_threads == 1 {
        return vec![answer(coder, batch)];
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            batch.chunks(share).map(|part| scope.spawn(|| answer(coder, part))).collect();
        parts
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
