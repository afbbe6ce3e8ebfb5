//! The first page of somebody signed in: the calls one can practise, an unfinished one, and their own past calls.
//!
//! No score and no rank. Only the owner's calls are ever read here.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State as Of};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use call::{Stage, outcome};
use serde::Deserialize;
use store::CallEntry;
use talk::{CallId, End, PersonId};

use super::telling::{self, Part as Five};
use crate::live;
use crate::routes::{self, Part};
use crate::site::{Shared, Shell, Site};
use crate::{Problem, SignedIn, when};

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
    parts: Vec<Five>,
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

async fn home(
    Of(site): Of<Shared>,
    who: SignedIn,
    shell: Shell,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let owner = who.id();
    let list = site.store.calls_of(owner).await?;
    let limit = if which.all.is_some() { PAST_CALLS_MAX } else { PAST_CALLS_SHOWN };
    let (past, open): (Vec<_>, Vec<_>) = list.calls.iter().partition(|call| call.end.is_some());
    let more = past.len() > limit;
    let mut told = Vec::new();
    for entry in past.into_iter().take(limit) {
        told.push(past_call(&site, owner, entry).await?);
    }
    let open = open.into_iter().map(|entry| Open {
        id: entry.id,
        title: title_of(&site.stages, &entry.opened.scenario),
        when: when::day_and_time(entry.opened_at),
    });
    let cards = site.stages.values().map(|stage| card(stage)).collect();
    let (open, n_locked) = (open.collect(), list.n_locked);
    let shell = shell.titled("Practice");
    Ok(super::page(&Home { shell, open, cards, past: told, more, n_locked }))
}

/// The title of a scenario, or its id when it has gone from the site.
pub(super) fn title_of(stages: &BTreeMap<String, Arc<Stage>>, scenario: &str) -> String {
    let stage = stages.get(scenario);
    stage.map_or_else(|| scenario.to_owned(), |stage| stage.program.briefing.title.clone())
}

fn card(stage: &Stage) -> Card {
    let briefing = &stage.program.briefing;
    Card {
        id: stage.program.id.clone(),
        title: briefing.title.clone(),
        summary: briefing.summary.clone(),
        sector: telling::sector_words(&briefing.sector),
        channel: briefing.channel.clone(),
        minutes: briefing.minutes,
        intensity: telling::intensity_words(briefing.intensity),
        note: briefing.content_note.clone(),
    }
}

async fn past_call(site: &Site, owner: PersonId, entry: &CallEntry) -> Result<Past, Problem> {
    let stopped = entry.end == Some(End::StoppedByAgent);
    let stage = site.stages.get(&entry.opened.scenario).filter(|_| !stopped);
    let parts = match stage {
        Some(stage) => {
            let state = live::look(site, entry.id, owner).await?;
            telling::five_of(&stage.program, &outcome(&stage.program, &state), &state)
        }
        None => Vec::new(),
    };
    Ok(Past {
        id: entry.id,
        title: title_of(&site.stages, &entry.opened.scenario),
        when: when::day_and_time(entry.opened_at),
        again: entry.opened.branched_from.is_some(),
        stopped,
        parts,
    })
}

/// The owner deletes a call. It is gone from the log; the audit keeps that it happened, not what it was.
async fn forget(
    Of(site): Of<Shared>,
    who: SignedIn,
    Part(call): Part<CallId>,
) -> Result<Redirect, Problem> {
    site.store.forget_call(call, who.id(), site.now()).await?;
    site.calls.forget(call);
    Ok(Redirect::to(&routes::Home.path()))
}

/// For tests.
#[must_use]
pub fn samples() -> Vec<(&'static str, String)> {
    let empty = Home { open: vec![], cards: vec![], past: vec![], n_locked: 0, ..Home::sample() };
    vec![super::sample("home", &Home::sample()), super::sample("home, empty", &empty)]
}

impl Home {
    /// For tests: everything that the page can show.
    fn sample() -> Self {
        let id = CallId::from_random([3; 16]);
        let part =
            Five { name: "Trust", words: "good".to_owned(), number: "70 out of 100".to_owned() };
        let past = |stopped, again| Past {
            id,
            title: "The <form>".to_owned(),
            when: "1 March 2026, 09:30 UTC".to_owned(),
            again,
            stopped,
            parts: vec![part.clone()],
        };
        Self {
            shell: Shell::sample("Practice"),
            open: vec![Open { id, title: "The form".to_owned(), when: "1 March 2026".to_owned() }],
            cards: vec![Card {
                id: "the-form".to_owned(),
                title: "The form".to_owned(),
                summary: "A tired woman calls.".to_owned(),
                sector: "Benefits".to_owned(),
                channel: "phone".to_owned(),
                minutes: 15,
                intensity: telling::intensity_words(5),
                note: "A death in the family.".to_owned(),
            }],
            past: vec![past(true, false), past(false, true)],
            more: true,
            n_locked: 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_page_renders_full_and_empty() {
        let page = Home::sample().render().unwrap();
        assert!(page.contains("Nothing in it is scored") && page.contains("Go on with"));
        let empty =
            Home { open: vec![], cards: vec![], past: vec![], n_locked: 0, ..Home::sample() };
        assert!(empty.render().unwrap().contains("Nothing here yet"));
    }
}
