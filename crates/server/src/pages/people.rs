//! The admin's pages about accounts: the list, one person, adding, roles, closing, resets, and what was done.
//!
//! Nothing here reads practice: no handler in this module or below it asks the store for a call.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use store::{LinkKind, Person, RESET_LINK_MS, Role, Token};
use talk::{Instant, PersonId};

use crate::problem::Problem;
use crate::routes::{self, Part};
use crate::security;
use crate::site::{Shared, Shell};
use crate::when;
use crate::who::{Admin, Visitor};

mod add;
mod audit;
mod handout;
mod list_file;

pub use handout::Handouts;

#[derive(Template)]
#[template(path = "people.html")]
struct ListView {
    shell: Shell,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonView {
    shell: Shell,
    row: Row,
    roles: Vec<(&'static str, bool)>,
    created: String,
    reset: Option<(String, String)>,
    audit: Vec<audit::Line>,
}

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetView {
    shell: Shell,
    row: Row,
}

/// A link that is shown this once.
#[derive(Template)]
#[template(path = "link.html")]
struct LinkView {
    shell: Shell,
    name: String,
    id: PersonId,
    link: String,
    until: String,
    reset: bool,
}

/// One person as the admin sees them.
struct Row {
    id: PersonId,
    login: String,
    name: String,
    role: &'static str,
    state: &'static str,
    active: bool,
    /// Has set a password: a reset is possible. Otherwise an invitation is.
    has_password: bool,
    /// Has been reset and has not come back yet.
    reset_open: bool,
}

impl Row {
    fn of(person: &Person) -> Self {
        let state = match (person.deactivated_at, person.has_password, &person.reset) {
            (Some(_), _, _) => "deactivated",
            (None, true, _) => "active",
            (None, false, Some(_)) => "reset, has not come back yet",
            (None, false, None) => "invited",
        };
        Self {
            id: person.id,
            login: person.login.clone(),
            name: person.name.clone(),
            role: person.role.as_str(),
            state,
            active: person.deactivated_at.is_none(),
            has_password: person.has_password,
            reset_open: !person.has_password && person.reset.is_some(),
        }
    }

    fn sample() -> Self {
        Self {
            id: PersonId::from_random([7; 16]),
            login: "sam<i>".to_owned(),
            name: "Sam & Co".to_owned(),
            role: "agent",
            state: "active",
            active: true,
            has_password: true,
            reset_open: false,
        }
    }
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::People::PATTERN, get(list))
        .route(routes::Person::PATTERN, get(person))
        .route(routes::SetRole::PATTERN, post(set_role))
        .route(routes::Invite::PATTERN, post(invite))
        .route(routes::Deactivate::PATTERN, post(deactivate))
        .route(routes::Reactivate::PATTERN, post(reactivate))
        .route(routes::Reset::PATTERN, get(show_reset).post(reset))
        .merge(add::routes())
        .merge(audit::routes())
        .merge(handout::routes())
        .merge(list_file::routes())
}

async fn list(State(site): State<Shared>, _: Admin, shell: Shell) -> Result<Response, Problem> {
    let people = site.store.people().await?;
    let rows = people.iter().map(Row::of).collect();
    Ok(super::page(&ListView { shell: shell.titled("People"), rows }))
}

async fn person(
    State(site): State<Shared>,
    _: Admin,
    shell: Shell,
    Part(id): Part<PersonId>,
) -> Result<Response, Problem> {
    let person = site.store.person(id).await?;
    let lines = site.store.audit_of(id).await?;
    let roles = Role::ALL.iter().map(|role| (role.as_str(), *role == person.role)).collect();
    let reset = person.reset.as_ref();
    Ok(super::page(&PersonView {
        shell: shell.titled(person.name.clone()),
        row: Row::of(&person),
        roles,
        created: when::day_and_time(person.created_at),
        reset: reset.map(|reset| (reset.by_name.clone(), when::day_and_time(reset.at))),
        audit: lines.iter().map(audit::Line::of).collect(),
    }))
}

#[derive(Deserialize)]
struct NewRole {
    role: String,
}

async fn set_role(
    State(site): State<Shared>,
    Admin(admin): Admin,
    Part(id): Part<PersonId>,
    Form(given): Form<NewRole>,
) -> Result<Response, Problem> {
    let role = Role::parse(&given.role).ok_or_else(|| {
        Problem::refused("There is no such role.", "Choose agent, trainer, lead or admin.")
    })?;
    site.store.set_role(id, role, Some(admin.id()), site.now()).await?;
    Ok(to_person(id))
}

async fn deactivate(
    State(site): State<Shared>,
    Admin(admin): Admin,
    Part(id): Part<PersonId>,
) -> Result<Response, Problem> {
    site.store.deactivate(id, Some(admin.id()), site.now()).await?;
    site.calls.forget_person(id);
    Ok(to_person(id))
}

async fn reactivate(
    State(site): State<Shared>,
    Admin(admin): Admin,
    Part(id): Part<PersonId>,
) -> Result<Response, Problem> {
    site.store.reactivate(id, Some(admin.id()), site.now()).await?;
    Ok(to_person(id))
}

fn to_person(id: PersonId) -> Response {
    Redirect::to(&routes::Person(id).path()).into_response()
}

async fn invite(
    State(site): State<Shared>,
    Admin(admin): Admin,
    visitor: Visitor,
    shell: Shell,
    headers: axum::http::HeaderMap,
    Part(id): Part<PersonId>,
) -> Result<Response, Problem> {
    let person = site.store.person(id).await?;
    if person.reset.is_some() {
        return Err(Problem::refused(
            "This account was reset; an invitation is only for somebody new.",
            "Start the reset again: it gives a new link.",
        ));
    }
    let token = invitation(&site, id).await?;
    site.store.audit(site.now(), Some(admin.id()), "invitation_made", Some(id), "").await?;
    let until = site.now().plus_ms(site.config.invite_ttl_ms);
    let link = address(&site, &headers, &visitor, &token)?;
    Ok(super::page(&link_view(shell, &person, link, until, false)))
}

/// A new invitation; earlier ones of the same person end.
async fn invitation(site: &Shared, id: PersonId) -> Result<Token, Problem> {
    Ok(site
        .store
        .make_link(LinkKind::Invite, Some(id), site.now(), site.config.invite_ttl_ms)
        .await?)
}

/// The link as somebody opens it.
fn address(
    site: &Shared,
    headers: &axum::http::HeaderMap,
    visitor: &Visitor,
    token: &Token,
) -> Result<String, Problem> {
    let origin = security::own_origin(&site.config, headers, &visitor.via).ok_or_else(|| {
        Problem::refused(
            "The request does not name the site's host.",
            "Set public_origin in the configuration.",
        )
    })?;
    Ok(format!("{origin}{}", routes::Link(token.text())))
}

fn link_view(shell: Shell, person: &Person, link: String, until: Instant, reset: bool) -> LinkView {
    let title = if reset { "Reset link" } else { "Invitation link" };
    LinkView {
        shell: shell.titled(title),
        name: person.name.clone(),
        id: person.id,
        link,
        until: when::day_and_time(until),
        reset,
    }
}

async fn show_reset(
    State(site): State<Shared>,
    _: Admin,
    shell: Shell,
    Part(id): Part<PersonId>,
) -> Result<Response, Problem> {
    let person = site.store.person(id).await?;
    Ok(super::page(&ResetView { shell: shell.titled("Start a reset"), row: Row::of(&person) }))
}

async fn reset(
    State(site): State<Shared>,
    Admin(admin): Admin,
    visitor: Visitor,
    shell: Shell,
    headers: axum::http::HeaderMap,
    Part(id): Part<PersonId>,
) -> Result<Response, Problem> {
    let person = site.store.person(id).await?;
    if id == admin.id() {
        return Err(Problem::refused(
            "You cannot reset your own account.",
            "Change your password on your account page, or ask another admin.",
        ));
    }
    let token = site.store.start_reset(id, Some(admin.id()), site.now()).await?;
    site.calls.forget_person(id);
    let link = address(&site, &headers, &visitor, &token)?;
    let until = site.now().plus_ms(RESET_LINK_MS);
    Ok(super::page(&link_view(shell, &person, link, until, true)))
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    let shell = || Shell::sample("People");
    let rows = vec![Row::sample(), Row { active: false, state: "deactivated", ..Row::sample() }];
    let person = PersonView {
        shell: shell(),
        row: Row::sample(),
        roles: vec![("agent", true), ("admin", false)],
        created: "1 March 2026, 09:30 UTC".to_owned(),
        reset: Some(("Robin".to_owned(), "2 March 2026, 09:30 UTC".to_owned())),
        audit: vec![audit::Line::sample()],
    };
    let link = LinkView {
        shell: shell(),
        name: "Sam <i>".to_owned(),
        id: PersonId::from_random([7; 16]),
        link: "https://practice.example/link/abc".to_owned(),
        until: "1 March 2026, 09:30 UTC".to_owned(),
        reset: true,
    };
    let mut all = vec![
        super::sample("people", &ListView { shell: shell(), rows }),
        super::sample("person", &person),
        super::sample("reset", &ResetView { shell: shell(), row: Row::sample() }),
        super::sample("link", &link),
    ];
    all.extend(add::samples());
    all.extend(audit::samples());
    all.extend(handout::samples());
    all.extend(list_file::samples());
    all
}
