//! Which calls are live on this node: finds the task that owns a call, or loads the call and starts one.
//!
//! Holds no call's content. Pages and the socket send their commands through here.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use call::State;
use talk::{CallId, CodeId, End, PersonId};
use tokio::sync::{mpsc, oneshot};

use super::session::{Command, Said, Session, Taken};
use super::{LiveError, look, words};
use crate::site::Shared;

/// Commands that may wait for one call. Its owner types one at a time; more is a fault or a flood.
const INBOX_COMMANDS_MAX: usize = 8;
/// Times that a command is sent anew because the task it was sent to was just going to sleep.
const ASLEEP_TRIES: usize = 3;

/// The calls that are live on this node.
#[derive(Default)]
pub struct Calls {
    live: Mutex<HashMap<CallId, Owned>>,
}

#[derive(Clone)]
struct Owned {
    owner: PersonId,
    inbox: mpsc::Sender<Command>,
}

impl Calls {
    /// The agent says something. Answered only after the log has it. Words that no turn takes are looked at all the
    /// same: own risk is heard in a stale turn, after the end, and when the site is busy.
    pub async fn say(
        &self,
        site: &Shared,
        call: CallId,
        owner: PersonId,
        said: Said,
    ) -> Result<Taken, LiveError> {
        let taken = self.ask(site, call, owner, |answer| Command::Say(said.clone(), answer)).await;
        match taken {
            Ok(Taken::Replied(_) | Taken::OwnRisk) => taken,
            Ok(Taken::Elsewhere(_)) | Err(_) => {
                let stops = words::stops(site, call, owner, &said.text).await;
                if stops { Ok(Taken::OwnRisk) } else { taken }
            }
        }
    }

    /// The agent puts the phone down, or stops practising.
    pub async fn end(
        &self,
        site: &Shared,
        call: CallId,
        owner: PersonId,
        end: End,
    ) -> Result<State, LiveError> {
        self.ask(site, call, owner, |answer| Command::End(end, answer)).await
    }

    /// The owner disagrees with a code on one of their turns, or takes that back.
    pub async fn disagree(
        &self,
        site: &Shared,
        call: CallId,
        owner: PersonId,
        disagreement: Disagreement,
    ) -> Result<State, LiveError> {
        self.ask(site, call, owner, |answer| Command::Disagree(disagreement.clone(), answer)).await
    }

    /// Lets go of a call that its owner has deleted.
    pub fn forget(&self, call: CallId) {
        self.lock().remove(&call);
    }

    /// Lets go of all calls of a person whose keys were just locked, or whose account was closed.
    pub fn forget_person(&self, owner: PersonId) {
        self.lock().retain(|_, owned| owned.owner != owner);
    }

    /// Calls that are in memory on this node.
    #[must_use]
    pub fn n_live(&self) -> usize {
        self.lock().len()
    }

    async fn ask<T>(
        &self,
        site: &Shared,
        call: CallId,
        owner: PersonId,
        command: impl Fn(oneshot::Sender<Result<T, LiveError>>) -> Command,
    ) -> Result<T, LiveError> {
        for _ in 0..ASLEEP_TRIES {
            let inbox = self.get_or_spawn(site, call, owner).await?;
            let (answer, answered) = oneshot::channel();
            match inbox.try_send(command(answer)) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(_)) => return Err(LiveError::Busy),
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    self.let_go(call, &inbox);
                    continue;
                }
            }
            if let Ok(answer) = answered.await {
                // What a reset has locked does not stay in memory, wherever the reset was.
                if matches!(answer, Err(LiveError::Store(store::StoreError::Locked))) {
                    self.let_go(call, &inbox);
                }
                return answer;
            }
        }
        Err(LiveError::Busy)
    }

    async fn get_or_spawn(
        &self,
        site: &Shared,
        call: CallId,
        owner: PersonId,
    ) -> Result<mpsc::Sender<Command>, LiveError> {
        let found = self.lock().get(&call).cloned();
        if let Some(found) = found {
            // Somebody else's call looks like no call at all.
            return if found.owner == owner {
                Ok(found.inbox)
            } else {
                Err(store::StoreError::NotFound.into())
            };
        }
        let state = look(site, call, owner).await?;
        let stage = site.stages.get(&state.opened.scenario).ok_or(LiveError::NoScenario)?;
        let session = Session::new(site, stage, call, owner, state);
        let mut live = self.lock();
        // Another request may have loaded it meanwhile; then that one owns it.
        if let Some(found) = live.get(&call) {
            return Ok(found.inbox.clone());
        }
        let (inbox, commands) = mpsc::channel(INBOX_COMMANDS_MAX);
        live.insert(call, Owned { owner, inbox: inbox.clone() });
        drop(live);
        tokio::spawn(session.run(commands, inbox.downgrade()));
        Ok(inbox)
    }

    /// Takes a sleeping task off the list, unless a new one has taken its place.
    pub(super) fn let_go(&self, call: CallId, inbox: &mpsc::Sender<Command>) {
        let mut live = self.lock();
        if live.get(&call).is_some_and(|found| found.inbox.same_channel(inbox)) {
            live.remove(&call);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CallId, Owned>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the owner says about a code that the coder gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// Counted from 1.
    pub turn: u32,
    pub code: CodeId,
    pub note: String,
    pub withdrawn: bool,
}
