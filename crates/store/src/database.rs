//! Which database, and connecting to it so that what it has answered is durable.
//!
//! Not the schema (`migrate`) and not what is stored. Called by `Store::open`.

use std::fmt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Connection, Executor, Row};

use crate::error::StoreError;

/// Reading connections on SQLite. They do not wait for the writer.
const SQLITE_READERS: u32 = 4;
/// Connections of one node on PostgreSQL: its writers, and readers beside them.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long a request waits for a free connection.
const ACQUIRE_MS: u64 = 10_000;

/// Which kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }
}

/// Where the data lies.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
    /// `postgres://user:password@host:port/database`
    Postgres(String),
}

impl Database {
    /// Reads `postgres://…`, `sqlite:PATH` or a plain path.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Database::Postgres(text.to_owned()));
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
            None if text.contains("://") => {
                let scheme = text.split("://").next().unwrap_or("");
                return Err(StoreError::refused(
                    format!("`{scheme}` is not a kind of database that is known here"),
                    "give a file path for SQLite or postgres://… for PostgreSQL",
                ));
            }
            None => text,
        };
        if path.is_empty() || path == ":memory:" {
            return Err(StoreError::refused(
                "the database has no file",
                "give the path of a file, such as data/evenkeel.db",
            ));
        }
        Ok(Database::Sqlite(PathBuf::from(path)))
    }
}

/// Never shows a password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::Sqlite(path) => write!(f, "SQLite in {}", path.display()),
            Database::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let rest = rest.split(['?', '#']).next().unwrap_or("");
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                write!(f, "PostgreSQL at {place}")
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The connections. On SQLite one of them writes; on PostgreSQL both names are the same pool.
#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) engine: Engine,
    pub(crate) write: AnyPool,
    pub(crate) read: AnyPool,
}

/// Held while a SQLite file is made, switched to its write-ahead log and migrated.
pub(crate) struct StartLock(#[allow(dead_code)] Option<std::fs::File>);

pub(crate) async fn connect(database: &Database) -> Result<(Pools, StartLock), StoreError> {
    sqlx::any::install_default_drivers();
    match database {
        Database::Sqlite(path) => connect_sqlite(path).await,
        Database::Postgres(url) => connect_postgres(url).await,
    }
}

async fn connect_sqlite(path: &Path) -> Result<(Pools, StartLock), StoreError> {
    let lock = prepare_file(path).await?;
    let options = sqlite_options(path)?;
    let pool = |n: u32, set: &'static str| {
        pool_options(n).after_connect(move |conn, _| {
            Box::pin(async move {
                sqlx::raw_sql(set).execute(&mut *conn).await?;
                Ok(())
            })
        })
    };
    // The busy timeout comes first: switching to the write-ahead log may have to wait.
    // `secure_delete` overwrites what is deleted: a destroyed key must not live on in a free page.
    let writer = "pragma busy_timeout = 10000; pragma journal_mode = wal; pragma synchronous = full; \
                  pragma foreign_keys = on; pragma secure_delete = on;";
    let reader = "pragma busy_timeout = 10000; pragma foreign_keys = on; pragma query_only = on;";
    let write = pool(1, writer).connect_with(options.clone()).await?;
    let read = pool(SQLITE_READERS, reader).connect_lazy_with(options);
    Ok((Pools { engine: Engine::Sqlite, write, read }, lock))
}

/// Makes the file, readable by its owner only, and takes the start lock beside it.
/// The file itself is never opened here when it exists: closing it would drop SQLite's own locks.
async fn prepare_file(path: &Path) -> Result<StartLock, StoreError> {
    let path = path.to_owned();
    let work = move || -> Result<StartLock, StoreError> {
        let private = || {
            let mut options = std::fs::OpenOptions::new();
            options.write(true).mode(0o600);
            options
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::file(folder, error))?;
        }
        let mut beside = path.clone().into_os_string();
        beside.push(".start");
        let beside = PathBuf::from(beside);
        let fault = |error| StoreError::file(&beside, error);
        let lock = private().create(true).truncate(false).open(&beside).map_err(fault)?;
        lock.lock().map_err(fault)?;
        match private().create_new(true).open(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(StoreError::file(&path, error))
            }
            Ok(_) | Err(_) => Ok(StartLock(Some(lock))),
        }
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

fn sqlite_options(path: &Path) -> Result<AnyConnectOptions, StoreError> {
    let absolute = std::path::absolute(path).map_err(|error| StoreError::file(path, error))?;
    let Some(text) = absolute.to_str() else {
        return Err(StoreError::refused(
            format!("the path {} is not Unicode", path.display()),
            "choose a folder with a plain name",
        ));
    };
    let mut url = String::from("sqlite://");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                url.push(char::from(byte));
            }
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url.push_str("?mode=rw");
    Ok(AnyConnectOptions::from_str(&url)?)
}

async fn connect_postgres(url: &str) -> Result<(Pools, StartLock), StoreError> {
    let options = AnyConnectOptions::from_str(url)?;
    // One connection first, by itself: a pool would try again and again and tell no reason.
    let mut first = AnyConnection::connect_with(&options).await?;
    let weak = weak_postgres_commit(&mut first).await?;
    first.close().await?;
    if let Some(weak) = weak {
        return Err(StoreError::refused(
            format!("PostgreSQL has synchronous_commit = {weak}, which may lose answered work"),
            "set it to on: alter role … set synchronous_commit = on",
        ));
    }
    // Then every connection: a role's settings may change while this node runs.
    let pool = pool_options(POSTGRES_CONNECTIONS)
        .after_connect(|conn, _| {
            Box::pin(async move {
                match weak_postgres_commit(conn).await? {
                    None => Ok(()),
                    Some(weak) => Err(sqlx::Error::Configuration(
                        format!("PostgreSQL now has synchronous_commit = {weak}; set it to on")
                            .into(),
                    )),
                }
            })
        })
        .connect_with(options)
        .await?;
    Ok((Pools { engine: Engine::Postgres, write: pool.clone(), read: pool }, StartLock(None)))
}

fn pool_options(n: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(n)
        .min_connections(1)
        .acquire_timeout(Duration::from_millis(ACQUIRE_MS))
        .idle_timeout(None)
        .max_lifetime(None)
}

/// `on` and `remote_apply` answer a commit only when it is on disk here and, where standbys are
/// synchronous, there. `off` answers before; `local` and `remote_write` may lose it with the machine.
async fn weak_postgres_commit(conn: &mut AnyConnection) -> Result<Option<String>, sqlx::Error> {
    let row = conn.fetch_one("select current_setting('synchronous_commit')").await?;
    let value: String = row.try_get(0)?;
    Ok(if ["on", "remote_apply"].contains(&value.as_str()) { None } else { Some(value) })
}

/// The settings on which durability rests, each with its value and those that will do.
const SQLITE_SETTINGS: &[(&str, &str, &[&str])] = &[
    ("journal_mode", "select journal_mode from pragma_journal_mode", &["wal"]),
    ("synchronous", "select cast(synchronous as text) from pragma_synchronous", &["2", "3"]),
    ("foreign_keys", "select cast(foreign_keys as text) from pragma_foreign_keys", &["1"]),
    ("secure_delete", "select cast(secure_delete as text) from pragma_secure_delete", &["1"]),
];
const POSTGRES_SETTINGS: &[(&str, &str, &[&str])] = &[
    ("synchronous_commit", "select current_setting('synchronous_commit')", &["on", "remote_apply"]),
    ("fsync", "select current_setting('fsync')", &["on"]),
    ("full_page_writes", "select current_setting('full_page_writes')", &["on"]),
    ("server_encoding", "select current_setting('server_encoding')", &["UTF8"]),
];

/// Reads the durability settings; refuses a database that may lose what it has answered.
pub(crate) async fn durability(pools: &Pools) -> Result<Vec<(String, String)>, StoreError> {
    let settings = match pools.engine {
        Engine::Sqlite => SQLITE_SETTINGS,
        Engine::Postgres => POSTGRES_SETTINGS,
    };
    let mut conn = pools.write.acquire().await?;
    let mut found = Vec::with_capacity(settings.len());
    for &(name, sql, good) in settings {
        let value: String = sqlx::query(sql).fetch_one(&mut *conn).await?.try_get(0)?;
        if !good.contains(&value.as_str()) {
            return Err(StoreError::refused(
                format!(
                    "{} has {name} = {value}, which may lose answered work",
                    pools.engine.as_str()
                ),
                format!("set {name} to {}", good.join(" or ")),
            ));
        }
        found.push((name.to_owned(), value));
    }
    Ok(found)
}

pub(crate) async fn version(pools: &Pools) -> Result<String, StoreError> {
    let sql = match pools.engine {
        Engine::Sqlite => "select sqlite_version()",
        Engine::Postgres => "select current_setting('server_version')",
    };
    Ok(sqlx::query(sql).fetch_one(&pools.read).await?.try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_read_from_a_path_or_a_url() {
        let sqlite = |path: &str| Database::Sqlite(PathBuf::from(path));
        assert_eq!(Database::parse("data/x.db").unwrap(), sqlite("data/x.db"));
        assert_eq!(Database::parse("sqlite:data/x.db").unwrap(), sqlite("data/x.db"));
        assert_eq!(Database::parse("sqlite:///var/x.db").unwrap(), sqlite("/var/x.db"));
        assert!(matches!(Database::parse("postgres://a@b/c").unwrap(), Database::Postgres(_)));
        for wrong in ["", "mysql://a/b", "sqlite:", ":memory:"] {
            assert!(matches!(Database::parse(wrong), Err(StoreError::Refused { .. })), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let database =
            Database::parse("postgres://ann:s3cret@db.example:5432/keel?sslmode=require").unwrap();
        assert_eq!(format!("{database}"), "PostgreSQL at db.example:5432/keel");
        assert_eq!(format!("{database:?}"), "PostgreSQL at db.example:5432/keel");
    }
}
