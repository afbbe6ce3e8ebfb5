//! Backups: a folder with one JSON-lines file per table and a manifest, from either database into either.
//!
//! Payloads stay sealed. The wrapped data keys are not in the folder but in one keyring file beside the master
//! key, rewritten at each dump, so that destroying a key reaches every older backup. Sign-ins and links are
//! left out: people sign in again. Called by the binary's `backup` and `restore`.

mod file;
mod keyring;
mod table;

use std::path::Path;

use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Row};

use crate::backup::file::{Lines, ManifestFile};
use crate::backup::table::{Cell, TABLES, Table};
use crate::database::Engine;
use crate::error::StoreError;
use crate::migrate;
use crate::seal::master_mark;
use crate::store::{SETTING_INSTANCE, SETTING_MASTER, Store, Tx};

/// The version of the folder's layout.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
/// Rows read from the database at a time.
const PAGE_ROWS: i64 = 500;

/// What a dump wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpReport {
    /// Rows by table.
    pub n_rows: Vec<(String, u64)>,
    /// Wrapped keys in the keyring.
    pub n_keys: u64,
}

/// What a load read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadReport {
    /// Rows by table.
    pub n_rows: Vec<(String, u64)>,
    /// Wrapped keys taken from the keyring.
    pub n_keys: u64,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    schema: i64,
    engine: String,
    instance: String,
    files: Vec<ManifestFile>,
}

impl Store {
    /// Writes a backup of one moment into a new or empty folder, and the keyring.
    pub async fn dump(&self, dir: &Path, keyring: &Path) -> Result<DumpReport, StoreError> {
        let instance = self.setting(SETTING_INSTANCE).await?.unwrap_or_default();
        file::prepare_folder(dir, keyring)?;
        keyring::check_instance(keyring, &instance)?;
        let mut tx = self.begin_snapshot().await?;
        let mut files = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            files.push(dump_table(&mut tx, table, dir).await?);
        }
        let keys = read_keys(&mut tx).await?;
        tx.commit().await?;
        let n_keys = keys.len() as u64;
        // The keyring first: a folder with a manifest always has its keys.
        keyring::write(keyring, &instance, keys)?;
        let n_rows = files.iter().map(|file| (file.table.clone(), file.rows)).collect();
        let engine = self.pools().engine.as_str().to_owned();
        let manifest =
            Manifest { format: FORMAT, schema: migrate::newest(), engine, instance, files };
        file::write_whole(&dir.join(MANIFEST), &manifest)?;
        Ok(DumpReport { n_rows, n_keys })
    }

    /// Reads a backup into an empty database. Checks every file first; changes nothing when one is wrong.
    pub async fn load(&self, dir: &Path, keyring: &Path) -> Result<LoadReport, StoreError> {
        let manifest = read_manifest(&dir.join(MANIFEST))?;
        let mut plan = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            let expected = manifest.files.iter().find(|file| file.table == table.name);
            let expected = expected.ok_or_else(|| {
                StoreError::corrupt(MANIFEST, format!("it names no file for {}", table.name))
            })?;
            file::verify(dir, expected, table)?;
            plan.push((table, expected));
        }
        let keys = keyring::read(keyring, &manifest.instance)?;
        let mut tx = self.begin_people().await?;
        check_empty(&mut tx).await?;
        sqlx::query("delete from setting").execute(&mut *tx).await?;
        let mut n_rows = Vec::with_capacity(plan.len());
        let mut n_keys = 0;
        for (table, expected) in plan {
            load_table(&mut tx, table, &dir.join(&expected.name)).await?;
            n_rows.push((table.name.to_owned(), expected.rows));
            if table.name == "person" {
                n_keys = load_keys(&mut tx, &keys).await?;
            }
        }
        self.check_loaded(&mut tx, &manifest).await?;
        tx.commit().await?;
        self.drop_keys();
        Ok(LoadReport { n_rows, n_keys })
    }

    /// A transaction that sees one moment, whatever is written meanwhile.
    async fn begin_snapshot(&self) -> Result<Tx, StoreError> {
        let pools = self.pools();
        Ok(match pools.engine {
            // In a write-ahead log a reader sees the moment of its first read.
            Engine::Sqlite => pools.read.begin().await?,
            Engine::Postgres => {
                pools.read.begin_with("begin isolation level repeatable read read only").await?
            }
        })
    }

    /// What was loaded must fit the master key, or nobody would open it.
    async fn check_loaded(&self, tx: &mut Tx, manifest: &Manifest) -> Result<(), StoreError> {
        let mark: Option<String> = sqlx::query("select value from setting where key = $1")
            .bind(SETTING_MASTER)
            .fetch_optional(&mut **tx)
            .await?
            .map(|row| row.try_get(0))
            .transpose()?;
        if mark == Some(master_mark(self.master(), &manifest.instance)?) {
            return Ok(());
        }
        Err(StoreError::refused(
            "this backup was made under another master key",
            "start with the master key file that belongs to it",
        ))
    }
}

fn read_manifest(path: &Path) -> Result<Manifest, StoreError> {
    let manifest: Manifest = file::read_whole(path)?;
    if manifest.format != FORMAT || manifest.schema != migrate::newest() {
        return Err(StoreError::refused(
            format!(
                "the backup has format {} and schema {}, this program reads {FORMAT} and {}",
                manifest.format,
                manifest.schema,
                migrate::newest()
            ),
            "restore it with the program that made it, then update",
        ));
    }
    Ok(manifest)
}

async fn dump_table(tx: &mut Tx, table: &Table, dir: &Path) -> Result<ManifestFile, StoreError> {
    let mut lines = Lines::create(dir, table)?;
    let mut last: Option<Vec<Cell>> = None;
    loop {
        let mut query = sqlx::query(AssertSqlSafe(table.select(last.is_some())));
        for cell in last.iter().flatten() {
            query = cell.bind(query);
        }
        let rows = query.bind(PAGE_ROWS).fetch_all(&mut **tx).await?;
        for row in &rows {
            let cells = table.read(row)?;
            lines.write(&table.to_line(&cells))?;
            last = Some(cells[..table.n_key].to_vec());
        }
        if i64::try_from(rows.len()) != Ok(PAGE_ROWS) {
            return lines.finish();
        }
    }
}

async fn load_table(tx: &mut Tx, table: &Table, path: &Path) -> Result<(), StoreError> {
    for (n, line) in file::lines(path)?.enumerate() {
        let place = format!("{} line {}", path.display(), n + 1);
        let cells = table.parse_line(&line?).map_err(|what| StoreError::corrupt(place, what))?;
        let mut query = sqlx::query(AssertSqlSafe(table.insert()));
        for cell in &cells {
            query = cell.bind(query);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

async fn read_keys(tx: &mut Tx) -> Result<Vec<Vec<Cell>>, StoreError> {
    let table = &table::KEYS;
    let sql = "select person_id, generation, master_wrap, code_wrap, newer_wrap, newer_generation \
               from person_key order by person_id, generation";
    let rows = sqlx::query(sql).fetch_all(&mut **tx).await?;
    rows.iter().map(|row| table.read(row)).collect()
}

/// Keys of people who are not in this backup stay out.
async fn load_keys(tx: &mut Tx, keys: &[Vec<Cell>]) -> Result<u64, StoreError> {
    let mut n = 0;
    for cells in keys {
        let found = sqlx::query("select id from person where id = $1");
        let found = match cells.first() {
            Some(cell) => cell.bind(found).fetch_optional(&mut **tx).await?,
            None => None,
        };
        if found.is_none() {
            continue;
        }
        let mut query = sqlx::query(AssertSqlSafe(table::KEYS.insert()));
        for cell in cells {
            query = cell.bind(query);
        }
        query.execute(&mut **tx).await?;
        n += 1;
    }
    Ok(n)
}

async fn check_empty(tx: &mut Tx) -> Result<(), StoreError> {
    let n: i64 = sqlx::query(
        "select (select count(*) from person) + (select count(*) from call) \
         + (select count(*) from audit) + (select count(*) from link)",
    )
    .fetch_one(&mut **tx)
    .await?
    .try_get(0)?;
    if n == 0 {
        return Ok(());
    }
    Err(StoreError::refused(
        "the database is not empty",
        "restore into a new one, and switch over when it is done",
    ))
}
