//! The store itself: opening it, its health, its transactions. What it does lies in the modules beside.
//!
//! Cheap to clone; the server's tasks each hold one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{Any, Row, Transaction};
use talk::PersonId;

use crate::database::{self, Database, Engine, Pools};
use crate::error::StoreError;
use crate::master::MasterKey;
use crate::migrate;
use crate::seal::{DataKey, master_mark, random};
use crate::token::hex;
use crate::write::Writers;

/// Unwrapped data keys kept at hand. One is 64 bytes; beyond it all are let go and read again.
const CACHED_KEYS_MAX: usize = 4_096;
/// Changes of people and links are rare and wait for one another.
const PEOPLE_LOCK: i64 = 0x6576_656e_7065_6f70;

pub(crate) const SETTING_INSTANCE: &str = "store.instance";
pub(crate) const SETTING_MASTER: &str = "store.master";

/// Everything that lasts.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    master: MasterKey,
    writers: Writers,
    /// The newest open key of each person, for appending.
    keys: Mutex<HashMap<PersonId, DataKey>>,
}

/// How the database is doing, for `doctor` and the health page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    pub engine: Engine,
    pub version: String,
    /// Each durability setting with its value, as the database tells them.
    pub durability: Vec<(String, String)>,
    pub schema_version: i64,
    pub n_people: u64,
    pub n_calls: u64,
    pub n_events: u64,
}

pub(crate) type Tx = Transaction<'static, Any>;

impl Store {
    /// Connects, checks that answers will be durable, migrates, and checks the master key.
    pub async fn open(database: &Database, master: MasterKey) -> Result<Store, StoreError> {
        let (pools, start_lock) = database::connect(database).await?;
        database::durability(&pools).await?;
        migrate::migrate(&pools.write, pools.engine).await?;
        drop(start_lock);
        let writers = Writers::start(&pools);
        let inner = Inner { pools, master, writers, keys: Mutex::default() };
        let store = Store { inner: Arc::new(inner) };
        store.check_master().await?;
        Ok(store)
    }

    /// What the database says of itself. Fails when it is away or no longer durable.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let pools = self.pools();
        let row = sqlx::query(
            "select (select max(number) from migration), (select count(*) from person), \
             (select count(*) from call), (select cast(coalesce(sum(next_seq), 0) as bigint) from call)",
        )
        .fetch_one(&pools.read)
        .await?;
        Ok(Health {
            engine: pools.engine,
            version: database::version(pools).await?,
            durability: database::durability(pools).await?,
            schema_version: row.try_get(0)?,
            n_people: count(&row, 1)?,
            n_calls: count(&row, 2)?,
            n_events: count(&row, 3)?,
        })
    }

    /// Waits for the appends that are under way, then closes every connection.
    pub async fn close(&self) {
        self.inner.writers.finish().await;
        self.inner.pools.read.close().await;
        self.inner.pools.write.close().await;
    }

    /// The database knows its master key by a mark; another key would seal what nobody opens again.
    async fn check_master(&self) -> Result<(), StoreError> {
        let mut tx = self.begin_people().await?;
        let fresh = hex(&random::<16>()?);
        let instance = keep_setting(&mut tx, SETTING_INSTANCE, &fresh).await?;
        let mark = master_mark(self.master(), &instance)?;
        let known = keep_setting(&mut tx, SETTING_MASTER, &mark).await?;
        tx.commit().await?;
        if known == mark {
            return Ok(());
        }
        Err(StoreError::refused(
            "the master key is not the one that this database was made with",
            "put the right key file in place; look where you keep its copy",
        ))
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.inner.pools
    }
    pub(crate) fn master(&self) -> &MasterKey {
        &self.inner.master
    }
    pub(crate) fn writers(&self) -> &Writers {
        &self.inner.writers
    }

    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        begin(self.pools()).await
    }

    /// A transaction that changes people, keys or links: one at a time over all nodes,
    /// so that two of them can never together remove the last admin.
    pub(crate) async fn begin_people(&self) -> Result<Tx, StoreError> {
        let mut tx = self.begin().await?;
        if self.pools().engine == Engine::Postgres {
            migrate::lock_postgres(&mut tx, PEOPLE_LOCK).await?;
        }
        Ok(tx)
    }

    /// Empties SQLite's write-ahead log, where what has just been deleted would otherwise stay a while.
    pub(crate) async fn scrub(&self) {
        if self.pools().engine == Engine::Sqlite {
            let done =
                sqlx::raw_sql("pragma wal_checkpoint(truncate)").execute(&self.pools().write);
            if let Err(error) = done.await {
                tracing::warn!(%error, "the write-ahead log could not be emptied now");
            }
        }
    }

    pub(crate) fn cached_key(&self, person: PersonId) -> Option<DataKey> {
        let keys = self.inner.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(&person).cloned()
    }
    pub(crate) fn cache_key(&self, person: PersonId, key: &DataKey) {
        let mut keys = self.inner.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= CACHED_KEYS_MAX {
            keys.clear();
        }
        keys.insert(person, key.clone());
    }
    pub(crate) fn drop_key(&self, person: PersonId) {
        self.inner.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&person);
    }
    pub(crate) fn drop_keys(&self) {
        self.inner.keys.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A transaction that will write. On SQLite it takes the write lock at once, or waits for it.
pub(crate) async fn begin(pools: &Pools) -> Result<Tx, StoreError> {
    Ok(match pools.engine {
        Engine::Sqlite => pools.write.begin_with("begin immediate").await?,
        Engine::Postgres => pools.write.begin().await?,
    })
}

/// The value that is there, or this one from now on.
async fn keep_setting(tx: &mut Tx, key: &str, value: &str) -> Result<String, StoreError> {
    sqlx::query("insert into setting (key, value) values ($1, $2) on conflict (key) do nothing")
        .bind(key)
        .bind(value)
        .execute(&mut **tx)
        .await?;
    let row = sqlx::query("select value from setting where key = $1").bind(key);
    Ok(row.fetch_one(&mut **tx).await?.try_get(0)?)
}

pub(crate) fn count(row: &sqlx::any::AnyRow, column: usize) -> Result<u64, StoreError> {
    let n: i64 = row.try_get(column)?;
    u64::try_from(n).map_err(|error| StoreError::corrupt("a count", error))
}
