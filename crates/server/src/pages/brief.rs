//! Before a call: what may be hard to hear, where the agent is, what they know, what will be looked at. And the start.
//!
//! Shows the briefing only: nothing of the caller's and nothing of the aftermath. Opening this page leaves no trace.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use scenario::{SignOff, SignRole};
use serde::Deserialize;
use talk::codebook::{Codebook, Valence};
use talk::{CallId, Event, Feedback, Seed};

use super::telling;
use crate::routes::{self, Part};
use crate::site::{Shared, Shell};
use crate::{Problem, SignedIn};

/// The cookie that remembers whether the whisper is on. No secret, and about nobody.
const WHISPER_COOKIE: &str = "whisper";
/// Seconds that the choice is remembered: a year.
const WHISPER_S: u32 = 31_536_000;

#[derive(Template)]
#[template(path = "brief.html")]
struct Brief {
    shell: Shell,
    id: String,
    title: String,
    sector: String,
    channel: String,
    minutes: u32,
    intensity: &'static str,
    note: String,
    situation: Vec<String>,
    you_know: Vec<String>,
    goals: Vec<String>,
    signs: Vec<Sign>,
    whisper: bool,
}

struct Sign {
    who: &'static str,
    signed: Option<String>,
}

#[derive(Template)]
#[template(path = "rubric.html")]
struct Rubric {
    shell: Shell,
    groups: Vec<Group>,
}

struct Group {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    codes: Vec<Code>,
}

struct Code {
    name: String,
    definition: String,
    does: String,
    example: String,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Brief::PATTERN, get(brief))
        .route(routes::Start::PATTERN, post(start))
        .route(routes::Rubric::PATTERN, get(rubric))
}

async fn brief(
    State(site): State<Shared>,
    _: SignedIn,
    shell: Shell,
    Part(scenario): Part<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let stage = site.stages.get(&scenario).ok_or(Problem::NotFound)?;
    let briefing = stage.program.briefing.clone();
    Ok(super::page(&Brief {
        shell: shell.titled(briefing.title.clone()),
        id: scenario,
        title: briefing.title,
        sector: telling::sector_words(&briefing.sector),
        channel: briefing.channel,
        minutes: briefing.minutes,
        intensity: telling::intensity_words(briefing.intensity),
        note: briefing.content_note,
        situation: briefing.situation,
        you_know: briefing.you_know,
        goals: briefing.goals,
        signs: briefing.sign_offs.into_iter().map(sign).collect(),
        whisper: whisper_on(&headers),
    }))
}

fn sign(sign_off: SignOff) -> Sign {
    let who = match sign_off.role {
        SignRole::Clinician => "a clinician",
        SignRole::LivedExperience => "a person with lived experience",
        SignRole::Expert => "an expert in this work",
    };
    Sign { who, signed: sign_off.signed }
}

/// Whether this browser has the whisper on.
#[must_use]
pub fn whisper_on(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';'));
    pairs.any(|pair| pair.trim().split_once('=') == Some((WHISPER_COOKIE, "on")))
}

#[derive(Deserialize)]
struct Choice {
    whisper: Option<String>,
}

/// Opens the call: the log has its beginning before the page shows it.
async fn start(
    State(site): State<Shared>,
    who: SignedIn,
    Part(scenario): Part<String>,
    Form(choice): Form<Choice>,
) -> Result<Response, Problem> {
    let stage = site.stages.get(&scenario).ok_or(Problem::NotFound)?;
    let (call, seed) = draw(site.chance);
    let opened = call::open(&site.coder, &site.book, stage, seed, site.now());
    let events = [Event::Opened(Box::new(opened))];
    site.store.open_call(call, who.id(), &events, site.now()).await?;
    let on = if choice.whisper.is_some() { "on" } else { "off" };
    let cookie =
        format!("{WHISPER_COOKIE}={on}; Path=/; Max-Age={WHISPER_S}; SameSite=Lax; HttpOnly");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&routes::Call(call).path())).into_response())
}

/// A fresh call id and a seed, from independent random bytes.
pub(super) fn draw(chance: fn() -> [u8; 32]) -> (CallId, Seed) {
    let bytes = chance();
    let mut id = [0; 16];
    id.copy_from_slice(&bytes[..16]);
    let mut seed = [0; 8];
    seed.copy_from_slice(&bytes[16..24]);
    (CallId::from_random(id), Seed(u64::from_le_bytes(seed)))
}

async fn rubric(
    State(site): State<Shared>,
    _: SignedIn,
    shell: Shell,
) -> Result<Response, Problem> {
    let groups = groups(&site.book, &site.feedback);
    Ok(super::page(&Rubric { shell: shell.titled("What helps, and what hurts"), groups }))
}

fn groups(book: &Codebook, feedback: &Feedback) -> Vec<Group> {
    let of = |valence: Valence| {
        let codes = book.codes.iter().filter(move |entry| entry.valence == valence);
        codes.map(|entry| {
            let does = feedback.code(entry.id.as_str()).map(|words| words.does.clone());
            Code {
                name: entry.name.clone(),
                definition: entry.definition.clone(),
                does: does.unwrap_or_default(),
                example: entry.positive.first().cloned().unwrap_or_default(),
            }
        })
    };
    let group =
        |id, title, about, valence| Group { id, title, about, codes: of(valence).collect() };
    vec![
        group(
            "helps",
            "What helps",
            "Said at the right moment, and about this caller.",
            Valence::Facilitative,
        ),
        group(
            "neutral",
            "What depends on the moment",
            "Needed in every call. Too early, or in a row, it can land badly.",
            Valence::Neutral,
        ),
        group(
            "hurts",
            "What hurts",
            "Nearly always kindly meant, or said when tired. Each has other ways to put it.",
            Valence::Harmful,
        ),
    ]
}

/// For tests.
#[must_use]
pub fn samples() -> Vec<(&'static str, String)> {
    let codes = vec![Code {
        name: "Validation".to_owned(),
        definition: "Ties a feeling to its cause.".to_owned(),
        does: "It calms.".to_owned(),
        example: "No wonder.".to_owned(),
    }];
    let groups = vec![Group { id: "helps", title: "What helps", about: "Said in time.", codes }];
    let rubric = Rubric { shell: Shell::sample("What helps, and what hurts"), groups };
    vec![super::sample("brief", &Brief::sample()), super::sample("rubric", &rubric)]
}

impl Brief {
    /// For tests: everything that the page can show.
    fn sample() -> Self {
        Self {
            shell: Shell::sample("The form"),
            id: "the-form".to_owned(),
            title: "The form <is> still on the table".to_owned(),
            sector: "Benefits".to_owned(),
            channel: "phone".to_owned(),
            minutes: 15,
            intensity: telling::intensity_words(5),
            note: "A death in the family.".to_owned(),
            situation: vec!["You are at the desk.".to_owned()],
            you_know: vec!["You can stop the closing.".to_owned()],
            goals: vec!["Listen.".to_owned()],
            signs: vec![
                sign(SignOff { role: SignRole::Clinician, signed: None }),
                sign(SignOff {
                    role: SignRole::Expert,
                    signed: Some("A. Example, 2026".to_owned()),
                }),
            ],
            whisper: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_briefing_renders_and_says_who_has_not_looked_at_it() {
        let page = Brief::sample().render().unwrap();
        assert!(page.contains("Not reviewed by a clinician."));
        assert!(page.contains("Skipping leaves no trace"));
    }

    #[test]
    fn the_rubric_lists_every_code_of_the_codebook() {
        let book = Codebook::parse(coder::CODEBOOK).unwrap();
        let feedback = Feedback::default();
        let page = Rubric { shell: Shell::sample("x"), groups: groups(&book, &feedback) }
            .render()
            .unwrap();
        for entry in &book.codes {
            assert!(page.contains(&askama_escape(&entry.name)), "{}", entry.name);
        }
    }

    fn askama_escape(text: &str) -> String {
        text.replace('&', "&#38;")
            .replace('<', "&#60;")
            .replace('\'', "&#39;")
            .replace('"', "&#34;")
    }

    #[test]
    fn the_whisper_is_on_only_when_the_browser_says_so() {
        let mut headers = HeaderMap::new();
        assert!(!whisper_on(&headers));
        headers.insert(header::COOKIE, "a=b; whisper=on".parse().unwrap());
        assert!(whisper_on(&headers));
        headers.insert(header::COOKIE, "whisper=off".parse().unwrap());
        assert!(!whisper_on(&headers));
    }
}
