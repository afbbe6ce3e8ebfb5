//! Browsers that somebody has signed in with before: a cookie that says so, and whose failures count where.
//!
//! Strangers who guess from many addresses fill a person's bucket (`rate`) and would keep the person out. A known
//! browser has a bucket of its own instead. The cookie opens nothing, and the site stores nothing of it.

use axum::http::HeaderMap;
use subtle::ConstantTimeEq;
use talk::PersonId;

use crate::problem::Problem;
use crate::security::{self, Cookie};
use crate::site::Site;

/// People whom one browser is known for: a shared desk. The longest unused is let go.
const PEOPLE_MAX: usize = 5;
/// Characters of an entry: a browser's name of 128 bits and its mark of 256, as hex.
const NAME_CHARS: usize = 32;
const MARK_CHARS: usize = 64;
/// Characters of a login that nobody has, as a bucket's key.
const KEY_CHARS_MAX: usize = 200;

/// Whose bucket a guess counts in: the person's, a known browser's own, or that of a login which nobody has.
///
/// # Errors
/// When the store cannot make a mark.
pub fn limit_key(
    site: &Site,
    headers: &HeaderMap,
    person: Option<PersonId>,
    login: &str,
) -> Result<String, Problem> {
    let Some(person) = person else {
        return Ok(login.trim().to_lowercase().chars().take(KEY_CHARS_MAX).collect());
    };
    let known = own(site, person, &entries(site, headers))?;
    Ok(known.map_or_else(|| person.to_string(), |name| format!("browser {name}")))
}

/// Makes the browser known for this person, who has just signed in with it. `sent` is what it came with.
///
/// # Errors
/// When the store cannot make a mark.
pub fn keep(
    site: &Site,
    person: PersonId,
    sent: &HeaderMap,
    answer: &mut HeaderMap,
) -> Result<(), Problem> {
    let entries = entries(site, sent);
    let name = own(site, person, &entries)?.unwrap_or_else(|| site.nonce());
    let mark = site.store.browser_mark(person, &name)?;
    let others = entries.iter().filter(|entry| !entry.starts_with(&name)).cloned();
    let all: Vec<String> =
        std::iter::once(format!("{name}{mark}")).chain(others).take(PEOPLE_MAX).collect();
    security::keep_known(&site.config, &all.join("."), answer);
    Ok(())
}

/// What the browser has, as far as it has the right form.
fn entries(site: &Site, headers: &HeaderMap) -> Vec<String> {
    let value = Cookie::Known.read(&site.config, headers).unwrap_or_default();
    let fits = |entry: &&str| {
        entry.len() == NAME_CHARS + MARK_CHARS && entry.bytes().all(|b| b.is_ascii_hexdigit())
    };
    value.split('.').filter(fits).take(PEOPLE_MAX).map(str::to_owned).collect()
}

/// The name under which the browser is known for this person.
fn own(site: &Site, person: PersonId, entries: &[String]) -> Result<Option<String>, Problem> {
    for entry in entries {
        let (name, mark) = entry.split_at(NAME_CHARS);
        let right = site.store.browser_mark(person, name)?;
        if bool::from(mark.as_bytes().ct_eq(right.as_bytes())) {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}
