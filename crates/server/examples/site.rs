//! A site to look at: a temporary database, one admin and one agent, the scenarios from disk.
//!
//! Not the product (`evenkeel serve` is) and not a test. For whoever works on the pages:
//! `cargo run -p server --example site [PORT]`. It prints the address and a cookie of each person.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use call::Stage;
use coder::Coder;
use scenario::parse_scenario;
use server::site::Content;
use server::{Config, RawConfig, Resources, Site, serve};
use store::{Database, LinkKind, MasterKey, NewPerson, Role, Store};
use talk::{Clock, Codebook, Feedback, Instant};

const CONTENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content");
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "an example is a binary: this is where time comes in"
    )]
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

fn chance() -> [u8; 32] {
    let mut bytes = [0; 32];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

fn content() -> Result<Content, Box<dyn Error>> {
    let book = Codebook::parse(coder::CODEBOOK)?;
    let feedback =
        Feedback::parse(&std::fs::read_to_string(format!("{CONTENT}/codebook/feedback.toml"))?)?;
    let mut stages = BTreeMap::new();
    for entry in std::fs::read_dir(format!("{CONTENT}/scenarios"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "scenario") {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let (program, faults) = parse_scenario(&name, &std::fs::read_to_string(&path)?, &book);
        match program {
            Some(program) => drop(stages.insert(program.id.clone(), Arc::new(Stage::new(program)))),
            None => eprintln!("{name} is left out: {} diagnostics", faults.len()),
        }
    }
    Ok(Content {
        coder: Arc::new(Coder::embedded()?.with_learnt_codes()),
        book: Arc::new(book),
        feedback: Arc::new(feedback),
        stages,
        resources: Arc::new(Resources::shipped("us").map_err(|fault| fault.to_string())?),
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8417".to_owned());
    let folder = tempfile::tempdir()?;
    let database =
        Database::parse(&format!("sqlite://{}", folder.path().join("site.db").display()))?;
    let store = Store::open(&database, MasterKey::from_bytes(chance())).await?;
    let now = SystemClock.now();
    for (login, name, role) in
        [("dana", "Dana Reyes", Role::Admin), ("sam", "Sam Okafor", Role::Agent)]
    {
        let new = NewPerson { login: login.to_owned(), name: name.to_owned(), role };
        let person = store.add_person(&new, None, now).await?;
        // No password fits this, so nobody signs in by one: the printed cookie is the only way.
        let invite = store.make_link(LinkKind::Invite, Some(person), now, DAY_MS).await?;
        store.accept_link(&invite, "none", now).await?;
        let token = store.sign_in(person, now, DAY_MS, "example").await?;
        println!("{login}: evenkeel={}", token.text());
    }
    let raw = RawConfig { listen: Some(format!("127.0.0.1:{port}")), ..RawConfig::default() };
    let config = Config::check(raw).map_err(|faults| format!("{faults:?}"))?;
    let listen = config.listen.clone();
    let site = Site::new(store, content()?, config, Arc::new(SystemClock), chance);
    serve(site, listen, |at| println!("http://{at}/"), async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await?;
    Ok(())
}
