//! The event log: one append-only list of sealed events for each call, which only its owner reads.
//!
//! Not the meaning of events (`call`) and not how rows reach the disk (`write`). The server's live calls
//! append; debriefs read.

use std::collections::HashMap;

use sqlx::Row;
use sqlx::any::AnyRow;
use talk::{CallId, End, Event, Instant, Opened, PersonId, Seq};

use crate::error::StoreError;
use crate::row::{event_from_json, event_to_json};
use crate::seal::{DataKey, Sealer};
use crate::store::Store;
use crate::write::{Append, From, Outcome};

/// Events in one append. A turn has five.
pub const APPEND_EVENTS_MAX: usize = 1_024;
/// Times that an append is sealed anew because the person's key has just changed.
const STALE_KEY_TRIES: usize = 3;

/// A call as its owner sees it in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct CallEntry {
    pub id: CallId,
    pub opened_at: Instant,
    pub last_at: Instant,
    pub n_events: u64,
    pub opened: Opened,
    pub end: Option<End>,
}

/// All calls of one person, the newest first.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CallList {
    pub calls: Vec<CallEntry>,
    /// Calls that wait for a recovery code.
    pub n_locked: u64,
}

impl Store {
    /// Starts a call with its first events, of which the first is `opened`. Returns the next seq.
    pub async fn open_call(
        &self,
        call: CallId,
        owner: PersonId,
        events: &[Event],
        at: Instant,
    ) -> Result<Seq, StoreError> {
        if !matches!(events.first(), Some(Event::Opened(_))) {
            return Err(StoreError::refused(
                "a call starts with the event `opened`",
                "put it first",
            ));
        }
        self.write(call, owner, From::Opening, events, at).await
    }

    /// Goes on with a call. `Conflict` when `expected` is not its next seq: read the log again. `Locked` when a
    /// reset has locked what the call holds: a live call in memory must not go on past it either.
    /// Durable when it returns.
    pub async fn append(
        &self,
        call: CallId,
        owner: PersonId,
        expected: Seq,
        events: &[Event],
        at: Instant,
    ) -> Result<Seq, StoreError> {
        let from = i64::try_from(expected.0).map_err(|_| StoreError::Conflict)?;
        if events.is_empty() {
            return Ok(expected);
        }
        if let Some(event) = events.iter().find(|event| matches!(event, Event::Opened(_))) {
            let kind = event.kind();
            return Err(StoreError::refused(
                format!("the event `{kind}` stands only at the start of a call"),
                "open another call",
            ));
        }
        self.write(call, owner, From::Seq(from), events, at).await
    }

    async fn write(
        &self,
        call: CallId,
        owner: PersonId,
        from: From,
        events: &[Event],
        at: Instant,
    ) -> Result<Seq, StoreError> {
        if events.len() > APPEND_EVENTS_MAX {
            return Err(StoreError::refused(
                format!("{} events at once are more than {APPEND_EVENTS_MAX}", events.len()),
                "append them in parts",
            ));
        }
        let plain: Vec<String> = events.iter().map(event_to_json).collect::<Result<_, _>>()?;
        let first = match from {
            From::Opening => 0,
            From::Seq(seq) => u64::try_from(seq).unwrap_or(0),
        };
        let ended = events.iter().rposition(|event| matches!(event, Event::Ended { .. }));
        let ended_seq = ended.and_then(|place| i64::try_from(first + place as u64).ok());
        for _ in 0..STALE_KEY_TRIES {
            let key = self.sealing_key(owner).await?;
            let sealer = key.sealer()?;
            let seal = |(seq, text): (u64, &String)| sealer.seal(call, Seq(seq), text.as_bytes());
            let payloads = (first..).zip(&plain).map(seal).collect::<Result<_, _>>()?;
            let generation = key.generation;
            let append = Append { call, owner, from, payloads, generation, at, ended_seq };
            match self.writers().append(append).await? {
                Outcome::Written => return Ok(Seq(first + events.len() as u64)),
                Outcome::NotFound => return Err(StoreError::NotFound),
                Outcome::Conflict => return Err(StoreError::Conflict),
                Outcome::Locked => return Err(StoreError::Locked),
                Outcome::StaleKey => self.drop_key(owner),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Every event of a call, for its owner. Anybody else gets `NotFound`, as for a call that is not there.
    pub async fn events(&self, call: CallId, reader: PersonId) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query(
            "select e.seq, e.generation, e.payload, k.master_wrap, c.next_seq \
             from call c join event e on e.call_id = c.id \
             left join person_key k on k.person_id = c.owner_id and k.generation = e.generation \
             where c.id = $1 and c.owner_id = $2 order by e.seq",
        )
        .bind(call.to_string())
        .bind(reader.to_string())
        .fetch_all(&self.pools().read)
        .await?;
        let next: i64 = rows.first().ok_or(StoreError::NotFound)?.try_get("next_seq")?;
        if i64::try_from(rows.len()) != Ok(next) {
            return Err(StoreError::corrupt(
                format!("call {call}"),
                format!("it has {} events where {next} were written", rows.len()),
            ));
        }
        let mut opener = Opener::new(self, reader);
        rows.iter().map(|row| opener.event(call, row)?.ok_or(StoreError::Locked)).collect()
    }

    /// The calls of a person, for that person.
    pub async fn calls_of(&self, owner: PersonId) -> Result<CallList, StoreError> {
        let rows = sqlx::query(
            "select c.id, c.opened_at_ms, c.last_at_ms, c.next_seq, \
             e.seq, e.generation, e.payload, k.master_wrap \
             from call c join event e on e.call_id = c.id and (e.seq = 0 or e.seq = c.ended_seq) \
             left join person_key k on k.person_id = c.owner_id and k.generation = e.generation \
             where c.owner_id = $1 order by c.opened_at_ms desc, c.id, e.seq",
        )
        .bind(owner.to_string())
        .fetch_all(&self.pools().read)
        .await?;
        let mut opener = Opener::new(self, owner);
        let mut list = CallList::default();
        for rows in rows.chunk_by(same_call) {
            match opener.entry(rows)? {
                Some(entry) => list.calls.push(entry),
                None => list.n_locked += 1,
            }
        }
        Ok(list)
    }

    /// Deletes a practised call at its owner's wish. The audit keeps that it happened, not what it was.
    pub async fn forget_call(
        &self,
        call: CallId,
        owner: PersonId,
        at: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        // Takes the call's row first, so that no append can slip in between.
        let found =
            sqlx::query("update call set next_seq = next_seq where id = $1 and owner_id = $2")
                .bind(call.to_string())
                .bind(owner.to_string())
                .execute(&mut *tx)
                .await?;
        if found.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        for sql in [
            "delete from donation where call_id = $1",
            "delete from event where call_id = $1",
            "delete from call where id = $1",
        ] {
            sqlx::query(sql).bind(call.to_string()).execute(&mut *tx).await?;
        }
        crate::audit::write(&mut tx, at, Some(owner), "call_forgotten", Some(owner), "").await?;
        tx.commit().await?;
        self.scrub().await;
        Ok(())
    }
}

fn same_call(a: &AnyRow, b: &AnyRow) -> bool {
    let id = |row: &AnyRow| row.try_get::<String, _>("id").ok();
    id(a) == id(b)
}

/// Opens the payloads of one person, unwrapping each generation of the key once.
struct Opener<'a> {
    store: &'a Store,
    person: PersonId,
    sealers: HashMap<i64, Sealer>,
}

impl<'a> Opener<'a> {
    fn new(store: &'a Store, person: PersonId) -> Self {
        Self { store, person, sealers: HashMap::new() }
    }

    /// The event in a row; `None` when its key is locked.
    fn event(&mut self, call: CallId, row: &AnyRow) -> Result<Option<Event>, StoreError> {
        let (seq, generation): (i64, i64) = (row.try_get("seq")?, row.try_get("generation")?);
        let seq = Seq(u64::try_from(seq).map_err(|error| StoreError::corrupt("a seq", error))?);
        let Some(wrap) = row.try_get::<Option<Vec<u8>>, _>("master_wrap")? else {
            return Ok(None);
        };
        if !self.sealers.contains_key(&generation) {
            let key =
                DataKey::unwrap_by_master(self.store.master(), self.person, generation, &wrap)?;
            self.sealers.insert(generation, key.sealer()?);
        }
        let sealer = self.sealers.get(&generation).ok_or(StoreError::Locked)?;
        let place = format!("event {seq} of call {call}");
        let plain = sealer.open(call, seq, &row.try_get::<Vec<u8>, _>("payload")?)?;
        let text = std::str::from_utf8(&plain)
            .map_err(|error| StoreError::corrupt(place.as_str(), error))?;
        event_from_json(text, &place).map(Some)
    }

    /// A call from its first event and, when it has ended, the one that says how.
    fn entry(&mut self, rows: &[AnyRow]) -> Result<Option<CallEntry>, StoreError> {
        let Some(head) = rows.first() else { return Ok(None) };
        let id: String = head.try_get("id")?;
        let id: CallId = id.parse().map_err(|error| StoreError::corrupt("a call's id", error))?;
        let (mut opened, mut end) = (None, None);
        for row in rows {
            match self.event(id, row)? {
                None => return Ok(None),
                Some(Event::Opened(event)) => opened = Some(*event),
                Some(Event::Ended { end: how, .. }) => end = Some(how),
                Some(other) => {
                    let what = format!("`{}` stands where a call opens or ends", other.kind());
                    return Err(StoreError::corrupt(format!("call {id}"), what));
                }
            }
        }
        let opened = opened
            .ok_or_else(|| StoreError::corrupt(format!("call {id}"), "it has no beginning"))?;
        let next: i64 = head.try_get("next_seq")?;
        Ok(Some(CallEntry {
            id,
            opened_at: Instant(head.try_get("opened_at_ms")?),
            last_at: Instant(head.try_get("last_at_ms")?),
            n_events: u64::try_from(next).unwrap_or(0),
            opened,
            end,
        }))
    }
}
