//! Checks of the house itself. `cargo xtask tidy` holds the floors, sizes and headers that ARCHITECTURE.md states.
//!
//! Not a linter of style (rustfmt and clippy are) and not a test of behaviour.

mod floors;
mod sources;

use std::process::ExitCode;

use anyhow::{Context, bail};

fn main() -> ExitCode {
    match run() {
        Ok(0) => {
            println!("tidy: nothing to mend");
            ExitCode::SUCCESS
        }
        Ok(n) => {
            eprintln!("tidy: {n} to mend");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("tidy: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> anyhow::Result<usize> {
    let task = std::env::args().nth(1);
    if task.as_deref() != Some("tidy") {
        bail!("there is one task: cargo xtask tidy");
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = root.context("xtask lies in the workspace")?;
    let mut faults = floors::check(root)?;
    faults.extend(sources::check(root)?);
    for fault in &faults {
        eprintln!("{fault}");
    }
    Ok(faults.len())
}
