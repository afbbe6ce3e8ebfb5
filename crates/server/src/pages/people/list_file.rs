//! Adding many people from a CSV file: first a table that shows what would happen, then all of them or none.
//!
//! The file is read again at the confirmation: nothing is kept in between, and the second reading counts.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use store::{NewPerson, Role};

use super::handout::{self, Invited};
use crate::pages;
use crate::problem::Problem;
use crate::routes;
use crate::site::{Shared, Shell};
use crate::who::{Admin, Visitor};

mod read;

use read::{Fault, LIST_CSV_BYTES_MAX};

#[derive(Template)]
#[template(path = "import.html")]
struct View {
    shell: Shell,
    error: Option<String>,
    rows_max: usize,
}

#[derive(Template)]
#[template(path = "import_check.html")]
struct CheckView {
    shell: Shell,
    rows: Vec<(String, String, &'static str)>,
    faults: Vec<Fault>,
    text: String,
}

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::ImportPeople::PATTERN, get(show).post(check))
        .route(routes::ConfirmImport::PATTERN, post(confirm))
}

async fn show(_: Admin, shell: Shell) -> Response {
    pages::page(&empty(shell, None))
}

fn empty(shell: Shell, error: Option<String>) -> View {
    View { shell: shell.titled("Add people from a file"), error, rows_max: read::LIST_ROWS_MAX }
}

/// The file, or the text pasted beside it.
async fn text_of(mut parts: Multipart) -> Result<Vec<u8>, Problem> {
    let unreadable = || {
        Problem::refused("The file could not be read.", "Choose it again and send it once more.")
    };
    let mut text = Vec::new();
    while let Some(field) = parts.next_field().await.map_err(|_| unreadable())? {
        let name = field.name().unwrap_or("").to_owned();
        if name == "file" || name == "pasted" {
            let bytes = field.bytes().await.map_err(|_| unreadable())?;
            if text.is_empty() {
                text = bytes.to_vec();
            }
        }
    }
    Ok(text)
}

async fn check(
    State(site): State<Shared>,
    _: Admin,
    shell: Shell,
    parts: Multipart,
) -> Result<Response, Problem> {
    let bytes = text_of(parts).await?;
    let known: Vec<String> =
        site.store.people().await?.into_iter().map(|person| person.login).collect();
    let text = match String::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => Err("Choose a file or paste its rows.".to_owned()),
        Ok(text) if text.len() > LIST_CSV_BYTES_MAX => {
            Err(format!("The file is larger than {} KiB. Split it.", LIST_CSV_BYTES_MAX / 1024))
        }
        Ok(text) => Ok(text),
        Err(error) => {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let row = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(format!(
                "Row {row} holds letters that are not UTF-8. Save the file as \u{201c}CSV UTF-8\u{201d} and choose it again."
            ))
        }
    };
    match text {
        Err(error) => {
            Ok(pages::page_as(StatusCode::UNPROCESSABLE_ENTITY, &empty(shell, Some(error))))
        }
        Ok(text) => Ok(checked(shell, text, &known)),
    }
}

/// The table of what would happen, or of what is wrong.
fn checked(shell: Shell, text: String, known: &[String]) -> Response {
    let read = read::people(&text, known);
    let status =
        if read.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let row = |new: &NewPerson| (new.login.clone(), new.name.clone(), new.role.as_str());
    let view = CheckView {
        shell: shell.titled("Check before adding"),
        rows: read.people.iter().map(row).collect(),
        faults: read.faults,
        text,
    };
    pages::page_as(status, &view)
}

#[derive(Deserialize)]
struct Given {
    text: String,
}

async fn confirm(
    State(site): State<Shared>,
    Admin(admin): Admin,
    visitor: Visitor,
    shell: Shell,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    let known: Vec<String> =
        site.store.people().await?.into_iter().map(|person| person.login).collect();
    let read = read::people(&given.text, &known);
    if !read.faults.is_empty() || given.text.len() > LIST_CSV_BYTES_MAX {
        return Ok(checked(shell, given.text, &known));
    }
    let ids = site.store.add_people(&read.people, Some(admin.id()), site.now()).await?;
    let mut rows = Vec::with_capacity(ids.len());
    for (id, new) in ids.into_iter().zip(read.people) {
        let token = super::invitation(&site, id).await?;
        let link = super::address(&site, &headers, &visitor, &token)?;
        rows.push(Invited { name: new.name, login: new.login, link });
    }
    handout::show(&site, admin.id(), shell, rows)
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    let shell = || Shell::sample("Add people from a file");
    let check = |faults: Vec<Fault>| CheckView {
        shell: shell(),
        rows: vec![("sam".to_owned(), "Sam <i>".to_owned(), Role::Agent.as_str())],
        faults,
        text: "login,name,role\n</textarea>,x,agent".to_owned(),
    };
    let fault = Fault {
        row: 2,
        column: "role",
        value: "boss<b>".to_owned(),
        what: "There is no such role.".to_owned(),
        remedy: "Write agent, trainer, lead or admin.".to_owned(),
    };
    vec![
        pages::sample("import", &empty(shell(), Some("Choose a file.".to_owned()))),
        pages::sample("import_check", &check(Vec::new())),
        pages::sample("import_check faults", &check(vec![fault])),
    ]
}
