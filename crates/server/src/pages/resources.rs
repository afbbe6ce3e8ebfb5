//! Crisis resources and privacy: two public pages, the same for everybody, that browsers may keep.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::routes;
use crate::site::{Shared, Shell};

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct Privacy {
    shell: Shell,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Help::PATTERN, get(help))
        .route(routes::Privacy::PATTERN, get(privacy))
}

async fn help(State(site): State<Shared>) -> Response {
    let shell = Shell::public(&site, "Help now", routes::Help::PATTERN);
    kept(super::page(&Help { shell }))
}

async fn privacy(State(site): State<Shared>) -> Response {
    let shell =
        Shell::public(&site, "What is recorded, and who can read it", routes::Privacy::PATTERN);
    kept(super::page(&Privacy { shell }))
}

/// Kept by browsers for when the network is gone, asked for anew when it is there.
fn kept(page: Response) -> Response {
    ([(header::CACHE_CONTROL, "no-cache")], page).into_response()
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    vec![
        super::sample("help", &Help { shell: Shell::sample_signed_out("Help now") }),
        super::sample("privacy", &Privacy { shell: Shell::sample_signed_out("Privacy") }),
    ]
}
