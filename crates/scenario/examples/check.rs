//! Checks the files given as arguments and prints what is to be mended. For authors; not part of the program.
//!
//! `cargo run -q -p scenario --example check -- content/scenarios/*.scenario content/scenarios/*.plan`;
//! with `--table` it prints `docs/reference/scenario-diagnostics.md`.

use std::process::ExitCode;

use scenario::{Diagnostic, Program, Severity, parse_plan, parse_scenario};
use talk::Codebook;

fn main() -> ExitCode {
    let codes = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content/codebook/codes.toml");
    let codebook =
        match read(codes).and_then(|text| Codebook::parse(&text).map_err(|e| e.to_string())) {
            Ok(codebook) => codebook,
            Err(error) => {
                eprintln!("{codes}: {error}");
                return ExitCode::from(2);
            }
        };
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files == ["--table"] {
        print!("{}", scenario::render_table());
        return ExitCode::SUCCESS;
    }
    if files.is_empty() {
        eprintln!("name the files to check: NAME.scenario or NAME.plan");
        return ExitCode::from(2);
    }
    let mut is_clean = true;
    for file in &files {
        match check(file, &codebook) {
            Ok(n_errors) => is_clean &= n_errors == 0,
            Err(error) => {
                eprintln!("{file}: {error}");
                is_clean = false;
            }
        }
    }
    if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Checks one file, prints its diagnostics, and says how many errors it has.
fn check(file: &str, codebook: &Codebook) -> Result<usize, String> {
    let text = read(file)?;
    let (found, summary) = if let Some(stem) = file.strip_suffix(".plan") {
        let beside = read(&format!("{stem}.scenario")).ok();
        let program =
            beside.and_then(|text| parse_scenario(&format!("{stem}.scenario"), &text, codebook).0);
        let (plan, found) = parse_plan(file, &text, program.as_ref());
        (found, plan.map(|plan| format!("{} agents", plan.agents.len())))
    } else {
        let (program, found) = parse_scenario(file, &text, codebook);
        (found, program.as_ref().map(summary))
    };
    for diagnostic in &found {
        println!("{diagnostic}");
    }
    let count =
        |severity: Severity| found.iter().filter(|d: &&Diagnostic| d.severity == severity).count();
    let n_errors = count(Severity::Error);
    println!(
        "{file}: {n_errors} errors, {} warnings, {} notes{}",
        count(Severity::Warning),
        count(Severity::Note),
        summary.map_or_else(String::new, |words| format!("; {words}"))
    );
    Ok(n_errors)
}

fn summary(program: &Program) -> String {
    let lines = program.caller.pools.iter().flat_map(|pool| &pool.lines);
    let n_texts: usize = lines.map(|line| line.texts.len()).sum();
    format!("{} facts, {n_texts} expansions in its pools", program.caller.facts.len())
}

fn read(path: &str) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
