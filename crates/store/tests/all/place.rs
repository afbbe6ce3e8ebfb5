//! A fresh database for a test, and people and events to put into it.

use std::path::Path;

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use store::{Accepted, Database, LinkKind, MasterKey, NewPerson, Role, Store};
use talk::{
    Affect, CallId, CoderVersion, End, Event, Heading, Heard, Instant, Mood, Opened, PersonId,
    Reply, Seed, Style,
};

pub const NOW: Instant = Instant(1_760_000_000_000);
pub const DAY_MS: i64 = 86_400_000;
/// Looked for, byte by byte, where it must not be.
pub const MARKER: &str = "the landlord said marmalade on a tuesday";
const MASTER: [u8; 32] = [7; 32];

/// Defines each test twice. `async fn name(place: &Place)` is the body.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let place = crate::place::Place::sqlite();
                super::$name(&place).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(place) = crate::place::Place::postgres().await else { return };
                super::$name(&place).await;
                place.drop_postgres().await;
            })*
        }
    };
}
pub(crate) use on_both;

pub struct Place {
    pub database: Database,
    pub folder: tempfile::TempDir,
    base: Option<(String, String)>,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("data #1/even keel.db"));
        Self { database, folder, base: None }
    }

    // A test has no binary above it that could read the configuration for it.
    #[allow(clippy::disallowed_methods)]
    pub async fn postgres() -> Option<Self> {
        let Ok(base) = std::env::var("EVENKEEL_TEST_POSTGRES") else {
            println!("PostgreSQL tests not run: set EVENKEEL_TEST_POSTGRES");
            return None;
        };
        let id = random_id();
        let name = format!("evenkeel_test_{}", id.simple());
        admin(&base, &format!("create database {name}")).await;
        let (server, _) = base.rsplit_once('/').unwrap();
        let database = Database::parse(&format!("{server}/{name}")).unwrap();
        Some(Self { database, folder: tempfile::tempdir().unwrap(), base: Some((base, name)) })
    }

    /// The same kind of place, with another database.
    pub async fn another(&self) -> Self {
        match &self.base {
            None => Self::sqlite(),
            Some(_) => Self::postgres().await.unwrap(),
        }
    }

    pub async fn open(&self) -> Store {
        Store::open(&self.database, MasterKey::from_bytes(MASTER)).await.unwrap()
    }

    /// One statement, past the store.
    pub async fn sql(&self, sql: &str) {
        let mut conn = AnyConnection::connect(&self.url()).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    }

    pub async fn number(&self, sql: &str) -> i64 {
        let mut conn = AnyConnection::connect(&self.url()).await.unwrap();
        let row = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_one(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        row.try_get(0).unwrap()
    }

    pub fn url(&self) -> String {
        sqlx::any::install_default_drivers();
        match &self.database {
            Database::Sqlite(path) => {
                let path = path.display().to_string().replace(' ', "%20").replace('#', "%23");
                format!("sqlite://{path}")
            }
            Database::Postgres(url) => url.clone(),
        }
    }

    pub async fn drop_postgres(&self) {
        if let Some((base, name)) = &self.base {
            admin(base, &format!("drop database {name} with (force)")).await;
        }
    }
}

async fn admin(base: &str, sql: &str) {
    sqlx::any::install_default_drivers();
    let mut conn = AnyConnection::connect(base).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

fn random_id() -> uuid::Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

pub fn call_id() -> CallId {
    CallId::from_random(*random_id().as_bytes())
}

pub fn new_person(login: &str, role: Role) -> NewPerson {
    NewPerson { login: login.to_owned(), name: format!("{login} by name"), role }
}

/// Adds a person who has accepted an invitation.
pub async fn join(store: &Store, login: &str, role: Role) -> Accepted {
    let person = store.add_person(&new_person(login, role), None, NOW).await.unwrap();
    let token = store.make_link(LinkKind::Invite, Some(person), NOW, DAY_MS).await.unwrap();
    store.accept_link(&token, "hash-1", NOW).await.unwrap()
}

/// Opens a call with one exchange in it.
pub async fn practise(store: &Store, owner: PersonId) -> CallId {
    let call = call_id();
    let next = store.open_call(call, owner, &[opened()], NOW).await.unwrap();
    store.append(call, owner, next, &[said(MARKER), ended()], NOW.plus_ms(5)).await.unwrap();
    call
}

pub fn said(text: &str) -> Event {
    Event::Said { text: text.to_owned(), at: NOW }
}
pub fn ended() -> Event {
    Event::Ended { end: End::Resolved, at: NOW }
}

pub fn opened() -> Event {
    let mood = Mood {
        affect: Affect([0.1 + 0.2, 0.5, 0.25, 1.0 / 3.0, 0.0, 1.0, 0.7, 0.9]),
        regime: None,
        reactivity: 1.1,
        style: Style::Attack,
        open_request: true,
        latent_risk: false,
        danger_floor: 0.0,
        used: Vec::new(),
        n_relational: 0,
        n_turns: 0,
        n_hot: 0,
        n_quiet: 0,
        held_turns: 0,
        voiced: Heard::Nothing,
        safety_done: false,
        left_at: None,
    };
    let reply = Reply {
        text: MARKER.to_owned(),
        manner: None,
        act: "tells".to_owned(),
        lines: vec!["start.1".to_owned()],
        told: Vec::new(),
        heading: Heading::default(),
    };
    Event::Opened(Box::new(Opened {
        scenario: "eviction-notice".to_owned(),
        scenario_version: 1,
        seed: Seed(u64::MAX),
        coder: CoderVersion("rules-1".into()),
        codebook: "1".to_owned(),
        branched_from: None,
        mood,
        reply,
        at: NOW,
    }))
}

/// The files of a folder that hold these bytes.
pub fn find(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let holds = |path: &std::path::PathBuf| {
        std::fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes)
    };
    files.filter(holds).map(|path| path.display().to_string()).collect()
}
