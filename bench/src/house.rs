//! A site made ready for a bench: its folder and key, and people who are signed in.
//!
//! People come in through `store`, as an invitation would bring them, but without the cost of their passwords.

use std::path::PathBuf;

use anyhow::Context;
use store::{Database, LinkKind, MasterKey, NewPerson, Role, Store};
use talk::Instant;
use tempfile::TempDir;

use crate::Ground;
use crate::database::Cluster;
use crate::process;

/// A day: longer than any bench.
const TTL_MS: i64 = 24 * 60 * 60 * 1000;

/// Where the site of a bench lies. Its folder goes with it.
pub struct Place {
    pub data: PathBuf,
    pub key: PathBuf,
    /// `postgres://…`; `None` for SQLite in the data folder.
    pub url: Option<String>,
    pub cluster: Option<Cluster>,
    pub file_system: String,
    #[allow(dead_code, reason = "the folder is removed when it goes")]
    folder: TempDir,
}

impl Place {
    pub fn make(ground: &Ground) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&ground.folder)
            .with_context(|| format!("cannot make {}", ground.folder.display()))?;
        let folder = tempfile::Builder::new().prefix("site-").tempdir_in(&ground.folder)?;
        let file_system = process::file_system(folder.path());
        if file_system == "tmpfs" {
            eprintln!(
                "bench: {} lies in memory, not on a disk; give --folder",
                folder.path().display()
            );
        }
        let root = folder.path().canonicalize()?;
        let (url, cluster) = match ground.database.as_str() {
            "sqlite" => (None, None),
            "postgres" => {
                let cluster = Cluster::make(&root.join("postgres"))?;
                (Some(cluster.url()), Some(cluster))
            }
            url => (Some(url.to_owned()), None),
        };
        std::fs::create_dir_all(root.join("data"))?;
        std::fs::create_dir_all(root.join("key"))?;
        let (data, key) = (root.join("data"), root.join("key").join("master.key"));
        Ok(Self { data, key, url, cluster, file_system, folder })
    }

    /// What was measured, in words.
    pub fn engine(&self) -> &'static str {
        if self.url.is_some() { "postgres" } else { "sqlite" }
    }
}

/// Somebody signed in, as a browser knows it.
#[derive(Clone, Debug)]
pub struct Person {
    /// The value of the sign-in cookie.
    pub token: String,
    /// What a form must carry.
    pub csrf: String,
}

/// Adds so many agents and signs each in. The site must not be serving yet.
pub async fn people(place: &Place, n: usize) -> anyhow::Result<Vec<Person>> {
    let database = match &place.url {
        Some(url) => Database::parse(url)?,
        None => Database::Sqlite(place.data.join("evenkeel.sqlite")),
    };
    let store = Store::open(&database, MasterKey::load_or_create(&place.key)?).await?;
    let now = now();
    let new = |n| NewPerson {
        login: format!("agent-{n}"),
        name: format!("Agent {n}"),
        role: Role::Agent,
    };
    let new: Vec<NewPerson> = (0..n).map(new).collect();
    let mut people = Vec::with_capacity(n);
    for id in store.add_people(&new, None, now).await? {
        let link = store.make_link(LinkKind::Invite, Some(id), now, TTL_MS).await?;
        store.accept_link(&link, "!", now).await?;
        let token = store.sign_in(id, now, TTL_MS, "bench").await?;
        let found = store.who(&token, now).await?.context("who has just signed in is known")?;
        people.push(Person { token: token.text(), csrf: found.csrf });
    }
    store.close().await;
    Ok(people)
}

fn now() -> Instant {
    let since =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
