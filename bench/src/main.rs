//! Measures the real binary from outside: turns under load, `evenkeel code`, the start; and kills it in a loop.
//!
//! Not a test of what the site says. Every command prints a table, or one line of JSON with `--json`.
#![allow(
    clippy::disallowed_methods,
    reason = "a bench measures: here the system's clock is the subject"
)]

mod binary;
mod client;
mod code;
mod crash;
mod database;
mod figures;
mod house;
mod process;
mod start;
mod turns;
mod walk;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Benches and the crash test. Each starts the evenkeel binary in a process of its own.
#[derive(Parser)]
#[command(name = "bench", max_term_width = 100)]
struct Command {
    #[command(subcommand)]
    what: What,
    /// The evenkeel binary. Left out, it is built first, in the profile of this bench.
    #[arg(long, global = true)]
    binary: Option<PathBuf>,
    /// One line of JSON per result.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum What {
    /// Live calls over web sockets; turns arrive open-loop, as a Poisson process.
    Turns(turns::TurnsArgs),
    /// The steps inside one turn, in this process: coding, noticing, feeling and wording.
    Walk(walk::WalkArgs),
    /// `evenkeel code` on generated transcripts: turns per second on one core, and memory.
    Code(code::CodeArgs),
    /// From the start of the process to the first page, and memory with open calls.
    Start(start::StartArgs),
    /// kill -9 in a loop under load; looks for answered turns that are lost or doubled.
    Crash(crash::CrashArgs),
}

/// Where a bench keeps a site while it runs.
#[derive(Args, Clone)]
pub struct Ground {
    /// `sqlite`, `postgres` (a cluster of its own is made and thrown away), or `postgres://…` of an empty database.
    #[arg(long, default_value = "sqlite")]
    pub database: String,
    /// A folder on a real disk; a fresh folder is made in it and removed afterwards.
    #[arg(long, default_value = "target/bench")]
    pub folder: PathBuf,
}

fn main() -> ExitCode {
    let command = Command::parse();
    match run(&command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether all was well.
fn run(command: &Command) -> anyhow::Result<bool> {
    let json = command.json;
    let binary = || binary::keep(command.binary.as_deref());
    match &command.what {
        What::Turns(args) => turns::run(args, &binary()?.path, json),
        What::Walk(args) => walk::run(args, json),
        What::Code(args) => code::run(args, &binary()?.path, json),
        What::Start(args) => start::run(args, &binary()?.path, json),
        What::Crash(args) => crash::run(args, &binary()?.path, json),
    }
}
