//! `evenkeel evaluate coder`: how far the coder agrees with labels that it has never seen, with intervals.
//!
//! It prints figures and never a sentence. What they show and do not show is in `docs/validity.md`, which is made from them.

mod gold;
mod item;
mod questions;
mod sessions;
mod sets;
mod tally;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use coder::{Coder, Emotion};
use serde_json::json;
use talk::Coded;

use crate::args::EvaluateCoderArgs;
use crate::{Outcome, content};
use item::Item;
use sessions::Session;
use sets::Sets;
use tally::{Figure, Measured, calibration};

pub fn coder(args: &EvaluateCoderArgs) -> anyhow::Result<Outcome> {
    let coder = if args.rules_alone { content::rules_alone()? } else { content::coder()? };
    let book = content::codebook()?;
    let mut sets = Sets::new(&book)?;
    let mut found = questions::Found::default();
    let mut judged = Vec::new();
    let mut n_items = 0;
    for path in files(&args.gold)? {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.display().to_string();
        if is(&path, "questions") {
            n_items += questions::measure(&name, &text, &mut found)?;
            continue;
        }
        if is(&path, "jsonl")
            && let Some(sessions) = sessions::read(&name, &text, &coder, &book)?
        {
            n_items += sessions.len();
            judged.extend(sessions);
            continue;
        }
        let items =
            if is(&path, "gold") { gold::read(&name, &text)? } else { item::read(&name, &text)? };
        n_items += items.len();
        for (item, (coded, emotions)) in items.iter().zip(code(&coder, &items)) {
            sets.take(item, &coded, &emotions);
        }
    }
    if n_items == 0 {
        bail!("no labelled turn was found; name .gold files, or .jsonl files of a public set");
    }
    if args.json {
        print_json(&coder, &sets)
    } else {
        print_words(&coder, &sets)
    }
    print_questions(&coder, &found, args.json);
    print_sessions(&coder, &judged, args.json);
    Ok(Outcome::Done)
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|its| its == extension)
}

/// The labelled files among paths; folders are searched.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for path in paths {
        if !path.is_dir() {
            out.push(path.clone());
            continue;
        }
        let entries =
            std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut inside = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() || ["gold", "jsonl", "questions"].iter().any(|kind| is(&path, kind)) {
                inside.push(path);
            }
        }
        inside.sort();
        out.extend(files(&inside)?);
    }
    Ok(out)
}

/// Codes turns on every core, in their order.
fn code(coder: &Arc<Coder>, items: &[Item]) -> Vec<(Coded, Vec<Emotion>)> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let code = |part: &[Item]| {
            let turns: Vec<_> = part.iter().map(|item| (&item.utterance, &item.context)).collect();
            coder.code_all(&turns)
        };
        let parts: Vec<_> =
            items.chunks(share).map(|part| scope.spawn(move || code(part))).collect();
        let join = |part: std::thread::ScopedJoinHandle<'_, _>| {
            part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        parts.into_iter().flat_map(join).collect()
    })
}

fn print_words(coder: &Coder, sets: &Sets) {
    println!("{}", coder.version().0);
    for measure in sets.measured() {
        let n_true = if measure.tally.labels.len() == 1 {
            format!(", {} of them true", measure.tally.n_true())
        } else {
            String::new()
        };
        println!("{}: {} ({} turns{n_true})", measure.set, measure.what, measure.tally.n);
        for figure in measure.figures {
            let found = measure.tally.measure(*figure);
            println!(
                "  {} {:.3} [{:.3}, {:.3}]",
                figure.as_str(),
                found.value,
                found.low,
                found.high
            );
        }
        if measure.each {
            for (label, f1, kappa, n) in measure.tally.each() {
                println!("    {label:28} F1 {f1:.2}  kappa {kappa:.2}  of {n}");
            }
        }
    }
    if sets.n_agent > 0 {
        let (error, _) = calibration(&sets.confidences);
        println!(
            "gold: confidence is off by {error:.3} on average ({} codes)",
            sets.confidences.len()
        );
        println!("gold: abstained on {} of {} agent turns", sets.n_abstained, sets.n_agent);
    }
}

/// The figures of the casts, if there were any.
fn print_questions(coder: &Coder, found: &questions::Found, as_json: bool) {
    for (what, tally, figures) in [
        ("right fact first, by meaning", &found.by_meaning, &[Figure::Recall][..]),
        ("right fact first, by words", &found.by_words, &[Figure::Recall][..]),
        (
            "a fact is found where one is asked for",
            &found.answered,
            &[Figure::Recall, Figure::FalseAlarms][..],
        ),
    ] {
        if tally.n == 0 {
            continue;
        }
        if !as_json {
            println!("questions: {what} ({} questions)", tally.n);
        }
        for figure in figures {
            let Measured { value, low, high } = tally.measure(*figure);
            if as_json {
                let row = json!({
                    "coder": *coder.version().0, "set": "questions", "what": what, "figure": figure.as_str(), "value": value,
                    "low": low, "high": high, "n": tally.n, "n_true": tally.n_true(), "labels": 1,
                });
                println!("{row}");
            } else {
                println!("  {} {value:.3} [{low:.3}, {high:.3}]", figure.as_str());
            }
        }
    }
}

/// What tells good sessions from poor ones, if there were any.
fn print_sessions(coder: &Coder, judged: &[Session], as_json: bool) {
    for set in ["annomi sessions", "esconv sessions"] {
        let sessions: Vec<&Session> = judged.iter().filter(|one| one.set == set).collect();
        let n_good = sessions.iter().filter(|one| one.good).count();
        if sessions.is_empty() {
            continue;
        }
        for (score, what) in sessions::SCORES.iter().enumerate() {
            let Measured { value, low, high } = sessions::auc(&sessions, score);
            if as_json {
                let row = json!({
                    "coder": *coder.version().0, "set": set, "what": what, "figure": "AUC", "value": value, "low": low,
                    "high": high, "n": sessions.len(), "n_true": n_good, "labels": 1,
                });
                println!("{row}");
            } else {
                println!("{set}: {what} ({} sessions, {n_good} of them good)", sessions.len());
                println!("  AUC {value:.3} [{low:.3}, {high:.3}]");
            }
        }
    }
}

fn print_json(coder: &Coder, sets: &Sets) {
    let version = &coder.version().0;
    for measure in sets.measured() {
        for figure in measure.figures {
            let found = measure.tally.measure(*figure);
            let row = json!({
                "coder": **version, "set": measure.set, "what": measure.what, "figure": figure.as_str(),
                "value": found.value, "low": found.low, "high": found.high, "n": measure.tally.n,
                "n_true": measure.tally.n_true(), "labels": measure.tally.labels.len(),
            });
            println!("{row}");
        }
        for (label, f1, kappa, n) in measure.tally.each().into_iter().filter(|_| measure.each) {
            let row = json!({
                "coder": **version, "set": measure.set, "what": measure.what, "label": label, "f1": f1, "kappa": kappa, "n": n,
            });
            println!("{row}");
        }
    }
    if sets.n_agent > 0 {
        let (error, bins) = calibration(&sets.confidences);
        let bins: Vec<_> = bins.iter().map(|(said, came, n)| json!([said, came, n])).collect();
        let row = json!({
            "coder": **version, "set": "gold", "what": "confidence", "calibration_error": error, "bins": bins,
            "abstained": sets.n_abstained, "n": sets.n_agent,
        });
        println!("{row}");
    }
}
