//! The call itself, as a page with forms: it works without script, and `assets/call.js` makes it live.
//!
//! Shows what both have said and nothing else of the caller. The socket is `live::socket`.

use askama::Template;
use axum::extract::State as Of;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use call::State;
use serde::Deserialize;
use talk::limit::UTTERANCE_CHARS_MAX;
use talk::{CallId, End, Reply};

use super::brief::whisper_on;
use super::home::title_of;
use super::telling;
use crate::live::{self, LiveError, Said, Taken};
use crate::routes::{self, Part};
use crate::site::{Shared, Shell, Site};
use crate::wire;
use crate::{Problem, SignedIn};

#[derive(Template)]
#[template(path = "call.html")]
struct Call {
    shell: Shell,
    id: CallId,
    title: String,
    situation: Vec<String>,
    you_know: Vec<String>,
    again: bool,
    from_turn: u32,
    elapsed_ms: u64,
    elapsed: String,
    chars_max: usize,
    n_turns: u32,
    next_turn: u32,
    lines: Vec<wire::Line>,
    last_words: Option<Spoken>,
    whisper_on: bool,
    whisper: Vec<wire::Heard>,
    ended: Option<&'static str>,
    notice: Option<String>,
    /// What was written and not taken, so that it is not lost.
    draft: String,
}

/// Words of the caller on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    pub text: String,
    pub manner: Option<String>,
}

impl Spoken {
    pub fn of(reply: &Reply) -> Self {
        Self { text: reply.text.clone(), manner: reply.manner.clone() }
    }
}

#[derive(Template)]
#[template(path = "stopped.html")]
struct Stopped {
    shell: Shell,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Call::PATTERN, get(call))
        .route(routes::Say::PATTERN, post(say))
        .route(routes::EndCall::PATTERN, post(end))
        .route(routes::Stop::PATTERN, post(stop))
        .route(routes::Socket::PATTERN, get(live::socket::open))
}

async fn call(
    Of(site): Of<Shared>,
    who: SignedIn,
    shell: Shell,
    Part(id): Part<CallId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let state = live::look(&site, id, who.id()).await?;
    show(&site, shell, id, &state, whisper_on(&headers), None)
}

/// What stands in the way of a turn, and the words that were not taken.
struct Untaken {
    notice: String,
    draft: String,
}

fn show(
    site: &Site,
    shell: Shell,
    id: CallId,
    state: &State,
    whisper_on: bool,
    untaken: Option<Untaken>,
) -> Result<Response, Problem> {
    let scenario = &state.opened.scenario;
    let briefing =
        site.stages.get(scenario).map(|stage| stage.program.briefing.clone()).unwrap_or_default();
    let title = title_of(&site.stages, scenario);
    let until = state.ended_at.unwrap_or_else(|| site.now());
    let elapsed_ms = until.since_ms(state.opened.at);
    let (notice, draft) = untaken.map_or((None, String::new()), |u| (Some(u.notice), u.draft));
    let whisper = if whisper_on {
        wire::whisper(&site.book, &site.feedback, state, state.n_turns())
    } else {
        Vec::new()
    };
    Ok(super::page(&Call {
        shell: shell.titled(title.clone()),
        id,
        title,
        situation: briefing.situation,
        you_know: briefing.you_know,
        again: state.opened.branched_from.is_some(),
        from_turn: super::rewind::branch_turn(state).unwrap_or(0),
        elapsed_ms,
        elapsed: minutes(elapsed_ms),
        chars_max: UTTERANCE_CHARS_MAX,
        n_turns: state.n_turns(),
        next_turn: state.n_turns() + 1,
        lines: wire::hello(state, None, false).turns,
        last_words: state.last_words.as_ref().map(Spoken::of),
        whisper_on,
        whisper,
        ended: state.end.map(telling::end_sentence),
        notice,
        draft,
    }))
}

#[derive(Deserialize)]
struct Saying {
    turn: u32,
    said: String,
}

/// One turn as a form. The words of a turn that is not taken stay in the box.
async fn say(
    Of(site): Of<Shared>,
    who: SignedIn,
    shell: Shell,
    Part(id): Part<CallId>,
    headers: HeaderMap,
    Form(saying): Form<Saying>,
) -> Result<Response, Problem> {
    // A browser sends line breaks in forms as CR LF and over the socket as LF: one form for both.
    let text = saying.said.replace("\r\n", "\n");
    let owner = who.id();
    let said = Said { turn: saying.turn, text: text.clone() };
    let (state, notice) = match site.calls.say(&site, id, owner, said).await {
        Ok(Taken::Replied(_)) => {
            return Ok(Redirect::to(&format!("{}#now", routes::Call(id))).into_response());
        }
        Ok(Taken::OwnRisk) => return Ok(stopped(shell)),
        Ok(Taken::Elsewhere(state)) => (
            *state,
            "This call went on elsewhere, perhaps in another window. Here is how it stands now. What you wrote is still in the box.".to_owned(),
        ),
        Err(LiveError::Refused(refused)) => {
            (live::look(&site, id, owner).await?, crate::problem::sentence(&refused.to_string()))
        }
        Err(error @ LiveError::Busy) => {
            (live::look(&site, id, owner).await?, crate::problem::sentence(&error.to_string()))
        }
        Err(error) => return Err(error.into()),
    };
    show(&site, shell, id, &state, whisper_on(&headers), Some(Untaken { notice, draft: text }))
}

/// The page for the agent's own risk. It shows none of their words.
pub(super) fn stopped(shell: Shell) -> Response {
    super::page(&Stopped { shell: shell.titled("Practice has stopped") })
}

async fn end(
    Of(site): Of<Shared>,
    who: SignedIn,
    Part(id): Part<CallId>,
) -> Result<Redirect, Problem> {
    site.calls.end(&site, id, who.id(), End::AgentEnded).await?;
    Ok(Redirect::to(&format!("{}#over", routes::Call(id))))
}

/// Stops practising: nothing is scored, and the caller says no last words.
async fn stop(
    Of(site): Of<Shared>,
    who: SignedIn,
    Part(id): Part<CallId>,
) -> Result<Redirect, Problem> {
    site.calls.end(&site, id, who.id(), End::StoppedByAgent).await?;
    Ok(Redirect::to(&routes::Debrief(id).path()))
}

/// How long the call has gone on, for readers without the clock of the script.
fn minutes(elapsed_ms: u64) -> String {
    match elapsed_ms / 60_000 {
        0 => "less than a minute so far".to_owned(),
        1 => "1 minute so far".to_owned(),
        n => format!("{n} minutes so far"),
    }
}

/// For tests.
#[must_use]
pub fn samples() -> Vec<(&'static str, String)> {
    let over = Call { ended: Some(telling::end_sentence(End::AgentEnded)), ..Call::sample() };
    let stopped = Stopped { shell: Shell::sample("Practice has stopped") };
    vec![
        super::sample("call", &Call::sample()),
        super::sample("call, over", &over),
        super::sample("practice has stopped", &stopped),
    ]
}

impl Call {
    /// For tests: everything that the page can show.
    fn sample() -> Self {
        let line = |turn, said: Option<&str>, text: &str| wire::Line {
            turn,
            said: said.map(str::to_owned),
            text: text.to_owned(),
            manner: Some("quietly".to_owned()),
        };
        Self {
            shell: Shell::sample("The form"),
            id: CallId::from_random([1; 16]),
            title: "The form".to_owned(),
            situation: vec!["You are at the desk.".to_owned()],
            you_know: vec!["You can stop it.".to_owned()],
            again: true,
            from_turn: 2,
            elapsed_ms: 61_000,
            elapsed: minutes(60_000),
            chars_max: UTTERANCE_CHARS_MAX,
            n_turns: 1,
            next_turn: 2,
            lines: vec![line(0, None, "Hello?"), line(1, Some("<b>Good</b> morning"), "")],
            last_words: None,
            whisper_on: true,
            whisper: vec![wire::Heard {
                short: "asked an open question".to_owned(),
                quote: "What happened?".to_owned(),
                moved: vec!["more trust"],
            }],
            ended: None,
            notice: Some("This call went on elsewhere.".to_owned()),
            draft: "</textarea><script>".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_renders_while_it_goes_on_and_when_it_is_over() {
        let page = Call::sample().render().unwrap();
        assert!(page.contains("role=\"log\""));
        assert!(!page.contains("<b>Good"));
        let over = Call { ended: Some("You put the phone down."), ..Call::sample() };
        assert!(!over.render().unwrap().contains("<textarea"));
    }

    #[test]
    fn the_page_for_the_agents_own_risk_promises_what_the_code_keeps() {
        let page = Stopped { shell: Shell::sample("Practice has stopped") }.render().unwrap();
        assert!(page.contains("was not stored") && page.contains("988"));
    }
}
