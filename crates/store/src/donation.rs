//! Single items that their owners gave away: one turn with a disputed code, to be reviewed and learnt from.
//!
//! The words are sealed under the donor's key, as practice is, and go with the call when its owner deletes it. Reviewers
//! get items without a name and without a time. Nothing about giving or taking back is audited: it would name the donor.
//! No backup holds them: a restore would show again what was taken back since.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;
use talk::{CallId, PersonId, Seq};

use crate::error::StoreError;
use crate::seal::{DataKey, random};
use crate::store::{Store, Tx};
use crate::token::hex;

/// Items that one list of donations holds at most.
const DONATIONS_MAX: i64 = 5_000;
/// Items that one person may have given at a time.
const DONATIONS_OF_ONE_MAX: i64 = 200;
const ID_BYTES: usize = 16;
/// Times that an item is sealed anew because the person's key has just changed.
const STALE_KEY_TRIES: usize = 3;

/// What is read of a donation: everywhere the same.
macro_rules! select {
    () => {
        "select d.id, d.donor_id, d.call_id, d.turn, d.generation, d.payload, d.verdict, k.master_wrap \
         from donation d left join person_key k \
         on k.person_id = d.donor_id and k.generation = d.generation"
    };
}

/// What is given: nothing but this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub code: String,
    /// What the caller said before.
    pub before: String,
    /// What the agent said.
    pub said: String,
    pub note: String,
    /// The coder that gave the code.
    pub coder: String,
}

/// What a reviewer made of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The code is wrong, as the donor says.
    Donor,
    /// The code is right.
    Coder,
    /// The item does not tell.
    Unclear,
}

impl Verdict {
    pub const ALL: [Verdict; 3] = [Verdict::Donor, Verdict::Coder, Verdict::Unclear];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Donor => "donor",
            Verdict::Coder => "coder",
            Verdict::Unclear => "unclear",
        }
    }
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == text)
    }
}

/// An item as reviewers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Donation {
    pub id: String,
    pub item: Item,
    pub verdict: Option<Verdict>,
}

impl Store {
    /// Gives one item of a call. Only the call's owner can; anybody else gets `NotFound`. Giving it again changes nothing;
    /// giving it with other words replaces it, and what was judged of it.
    pub async fn donate(
        &self,
        call: CallId,
        owner: PersonId,
        turn: u32,
        item: &Item,
    ) -> Result<(), StoreError> {
        let plain = serde_json::to_vec(item).map_err(|e| StoreError::corrupt("a donation", e))?;
        for _ in 0..STALE_KEY_TRIES {
            let key = self.sealing_key(owner).await?;
            let payload = key.donation_sealer()?.seal(call, Seq(u64::from(turn)), &plain)?;
            let mut tx = self.begin().await?;
            hold_call(&mut tx, call, owner).await?;
            if newest_open(&mut tx, owner).await? != Some(key.generation) {
                self.drop_key(owner);
                continue;
            }
            let rows = rows_of(&mut *tx, call, owner).await?;
            if self.opened(&rows).iter().any(|(at, known)| *at == turn && known.item == *item) {
                return Ok(());
            }
            self.delete_same(&mut tx, &rows, turn, &item.code).await?;
            leave_room(&mut tx, owner).await?;
            sqlx::query(
                "insert into donation (id, donor_id, call_id, turn, generation, payload) \
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(hex(&random::<ID_BYTES>()?))
            .bind(owner.to_string())
            .bind(call.to_string())
            .bind(i64::from(turn))
            .bind(key.generation)
            .bind(payload)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            return Ok(());
        }
        Err(StoreError::Conflict)
    }

    /// Takes an item back. It is gone at once, reviewed or not; taking back what was never given changes nothing. What of
    /// the same turn cannot be opened just now goes too: it may be that very item.
    pub async fn take_back(
        &self,
        call: CallId,
        owner: PersonId,
        turn: u32,
        code: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let rows = rows_of(&mut *tx, call, owner).await?;
        let n = self.delete_same(&mut tx, &rows, turn, code).await?;
        tx.commit().await?;
        if n > 0 {
            self.scrub().await;
        }
        Ok(())
    }

    /// Which codes of which turns of a call its owner has given.
    pub async fn donated(
        &self,
        call: CallId,
        owner: PersonId,
    ) -> Result<Vec<(u32, String)>, StoreError> {
        let rows = rows_of(&self.pools().read, call, owner).await?;
        let opened = self.opened(&rows).into_iter();
        Ok(opened.map(|(turn, donation)| (turn, donation.item.code)).collect())
    }

    /// Everything that one person has given, for that person: call, turn and item.
    pub async fn donations_of(
        &self,
        owner: PersonId,
    ) -> Result<Vec<(CallId, u32, Item)>, StoreError> {
        let rows = sqlx::query(concat!(select!(), " where d.donor_id = $1 order by d.id"))
            .bind(owner.to_string())
            .fetch_all(&self.pools().read)
            .await?;
        let mut out = Vec::new();
        for row in &rows {
            if let Some(donation) = self.open_or_skip(row) {
                out.push((call_of(row)?, turn_of(row)?, donation.item));
            }
        }
        Ok(out)
    }

    /// Everything given, for reviewers: in the order of its random ids, so that nothing tells who or when. What a reset
    /// has locked is left out, and what people gave whose accounts are closed and who could not take it back.
    pub async fn donations(&self) -> Result<Vec<Donation>, StoreError> {
        let rows = sqlx::query(concat!(
            select!(),
            " join person p on p.id = d.donor_id where k.master_wrap is not null \
             and p.deactivated_at_ms is null order by d.id limit $1"
        ))
        .bind(DONATIONS_MAX)
        .fetch_all(&self.pools().read)
        .await?;
        Ok(rows.iter().filter_map(|row| self.open_or_skip(row)).collect())
    }

    /// Notes what a reviewer made of an item; `NotFound` when it was taken back.
    pub async fn judge(&self, id: &str, verdict: Verdict) -> Result<(), StoreError> {
        if id.len() != 2 * ID_BYTES || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(StoreError::NotFound);
        }
        let mut tx = self.begin().await?;
        let done = sqlx::query("update donation set verdict = $2 where id = $1")
            .bind(id)
            .bind(verdict.as_str())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        if done.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// The rows that open, each with its turn.
    fn opened(&self, rows: &[AnyRow]) -> Vec<(u32, Donation)> {
        rows.iter().filter_map(|row| Some((turn_of(row).ok()?, self.open_or_skip(row)?))).collect()
    }

    /// Deletes what was given of this turn and code, and what of this turn does not open.
    async fn delete_same(
        &self,
        tx: &mut Tx,
        rows: &[AnyRow],
        turn: u32,
        code: &str,
    ) -> Result<usize, StoreError> {
        let mut n = 0;
        for row in rows {
            let other = self.open_or_skip(row).is_some_and(|known| known.item.code != code);
            if other || turn_of(row)? != turn {
                continue;
            }
            let id: String = row.try_get("id")?;
            sqlx::query("delete from donation where id = $1").bind(id).execute(&mut **tx).await?;
            n += 1;
        }
        Ok(n)
    }

    /// One damaged row must not hide the others.
    fn open_or_skip(&self, row: &AnyRow) -> Option<Donation> {
        self.open_donation(row).unwrap_or_else(|error| {
            tracing::error!(%error, "a given item cannot be opened and is left out");
            None
        })
    }

    /// `None` while the key is locked.
    fn open_donation(&self, row: &AnyRow) -> Result<Option<Donation>, StoreError> {
        let Some(wrap) = row.try_get::<Option<Vec<u8>>, _>("master_wrap")? else {
            return Ok(None);
        };
        let donor = crate::people::read_id(row.try_get("donor_id")?)?
            .ok_or_else(|| StoreError::corrupt("a donation", "it has no donor"))?;
        let call = call_of(row)?;
        let key =
            DataKey::unwrap_by_master(self.master(), donor, row.try_get("generation")?, &wrap)?;
        let payload: Vec<u8> = row.try_get("payload")?;
        let seq = Seq(u64::from(turn_of(row)?));
        let plain = key.donation_sealer()?.open(call, seq, &payload)?;
        let item =
            serde_json::from_slice(&plain).map_err(|e| StoreError::corrupt("a donation", e))?;
        let verdict: Option<String> = row.try_get("verdict")?;
        let verdict = verdict.as_deref().and_then(Verdict::parse);
        Ok(Some(Donation { id: row.try_get("id")?, item, verdict }))
    }
}

fn turn_of(row: &AnyRow) -> Result<u32, StoreError> {
    let turn: i64 = row.try_get("turn")?;
    u32::try_from(turn).map_err(|error| StoreError::corrupt("a donation's turn", error))
}

fn call_of(row: &AnyRow) -> Result<CallId, StoreError> {
    let call: String = row.try_get("call_id")?;
    call.parse().map_err(|error| StoreError::corrupt("a call's id", error))
}

/// Takes the call's row, so that it is not deleted meanwhile; `NotFound` when it is not theirs.
async fn hold_call(tx: &mut Tx, call: CallId, owner: PersonId) -> Result<(), StoreError> {
    let sql = "update call set next_seq = next_seq where id = $1 and owner_id = $2";
    let found =
        sqlx::query(sql).bind(call.to_string()).bind(owner.to_string()).execute(&mut **tx).await?;
    if found.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// The generation that is sealed with now.
async fn newest_open(tx: &mut Tx, owner: PersonId) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query(
        "select max(generation) from person_key where person_id = $1 and master_wrap is not null",
    )
    .bind(owner.to_string())
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.try_get(0)?)
}

async fn leave_room(tx: &mut Tx, owner: PersonId) -> Result<(), StoreError> {
    let row = sqlx::query("select count(*) from donation where donor_id = $1")
        .bind(owner.to_string())
        .fetch_one(&mut **tx)
        .await?;
    let n: i64 = row.try_get(0)?;
    if n < DONATIONS_OF_ONE_MAX {
        return Ok(());
    }
    Err(StoreError::refused(
        format!("you have given {n} items, and {DONATIONS_OF_ONE_MAX} are kept for one person"),
        "take one back on your account page first",
    ))
}

async fn rows_of<'e, E>(db: E, call: CallId, owner: PersonId) -> Result<Vec<AnyRow>, StoreError>
where
    E: sqlx::Executor<'e, Database = sqlx::Any>,
{
    let rows = sqlx::query(concat!(select!(), " where d.call_id = $1 and d.donor_id = $2"))
        .bind(call.to_string())
        .bind(owner.to_string())
        .fetch_all(db)
        .await?;
    Ok(rows)
}
