//! `evenkeel scenario check`: every scenario and plan under the given paths, each fault with its place and remedy.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use scenario::{Diagnostic, Program, Severity};
use serde::Serialize;
use talk::Codebook;

use crate::args::CheckArgs;
use crate::{Outcome, content, output};

/// Folders inside folders that are searched; a loop of links ends here.
const DEPTH_MAX: usize = 32;

#[derive(Serialize)]
struct DiagnosticRow<'a> {
    code: &'a str,
    severity: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    message: &'a str,
    remedy: &'a str,
}

pub fn run(args: &CheckArgs) -> anyhow::Result<Outcome> {
    let book = content::codebook()?;
    let mut files = Vec::new();
    for path in &args.paths {
        if !path.exists() {
            bail!("{} does not exist; give files or folders", path.display());
        }
        collect(path, 0, &mut files)?;
    }
    files.sort();
    files.dedup();
    let mut writer = output::writer(None)?;
    let mut n_errors = 0_usize;
    let mut n_warnings = 0_usize;
    for file in &files {
        for diagnostic in check(file, &book)? {
            n_errors += usize::from(diagnostic.severity == Severity::Error);
            n_warnings += usize::from(diagnostic.severity == Severity::Warning);
            if !(args.quiet && diagnostic.severity == Severity::Note) {
                tell(&mut writer, &diagnostic, args.json)?;
            }
        }
    }
    writer.flush()?;
    if !args.json {
        eprintln!("{} files, {n_errors} errors, {n_warnings} warnings", files.len());
    }
    Ok(if n_errors > 0 { Outcome::Findings } else { Outcome::Done })
}

/// Scenario and plan files under a path. A file given by name is taken only when it is one of these kinds.
fn collect(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_dir() && depth < DEPTH_MAX {
        let entries =
            std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        for entry in entries {
            collect(&entry?.path(), depth + 1, files)?;
        }
    } else if path.extension().is_some_and(|kind| kind == "scenario" || kind == "plan") {
        files.push(path.to_owned());
    }
    Ok(())
}

fn check(path: &Path, book: &Codebook) -> anyhow::Result<Vec<Diagnostic>> {
    let name = path.display().to_string();
    let text = read(path)?;
    if path.extension().is_some_and(|kind| kind == "scenario") {
        return Ok(scenario::parse_scenario(&name, &text, book).1);
    }
    let program = beside(path, book)?;
    Ok(scenario::parse_plan(&name, &text, program.as_ref()).1)
}

/// The program that a plan belongs to, when its file stands beside it and holds no error.
fn beside(plan: &Path, book: &Codebook) -> anyhow::Result<Option<Program>> {
    let path = plan.with_extension("scenario");
    if !path.is_file() {
        return Ok(None);
    }
    Ok(scenario::parse_scenario(&path.display().to_string(), &read(&path)?, book).0)
}

/// The text of a file; bytes that are not UTF-8 become U+FFFD, which the checker then points at.
fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn tell(writer: &mut dyn Write, diagnostic: &Diagnostic, json: bool) -> anyhow::Result<()> {
    if !json {
        writeln!(writer, "{diagnostic}")?;
        return Ok(());
    }
    let row = DiagnosticRow {
        code: diagnostic.code,
        severity: diagnostic.severity.as_str(),
        file: &diagnostic.file,
        line: diagnostic.line,
        column: diagnostic.column,
        message: &diagnostic.message,
        remedy: &diagnostic.remedy,
    };
    serde_json::to_writer(&mut *writer, &row)?;
    writer.write_all(b"\n")?;
    Ok(())
}
