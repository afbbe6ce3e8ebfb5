//! The first page of somebody signed in: the calls one can practise, an unfinished one, and their own past calls.
//!
//! No score and no rank. Only the owner's calls are ever read here.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State as Site};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use call::{Stage, outcome};
use serde::Deserialize;
use store::CallEntry;
use talk::{CallId, End, PersonId};

use super::telling::{self, Part};
use crate::live;
use crate::routes;
use crate::site::{Shared, Shell};
use crate::{Problem, SignedIn};

/// Past calls shown before "show all". Each is folded from its log.
const PAST_CALLS_SHOWN: usize = 12;
/// Past calls shown at most. Older ones stay in the log and in the person's own export.
const PAST_CALLS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    shell: Shell,
    open: Vec<Open>,
    cards: Vec<Card>,
    past: Vec<Past>,
    more: bool,
    n_locked: u64,
}

struct Open {
    id: CallId,
    title: String,
    when: String,
}

struct Card {
    id: String,
    title: String,
    summary: String,
    sector: String,
    channel: String,
    minutes: u32,
    intensity: &'static str,
    note: String,
}

struct Past {
    id: CallId,
    title: String,
    when: String,
    again: bool,
    stopped: bool,
    parts: Vec<Part>,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Home::PATTERN, get(home))
        .route(routes::ForgetCall::PATTERN, post(forget))
}

#[derive(Deserialize)]
struct Which {
    all: Option<String>,
}
