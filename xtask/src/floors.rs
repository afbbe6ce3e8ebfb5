//! The table of floors (ARCHITECTURE.md, section 3), held against `cargo metadata`: a crate uses lower floors only,
//! none beside it and none above, and floors 0 to 2, `store` aside, know no I/O, async or HTTP library.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

const FLOORS: [(&str, u8); 8] = [
    ("talk", 0),
    ("ear", 0),
    ("coder", 1),
    ("scenario", 1),
    ("call", 2),
    ("store", 2),
    ("server", 3),
    ("evenkeel", 4),
];

/// Libraries that do I/O, async or HTTP: only `store` and floors 3 and 4 may use them.
const OUTSIDE: [&str; 8] =
    ["tokio", "axum", "sqlx", "tower", "tower-http", "hyper", "reqwest", "getrandom"];

pub fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let floor: BTreeMap<&str, u8> = FLOORS.into_iter().collect();
    let mut faults = Vec::new();
    for package in packages(root)? {
        let name = package["name"].as_str().unwrap_or_default().to_owned();
        // Tools beside the house: they look at it from outside.
        if name == "xtask" || name == "bench" {
            continue;
        }
        let Some(own) = floor.get(name.as_str()).copied() else {
            faults.push(format!(
                "crates/{name}: has no floor; give it one in ARCHITECTURE.md and xtask/src/floors.rs"
            ));
            continue;
        };
        let used = package["dependencies"].as_array().cloned().unwrap_or_default();
        for dependency in used.iter().filter(|d| d["kind"].is_null()) {
            let other = dependency["name"].as_str().unwrap_or_default();
            if floor.get(other).is_some_and(|its| *its >= own) {
                faults.push(format!(
                    "crates/{name} (floor {own}) uses {other} (floor {}); move what they share down",
                    floor[other]
                ));
            }
            if own <= 2 && name != "store" && OUTSIDE.contains(&other) {
                faults.push(format!(
                    "crates/{name} uses {other}; floors 0 to 2 do no I/O, so take it as an argument"
                ));
            }
            if other == "sqlx" && name != "store" {
                faults.push(format!("crates/{name} uses sqlx; only store holds SQL"));
            }
        }
    }
    Ok(faults)
}

fn packages(root: &Path) -> anyhow::Result<Vec<Value>> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    metadata["packages"].as_array().cloned().context("cargo metadata names no packages")
}
