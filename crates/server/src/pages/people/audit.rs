//! What was done to accounts: the audit as a list. Deeds and names, never contents.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use store::AuditLine;

use crate::pages;
use crate::problem::Problem;
use crate::routes;
use crate::site::{Shared, Shell};
use crate::when;
use crate::who::Admin;

#[derive(Template)]
#[template(path = "audit.html")]
struct View {
    shell: Shell,
    lines: Vec<Line>,
}

/// One deed.
pub(super) struct Line {
    pub(super) at: String,
    pub(super) actor: String,
    pub(super) deed: String,
    pub(super) subject: String,
    pub(super) detail: String,
}

impl Line {
    pub(super) fn of(line: &AuditLine) -> Self {
        let known =
            |name: &Option<String>, else_: &str| name.clone().unwrap_or_else(|| else_.to_owned());
        Self {
            at: when::day_and_time(line.at),
            actor: known(&line.actor_name, "the operator of this server"),
            deed: in_words(&line.action),
            subject: known(&line.subject_name, ""),
            detail: line.detail.clone(),
        }
    }

    pub(super) fn sample() -> Self {
        Self {
            at: "1 March 2026, 09:30 UTC".to_owned(),
            actor: "Robin <i>".to_owned(),
            deed: "started a reset".to_owned(),
            subject: "Sam".to_owned(),
            detail: String::new(),
        }
    }
}

fn in_words(action: &str) -> String {
    let words = match action {
        "person_added" => "added",
        "person_renamed" => "renamed",
        "person_deactivated" => "deactivated",
        "person_reactivated" => "reactivated",
        "invitation_made" => "made a new invitation for",
        "link_accepted" => "used the link of",
        "reset_started" => "started a reset of",
        "practice_unlocked" => "opened earlier practice of",
        "recovered_with_code" => "got back in with the recovery code of",
        "donations_exported" => "took the file of given items",
        "password_changed" => "changed the password of",
        other => return other.replace('_', " "),
    };
    words.to_owned()
}

pub(super) fn routes() -> Router<Shared> {
    Router::new().route(routes::Audit::PATTERN, get(show))
}

async fn show(State(site): State<Shared>, _: Admin, shell: Shell) -> Result<Response, Problem> {
    let lines = site.store.audit_all().await?;
    let lines = lines.iter().map(Line::of).collect();
    Ok(pages::page(&View { shell: shell.titled("What was done"), lines }))
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    vec![pages::sample(
        "audit",
        &View { shell: Shell::sample("What was done"), lines: vec![Line::sample()] },
    )]
}
