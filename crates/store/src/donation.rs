//! Single items that their owners gave away: one turn with a disputed code, to be reviewed and learnt from.
//!
//! The words are sealed under the donor's key, as practice is, and go with the call when its owner deletes it. Reviewers
//! get items without a name and without a time. Nothing about giving or taking back is audited: it would name the donor.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;
use talk::{CallId, PersonId, Seq};

use crate::error::StoreError;
use crate::seal::{DataKey, random};
use crate::store::Store;
use crate::token::hex;

/// Items that one list of donations holds at most.
const DONATIONS_MAX: i64 = 5_000;
const ID_BYTES: usize = 16;

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
    /// Gives one item of a call. Only the call's owner can; anybody else gets `NotFound`. Giving it again replaces it.
    pub async fn donate(
        &self,
        call: CallId,
        owner: PersonId,
        turn: u32,
        item: &Item,
    ) -> Result<(), StoreError> {
        let key = self.sealing_key(owner).await?;
        let plain = serde_json::to_vec(item).map_err(|e| StoreError::corrupt("a donation", e))?;
        let payload = key.donation_sealer()?.seal(call, Seq(u64::from(turn)), &plain)?;
        let mut tx = self.begin().await?;
        // Takes the call's row first, so that it is not deleted meanwhile.
        let found =
            sqlx::query("update call set next_seq = next_seq where id = $1 and owner_id = $2")
                .bind(call.to_string())
                .bind(owner.to_string())
                .execute(&mut *tx)
                .await?;
        if found.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        let rows = rows_of(&mut *tx, call, owner).await?;
        for id in self.ids_of(&rows, turn, &item.code)? {
            sqlx::query("delete from donation where id = $1").bind(id).execute(&mut *tx).await?;
        }
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
        Ok(())
    }

    /// Takes an item back. It is gone at once, reviewed or not; taking back what was never given changes nothing.
    pub async fn take_back(
        &self,
        call: CallId,
        owner: PersonId,
        turn: u32,
        code: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let rows = rows_of(&mut *tx, call, owner).await?;
        for id in self.ids_of(&rows, turn, code)? {
            sqlx::query("delete from donation where id = $1").bind(id).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        self.scrub().await;
        Ok(())
    }

    /// Which codes of which turns of a call its owner has given.
    pub async fn donated(
        &self,
        call: CallId,
        owner: PersonId,
    ) -> Result<Vec<(u32, String)>, StoreError> {
        let rows = rows_of(&self.pools().read, call, owner).await?;
        let mut out = Vec::new();
        for row in &rows {
            if let Some(donation) = self.open_donation(row)? {
                out.push((turn_of(row)?, donation.item.code));
            }
        }
        Ok(out)
    }

    /// Everything given, for reviewers: in the order of its random ids, so that nothing tells who or when. What a reset
    /// has locked is left out.
    pub async fn donations(&self) -> Result<Vec<Donation>, StoreError> {
        let rows = sqlx::query(
            "select d.id, d.donor_id, d.call_id, d.turn, d.generation, d.payload, d.verdict, k.master_wrap \
             from donation d left join person_key k \
             on k.person_id = d.donor_id and k.generation = d.generation order by d.id limit $1",
        )
        .bind(DONATIONS_MAX)
        .fetch_all(&self.pools().read)
        .await?;
        let mut out = Vec::new();
        for row in &rows {
            out.extend(self.open_donation(row)?);
        }
        Ok(out)
    }

    /// Notes what a reviewer made of an item; `NotFound` when it was taken back.
    pub async fn judge(&self, id: &str, verdict: Verdict) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("update donation set verdict = $2 where id = $1")
            .bind(id)
            .bind(verdict.as_str())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        if done.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    fn ids_of(&self, rows: &[AnyRow], turn: u32, code: &str) -> Result<Vec<String>, StoreError> {
        let mut out = Vec::new();
        for row in rows {
            let same = self.open_donation(row)?.is_some_and(|known| known.item.code == *code);
            if same && turn_of(row)? == turn {
                out.push(row.try_get("id")?);
            }
        }
        Ok(out)
    }

    /// `None` while the key is locked.
    fn open_donation(&self, row: &AnyRow) -> Result<Option<Donation>, StoreError> {
        let Some(wrap) = row.try_get::<Option<Vec<u8>>, _>("master_wrap")? else {
            return Ok(None);
        };
        let donor = crate::people::read_id(row.try_get("donor_id")?)?
            .ok_or_else(|| StoreError::corrupt("a donation", "it has no donor"))?;
        let call: String = row.try_get("call_id")?;
        let call: CallId = call.parse().map_err(|e| StoreError::corrupt("a call's id", e))?;
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

async fn rows_of<'e, E>(db: E, call: CallId, owner: PersonId) -> Result<Vec<AnyRow>, StoreError>
where
    E: sqlx::Executor<'e, Database = sqlx::Any>,
{
    let rows = sqlx::query(
        "select d.id, d.donor_id, d.call_id, d.turn, d.generation, d.payload, d.verdict, k.master_wrap \
         from donation d left join person_key k \
         on k.person_id = d.donor_id and k.generation = d.generation \
         where d.call_id = $1 and d.donor_id = $2",
    )
    .bind(call.to_string())
    .bind(owner.to_string())
    .fetch_all(db)
    .await?;
    Ok(rows)
}
