//! Donated items: the owner gives one turn with a disputed code, or takes it back; reviewers judge and export.
//!
//! Reviewers see words, never a name or a time. Every export is audited under the reviewer's name.

use askama::Template;
use axum::extract::State as Of;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use call::State;
use serde::Deserialize;
use serde_json::json;
use store::{Donation, Item, Verdict};
use talk::{CallId, Codebook};

use crate::live;
use crate::routes::{self, Part};
use crate::site::{Shared, Shell};
use crate::who::Reviewer;
use crate::{Problem, SignedIn};

#[derive(Template)]
#[template(path = "donations.html")]
struct Page {
    shell: Shell,
    items: Vec<Row>,
    n_open: usize,
}

struct Row {
    id: String,
    before: String,
    said: String,
    code: String,
    name: String,
    note: String,
    coder: String,
    /// What was judged, in words; empty while nobody has.
    verdict: &'static str,
}

impl Row {
    fn of(book: &Codebook, donation: Donation) -> Self {
        let Item { code, before, said, note, coder } = donation.item;
        let name = book.code(&code).map_or_else(|| code.clone(), |entry| entry.name.clone());
        let verdict = match donation.verdict {
            Some(Verdict::Donor) => "the code is wrong",
            Some(Verdict::Coder) => "the code is right",
            Some(Verdict::Unclear) => "the item does not tell",
            None => "",
        };
        Self { id: donation.id, before, said, code, name, note, coder, verdict }
    }
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(routes::Donate::PATTERN, post(donate))
        .route(routes::Donations::PATTERN, get(list))
        .route(routes::DonationsFile::PATTERN, post(file))
        .route(routes::JudgeDonation::PATTERN, post(judge))
}

#[derive(Deserialize)]
struct Giving {
    turn: u32,
    code: String,
    withdrawn: Option<String>,
    /// The form stands on the account page.
    account: Option<String>,
}

/// The owner gives one disputed item, or takes it back. Only what is disputed can be given; taking back works even when the
/// call itself cannot be opened.
async fn donate(
    Of(site): Of<Shared>,
    who: SignedIn,
    shell: Shell,
    Part(id): Part<CallId>,
    Form(form): Form<Giving>,
) -> Result<Response, Problem> {
    let back = match form.account {
        Some(_) => format!("{}#given-title", routes::Account),
        None => format!("{}#turn-{}", routes::Debrief(id), form.turn),
    };
    if form.withdrawn.is_some() {
        site.store.take_back(id, who.id(), form.turn, &form.code).await?;
        return Ok(Redirect::to(&back).into_response());
    }
    let state = live::look(&site, id, who.id()).await?;
    let item = item(&state, form.turn, &form.code).ok_or(Problem::NotFound)?;
    // The coder may hear today what it did not hear then.
    if live::words::stops(&site, id, who.id(), &format!("{}\n{}", item.said, item.note)).await {
        return Ok(super::call::stopped(shell));
    }
    let item = Item {
        said: without_name(&item.said, &who.person.name, &who.person.login),
        note: without_name(&item.note, &who.person.name, &who.person.login),
        ..item
    };
    site.store.donate(id, who.id(), form.turn, &item).await?;
    Ok(Redirect::to(&back).into_response())
}

/// What would be given; `None` when this code of this turn is not disputed.
fn item(state: &State, turn: u32, code: &str) -> Option<Item> {
    let disagreement = state.disagreements.iter().find(|d| d.turn == turn && d.code == code)?;
    let index = usize::try_from(turn).ok()?.checked_sub(1)?;
    let exchange = state.exchanges.get(index)?;
    Some(Item {
        code: code.to_owned(),
        before: state.reply_before(index).text.clone(),
        said: exchange.said.clone(),
        note: disagreement.note.clone(),
        coder: exchange.coded.coder.0.to_string(),
    })
}

/// Letters of the shortest part of a name that is replaced: shorter ones are words as well.
const NAME_LETTERS_MIN: usize = 3;

/// The text with the parts of a name, and the login, replaced wherever they stand as words.
fn without_name(text: &str, name: &str, login: &str) -> String {
    let parts = |whole: &str| -> Vec<String> {
        whole
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| part.chars().count() >= NAME_LETTERS_MIN)
            .map(str::to_lowercase)
            .collect()
    };
    let known = [parts(name), parts(login)].concat();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(from) = rest.find(char::is_alphanumeric) {
        let word = &rest[from..];
        let to = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
        out.push_str(&rest[..from]);
        let is_name = known.contains(&word[..to].to_lowercase());
        out.push_str(if is_name { "[name]" } else { &word[..to] });
        rest = &word[to..];
    }
    out.push_str(rest);
    out
}

async fn list(Of(site): Of<Shared>, _: Reviewer, shell: Shell) -> Result<Response, Problem> {
    let donations = site.store.donations().await?;
    let items: Vec<Row> = donations.into_iter().map(|given| Row::of(&site.book, given)).collect();
    let n_open = items.iter().filter(|row| row.verdict.is_empty()).count();
    Ok(super::page(&Page { shell: shell.titled("Given items"), items, n_open }))
}

#[derive(Deserialize)]
struct Judging {
    verdict: String,
}

async fn judge(
    Of(site): Of<Shared>,
    _: Reviewer,
    Part(id): Part<String>,
    Form(form): Form<Judging>,
) -> Result<Response, Problem> {
    let verdict = Verdict::parse(&form.verdict).ok_or_else(|| {
        Problem::refused(
            format!("`{}` is no verdict.", form.verdict),
            "Go back and use one of the three buttons.",
        )
    })?;
    site.store.judge(&id, verdict).await?;
    Ok(Redirect::to(&routes::Donations.path()).into_response())
}

/// All items as JSON lines that `evenkeel code` reads as they are.
async fn file(Of(site): Of<Shared>, Reviewer(who): Reviewer) -> Result<Response, Problem> {
    let donations = site.store.donations().await?;
    let detail = format!("{} items", donations.len());
    site.store.audit(site.now(), Some(who.id()), "donations_exported", None, &detail).await?;
    let mut lines = String::new();
    for Donation { id, item, verdict } in donations {
        let row = json!({
            "id": id, "speaker": "agent", "context": [{"speaker": "caller", "text": item.before}], "text": item.said,
            "code": item.code, "note": item.note, "coder": item.coder, "verdict": verdict.map(Verdict::as_str),
        });
        lines.push_str(&row.to_string());
        lines.push('\n');
    }
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"given-items.jsonl\""),
    ];
    Ok((headers, lines).into_response())
}

/// The page with items of every kind, and with none.
pub fn samples() -> Vec<(&'static str, String)> {
    let row = |verdict| Row {
        id: "0a".to_owned(),
        before: "I rang <twice>.".to_owned(),
        said: "Twice. And nobody rang back.".to_owned(),
        code: "REFL_SIMPLE".to_owned(),
        name: "Simple reflection".to_owned(),
        note: "I was asking".to_owned(),
        coder: "rules-1".to_owned(),
        verdict,
    };
    let page = |items| Page { shell: Shell::sample("Given items"), items, n_open: 1 };
    vec![
        super::sample("donations", &page(vec![row(""), row("the code is wrong")])),
        super::sample("donations, none", &page(Vec::new())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_replaced_where_it_stands_as_a_word() {
        let out = |text| without_name(text, "Dana van Reyes-Okafor", "dana.r@example.org");
        assert_eq!(out("This is dana, Mr Bell. Danas?"), "This is [name], Mr Bell. Danas?");
        assert_eq!(out("REYES here; van it is"), "[name] here; [name] it is");
        assert_eq!(out("Öre Okafor\u{1f44b}"), "Öre [name]\u{1f44b}");
        assert_eq!(out(""), "");
        assert_eq!(without_name("Al is here", "Al", "al"), "Al is here");
    }
}
