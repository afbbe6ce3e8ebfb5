//! The pages: each module holds its routes, its handlers and its views, and a template beside it.
//!
//! Handlers are thin: they read, ask the store or a call, and show. `serve::router` merges `routes`.

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::problem::Problem;
use crate::site::Shared;

pub mod account;
pub mod brief;
pub mod call;
pub mod debrief;
pub mod demo;
pub mod donations;
pub mod error;
pub mod home;
pub mod offline;
pub mod people;
pub mod resources;
pub mod rewind;
pub mod sign_in;
pub mod telling;
pub mod welcome;

/// All pages together.
pub fn routes() -> Router<Shared> {
    Router::new()
        .merge(home::routes())
        .merge(brief::routes())
        .merge(call::routes())
        .merge(debrief::routes())
        .merge(donations::routes())
        .merge(rewind::routes())
        .merge(sign_in::routes())
        .merge(welcome::routes())
        .merge(account::routes())
        .merge(people::routes())
        .merge(resources::routes())
        .merge(offline::routes())
        .merge(demo::routes())
}

/// A view as an answer.
pub fn page(view: &impl Template) -> Response {
    page_as(StatusCode::OK, view)
}

/// A view as an answer with a status, such as a form whose faults are named.
pub fn page_as(status: StatusCode, view: &impl Template) -> Response {
    match view.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template could not be rendered");
            Problem::Fault.into_response()
        }
    }
}

/// A sample of every view, by name, for tests.
#[must_use]
pub fn samples() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    all.extend(home::samples());
    all.extend(brief::samples());
    all.extend(call::samples());
    all.extend(debrief::samples());
    all.extend(demo::samples());
    all.extend(donations::samples());
    all.extend(rewind::samples());
    all.extend(account::samples());
    all.extend(error::samples());
    all.extend(offline::samples());
    all.extend(people::samples());
    all.extend(resources::samples());
    all.extend(sign_in::samples());
    all.extend(welcome::samples());
    all
}

/// Renders a sample; a template that fails gives an empty page, which the test refuses.
fn sample(name: &'static str, view: &impl Template) -> (&'static str, String) {
    (name, view.render().unwrap_or_default())
}
