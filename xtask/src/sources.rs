//! Sizes, headers, names and left-over markers in the project's own sources.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
/// Names that say nothing about what lies inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "helpers", "common", "manager", "service", "core"];
/// Assembled, so that this file does not find itself.
const MARKERS: [&str; 6] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("#[ig", "nore"),
    concat!("test.sk", "ip("),
];
/// Folders of one machine; a project has none.
const MACHINE: [&str; 3] = [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/")];

pub fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for file in tracked(root)? {
        let name = file.display().to_string();
        let kind = file.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let Ok(text) = std::fs::read_to_string(root.join(&file)) else { continue };
        if matches!(kind, "rs" | "js" | "mjs" | "ts" | "py" | "css" | "html") {
            sizes(&name, &text, &mut faults);
            markers(&name, &text, &mut faults);
        }
        if kind == "rs" {
            rust(&name, &file, &text, &mut faults);
        }
        for place in MACHINE {
            if kind != "lock" && text.contains(place) {
                faults.push(format!(
                    "{name}: names a folder of one machine ({place}); say it another way"
                ));
            }
        }
        if kind == "scenario"
            && name.starts_with("content/")
            && !root.join(&file).with_extension("plan").is_file()
        {
            faults.push(format!("{name}: has no plan beside it; write one"));
        }
    }
    Ok(faults)
}

/// The files that git tracks, and those it would.
fn tracked(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("git ls-files")?;
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(list.lines().map(PathBuf::from).filter(|path| root.join(path).is_file()).collect())
}

fn sizes(name: &str, text: &str, faults: &mut Vec<String>) {
    let n_lines = text.lines().count();
    if n_lines > FILE_LINES_MAX {
        faults.push(format!(
            "{name}: {n_lines} lines, the limit is {FILE_LINES_MAX}; split it by what it knows"
        ));
    }
}

fn markers(name: &str, text: &str, faults: &mut Vec<String>) {
    for (n, line) in (1..).zip(text.lines()) {
        for marker in MARKERS {
            if line.contains(marker) {
                faults.push(format!(
                    "{name}:{n}: a left-over {marker}; do it or write it down elsewhere"
                ));
            }
        }
    }
}

fn rust(name: &str, file: &Path, text: &str, faults: &mut Vec<String>) {
    if !text.starts_with("//!") {
        faults.push(format!(
            "{name}:1: does not open with //!; say what it is, what it is not, who calls it"
        ));
    }
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        faults.push(format!("{name}: `{stem}` names nothing; name it after what it knows"));
    }
    if stem == "mod" {
        faults.push(format!("{name}: write foo.rs beside foo/ instead of foo/mod.rs"));
    }
    // rustfmt closes a function at the column where it opened.
    let mut open: Option<(usize, String, String)> = None;
    for (n, line) in (1..).zip(text.lines()) {
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        if let Some((start, outer, function)) = &open {
            if *outer == indent && line.trim_start().starts_with('}') {
                if n - start + 1 > FUNCTION_LINES_MAX {
                    let length = n - start + 1;
                    faults.push(format!("{name}:{start}: `{function}` has {length} lines, the limit is {FUNCTION_LINES_MAX}"));
                }
                open = None;
            }
        } else if let Some(function) = function_name(line)
            && !line.trim_end().ends_with(['}', ';'])
        {
            open = Some((n, indent, function));
        }
    }
}

fn function_name(line: &str) -> Option<String> {
    let line = line.trim_start();
    let starts = ["fn ", "pub fn ", "async fn ", "pub async fn ", "const fn ", "pub const fn "];
    let after_pub = line.strip_prefix("pub(crate) ").or_else(|| line.strip_prefix("pub(super) "));
    let line = after_pub.unwrap_or(line);
    let rest = starts.iter().find_map(|start| line.strip_prefix(start))?;
    Some(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}
