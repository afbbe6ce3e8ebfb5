//! Invitation links of many people: shown once on a page, and once as a file. Kept in memory for a few minutes.
//!
//! A node that restarts, or another node, does not have them: then each person's page makes a new link.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use talk::{Instant, PersonId};

use crate::pages;
use crate::problem::Problem;
use crate::routes::{self, Part};
use crate::site::{Shared, Shell};
use crate::who::Admin;

/// How long a file waits to be fetched.
const HANDOUT_MS: u64 = 15 * 60 * 1000;
/// Files that wait at once.
const HANDOUTS_MAX: usize = 100;

/// The files that wait.
#[derive(Default)]
pub struct Handouts(Mutex<HashMap<String, Handout>>);

struct Handout {
    admin: PersonId,
    at: Instant,
    file: String,
}

impl Handouts {
    fn keep(&self, name: String, handout: Handout) {
        let now = handout.at;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, old| now.since_ms(old.at) < HANDOUT_MS);
        if kept.len() < HANDOUTS_MAX {
            kept.insert(name, handout);
        }
    }

    /// The file, once, for the admin who made it.
    fn take(&self, name: &str, admin: PersonId, now: Instant) -> Option<String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |old: &Handout| old.admin == admin && now.since_ms(old.at) < HANDOUT_MS;
        if kept.get(name).is_some_and(fits) { kept.remove(name).map(|old| old.file) } else { None }
    }
}

#[derive(Template)]
#[template(path = "links.html")]
struct View {
    shell: Shell,
    rows: Vec<Invited>,
    file: String,
    until: String,
}

/// Somebody invited.
pub(super) struct Invited {
    pub(super) name: String,
    pub(super) login: String,
    pub(super) link: String,
}

pub(super) fn routes() -> Router<Shared> {
    Router::new().route(routes::LinksFile::PATTERN, get(file))
}

/// Shows the links, and keeps them as a file for one download.
pub(super) fn show(
    site: &Shared,
    admin: PersonId,
    shell: Shell,
    rows: Vec<Invited>,
) -> Result<Response, Problem> {
    let name = site.nonce();
    let handout = Handout { admin, at: site.now(), file: csv(&rows).ok_or(Problem::Fault)? };
    site.handouts.keep(name.clone(), handout);
    let until = crate::when::day_and_time(site.now().plus_ms(site.config.invite_ttl_ms));
    let file = routes::LinksFile(name).path();
    Ok(pages::page(&View { shell: shell.titled("Invitation links"), rows, file, until }))
}

fn csv(rows: &[Invited]) -> Option<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["name", "login", "link"]).ok()?;
    for row in rows {
        writer.write_record([plain(&row.name), plain(&row.login), row.link.clone()]).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}

/// A spreadsheet takes a cell that starts like a formula for one; an apostrophe before it says that it is text.
fn plain(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

async fn file(
    State(site): State<Shared>,
    Admin(admin): Admin,
    Part(name): Part<String>,
) -> Result<Response, Problem> {
    let file = site.handouts.take(&name, admin.id(), site.now()).ok_or_else(|| {
        Problem::refused(
            "This file can be fetched once, for a quarter of an hour. That is over.",
            "Open a person's page and make a new invitation link there.",
        )
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"invitation-links.csv\""),
    ];
    Ok((headers, file).into_response())
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    let row = Invited {
        name: "Sam <i>".to_owned(),
        login: "sam".to_owned(),
        link: "https://practice.example/link/abc".to_owned(),
    };
    let view = View {
        shell: Shell::sample("Invitation links"),
        rows: vec![row],
        file: "/people/links/abc".to_owned(),
        until: "1 March 2026, 09:30 UTC".to_owned(),
    };
    vec![pages::sample("links", &view)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_becomes_a_formula() {
        let row = Invited {
            name: "=HYPERLINK(1)".to_owned(),
            login: "a,b".to_owned(),
            link: "x".to_owned(),
        };
        assert_eq!(csv(&[row]).unwrap(), "name,login,link\n'=HYPERLINK(1),\"a,b\",x\n");
        for wide in ["\u{ff1d}1", "\u{ff0b}1", "\u{ff0d}1", "\u{ff20}a"] {
            assert_eq!(plain(wide), format!("'{wide}"));
        }
    }

    #[test]
    fn a_file_is_fetched_once_by_its_admin_in_time() {
        let handouts = Handouts::default();
        let (ann, bob) = (PersonId::from_random([1; 16]), PersonId::from_random([2; 16]));
        let keep = |name: &str| {
            let handout = Handout { admin: ann, at: Instant(0), file: "x".to_owned() };
            handouts.keep(name.to_owned(), handout);
        };
        keep("a");
        assert!(handouts.take("a", bob, Instant(1)).is_none());
        assert!(handouts.take("a", ann, Instant(1)).is_some());
        assert!(handouts.take("a", ann, Instant(1)).is_none());
        keep("b");
        assert!(handouts.take("b", ann, Instant(900_000)).is_none());
    }
}
