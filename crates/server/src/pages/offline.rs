//! What works without a network: the page that the service worker shows, and the worker's own address. And `/healthz`.
//!
//! Nobody's name and no cookie: browsers keep these.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::problem::Problem;
use crate::routes;
use crate::site::{Shared, Shell};

#[derive(Template)]
#[template(path = "offline.html")]
struct Offline {
    shell: Shell,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Offline::PATTERN, get(offline))
        .route(routes::Worker::PATTERN, get(worker))
        .route(routes::Health::PATTERN, get(health))
}

async fn offline(State(site): State<Shared>) -> Response {
    let shell = Shell::public(&site, "No network just now", routes::Offline::PATTERN);
    let page = super::page(&Offline { shell });
    ([(header::CACHE_CONTROL, "no-cache")], page).into_response()
}

/// The worker is asked for anew each time: an old one must not linger.
async fn worker() -> Result<Response, Problem> {
    let text = crate::assets::text("offline.js").ok_or(Problem::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, text).into_response())
}

/// For balancers: whether the database answers. No details: those are for `doctor`.
async fn health(State(site): State<Shared>) -> Response {
    match site.store.health().await {
        Ok(_) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    vec![super::sample(
        "offline",
        &Offline { shell: Shell::sample_signed_out("No network just now") },
    )]
}
