//! The content that is built into the binary: codebook, lexicons, feedback, scenarios, plans, resources.

use std::sync::Arc;

use anyhow::{Context, bail};
use call::Stage;
use coder::Coder;
use rust_embed::RustEmbed;
use scenario::{Diagnostic, Plan, Program, Severity};
use talk::{Codebook, Feedback};

/// `content/`, as it stood when the binary was built. The gold is for training and measuring, and stays outside.
#[derive(RustEmbed)]
#[folder = "../../content"]
#[exclude = "gold/*"]
pub struct Content;

/// A file of `content/` as text.
pub fn text(path: &str) -> anyhow::Result<String> {
    let file =
        Content::get(path).with_context(|| format!("content/{path} is not in this binary"))?;
    String::from_utf8(file.data.into_owned())
        .with_context(|| format!("content/{path} is not UTF-8"))
}

pub fn codebook() -> anyhow::Result<Codebook> {
    Codebook::parse(&text("codebook/codes.toml")?).context("content/codebook/codes.toml")
}

pub fn feedback() -> anyhow::Result<Feedback> {
    Feedback::parse(&text("codebook/feedback.toml")?).context("content/codebook/feedback.toml")
}

/// The coder, its network read: rules and network together.
pub fn coder() -> anyhow::Result<Arc<Coder>> {
    let coder = Coder::embedded()?.with_learnt_codes();
    coder.wake()?;
    Ok(Arc::new(coder))
}

/// The coder's rules alone.
pub fn rules_alone() -> anyhow::Result<Arc<Coder>> {
    Ok(Arc::new(Coder::embedded()?.rules_alone()))
}

/// The ids of the embedded scenarios, in order.
pub fn scenario_ids() -> Vec<String> {
    let ids = Content::iter().filter_map(|path| {
        let name = path.strip_prefix("scenarios/")?.strip_suffix(".scenario")?;
        Some(name.to_owned())
    });
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids
}

/// A scenario and its plan, as read.
pub struct Pair {
    pub stage: Arc<Stage>,
    pub plan: Option<Plan>,
}

/// Reads one embedded scenario, or one file.
pub fn pair(name: &str, book: &Codebook) -> anyhow::Result<Pair> {
    let (file, text_of_scenario, text_of_plan) = if scenario_ids().iter().any(|id| id == name) {
        let plan = text(&format!("scenarios/{name}.plan")).ok();
        (format!("{name}.scenario"), text(&format!("scenarios/{name}.scenario"))?, plan)
    } else {
        read_files(name)?
    };
    let program = program(&file, &text_of_scenario, book)?;
    let plan = text_of_plan.map(|text| plan(&file.replace(".scenario", ".plan"), &text, &program));
    Ok(Pair { plan: plan.transpose()?, stage: Arc::new(Stage::new(program)) })
}

fn read_files(name: &str) -> anyhow::Result<(String, String, Option<String>)> {
    let path = std::path::Path::new(name);
    if !path.is_file() {
        let known = scenario_ids().join(", ");
        bail!(
            "there is no scenario `{name}`; the embedded ones are: {known}. Or give the path of a file"
        );
    }
    let text = std::fs::read_to_string(path).with_context(|| name.to_owned())?;
    let plan = std::fs::read_to_string(path.with_extension("plan")).ok();
    let file = path.file_name().map(|f| f.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((file, text, plan))
}

fn program(file: &str, text: &str, book: &Codebook) -> anyhow::Result<Program> {
    let (program, diagnostics) = scenario::parse_scenario(file, text, book);
    program.with_context(|| faults(&diagnostics))
}

fn plan(file: &str, text: &str, program: &Program) -> anyhow::Result<Plan> {
    let (plan, diagnostics) = scenario::parse_plan(file, text, Some(program));
    plan.with_context(|| faults(&diagnostics))
}

fn faults(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    errors.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Every embedded scenario, ready to be played.
pub fn stages(book: &Codebook) -> anyhow::Result<std::collections::BTreeMap<String, Arc<Stage>>> {
    scenario_ids().into_iter().map(|id| Ok((id.clone(), pair(&id, book)?.stage))).collect()
}
