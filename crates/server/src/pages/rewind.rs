//! Taking a turn again: a new call from an old one's turn, and both futures side by side.
//!
//! The old call stays as it was. Both belong to the same owner.

use askama::Template;
use axum::extract::State as Of;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use call::State;
use call::debrief::Moment;
use serde::Deserialize;
use store::StoreError;
use talk::{Affect, CallId, End, Event, Regime};

use super::brief::draw;
use super::home::title_of;
use super::telling::{self, Part as Five};
use crate::live::LiveError;
use crate::picture::{self, Picture};
use crate::routes::{self, Part};
use crate::site::{Shared, Shell, Site};
use crate::{Problem, SignedIn};

#[derive(Template)]
#[template(path = "futures.html")]
struct Futures {
    shell: Shell,
    title: String,
    caller: String,
    from_turn: u32,
    futures: Vec<Future>,
}

struct Future {
    id: CallId,
    name: &'static str,
    /// Why nothing is told of it; otherwise what follows is empty.
    untold: Option<&'static str>,
    parts: Vec<Five>,
    picture: Option<Picture>,
    turns: Vec<Turn>,
}

/// One turn of a future.
struct Turn {
    turn: u32,
    said: String,
    text: String,
    manner: Option<String>,
    moved: String,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Rewind::PATTERN, post(rewind))
        .route(routes::Futures::PATTERN, get(futures))
}

#[derive(Deserialize)]
struct From {
    turn: u32,
}

/// Starts another future from before that turn.
async fn rewind(
    Of(site): Of<Shared>,
    who: SignedIn,
    Part(old): Part<CallId>,
    Form(from): Form<From>,
) -> Result<Redirect, Problem> {
    let events = site.store.events(old, who.id()).await?;
    let at = site.now();
    let branch = call::rewind(old, &events, from.turn, at).ok_or(Problem::NotFound)?;
    let (call, _) = draw(site.chance);
    site.store.open_call(call, who.id(), &branch, at).await?;
    Ok(Redirect::to(&routes::Call(call).path()))
}

/// The first turn that a branch took anew; `None` for a call that is no branch.
#[must_use]
pub fn branch_turn(state: &State) -> Option<u32> {
    let branch = state.opened.branched_from?;
    // A turn is five events, the opening one; only whole turns come before a branch.
    let events_before = branch.seq.0.saturating_sub(1);
    u32::try_from(events_before / EVENTS_PER_TURN + 1).ok()
}

/// Said, coded, noticed, felt, replied.
const EVENTS_PER_TURN: u64 = 5;

async fn futures(
    Of(site): Of<Shared>,
    who: SignedIn,
    shell: Shell,
    Part(id): Part<CallId>,
) -> Result<Response, Problem> {
    let new_events = site.store.events(id, who.id()).await?;
    let new = State::fold(&new_events).map_err(LiveError::from)?;
    let branch = new.opened.branched_from.ok_or(Problem::NotFound)?;
    let old_events = match site.store.events(branch.call, who.id()).await {
        Err(StoreError::NotFound) => return Err(old_is_gone()),
        events => events?,
    };
    let old = State::fold(&old_events).map_err(LiveError::from)?;
    Ok(super::page(&page(
        &site,
        shell,
        (branch.call, &old),
        (id, &new),
        turn_at(&old_events, branch.seq.0),
    )?))
}

fn old_is_gone() -> Problem {
    Problem::refused("The earlier call has been deleted.", "This call has a debrief of its own.")
}

/// The turn whose words stand at `seq` in a log.
fn turn_at(events: &[Event], seq: u64) -> u32 {
    let before = usize::try_from(seq).unwrap_or(usize::MAX).min(events.len());
    let said = events[..before].iter().filter(|event| matches!(event, Event::Said { .. })).count();
    u32::try_from(said).unwrap_or(u32::MAX).saturating_add(1)
}

/// As on the debrief's own page: nothing before the end, and nothing of a call that was stopped.
fn untold(state: &State) -> Option<&'static str> {
    match state.end {
        None => Some("This call is still going on. What the caller felt shows when it is over."),
        Some(End::StoppedByAgent) => Some("You stopped practising. Nothing is scored."),
        Some(
            End::Resolved
            | End::AgentEnded
            | End::CallerHungUp
            | End::CallerLeft
            | End::HandedOver
            | End::Limit,
        ) => None,
    }
}

fn page(
    site: &Site,
    shell: Shell,
    old: (CallId, &State),
    new: (CallId, &State),
    from_turn: u32,
) -> Result<Futures, Problem> {
    let scenario = &new.1.opened.scenario;
    let title = title_of(&site.stages, scenario);
    let stage = site.stages.get(scenario).ok_or(LiveError::NoScenario)?;
    let future = |id, name, key, state: &State| {
        let untold = untold(state);
        if untold.is_some() {
            let (parts, turns) = (Vec::new(), Vec::new());
            return Future { id, name, untold, parts, picture: None, turns };
        }
        let folded = call::debrief(&site.book, &site.feedback, &stage.program, state);
        let turns = state.exchanges.iter().zip(folded.moments.iter().skip(1));
        let turns =
            turns.filter(|(_, moment)| moment.turn >= from_turn).map(|(exchange, moment)| Turn {
                turn: moment.turn,
                said: exchange.said.clone(),
                text: exchange.reply.text.clone(),
                manner: exchange.reply.manner.clone(),
                moved: telling::change_words(&moment.change),
            });
        Future {
            id,
            name,
            untold,
            parts: telling::five_of(&stage.program, &folded.outcome, state),
            picture: Some(picture::draw(
                key,
                &format!("{name}: what the caller felt"),
                &folded.moments,
                Some(from_turn),
            )),
            turns: turns.collect(),
        }
    };
    Ok(Futures {
        shell: shell.titled("Two futures"),
        title,
        caller: stage.program.caller.name.clone(),
        from_turn,
        futures: vec![
            future(old.0, "The first time", "old", old.1),
            future(new.0, "Taken again", "new", new.1),
        ],
    })
}

/// For tests.
#[must_use]
pub fn samples() -> Vec<(&'static str, String)> {
    let moment = |turn| Moment {
        turn,
        affect: Affect([0.4; 8]),
        regime: Regime::Guarded,
        change: Affect::default(),
        turning_point: turn == 1,
    };
    let future = |key: &'static str, name| Future {
        id: CallId::from_random([4; 16]),
        name,
        untold: None,
        parts: vec![Five {
            name: "Trust",
            words: "good".to_owned(),
            number: "70 out of 100".to_owned(),
        }],
        picture: Some(picture::draw(key, name, &[moment(0), moment(1)], Some(1))),
        turns: vec![Turn {
            turn: 1,
            said: "<b>Hello</b>".to_owned(),
            text: "Oh.".to_owned(),
            manner: Some("quietly".to_owned()),
            moved: "grew calmer".to_owned(),
        }],
    };
    let futures = Futures {
        shell: Shell::sample("Two futures"),
        title: "The form".to_owned(),
        caller: "Ines".to_owned(),
        from_turn: 1,
        futures: vec![future("old", "The first time"), future("new", "Taken again")],
    };
    let stopped = Future {
        untold: Some("You stopped practising."),
        picture: None,
        ..future("new", "Taken again")
    };
    let half = Futures {
        shell: Shell::sample("Two futures"),
        title: "The form".to_owned(),
        caller: "Ines".to_owned(),
        from_turn: 1,
        futures: vec![future("old", "The first time"), stopped],
    };
    vec![super::sample("futures", &futures), super::sample("futures, one untold", &half)]
}
