//! The audit: who did what to whose account, or took data out. Never contents.
//!
//! Lines are written in the transaction of the deed, so that there is none without the other.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::Row;
use sqlx::any::AnyRow;
use talk::{Instant, PersonId};

use crate::error::StoreError;
use crate::seal::random;
use crate::store::{Store, Tx};
use crate::token::hex;

/// Characters in the detail of one line; the rest is cut.
const DETAIL_CHARS_MAX: usize = 500;
/// Lines that one look shows: the newest.
const AUDIT_LINES_MAX: i64 = 5_000;

/// One thing done to an account or with its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    pub at: Instant,
    /// `None` when it was done at the command line.
    pub actor: Option<PersonId>,
    pub actor_name: Option<String>,
    pub action: String,
    pub subject: Option<PersonId>,
    pub subject_name: Option<String>,
    pub detail: String,
}

impl Store {
    /// Writes one line, such as `practice_exported`. Never put contents into `detail`.
    pub async fn audit(
        &self,
        at: Instant,
        actor: Option<PersonId>,
        action: &str,
        subject: Option<PersonId>,
        detail: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        write(&mut tx, at, actor, action, subject, detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was done to or by a person, the newest first.
    pub async fn audit_of(&self, person: PersonId) -> Result<Vec<AuditLine>, StoreError> {
        let rows = sqlx::query(
            "select a.at_ms, a.actor_id, b.name as actor_name, a.action, a.subject_id, \
             c.name as subject_name, a.detail from audit a \
             left join person b on b.id = a.actor_id left join person c on c.id = a.subject_id \
             where a.subject_id = $1 or a.actor_id = $1 order by a.id desc limit $2",
        )
        .bind(person.to_string())
        .bind(AUDIT_LINES_MAX)
        .fetch_all(&self.pools().read)
        .await?;
        rows.iter().map(line).collect()
    }

    /// Everything, the newest first. For admins.
    pub async fn audit_all(&self) -> Result<Vec<AuditLine>, StoreError> {
        let rows = sqlx::query(
            "select a.at_ms, a.actor_id, b.name as actor_name, a.action, a.subject_id, \
             c.name as subject_name, a.detail from audit a \
             left join person b on b.id = a.actor_id left join person c on c.id = a.subject_id \
             order by a.id desc limit $1",
        )
        .bind(AUDIT_LINES_MAX)
        .fetch_all(&self.pools().read)
        .await?;
        rows.iter().map(line).collect()
    }
}

/// Writes a line in the transaction of what it tells of.
pub(crate) async fn write(
    tx: &mut Tx,
    at: Instant,
    actor: Option<PersonId>,
    action: &str,
    subject: Option<PersonId>,
    detail: &str,
) -> Result<(), StoreError> {
    let detail: String =
        detail.chars().filter(|c| !c.is_control()).take(DETAIL_CHARS_MAX).collect();
    sqlx::query(
        "insert into audit (id, at_ms, actor_id, action, subject_id, detail) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(new_id(at)?)
    .bind(at.0)
    .bind(actor.map(|id| id.to_string()))
    .bind(action)
    .bind(subject.map(|id| id.to_string()))
    .bind(detail)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An id that sorts as the lines were written: the time, a count for lines of one millisecond, and chance.
fn new_id(at: Instant) -> Result<String, StoreError> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    // Hex digits sort alike under every collation.
    Ok(format!("{:016x}{n:08x}{}", at.0.max(0), hex(&random::<4>()?)))
}

fn line(row: &AnyRow) -> Result<AuditLine, StoreError> {
    Ok(AuditLine {
        at: Instant(row.try_get("at_ms")?),
        actor: crate::people::read_id(row.try_get("actor_id")?)?,
        actor_name: row.try_get("actor_name")?,
        action: row.try_get("action")?,
        subject: crate::people::read_id(row.try_get("subject_id")?)?,
        subject_name: row.try_get("subject_name")?,
        detail: row.try_get("detail")?,
    })
}
