//! What can go wrong with a request, and the one place where it becomes an answer: a page for people,
//! `application/problem+json` (RFC 9457) for programs. Both say what happened and what to do.
//!
//! Never a stack trace, never a secret, never what somebody said. Handlers return `Problem`; `serve` dresses it.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::StoreError;

/// Why a request was not done, named by what its sender can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not there, or it is somebody else's: the two look the same on purpose.
    NotFound,
    /// Only for people who are signed in.
    SignInFirst,
    /// Not for this person, or not from there.
    Forbidden {
        what: String,
        remedy: String,
    },
    /// The form's token does not fit: an old page, another window, another site.
    StaleForm,
    /// The same form came a second time.
    Replayed,
    /// It cannot be done as it stands.
    Refused {
        what: String,
        remedy: String,
    },
    /// Somebody else changed it first.
    Conflict,
    TooMany {
        wait_ms: u64,
    },
    TooLarge,
    WrongMethod,
    /// Trying again soon may help.
    Busy,
    /// Our fault.
    Fault,
}

/// A problem in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub status: StatusCode,
    pub title: String,
    pub what: String,
    pub remedy: String,
    pub retry_after_s: Option<u64>,
}

/// Seconds after which a busy site may be asked again.
const BUSY_RETRY_S: u64 = 5;

impl Problem {
    #[must_use]
    pub fn refused(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Problem::Refused { what: what.into(), remedy: remedy.into() }
    }

    #[must_use]
    pub fn tell(&self) -> Told {
        let (status, title) = self.heading();
        let (what, remedy) = self.words();
        Told { status, title: title.to_owned(), what, remedy, retry_after_s: self.retry_after_s() }
    }

    fn heading(&self) -> (StatusCode, &'static str) {
        match self {
            Problem::NotFound => (StatusCode::NOT_FOUND, "There is nothing here"),
            Problem::SignInFirst => (StatusCode::UNAUTHORIZED, "Please sign in"),
            Problem::Forbidden { .. } => (StatusCode::FORBIDDEN, "This is not open to you"),
            Problem::StaleForm => (StatusCode::FORBIDDEN, "This form has gone stale"),
            Problem::Replayed => (StatusCode::CONFLICT, "This was already sent"),
            Problem::Refused { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "That did not work"),
            Problem::Conflict => (StatusCode::CONFLICT, "Somebody was faster"),
            Problem::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "Too many attempts"),
            Problem::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "That is too long"),
            Problem::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "Not in this way"),
            Problem::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Busy just now"),
            Problem::Fault => (StatusCode::INTERNAL_SERVER_ERROR, "Something broke"),
        }
    }

    /// What happened, and what to do.
    fn words(&self) -> (String, String) {
        let (what, remedy) = match self {
            Problem::Forbidden { what, remedy } | Problem::Refused { what, remedy } => {
                return (what.clone(), remedy.clone());
            }
            Problem::TooMany { wait_ms } => {
                let what = "There were too many attempts that did not work. This slows down guessing; your account is not closed.";
                let minutes = wait_ms.div_ceil(60_000).max(1);
                let unit = if minutes == 1 { "minute" } else { "minutes" };
                return (what.to_owned(), format!("Try again in {minutes} {unit}."));
            }
            Problem::NotFound => (
                "This page does not exist, or it is not yours to see.",
                "Check the address, or start again from the first page.",
            ),
            Problem::SignInFirst => {
                ("This page is only for people who are signed in.", "Sign in and open it again.")
            }
            Problem::StaleForm => (
                "The form was open for a long time, or in another window, or you have signed in or out since. Nothing was done.",
                "Go back, reload the page, and send it again.",
            ),
            Problem::Replayed => (
                "The same form arrived before. Nothing was done a second time.",
                "Go back to the list and look at how things stand now.",
            ),
            Problem::Conflict => (
                "This changed while you were looking at it. Nothing was done.",
                "Reload the page and decide again.",
            ),
            Problem::TooLarge => {
                ("What was sent is larger than this page takes.", "Send less at a time.")
            }
            Problem::WrongMethod => (
                "This address cannot be used in this way.",
                "Use the links and buttons of the site.",
            ),
            Problem::Busy => {
                ("The site cannot answer at this moment.", "Wait a few seconds and try again.")
            }
            Problem::Fault => (
                "This is our fault, not yours. What was already saved is safe.",
                "Try again. If it happens again, tell whoever runs this site.",
            ),
        };
        (what.to_owned(), remedy.to_owned())
    }

    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Problem::TooMany { wait_ms } => Some(wait_ms.div_ceil(1000).max(1)),
            Problem::Busy => Some(BUSY_RETRY_S),
            Problem::NotFound
            | Problem::SignInFirst
            | Problem::Forbidden { .. }
            | Problem::StaleForm
            | Problem::Replayed
            | Problem::Refused { .. }
            | Problem::Conflict
            | Problem::TooLarge
            | Problem::WrongMethod
            | Problem::Fault => None,
        }
    }
}

impl Told {
    /// For an error that a layer below us made, known only by its status.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let problem = match status.as_u16() {
            401 => Problem::SignInFirst,
            403 => Problem::StaleForm,
            404 => Problem::NotFound,
            405 => Problem::WrongMethod,
            408 | 503 | 504 => Problem::Busy,
            409 => Problem::Conflict,
            413 => Problem::TooLarge,
            400..=499 => Problem::refused(
                "What was sent could not be read.",
                "Go back, reload the page, and fill it in again.",
            ),
            _ => Problem::Fault,
        };
        Self { status, ..problem.tell() }
    }
}

impl IntoResponse for Problem {
    /// The bare answer; `serve` finds the problem in its extensions and dresses it.
    fn into_response(self) -> Response {
        let told = self.tell();
        let mut response = told.status.into_response();
        response.extensions_mut().insert(self);
        response.extensions_mut().insert(told);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Problem::NotFound,
            StoreError::Conflict => Problem::Conflict,
            StoreError::Locked => Problem::refused(
                "This practice is locked since your password was reset.",
                "Enter your recovery code on your account page.",
            ),
            StoreError::Taken { login } => Problem::refused(
                format!("The login \u{201c}{login}\u{201d} is taken."),
                "Choose another, or look for the person in the list.",
            ),
            StoreError::LastAdmin => Problem::refused(
                "This is the last active admin. Without one nobody could look after the accounts.",
                "Make somebody else an admin first.",
            ),
            StoreError::WrongCode => Problem::refused(
                "This recovery code opens nothing here.",
                "Look for the code that was shown when you first set your password.",
            ),
            StoreError::Refused { what, remedy } => {
                Problem::refused(sentence(&what), sentence(&remedy))
            }
            StoreError::Unavailable(error) => {
                tracing::error!(%error, "the database is not available");
                Problem::Busy
            }
            StoreError::Corrupt { place, what } => {
                tracing::error!(place, what, "stored data is damaged");
                Problem::Fault
            }
            StoreError::File { path, what } => {
                tracing::error!(path = %path.display(), what, "a file could not be used");
                Problem::Fault
            }
        }
    }
}

/// "the login is empty" → "The login is empty."
#[must_use]
pub fn sentence(words: &str) -> String {
    let mut letters = words.trim().chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let end = if words.trim_end().ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// RFC 9457.
#[derive(Serialize)]
struct Json<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    remedy: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

/// The problem for a program.
#[must_use]
pub fn json(told: &Told, reference: Option<&str>) -> Response {
    let json = Json {
        r#type: "about:blank",
        title: &told.title,
        status: told.status.as_u16(),
        detail: &told.what,
        remedy: &told.remedy,
        reference,
    };
    let body = serde_json::to_string(&json).unwrap_or_default();
    (told.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
}

/// Whether the client asks for JSON and not for a page.
#[must_use]
pub fn wants_json(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accepts = accepts.collect::<Vec<_>>().join(",");
    accepts.contains("json") && !accepts.contains("text/html")
}

/// `Retry-After`, when there is one.
pub fn retry_after(told: &Told, headers: &mut HeaderMap) {
    if let Some(seconds) = told.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_told_in_minutes() {
        let told = Problem::TooMany { wait_ms: 61_000 }.tell();
        assert_eq!(told.remedy, "Try again in 2 minutes.");
        assert_eq!(told.retry_after_s, Some(61));
        assert_eq!(Problem::TooMany { wait_ms: 1 }.tell().remedy, "Try again in 1 minute.");
    }

    #[test]
    fn store_words_become_sentences() {
        assert_eq!(sentence("the login is empty"), "The login is empty.");
        assert_eq!(sentence(""), ".");
    }
}
