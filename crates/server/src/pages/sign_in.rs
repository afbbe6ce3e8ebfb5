//! Signing in, signing out, and getting back in with a recovery code.
//!
//! The same words and the same time for a login that is not there, a wrong password and a closed account.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use store::StoreError;

use super::welcome;
use crate::known;
use crate::password;
use crate::problem::Problem;
use crate::routes;
use crate::security::{self, Cookie};
use crate::site::{Shared, Shell};
use crate::who::{MaybeSignedIn, SignedIn, Visitor};

/// Characters of an address to come back to.
const BACK_CHARS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct View {
    shell: Shell,
    login: String,
    back: String,
    error: bool,
}

#[derive(Template)]
#[template(path = "recover.html")]
struct RecoverView {
    shell: Shell,
    login: String,
    error: Option<String>,
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::SignIn::PATTERN, get(show).post(sign_in))
        .route(routes::SignOut::PATTERN, post(sign_out))
        .route(routes::Recover::PATTERN, get(show_recover).post(recover))
}

/// The sign-in page that leads back to `back`.
#[must_use]
pub fn address(back: &str) -> String {
    if back == routes::Home::PATTERN || !is_ours(back) {
        return routes::SignIn::PATTERN.to_owned();
    }
    let mut address = format!("{}?back=", routes::SignIn::PATTERN);
    for byte in back.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

/// A path on this site and nothing that a browser could take for another.
fn is_ours(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= BACK_CHARS_MAX
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

async fn show(
    shell: Shell,
    MaybeSignedIn(who): MaybeSignedIn,
    Query(asked): Query<Back>,
) -> Response {
    if who.is_some() {
        return Redirect::to(routes::Home::PATTERN).into_response();
    }
    let back = if is_ours(&asked.back) { asked.back } else { String::new() };
    super::page(&View { shell: shell.titled("Sign in"), login: String::new(), back, error: false })
}

#[derive(Deserialize)]
struct Given {
    login: String,
    password: String,
    #[serde(default)]
    back: String,
}

async fn sign_in(
    State(site): State<Shared>,
    visitor: Visitor,
    shell: Shell,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    let found = site.store.password_hash(&given.login).await?;
    let (person, stored) = found.unzip();
    let key = known::limit_key(&site, &headers, person, &given.login)?;
    let attempt = site.limits.attempt(&key, visitor.via.address, site.now())?;
    // Longer ones were never set; they are not worth hashing.
    let n_chars = given.password.chars().count();
    let password =
        if n_chars > password::PASSWORD_CHARS_MAX { String::new() } else { given.password };
    // A site that is busy is no failure of theirs.
    let fits = site.hasher.fits(password, stored).await;
    let fits = fits.inspect_err(|_| site.limits.succeeded(&attempt))?;
    let (Some(person), true) = (person, fits) else {
        let shell = shell.titled("Sign in");
        let view = View { shell, login: given.login, back: given.back, error: true };
        return Ok(super::page_as(StatusCode::UNPROCESSABLE_ENTITY, &view));
    };
    site.limits.succeeded(&attempt);
    if let Some(before) = &visitor.signed_in {
        site.store.revoke(before.id(), &before.sign_in).await?;
    }
    let token = site
        .store
        .sign_in(person, site.now(), site.config.sign_in_ttl_ms, &device(&headers))
        .await?;
    let to = if is_ours(&given.back) { &given.back } else { routes::Home::PATTERN };
    let mut answer = Redirect::to(to).into_response();
    security::keep_sign_in(&site.config, &token, answer.headers_mut());
    known::keep(&site, person, &headers, answer.headers_mut())?;
    Ok(answer)
}

/// "Firefox on Windows", for the list of sign-ins. Only these words are kept, never the header.
#[must_use]
pub fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let first = |names: &[(&'static str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // Most browsers also name the ones that they descend from: the most particular mark comes first.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "A browser that does not say its name".to_owned(),
    }
}

async fn sign_out(State(site): State<Shared>, who: SignedIn) -> Result<Response, Problem> {
    site.store.revoke(who.id(), &who.sign_in).await?;
    let mut answer = Redirect::to(routes::SignIn::PATTERN).into_response();
    Cookie::SignIn.clear(&site.config, answer.headers_mut());
    Ok(answer)
}

async fn show_recover(shell: Shell) -> Response {
    super::page(&RecoverView {
        shell: shell.titled("Get back in"),
        login: String::new(),
        error: None,
    })
}

#[derive(Deserialize)]
struct Recovering {
    login: String,
    recovery_code: String,
    password: String,
}

async fn recover(
    State(site): State<Shared>,
    visitor: Visitor,
    shell: Shell,
    headers: HeaderMap,
    Form(given): Form<Recovering>,
) -> Result<Response, Problem> {
    let login = given.login;
    let again = |error: String| {
        let shell = shell.clone().titled("Get back in");
        super::page_as(
            StatusCode::UNPROCESSABLE_ENTITY,
            &RecoverView { shell, login: login.clone(), error: Some(error) },
        )
    };
    if let Some(fault) = password::fault(&given.password, &login) {
        return Ok(again(fault));
    }
    let person = site.store.person_by_login(&login).await?;
    let key = known::limit_key(&site, &headers, person.map(|person| person.id), &login)?;
    let attempt = site.limits.attempt(&key, visitor.via.address, site.now())?;
    let hash = site.hasher.hash(given.password, (site.chance)()).await;
    let hash = hash.inspect_err(|_| site.limits.succeeded(&attempt))?;
    let done = site.store.recover_with_code(&login, &given.recovery_code, &hash, site.now()).await;
    match done {
        Ok(accepted) => {
            site.limits.succeeded(&attempt);
            welcome::after(&site, accepted, &headers, welcome::Came::ByCode).await
        }
        Err(StoreError::WrongCode) => Ok(again(
            "This login and recovery code do not go together. Only the newest code opens an account.".to_owned(),
        )),
        Err(StoreError::Refused { what, remedy }) => {
            let sentence = crate::problem::sentence;
            Ok(again(format!("{} {}", sentence(&what), sentence(&remedy))))
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) fn samples() -> Vec<(&'static str, String)> {
    let shell = || Shell::sample_signed_out("Sign in");
    let view = View {
        shell: shell(),
        login: "sam\"><i>".to_owned(),
        back: "/account".to_owned(),
        error: true,
    };
    let recover = RecoverView {
        shell: shell(),
        login: "sam".to_owned(),
        error: Some("It does not fit.".to_owned()),
    };
    vec![super::sample("sign_in", &view), super::sample("recover", &recover)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_only_to_this_site() {
        assert_eq!(address("/account"), "/sign-in?back=/account");
        for other in ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "", "/"]
        {
            assert_eq!(address(other), "/sign-in", "{other:?}");
        }
    }

    #[test]
    fn a_device_is_told_in_plain_words() {
        let told = |agent: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, agent.parse().unwrap());
            device(&headers)
        };
        assert_eq!(
            told(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
            ),
            "Firefox on Windows"
        );
        assert_eq!(
            told(
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17 Safari/605.1.15"
            ),
            "Safari on Mac"
        );
        assert_eq!(told("curl/8"), "A browser that does not say its name");
    }
}
