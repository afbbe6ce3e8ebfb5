//! `evenkeel scenario check`: every scenario and plan under the given paths, each fault with its place and remedy.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use scenario::{Diagnostic, Program, Severity};
use serde::Serialize;
use talk::Codebook;

use crate::args::CheckArgs;
use crate::{Outcome, content, output};

/// Bytes of one file that are read; the checker then says that it is too long.
const READ_BYTES_MAX: u64 = 4 * 1024 * 1024;

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
        collect(path, &mut files)?;
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

/// Scenario and plan files under a path. Links inside folders are not followed: two that point up would never end.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let place = || format!("cannot read {}", path.display());
    let kind = std::fs::metadata(path).with_context(place)?.file_type();
    if kind.is_dir() {
        for entry in std::fs::read_dir(path).with_context(place)? {
            let entry = entry.with_context(place)?;
            if !entry.file_type().with_context(place)?.is_symlink() {
                collect(&entry.path(), files)?;
            }
        }
    } else if kind.is_file() && is_ours(path) {
        files.push(path.to_owned());
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "scenario" || kind == "plan")
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
    let file =
        std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut bytes = Vec::new();
    file.take(READ_BYTES_MAX)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {}", path.display()))?;
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
