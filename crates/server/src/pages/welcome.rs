//! The page behind a link (first admin, invitation, reset), and the one time that a recovery code is shown.
//!
//! The code goes out in the answer to the form and is nowhere kept: loading the page again cannot bring it back.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use store::{Accepted, Link, LinkKind, NewPerson, Role, StoreError, Token};

use super::sign_in;
use crate::known;
use crate::password;
use crate::problem::{Problem, sentence};
use crate::routes::{self, Part};
use crate::security;
use crate::site::{Shared, Shell};
use crate::when;
use crate::who::{SignedIn, Visitor};

#[derive(Template)]
#[template(path = "welcome.html")]
struct View {
    shell: Shell,
    token: String,
    /// `None` for a first admin, who says it here.
    who: Option<(String, String)>,
    reset: bool,
    until: String,
    login: String,
    name: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "recovery_code.html")]
struct CodeView {
    shell: Shell,
    code: String,
    came: Came,
    locked: bool,
}

/// By which way somebody came to a new code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    ByLink,
    ByCode,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Link::PATTERN, get(show).post(accept))
        .route(routes::CodeKept::PATTERN, post(code_kept))
}

fn gone() -> Problem {
    Problem::refused(
        "This link does not work any more. It was used already, has expired, or a newer one took its place.",
        "If you have set your password, sign in. Otherwise ask an admin for a new link.",
    )
}

async fn look(site: &Shared, text: &str) -> Result<(Token, Link), Problem> {
    let token = Token::parse(text).ok_or_else(gone)?;
    let link = site.store.look_at_link(&token, site.now()).await?.ok_or_else(gone)?;
    Ok((token, link))
}

fn view(shell: Shell, token: String, link: &Link) -> View {
    let title = match link.kind {
        LinkKind::FirstAdmin => "Set up this site",
        LinkKind::Invite => "Welcome",
        LinkKind::Reset => "Set a new password",
    };
    View {
        shell: shell.titled(title),
        token,
        who: link.person.as_ref().map(|person| (person.name.clone(), person.login.clone())),
        reset: link.kind == LinkKind::Reset,
        until: when::day_and_time(link.expires_at),
        login: String::new(),
        name: String::new(),
        error: None,
    }
}

async fn show(
    State(site): State<Shared>,
    shell: Shell,
    Part(text): Part<String>,
) -> Result<Response, Problem> {
    let (_, link) = look(&site, &text).await?;
    Ok(super::page(&view(shell, text, &link)))
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    login: String,
    #[serde(default)]
    name: String,
    password: String,
}

async fn accept(
    State(site): State<Shared>,
    visitor: Visitor,
    shell: Shell,
    headers: HeaderMap,
    Part(text): Part<String>,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    let (token, link) = look(&site, &text).await?;
    let again = |error: String| {
        let view = View {
            login: given.login.clone(),
            name: given.name.clone(),
            error: Some(error),
            ..view(shell.clone(), text.clone(), &link)
        };
        super::page_as(StatusCode::UNPROCESSABLE_ENTITY, &view)
    };
    let login = link.person.as_ref().map_or(&given.login, |person| &person.login);
    if let Some(fault) = password::fault(&given.password, login) {
        return Ok(again(fault));
    }
    let hash = site.hasher.hash(given.password.clone(), (site.chance)()).await?;
    let new = NewPerson { login: given.login.clone(), name: given.name.clone(), role: Role::Admin };
    let done = match link.person {
        Some(_) => site.store.accept_link(&token, &hash, site.now()).await,
        None => site.store.accept_first_admin(&token, &new, &hash, site.now()).await,
    };
    match done {
        Ok(accepted) => {
            if let Some(before) = &visitor.signed_in {
                site.store.revoke(before.id(), &before.sign_in).await?;
            }
            after(&site, accepted, &headers, Came::ByLink).await
        }
        Err(StoreError::NotFound) => Err(gone()),
        Err(StoreError::Refused { what, remedy }) => {
            Ok(again(format!("{} {}", sentence(&what), sentence(&remedy))))
        }
        Err(other) => Err(other.into()),
    }
}

/// Signs in and shows the recovery code, this once.
pub(super) async fn after(
    site: &Shared,
    accepted: Accepted,
    headers: &HeaderMap,
    came: Came,
) -> Result<Response, Problem> {
    // Whoever comes in anew starts from the log: what another node's reset has locked is not in memory here.
    site.calls.forget_person(accepted.person);
    let device = sign_in::device(headers);
    let ttl_ms = site.config.sign_in_ttl_ms;
    let token = site.store.sign_in(accepted.person, site.now(), ttl_ms, &device).await?;
    let found = site.store.who(&token, site.now()).await?.ok_or(Problem::Fault)?;
    let locked = found.person.n_locked_keys > 0;
    let shell =
        SignedIn::new(found).shell(site, routes::CodeKept::PATTERN).titled("Your recovery code");
    let mut page =
        super::page(&CodeView { shell, code: accepted.recovery_code.text(), came, locked });
    security::keep_sign_in(&site.config, &token, page.headers_mut());
    known::keep(site, accepted.person, headers, page.headers_mut())?;
    Ok(page)
}

async fn code_kept(_: SignedIn) -> Response {
    Redirect::to(routes::Home::PATTERN).into_response()
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    let view = |who: Option<(String, String)>, reset| View {
        shell: Shell::sample_signed_out("Welcome"),
        token: "sample".to_owned(),
        who,
        reset,
        until: "1 March 2026, 09:30 UTC".to_owned(),
        login: "\"<i>".to_owned(),
        name: "Sam".to_owned(),
        error: Some("Use at least 10 characters.".to_owned()),
    };
    let who = || Some(("Sam <b>".to_owned(), "sam".to_owned()));
    let code = CodeView {
        shell: Shell::sample("Your recovery code"),
        code: "AAAAA-BBBBB".to_owned(),
        came: Came::ByLink,
        locked: true,
    };
    vec![
        super::sample("welcome first admin", &view(None, false)),
        super::sample("welcome invite", &view(who(), false)),
        super::sample("welcome reset", &view(who(), true)),
        super::sample("recovery_code", &code),
    ]
}
