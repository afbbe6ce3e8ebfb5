//! The door of the demonstration: whoever has the printed link comes in as one of the sample people.
//!
//! Not there at all on a real site. The secret is made anew by each start of `evenkeel demo`.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use store::Person;
use subtle::ConstantTimeEq;

use super::sign_in;
use crate::problem::Problem;
use crate::routes;
use crate::security;
use crate::site::{Shared, Shell, Site};

/// The setting that holds the demonstration's secret.
pub const DEMO_SECRET: &str = "demo.secret";

#[derive(Template)]
#[template(path = "demo.html")]
struct View {
    shell: Shell,
    secret: String,
    people: Vec<Sample>,
}

/// Somebody to come in as.
struct Sample {
    login: String,
    name: String,
    role: &'static str,
    does: &'static str,
}

pub fn routes() -> Router<Shared> {
    Router::new().route(routes::Demo::PATTERN, get(show).post(come_in))
}

async fn show(
    State(site): State<Shared>,
    shell: Shell,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    check(&site, &secret).await?;
    let people = site.store.people().await?.iter().map(sample_of).collect();
    Ok(super::page(&View { shell: shell.titled("Come in"), secret, people }))
}

#[derive(Deserialize)]
struct Chosen {
    login: String,
}

async fn come_in(
    State(site): State<Shared>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    check(&site, &secret).await?;
    let person = site.store.person_by_login(&chosen.login).await?.ok_or(Problem::NotFound)?;
    let device = sign_in::device(&headers);
    let ttl_ms = site.config.sign_in_ttl_ms;
    let token = site.store.sign_in(person.id, site.now(), ttl_ms, &device).await?;
    let mut answer = Redirect::to(routes::Home::PATTERN).into_response();
    security::keep_sign_in(&site.config, &token, answer.headers_mut());
    Ok(answer)
}

async fn check(site: &Site, secret: &str) -> Result<(), Problem> {
    if !site.config.demo {
        return Err(Problem::NotFound);
    }
    let kept = site.store.setting(DEMO_SECRET).await?.unwrap_or_default();
    let same = !kept.is_empty() && bool::from(kept.as_bytes().ct_eq(secret.as_bytes()));
    if same { Ok(()) } else { Err(Problem::NotFound) }
}

fn sample_of(person: &Person) -> Sample {
    let does = match person.role {
        store::Role::Agent => "Takes calls. Start here.",
        store::Role::Trainer => {
            "Takes calls, judges items that people gave so that the coder learns, and will look after scenarios."
        }
        store::Role::Lead => {
            "Takes calls, judges given items, and sees nothing else of other people's."
        }
        store::Role::Admin => "Looks after accounts, and sees nothing of other people's practice.",
    };
    Sample {
        login: person.login.clone(),
        name: person.name.clone(),
        role: person.role.as_str(),
        does,
    }
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    let person = Sample {
        login: "sam".to_owned(),
        name: "Sam <i>Okafor</i>".to_owned(),
        role: "agent",
        does: "Takes calls.",
    };
    let shell = Shell { demo: true, ..Shell::sample_signed_out("Come in") };
    vec![super::sample("demo", &View { shell, secret: "00ff".to_owned(), people: vec![person] })]
}
