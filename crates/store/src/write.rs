//! Group commit: appends wait in a bounded queue, and one task commits all that wait in one transaction.
//!
//! Knows sealed rows only. `log` seals, sends and waits; an append that was answered is durable.

use sqlx::{AssertSqlSafe, Row};
use talk::{CallId, Instant, PersonId};
use tokio::sync::{mpsc, oneshot};

use crate::database::{Engine, Pools};
use crate::error::StoreError;
use crate::store::{Tx, begin};

/// Appends in one transaction.
const BATCH_APPENDS_MAX: usize = 64;
/// Appends that may wait for a writer; beyond it the asker waits.
const QUEUE_APPENDS_MAX: usize = 256;
/// Writers on PostgreSQL. SQLite has one, as it can only ever write one at a time.
const POSTGRES_WRITERS: usize = 3;
/// Event rows in one insert statement; each number of rows is a statement of its own in the cache.
const INSERT_ROWS_MAX: usize = 32;

/// Whether the append starts a call or goes on from a known place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Opening,
    Seq(i64),
}

/// Events that are ready to be written.
pub(crate) struct Append {
    pub(crate) call: CallId,
    pub(crate) owner: PersonId,
    pub(crate) from: From,
    /// One sealed payload each.
    pub(crate) payloads: Vec<Vec<u8>>,
    pub(crate) generation: i64,
    pub(crate) at: Instant,
    /// The seq of an `ended` among them.
    pub(crate) ended_seq: Option<i64>,
}

impl Append {
    fn first_seq(&self) -> i64 {
        match self.from {
            From::Opening => 0,
            From::Seq(seq) => seq,
        }
    }
    fn next_seq(&self) -> i64 {
        self.first_seq().saturating_add(i64::try_from(self.payloads.len()).unwrap_or(i64::MAX))
    }
}

/// What became of an append that met no error of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Written,
    /// No such call, or not this owner's.
    NotFound,
    /// The call has gone on, or exists already.
    Conflict,
    /// The key that it was sealed under is no longer the person's newest open one.
    StaleKey,
    /// What the call holds already lies under a key that is not open now.
    Locked,
}

type Answer = Result<Outcome, StoreError>;

enum Order {
    Append(Box<Append>, oneshot::Sender<Answer>),
    /// Answered when all before it are done.
    Finish(oneshot::Sender<()>),
}

/// The ends of the queues.
pub(crate) struct Writers(Vec<mpsc::Sender<Order>>);

impl Writers {
    pub(crate) fn start(pools: &Pools) -> Self {
        let n = match pools.engine {
            Engine::Sqlite => 1,
            Engine::Postgres => POSTGRES_WRITERS,
        };
        let queues = (0..n).map(|_| {
            let (sender, orders) = mpsc::channel(QUEUE_APPENDS_MAX);
            tokio::spawn(write_all(pools.clone(), orders));
            sender
        });
        Self(queues.collect())
    }

    /// Waits in the queue, and until the append is on disk.
    pub(crate) async fn append(&self, append: Append) -> Answer {
        let place = append.call.uuid().as_u128() % self.0.len() as u128;
        let queue = &self.0[usize::try_from(place).unwrap_or(0)];
        let (sender, answer) = oneshot::channel();
        let gone = || StoreError::from(sqlx::Error::WorkerCrashed);
        queue.send(Order::Append(Box::new(append), sender)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Waits until everything in the queues is done.
    pub(crate) async fn finish(&self) {
        for queue in &self.0 {
            let (sender, done) = oneshot::channel();
            if queue.send(Order::Finish(sender)).await.is_ok() {
                // A writer that is gone has nothing left to do.
                let _ = done.await;
            }
        }
    }
}

type Waiting = (Box<Append>, oneshot::Sender<Answer>);

/// One writer: takes all that wait, commits, answers. Ends when the store is dropped and the queue is empty.
async fn write_all(pools: Pools, mut orders: mpsc::Receiver<Order>) {
    let mut batch: Vec<Waiting> = Vec::with_capacity(BATCH_APPENDS_MAX);
    let mut finishing: Vec<oneshot::Sender<()>> = Vec::new();
    while let Some(first) = orders.recv().await {
        let mut next = Some(first);
        while let Some(order) = next {
            match order {
                Order::Append(append, answer) => batch.push((append, answer)),
                Order::Finish(done) => finishing.push(done),
            }
            next = if batch.len() < BATCH_APPENDS_MAX { orders.try_recv().ok() } else { None };
        }
        write_batch(&pools, std::mem::take(&mut batch)).await;
        for done in finishing.drain(..) {
            let _ = done.send(());
        }
    }
}

/// Writes a batch in one transaction; when the database refuses it, each append by itself, once.
async fn write_batch(pools: &Pools, mut batch: Vec<Waiting>) {
    if batch.is_empty() {
        return;
    }
    // Every node locks calls in the same order, so that no two batches wait for each other.
    batch.sort_by_key(|(append, _)| append.call);
    let appends: Vec<&Append> = batch.iter().map(|(append, _)| &**append).collect();
    match commit(pools, &appends).await {
        Ok(outcomes) => {
            for ((_, answer), outcome) in batch.into_iter().zip(outcomes) {
                // Whoever asked may have gone; the append stands.
                let _ = answer.send(Ok(outcome));
            }
        }
        Err(error) if batch.len() > 1 && is_refusal(&error) => {
            tracing::warn!(%error, n = batch.len(), "a batch of appends failed; trying each by itself");
            for (append, answer) in batch {
                let outcome = commit(pools, &[&append]).await;
                let _ = answer.send(outcome.map(|outcomes| outcomes[0]));
            }
        }
        Err(error) => {
            tracing::error!(%error, n = batch.len(), "appends failed");
            for (_, answer) in batch {
                let _ = answer.send(Err(error.clone()));
            }
        }
    }
}

/// The database answered and said no, as opposed to being away.
fn is_refusal(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(cause) if matches!(**cause, sqlx::Error::Database(_)))
}

async fn commit(pools: &Pools, appends: &[&Append]) -> Result<Vec<Outcome>, StoreError> {
    let mut tx = begin(pools).await?;
    let mut outcomes = Vec::with_capacity(appends.len());
    let mut rows = Vec::new();
    for append in appends {
        let outcome = claim(&mut tx, append).await?;
        if outcome == Outcome::Written {
            let seqs = append.first_seq()..;
            rows.extend(seqs.zip(&append.payloads).map(|(seq, payload)| (*append, seq, payload)));
        }
        outcomes.push(outcome);
    }
    for chunk in rows.chunks(INSERT_ROWS_MAX) {
        insert(&mut tx, chunk).await?;
    }
    tx.commit().await?;
    Ok(outcomes)
}

/// Whether an event of call `$1` lies under a key of person `$2` that a reset has locked. Most people have none.
macro_rules! holds_locked_events {
    () => {
        "exists (select 1 from person_key k where k.person_id = $2 and k.master_wrap is null \
         and exists (select 1 from event e where e.call_id = $1 and e.generation = k.generation))"
    };
}

/// Takes the places of an append in its call, if they are free and its key is still the right one.
async fn claim(tx: &mut Tx, append: &Append) -> Result<Outcome, StoreError> {
    let (call, owner) = (append.call.to_string(), append.owner.to_string());
    let done = match append.from {
        From::Opening => {
            sqlx::query(
                "insert into call (id, owner_id, next_seq, ended_seq, opened_at_ms, last_at_ms) \
                 select $1, $2, $3, $4, $5, $5 where $6 = (select max(generation) from person_key \
                 where person_id = $2 and master_wrap is not null) on conflict (id) do nothing",
            )
            .bind(&call)
            .bind(&owner)
            .bind(append.next_seq())
            .bind(append.ended_seq)
            .bind(append.at.0)
            .bind(append.generation)
            .execute(&mut **tx)
            .await?
        }
        From::Seq(seq) => sqlx::query(concat!(
            "update call set next_seq = $3, ended_seq = coalesce($4, ended_seq), last_at_ms = $5 ",
            "where id = $1 and owner_id = $2 and next_seq = $7 and $6 = (select max(generation) ",
            "from person_key where person_id = $2 and master_wrap is not null) and not ",
            holds_locked_events!()
        ))
        .bind(&call)
        .bind(&owner)
        .bind(append.next_seq())
        .bind(append.ended_seq)
        .bind(append.at.0)
        .bind(append.generation)
        .bind(seq)
        .execute(&mut **tx)
        .await?,
    };
    if done.rows_affected() == 1 {
        return Ok(Outcome::Written);
    }
    why_not(tx, append).await
}

/// Why an append found no place.
async fn why_not(tx: &mut Tx, append: &Append) -> Result<Outcome, StoreError> {
    let owner = append.owner.to_string();
    let row = sqlx::query(concat!(
        "select owner_id, next_seq, cast(case when ",
        holds_locked_events!(),
        " then 1 else 0 end as bigint) from call where id = $1"
    ))
    .bind(append.call.to_string())
    .bind(&owner)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else {
        return Ok(match append.from {
            From::Opening => Outcome::StaleKey,
            From::Seq(_) => Outcome::NotFound,
        });
    };
    let (of, next): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    let locked = row.try_get::<i64, _>(2)? == 1;
    Ok(match append.from {
        From::Opening => Outcome::Conflict,
        From::Seq(_) if of != owner => Outcome::NotFound,
        From::Seq(_) if locked => Outcome::Locked,
        From::Seq(seq) if seq != next => Outcome::Conflict,
        From::Seq(_) => Outcome::StaleKey,
    })
}

async fn insert(tx: &mut Tx, rows: &[(&Append, i64, &Vec<u8>)]) -> Result<(), StoreError> {
    let mut sql =
        String::from("insert into event (call_id, seq, generation, at_ms, payload) values ");
    for row in 0..rows.len() {
        let n = row * 5;
        let comma = if row == 0 { "" } else { ", " };
        sql.push_str(&format!(
            "{comma}(${}, ${}, ${}, ${}, ${})",
            n + 1,
            n + 2,
            n + 3,
            n + 4,
            n + 5
        ));
    }
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (append, seq, payload) in rows {
        query = query
            .bind(append.call.to_string())
            .bind(*seq)
            .bind(append.generation)
            .bind(append.at.0)
            .bind(payload.as_slice());
    }
    query.execute(&mut **tx).await?;
    Ok(())
}
