//! One's own account: sign-ins, password, earlier practice that waits for a recovery code, the notice of a reset.
//!
//! Everything here is about the person who is signed in; nobody's id comes from the request.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use store::{SignInId, StoreError};
use talk::CallId;

use crate::known;
use crate::password;
use crate::problem::{Problem, sentence};
use crate::routes;
use crate::site::{Shared, Shell};
use crate::when;
use crate::who::{SignedIn, Visitor};

#[derive(Template)]
#[template(path = "account.html")]
struct View {
    shell: Shell,
    name: String,
    login: String,
    role: &'static str,
    n_locked: u64,
    sign_ins: Vec<Line>,
    given: Vec<Given>,
    done: Option<String>,
    password_error: Option<String>,
    unlock_error: Option<String>,
}

/// One sign-in.
struct Line {
    id: String,
    device: String,
    made: String,
    seen: String,
    seen_machine: String,
    this: bool,
}

/// One item that was given away so that the coder learns.
struct Given {
    call: CallId,
    turn: u32,
    code: String,
    said: String,
}

/// What has just happened on this page, or went wrong.
#[derive(Default)]
struct News {
    done: Option<String>,
    password_error: Option<String>,
    unlock_error: Option<String>,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Account::PATTERN, get(show))
        .route(routes::ChangePassword::PATTERN, post(change_password))
        .route(routes::Unlock::PATTERN, post(unlock))
        .route(routes::RevokeSignIn::PATTERN, post(revoke))
        .route(routes::RevokeOthers::PATTERN, post(revoke_others))
        .route(routes::DismissReset::PATTERN, post(dismiss))
}

async fn view(site: &Shared, who: &SignedIn, shell: Shell, news: News) -> Result<View, Problem> {
    // Read anew: an unlocking has changed it since the request came in.
    let person = site.store.person(who.id()).await?;
    let sign_ins = site.store.sign_ins_of(who.id(), site.now()).await?;
    let given = site.store.donations_of(who.id()).await?.into_iter();
    let given =
        given.map(|(call, turn, item)| Given { call, turn, code: item.code, said: item.said });
    let line = |sign_in: store::SignIn| Line {
        this: sign_in.id == who.sign_in,
        made: when::day_and_time(sign_in.made_at),
        seen: when::day_and_time(sign_in.last_seen_at),
        seen_machine: when::machine(sign_in.last_seen_at),
        device: sign_in.device,
        id: sign_in.id.0,
    };
    Ok(View {
        shell: shell.titled("Your account"),
        name: person.name,
        login: person.login,
        role: person.role.as_str(),
        n_locked: person.n_locked_keys,
        sign_ins: sign_ins.into_iter().map(line).collect(),
        given: given.collect(),
        done: news.done,
        password_error: news.password_error,
        unlock_error: news.unlock_error,
    })
}

async fn show(
    State(site): State<Shared>,
    who: SignedIn,
    shell: Shell,
) -> Result<Response, Problem> {
    Ok(super::page(&view(&site, &who, shell, News::default()).await?))
}

#[derive(Deserialize)]
struct NewPassword {
    current: String,
    password: String,
}

async fn change_password(
    State(site): State<Shared>,
    who: SignedIn,
    visitor: Visitor,
    shell: Shell,
    headers: HeaderMap,
    Form(given): Form<NewPassword>,
) -> Result<Response, Problem> {
    let key = known::limit_key(&site, &headers, Some(who.id()), "")?;
    let attempt = site.limits.attempt(&key, visitor.via.address, site.now())?;
    let stored = site.store.password_hash(&who.person.login).await?.map(|(_, hash)| hash);
    let current = given.current.chars().take(password::PASSWORD_CHARS_MAX + 1).collect();
    let fits = site.hasher.fits(current, stored).await;
    let error = if !fits.inspect_err(|_| site.limits.succeeded(&attempt))? {
        Some("The current password is not right.".to_owned())
    } else {
        site.limits.succeeded(&attempt);
        password::fault(&given.password, &who.person.login)
    };
    if error.is_some() {
        let news = News { password_error: error, ..News::default() };
        let view = view(&site, &who, shell, news).await?;
        return Ok(super::page_as(StatusCode::UNPROCESSABLE_ENTITY, &view));
    }
    let hash = site.hasher.hash(given.password, (site.chance)()).await?;
    site.store.set_password(who.id(), &hash).await?;
    let n = site.store.revoke_others(who.id(), &who.sign_in).await?;
    site.store.audit(site.now(), Some(who.id()), "password_changed", Some(who.id()), "").await?;
    let others = if n > 0 { " Your other sign-ins have ended." } else { "" };
    let news = News { done: Some(format!("Your password is changed.{others}")), ..News::default() };
    Ok(super::page(&view(&site, &who, shell, news).await?))
}

#[derive(Deserialize)]
struct Code {
    recovery_code: String,
}

async fn unlock(
    State(site): State<Shared>,
    who: SignedIn,
    visitor: Visitor,
    shell: Shell,
    headers: HeaderMap,
    Form(given): Form<Code>,
) -> Result<Response, Problem> {
    let key = known::limit_key(&site, &headers, Some(who.id()), "")?;
    let attempt = site.limits.attempt(&key, visitor.via.address, site.now())?;
    let (status, news) = match site.store.unlock(who.id(), &given.recovery_code, site.now()).await {
        Ok(_) => {
            site.limits.succeeded(&attempt);
            let done = "Your earlier practice is open again.".to_owned();
            (StatusCode::OK, News { done: Some(done), ..News::default() })
        }
        Err(error) => {
            let error = match error {
                StoreError::WrongCode => "This code opens nothing that is locked here. Look for the code you had before the reset.".to_owned(),
                StoreError::Refused { what, remedy } => format!("{} {}", sentence(&what), sentence(&remedy)),
                error @ (StoreError::NotFound | StoreError::Conflict | StoreError::Locked | StoreError::Taken { .. }
                | StoreError::LastAdmin | StoreError::Unavailable(_) | StoreError::Corrupt { .. }
                | StoreError::File { .. }) => return Err(error.into()),
            };
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                News { unlock_error: Some(error), ..News::default() },
            )
        }
    };
    Ok(super::page_as(status, &view(&site, &who, shell, news).await?))
}

#[derive(Deserialize)]
struct Which {
    id: String,
}

async fn revoke(
    State(site): State<Shared>,
    who: SignedIn,
    Form(which): Form<Which>,
) -> Result<Response, Problem> {
    site.store.revoke(who.id(), &SignInId(which.id)).await?;
    Ok(back())
}

async fn revoke_others(State(site): State<Shared>, who: SignedIn) -> Result<Response, Problem> {
    site.store.revoke_others(who.id(), &who.sign_in).await?;
    Ok(back())
}

async fn dismiss(State(site): State<Shared>, who: SignedIn) -> Result<Response, Problem> {
    site.store.dismiss_reset_notice(who.id()).await?;
    Ok(back())
}

fn back() -> Response {
    Redirect::to(routes::Account::PATTERN).into_response()
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    let line = |this| Line {
        id: "0a1b".to_owned(),
        device: "Firefox on <Windows>".to_owned(),
        made: "1 March 2026, 09:30 UTC".to_owned(),
        seen: "2 March 2026, 10:00 UTC".to_owned(),
        seen_machine: "2026-03-02T10:00:00Z".to_owned(),
        this,
    };
    let view = View {
        shell: Shell::sample("Your account"),
        name: "Sam <b>Okafor</b>".to_owned(),
        login: "sam".to_owned(),
        role: "agent",
        n_locked: 2,
        sign_ins: vec![line(true), line(false)],
        given: vec![Given {
            call: CallId::from_random([3; 16]),
            turn: 4,
            code: "VALIDATE".to_owned(),
            said: "No wonder <you> rang.".to_owned(),
        }],
        done: Some("Done.".to_owned()),
        password_error: Some("The current password is not right.".to_owned()),
        unlock_error: Some("This code opens nothing.".to_owned()),
    };
    vec![super::sample("account", &view)]
}
