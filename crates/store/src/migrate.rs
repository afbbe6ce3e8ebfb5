//! Migrations: numbered, forward only, embedded, each run once. Two nodes may start together.
//!
//! Called by `Store::open` only.

use sha2::{Digest, Sha256};
use sqlx::{Any, AnyPool, AssertSqlSafe, Row, Transaction};

use crate::database::Engine;
use crate::error::StoreError;
use crate::token::hex;

/// Every migration in order; the first has the number 1. Append only.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_start.sql"),
    include_str!("../migrations/0002_donation.sql"),
];

/// Any number serves, as long as every node uses the same.
const POSTGRES_LOCK: i64 = 0x6576_656e_6b65_656c;

/// The schema that this program knows.
pub(crate) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the schema up to date in one transaction, under a lock.
pub(crate) async fn migrate(pool: &AnyPool, engine: Engine) -> Result<(), StoreError> {
    // SQLite: the write lock of `begin immediate` is the lock. PostgreSQL: an advisory one until commit.
    let mut tx = match engine {
        Engine::Sqlite => pool.begin_with("begin immediate").await?,
        Engine::Postgres => pool.begin().await?,
    };
    if engine == Engine::Postgres {
        lock_postgres(&mut tx, POSTGRES_LOCK).await?;
    }
    sqlx::query(
        "create table if not exists migration (number bigint primary key not null, digest text not null)",
    )
    .execute(&mut *tx)
    .await?;
    let done = sqlx::query("select number, digest from migration order by number")
        .fetch_all(&mut *tx)
        .await?;
    let mut n_done = 0_usize;
    for row in &done {
        let (number, digest): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        n_done += 1;
        check(number, &digest, n_done)?;
    }
    for (place, text) in MIGRATIONS.iter().enumerate().skip(n_done) {
        sqlx::raw_sql(AssertSqlSafe(for_engine(text, engine))).execute(&mut *tx).await?;
        sqlx::query("insert into migration (number, digest) values ($1, $2)")
            .bind(i64::try_from(place + 1).unwrap_or(i64::MAX))
            .bind(digest_of(text))
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Holds an advisory lock until the transaction ends.
pub(crate) async fn lock_postgres(
    tx: &mut Transaction<'_, Any>,
    lock: i64,
) -> Result<(), StoreError> {
    sqlx::query("select count(*) from pg_advisory_xact_lock($1)")
        .bind(lock)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A migration that ran is one that this program knows, unchanged.
fn check(number: i64, digest: &str, expected: usize) -> Result<(), StoreError> {
    let Some(text) = MIGRATIONS.get(expected - 1) else {
        return Err(StoreError::refused(
            format!("the database has schema {number}, this program knows up to {}", newest()),
            "start the newer program that made it",
        ));
    };
    if usize::try_from(number) != Ok(expected) || digest != digest_of(text) {
        return Err(StoreError::corrupt(
            format!("migration {number}"),
            "it is not the one that this program knows",
        ));
    }
    Ok(())
}

fn for_engine(text: &str, engine: Engine) -> String {
    let blob = match engine {
        Engine::Sqlite => "blob",
        Engine::Postgres => "bytea",
    };
    text.replace("{blob}", blob)
}

fn digest_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_migration_is_never_edited() {
        let digests: Vec<String> = MIGRATIONS.iter().map(|text| digest_of(text)).collect();
        assert_eq!(digests, DIGESTS);
    }

    const DIGESTS: &[&str] = &[
        "d34e19683ed84f4200d74d71a8f44daa52234189ec8d728a3d899ad845b213b3",
        "347ec0df76d3f34e80ecaea1406c2022f0298eda08c221e311edbd6e203628ea",
    ];

    #[test]
    fn a_database_from_a_newer_program_is_refused() {
        assert!(check(1, &digest_of(MIGRATIONS[0]), 1).is_ok());
        assert!(matches!(check(1, "another", 1), Err(StoreError::Corrupt { .. })));
        assert!(matches!(check(99, "any", 99), Err(StoreError::Refused { .. })));
    }
}
