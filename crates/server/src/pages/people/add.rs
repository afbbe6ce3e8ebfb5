//! Adding one person: login, name and role, then an invitation link shown once.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use store::{NewPerson, Role};

use crate::pages;
use crate::problem::Problem;
use crate::routes;
use crate::site::{Shared, Shell};
use crate::who::{Admin, Visitor};

#[derive(Template)]
#[template(path = "add_person.html")]
struct View {
    shell: Shell,
    login: String,
    name: String,
    role: String,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Given {
    login: String,
    name: String,
    role: String,
}

pub(super) fn routes() -> Router<Shared> {
    Router::new().route(routes::AddPerson::PATTERN, get(show).post(add))
}

async fn show(_: Admin, shell: Shell) -> Response {
    let shell = shell.titled("Add a person");
    pages::page(&View {
        shell,
        login: String::new(),
        name: String::new(),
        role: "agent".to_owned(),
        error: None,
    })
}

async fn add(
    State(site): State<Shared>,
    Admin(admin): Admin,
    visitor: Visitor,
    shell: Shell,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    let role = Role::parse(&given.role).ok_or_else(|| {
        Problem::refused("There is no such role.", "Choose agent, trainer, lead or admin.")
    })?;
    let new = NewPerson { login: given.login.clone(), name: given.name.clone(), role };
    let added =
        site.store.add_person(&new, Some(admin.id()), site.now()).await.map_err(Problem::from);
    let id = match added {
        Ok(id) => id,
        Err(Problem::Refused { what, remedy }) => {
            let error = Some(format!("{what} {remedy}"));
            let shell = shell.titled("Add a person");
            let view =
                View { shell, login: given.login, name: given.name, role: given.role, error };
            return Ok(pages::page_as(StatusCode::UNPROCESSABLE_ENTITY, &view));
        }
        Err(other) => return Err(other),
    };
    let token = super::invitation(&site, id).await?;
    let person = site.store.person(id).await?;
    let link = super::address(&site, &headers, &visitor, &token)?;
    let until = site.now().plus_ms(site.config.invite_ttl_ms);
    Ok(pages::page(&super::link_view(shell, &person, link, until, false)))
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    let view = View {
        shell: Shell::sample("Add a person"),
        login: "\"<b>".to_owned(),
        name: "Sam".to_owned(),
        role: "lead".to_owned(),
        error: Some("The login is taken.".to_owned()),
    };
    vec![pages::sample("add_person", &view)]
}
