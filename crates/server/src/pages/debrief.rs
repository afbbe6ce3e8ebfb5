//! The debrief of a call, for its owner: a fold of the log on read (`call::debrief`), turned into words.
//!
//! Computes no judgement of its own. Disagreeing with a code is an event in the owner's log.

use askama::Template;
use axum::extract::State as Of;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use call::State;
use scenario::SafetyOutcome;
use serde::Deserialize;
use talk::{CallId, CodeId, End};

use super::call::Spoken;
use super::home::title_of;
use super::telling::{self, Part as Five};
use crate::live::{self, Disagreement, LiveError};
use crate::picture::{self, Picture};
use crate::routes::{self, Part};
use crate::site::{Shared, Shell, Site};
use crate::{Problem, SignedIn, when};

mod notes;
mod sample;

use notes::{CountView, CriticalView, DetailView, NextView, PointView, StepView, TurnView};
pub use sample::samples;

/// Characters of a note on a disagreement.
pub const NOTE_CHARS_MAX: usize = 500;
/// From this intensity on (of 5) the debrief says that it was a hard call.
const HARD_INTENSITY: u32 = 3;

#[derive(Template)]
#[template(path = "debrief.html")]
struct Page {
    shell: Shell,
    id: CallId,
    scenario: String,
    title: String,
    caller: String,
    when: String,
    end_words: &'static str,
    ongoing: bool,
    stopped: bool,
    scored: bool,
    branched: bool,
    hard: bool,
    note_chars_max: usize,
    parts: Vec<Five>,
    critical: Vec<CriticalView>,
    picture: Picture,
    strengths: Vec<PointView>,
    next: Option<NextView>,
    opening: Spoken,
    turns: Vec<TurnView>,
    last_words: Option<Spoken>,
    steps: Vec<StepView>,
    details: Vec<DetailView>,
    counts: Vec<CountView>,
    story: Vec<String>,
    reflection: Vec<String>,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Debrief::PATTERN, get(debrief))
        .route(routes::Disagree::PATTERN, post(disagree))
}

async fn debrief(
    Of(site): Of<Shared>,
    who: SignedIn,
    shell: Shell,
    Part(id): Part<CallId>,
) -> Result<Response, Problem> {
    let state = live::look(&site, id, who.id()).await?;
    let donated = site.store.donated(id, who.id()).await?;
    Ok(super::page(&page(&site, shell, id, &state, &donated)?))
}

fn page(
    site: &Site,
    shell: Shell,
    id: CallId,
    state: &State,
    donated: &[(u32, String)],
) -> Result<Page, Problem> {
    let scenario = state.opened.scenario.clone();
    let stage = site.stages.get(&scenario).ok_or(LiveError::NoScenario)?;
    let program = &stage.program;
    let folded = call::debrief(&site.book, &site.feedback, program, state);
    let title = title_of(&site.stages, &scenario);
    let caller = program.caller.name.clone();
    let caption = format!("What {caller} felt, turn by turn");
    let (ongoing, stopped) = (state.end.is_none(), state.end == Some(End::StoppedByAgent));
    let scored = !ongoing && !stopped;
    let notes = notes::Notes { book: &site.book, state, debrief: &folded, donated };
    Ok(Page {
        shell: shell.titled(format!("Debrief: {title}")),
        id,
        scenario,
        title,
        when: when::day_and_time(state.opened.at),
        end_words: state.end.map_or("", telling::end_sentence),
        ongoing,
        stopped,
        scored,
        branched: state.opened.branched_from.is_some(),
        hard: program.briefing.intensity >= HARD_INTENSITY
            || folded.outcome.safety != SafetyOutcome::NoCue,
        note_chars_max: NOTE_CHARS_MAX,
        parts: telling::five_of(program, &folded.outcome, state),
        critical: folded.outcome.critical.iter().map(CriticalView::of).collect(),
        picture: picture::draw("felt", &caption, &folded.moments, None),
        strengths: notes.strengths(),
        next: notes.next(),
        opening: Spoken::of(&state.opened.reply),
        turns: notes.turns(),
        last_words: state.last_words.as_ref().map(Spoken::of),
        steps: folded.steps.iter().map(StepView::of).collect(),
        details: folded.details.iter().map(DetailView::of).collect(),
        counts: notes::counts(&folded.counts),
        // While a call goes on, and after one that was stopped, the story stays the caller's own.
        story: if scored { program.aftermath.story.clone() } else { Vec::new() },
        reflection: if scored { program.aftermath.reflection.clone() } else { Vec::new() },
        caller,
    })
}

#[derive(Deserialize)]
struct Disagreeing {
    turn: u32,
    code: String,
    #[serde(default)]
    note: String,
    withdrawn: Option<String>,
}

/// The owner says that a code is wrong, or takes that back. Only for codes that are there. The note is looked at before
/// anything else about it.
async fn disagree(
    Of(site): Of<Shared>,
    who: SignedIn,
    shell: Shell,
    Part(id): Part<CallId>,
    Form(form): Form<Disagreeing>,
) -> Result<Response, Problem> {
    if live::words::stops(&site, id, who.id(), &form.note).await {
        return Ok(super::call::stopped(shell));
    }
    let state = live::look(&site, id, who.id()).await?;
    if state.end.is_none() {
        return Err(Problem::refused(
            "This call is still going on.",
            "Finish it first; the codes come with the debrief.",
        ));
    }
    let index = usize::try_from(form.turn).ok().and_then(|turn| turn.checked_sub(1));
    let exchange = index.and_then(|index| state.exchanges.get(index)).ok_or(Problem::NotFound)?;
    if !exchange.coded.has(&form.code) {
        return Err(Problem::NotFound);
    }
    if form.note.chars().count() > NOTE_CHARS_MAX {
        let what = format!("The note is longer than {NOTE_CHARS_MAX} characters.");
        return Err(Problem::refused(what, "Shorten it and send it again."));
    }
    let back = format!("{}#turn-{}", routes::Debrief(id), form.turn);
    let withdrawn = form.withdrawn.is_some();
    if withdrawn {
        // What is no longer disputed is no longer given either.
        site.store.take_back(id, who.id(), form.turn, &form.code).await?;
    }
    let stands =
        state.disagreements.iter().any(|d| d.turn == form.turn && d.code == form.code.as_str());
    if stands == withdrawn {
        let code = CodeId::new(&form.code);
        let what =
            Disagreement { turn: form.turn, code, note: form.note.trim().to_owned(), withdrawn };
        site.calls.disagree(&site, id, who.id(), what).await?;
        if withdrawn {
            // Again: it may have been given between the two.
            site.store.take_back(id, who.id(), form.turn, &form.code).await?;
        }
    }
    Ok(Redirect::to(&back).into_response())
}

#[cfg(test)]
#[path = "debrief/tests.rs"]
mod tests;
