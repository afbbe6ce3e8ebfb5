//! Sign-ins: a token in the browser, its hash here. Not cookies and not passwords: the server has those.

use sqlx::Row;
use talk::{Instant, PersonId};

use crate::error::StoreError;
use crate::people::{Person, read_id, read_person};
use crate::seal::random;
use crate::store::Store;
use crate::token::{Token, hex};

/// `last_seen` moves at most this often: a look is not a write.
const TOUCH_MS: u64 = 60_000;
const DEVICE_CHARS_MAX: usize = 200;

/// The id of a sign-in; not a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignInId(pub String);

/// Who holds a token just now.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub person: Person,
    pub sign_in: SignInId,
    /// Goes into forms; derived from the token, never stored.
    pub csrf: String,
    pub made_at: Instant,
}

/// One sign-in of a person, as its owner sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    pub id: SignInId,
    pub device: String,
    pub made_at: Instant,
    pub last_seen_at: Instant,
    pub expires_at: Instant,
}

impl Store {
    /// A new sign-in of an active person whose password has been checked. Sweeps out what has expired.
    pub async fn sign_in(
        &self,
        person: PersonId,
        at: Instant,
        ttl_ms: i64,
        device: &str,
    ) -> Result<Token, StoreError> {
        let token = Token::new()?;
        let device: String =
            device.chars().filter(|c| !c.is_control()).take(DEVICE_CHARS_MAX).collect();
        let mut tx = self.begin().await?;
        sqlx::query("delete from sign_in where expires_at_ms <= $1")
            .bind(at.0)
            .execute(&mut *tx)
            .await?;
        let made = sqlx::query(
            "insert into sign_in \
             (id, token_hash, person_id, made_at_ms, last_seen_at_ms, expires_at_ms, device) \
             select $1, $2, $3, $4, $4, $5, $6 from person \
             where id = $3 and deactivated_at_ms is null and password_hash is not null",
        )
        .bind(hex(&random::<16>()?))
        .bind(token.hash())
        .bind(person.to_string())
        .bind(at.0)
        .bind(at.plus_ms(ttl_ms).0)
        .bind(device)
        .execute(&mut *tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        tx.commit().await?;
        Ok(token)
    }

    /// Who holds this token; `None` when it has expired or been revoked, or the person is deactivated.
    pub async fn who(&self, token: &Token, at: Instant) -> Result<Option<SignedIn>, StoreError> {
        let row = sqlx::query(
            "select id, person_id, made_at_ms, last_seen_at_ms from sign_in \
             where token_hash = $1 and expires_at_ms > $2",
        )
        .bind(token.hash())
        .bind(at.0)
        .fetch_optional(&self.pools().read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let id: String = row.try_get("id")?;
        let person = read_id(row.try_get("person_id")?)?.ok_or(StoreError::NotFound)?;
        let person = read_person(&self.pools().read, person).await?;
        if person.deactivated_at.is_some() {
            return Ok(None);
        }
        if at.since_ms(Instant(row.try_get("last_seen_at_ms")?)) >= TOUCH_MS {
            let mut tx = self.begin().await?;
            sqlx::query("update sign_in set last_seen_at_ms = $2 where id = $1")
                .bind(&id)
                .bind(at.0)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        }
        Ok(Some(SignedIn {
            person,
            sign_in: SignInId(id),
            csrf: token.derive("evenkeel csrf")?,
            made_at: Instant(row.try_get("made_at_ms")?),
        }))
    }

    /// A person's sign-ins that are still good, the latest seen first.
    pub async fn sign_ins_of(
        &self,
        person: PersonId,
        at: Instant,
    ) -> Result<Vec<SignIn>, StoreError> {
        let rows = sqlx::query(
            "select id, device, made_at_ms, last_seen_at_ms, expires_at_ms from sign_in \
             where person_id = $1 and expires_at_ms > $2 order by last_seen_at_ms desc, id",
        )
        .bind(person.to_string())
        .bind(at.0)
        .fetch_all(&self.pools().read)
        .await?;
        let sign_in = |row: &sqlx::any::AnyRow| {
            Ok(SignIn {
                id: SignInId(row.try_get("id")?),
                device: row.try_get("device")?,
                made_at: Instant(row.try_get("made_at_ms")?),
                last_seen_at: Instant(row.try_get("last_seen_at_ms")?),
                expires_at: Instant(row.try_get("expires_at_ms")?),
            })
        };
        rows.iter().map(sign_in).collect()
    }

    /// What a browser keeps that this person has signed in with, so that it is known again: nothing is stored here.
    /// It opens nothing; compare it in constant time.
    pub fn browser_mark(&self, person: PersonId, browser: &str) -> Result<String, StoreError> {
        crate::seal::browser_mark(self.master(), person, browser)
    }

    /// Ends one sign-in of this person. It is no error when it has ended already.
    pub async fn revoke(&self, person: PersonId, sign_in: &SignInId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from sign_in where person_id = $1 and id = $2")
            .bind(person.to_string())
            .bind(&sign_in.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends every other sign-in of this person. Returns how many.
    pub async fn revoke_others(
        &self,
        person: PersonId,
        keep: &SignInId,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("delete from sign_in where person_id = $1 and id <> $2")
            .bind(person.to_string())
            .bind(&keep.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}
