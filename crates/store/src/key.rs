//! The rows of people's data keys: which generations there are, and what opens them.
//!
//! `seal` does the cryptography; `link` and `log` decide when a key is made, locked or used.

use sqlx::Row;
use sqlx::any::AnyRow;
use talk::PersonId;

use crate::error::StoreError;
use crate::recovery::RecoveryCode;
use crate::seal::DataKey;
use crate::store::{Store, Tx};

/// One generation as it lies in the database.
pub(crate) struct KeyRow {
    pub(crate) generation: i64,
    pub(crate) master_wrap: Option<Vec<u8>>,
    pub(crate) code_wrap: Option<Vec<u8>>,
    newer_wrap: Option<Vec<u8>>,
    newer_generation: Option<i64>,
}

impl KeyRow {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            generation: row.try_get("generation")?,
            master_wrap: row.try_get("master_wrap")?,
            code_wrap: row.try_get("code_wrap")?,
            newer_wrap: row.try_get("newer_wrap")?,
            newer_generation: row.try_get("newer_generation")?,
        })
    }
}

impl Store {
    /// The person's newest open key, for sealing. `Locked` when there is none.
    pub(crate) async fn sealing_key(&self, person: PersonId) -> Result<DataKey, StoreError> {
        if let Some(key) = self.cached_key(person) {
            return Ok(key);
        }
        let row = sqlx::query(
            "select k.generation, k.master_wrap from person p left join person_key k \
             on k.person_id = p.id and k.master_wrap is not null \
             where p.id = $1 order by k.generation desc limit 1",
        )
        .bind(person.to_string())
        .fetch_optional(&self.pools().read)
        .await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let wrap: Option<Vec<u8>> = row.try_get("master_wrap")?;
        let wrap = wrap.ok_or(StoreError::Locked)?;
        let generation: i64 = row.try_get("generation")?;
        let key = DataKey::unwrap_by_master(self.master(), person, generation, &wrap)?;
        self.cache_key(person, &key);
        Ok(key)
    }

    /// Makes the next generation, wrapped by the master key and by a new recovery code.
    pub(crate) async fn make_key(
        &self,
        tx: &mut Tx,
        person: PersonId,
    ) -> Result<RecoveryCode, StoreError> {
        let rows = key_rows(tx, person).await?;
        let generation = rows.last().map_or(1, |row| row.generation + 1);
        let key = DataKey::new(person, generation)?;
        let code = RecoveryCode::new()?;
        sqlx::query(
            "insert into person_key (person_id, generation, master_wrap, code_wrap) \
             values ($1, $2, $3, $4)",
        )
        .bind(person.to_string())
        .bind(generation)
        .bind(key.wrap_by_master(self.master())?)
        .bind(key.wrap_by_code(code.bytes())?)
        .execute(&mut **tx)
        .await?;
        Ok(code)
    }

    /// Opens every locked generation that the code reaches, for the master key again.
    /// Each is also wrapped by the newest open key, so that one code will do after the next reset.
    pub(crate) async fn unlock_keys(
        &self,
        tx: &mut Tx,
        person: PersonId,
        rows: &[KeyRow],
        opened: &[DataKey],
    ) -> Result<u64, StoreError> {
        let locked = |key: &DataKey| {
            rows.iter().any(|row| row.generation == key.generation && row.master_wrap.is_none())
        };
        let newest = self.newest_open(person, rows, opened)?;
        let mut n = 0;
        for key in opened.iter().filter(|key| locked(key)) {
            sqlx::query(
                "update person_key set master_wrap = $3 where person_id = $1 and generation = $2",
            )
            .bind(person.to_string())
            .bind(key.generation)
            .bind(key.wrap_by_master(self.master())?)
            .execute(&mut **tx)
            .await?;
            n += 1;
            if let Some(newest) =
                newest.as_ref().filter(|newest| newest.generation > key.generation)
            {
                chain(tx, person, key, newest).await?;
            }
        }
        Ok(n)
    }

    fn newest_open(
        &self,
        person: PersonId,
        rows: &[KeyRow],
        opened: &[DataKey],
    ) -> Result<Option<DataKey>, StoreError> {
        let by_code = opened.iter().max_by_key(|key| key.generation).cloned();
        let by_master = rows.iter().rev().find_map(|row| Some((row, row.master_wrap.as_ref()?)));
        let by_master = match by_master {
            None => None,
            Some((row, wrap)) => {
                let generation = row.generation;
                Some(DataKey::unwrap_by_master(self.master(), person, generation, wrap)?)
            }
        };
        Ok(by_code.into_iter().chain(by_master).max_by_key(|key| key.generation))
    }
}

async fn chain(
    tx: &mut Tx,
    person: PersonId,
    older: &DataKey,
    newer: &DataKey,
) -> Result<(), StoreError> {
    sqlx::query(
        "update person_key set newer_wrap = $3, newer_generation = $4 \
         where person_id = $1 and generation = $2",
    )
    .bind(person.to_string())
    .bind(older.generation)
    .bind(newer.wrap_older(older)?)
    .bind(newer.generation)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// All generations of a person, the oldest first.
pub(crate) async fn key_rows(tx: &mut Tx, person: PersonId) -> Result<Vec<KeyRow>, StoreError> {
    let rows = sqlx::query(
        "select generation, master_wrap, code_wrap, newer_wrap, newer_generation \
         from person_key where person_id = $1 order by generation",
    )
    .bind(person.to_string())
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(KeyRow::read).collect()
}

/// Every key that a recovery code opens: directly, or through a newer key that it opens.
pub(crate) fn open_by_code(
    person: PersonId,
    rows: &[KeyRow],
    code: &RecoveryCode,
) -> Result<Vec<DataKey>, StoreError> {
    let mut opened: Vec<DataKey> = Vec::new();
    // Newest first: a chain leads from a newer key to an older one.
    for row in rows.iter().rev() {
        let mut key = None;
        if let Some(wrap) = &row.code_wrap {
            key = DataKey::unwrap_by_code(code.bytes(), person, row.generation, wrap)?;
        }
        if let (None, Some(wrap)) = (&key, &row.newer_wrap) {
            let newer = opened.iter().find(|newer| Some(newer.generation) == row.newer_generation);
            if let Some(newer) = newer {
                key = newer.unwrap_older(row.generation, wrap)?;
            }
        }
        opened.extend(key);
    }
    Ok(opened)
}
