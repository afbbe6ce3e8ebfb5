//! The page of a problem: what happened, and what to do. The same words as the JSON for programs (`problem`).

use askama::Template;
use axum::response::Response;

use crate::problem::{Problem, Told};
use crate::site::Shell;

#[derive(Template)]
#[template(path = "error.html")]
struct View<'a> {
    shell: Shell,
    told: &'a Told,
    reference: Option<&'a str>,
}

/// The page for `told`.
pub fn page(shell: Shell, told: &Told, reference: Option<&str>) -> Response {
    let shell = shell.titled(told.title.clone());
    super::page_as(told.status, &View { shell, told, reference })
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for problem in [Problem::NotFound, Problem::Fault, Problem::TooMany { wait_ms: 90_000 }] {
        let told = problem.tell();
        let shell = Shell::sample_signed_out(&told.title);
        all.push(super::sample("error", &View { shell, told: &told, reference: Some("0a1b2c") }));
    }
    all
}
