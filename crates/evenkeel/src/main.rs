//! The binary: command line, configuration, wiring. Everything it does is one of the commands in `args`.

mod args;
mod backup;
mod check;
mod code;
mod content;
mod demo;
mod doctor;
mod evaluate;
mod output;
mod play;
mod rehearse;
mod serve;
mod site;
mod trace;

use std::process::ExitCode;

use args::{Args, Command, EvaluateCommand, ScenarioCommand};
use clap::Parser;

/// What a command came to. 0, 1 and 2 on the way out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Done,
    Findings,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(args) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("evenkeel: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(args: Args) -> anyhow::Result<Outcome> {
    match args.command {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Play(args) => play::run(&args),
        Command::Code(args) => code::run(&args),
        Command::Evaluate(EvaluateCommand::Coder(args)) => evaluate::coder(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Rehearse(args) => rehearse::run(&args),
        Command::Scenario(ScenarioCommand::Check(args)) => check::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Backup(args) => backup::backup(&args),
        Command::Restore(args) => backup::restore(&args),
    }
}
