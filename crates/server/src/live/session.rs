//! One task owns one call: it takes a turn, has it computed, puts it in the log, and only then answers.
//!
//! Not the rules of a turn (`call::turn`) and not the wire. `Calls` starts it and sends it commands. It leaves memory
//! when nothing comes for a while; the call lives on in the log, and any node can take it up.

use std::sync::Arc;
use std::time::Duration;

use call::{Stage, State, Turn};
use store::StoreError;
use talk::{CallId, End, Event, PersonId, Seq, Speaker, Utterance};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::calls::Disagreement;
use super::timing::{Step, Watch};
use super::{LiveError, look};
use crate::site::{Shared, Site};

/// A call leaves memory after this long without a command.
const IDLE: Duration = Duration::from_secs(10 * 60);
/// Times that a command is tried when another node was first: once to lose, once to read and decide again, once to spare.
const CONFLICT_TRIES: usize = 3;

/// What the agent says, and as which turn (counted from 1). Sending the same words as the same turn again is no new turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub turn: u32,
    pub text: String,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Taken {
    /// The log has the turn; its reply stands in the state.
    Replied(Box<State>),
    /// Another turn stands in its place: the call went on elsewhere. Here is how it stands.
    Elsewhere(Box<State>),
    /// The agent's own words sounded like their own risk (sourcebook 5.6, 7). Nothing of them was kept; practice has stopped.
    OwnRisk,
}

type Answer<T> = oneshot::Sender<Result<T, LiveError>>;

/// What a session can be asked to do.
pub(super) enum Command {
    Say(Said, Answer<Taken>),
    End(End, Answer<State>),
    Disagree(Disagreement, Answer<State>),
}

/// One live call.
pub(super) struct Session {
    site: Shared,
    stage: Arc<Stage>,
    call: CallId,
    owner: PersonId,
    state: Arc<State>,
}

impl Session {
    pub(super) fn new(
        site: &Shared,
        stage: &Arc<Stage>,
        call: CallId,
        owner: PersonId,
        state: State,
    ) -> Self {
        Self {
            site: Arc::clone(site),
            stage: Arc::clone(stage),
            call,
            owner,
            state: Arc::new(state),
        }
    }

    pub(super) async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Command>,
        own: mpsc::WeakSender<Command>,
    ) {
        while let Ok(Some(command)) = timeout(IDLE, inbox.recv()).await {
            // Whoever asked may be gone; what was done stays done.
            match command {
                Command::Say(said, answer) => drop(answer.send(self.say(said).await)),
                Command::End(end, answer) => drop(answer.send(self.end(end).await)),
                Command::Disagree(what, answer) => drop(answer.send(self.disagree(what).await)),
            }
        }
        if let Some(own) = own.upgrade() {
            self.site.calls.let_go(self.call, &own);
        }
    }

    async fn say(&mut self, said: Said) -> Result<Taken, LiveError> {
        for _ in 0..CONFLICT_TRIES {
            match self.take(&said).await {
                Err(LiveError::Store(StoreError::Conflict)) => self.reload().await?,
                taken => return taken,
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// One turn, in order. What is in the log already is never taken twice.
    async fn take(&mut self, said: &Said) -> Result<Taken, LiveError> {
        if let Some(taken) = self.taken_already(said).await? {
            return Ok(taken);
        }
        let turn = self.compute(self.utterance(said)).await?;
        if own_risk(&turn) {
            self.end(End::StoppedByAgent).await?;
            return Ok(Taken::OwnRisk);
        }
        self.append(&turn.events).await?;
        Ok(Taken::Replied(Box::new(self.state())))
    }

    /// The words as the coder wants them, at their place in the log.
    fn utterance(&self, said: &Said) -> Utterance {
        Utterance {
            seq: Seq(self.state.n_events),
            speaker: Speaker::Agent,
            text: said.text.clone(),
            at: self.site.now(),
        }
    }

    /// One turn, computed off the network's threads.
    async fn compute(&self, utterance: Utterance) -> Result<Turn, LiveError> {
        let Site { coder, book, pool, .. } = &*self.site;
        let (coder, book) = (Arc::clone(coder), Arc::clone(book));
        let (stage, state) = (Arc::clone(&self.stage), Arc::clone(&self.state));
        let queue = Watch::start();
        let turn = move || {
            queue.stop(Step::Queue);
            let compute = Watch::start();
            let turn = call::turn(&coder, &book, &stage, &state, &utterance);
            compute.stop(Step::Compute);
            turn
        };
        Ok(pool.run(turn).await??)
    }

    /// Puts events in the log; the state advances only once the log has them.
    async fn append(&mut self, events: &[Event]) -> Result<(), LiveError> {
        let expected = Seq(self.state.n_events);
        let append = Watch::start();
        self.site.store.append(self.call, self.owner, expected, events, self.site.now()).await?;
        append.stop(Step::Append);
        Arc::make_mut(&mut self.state).advance(events)?;
        Ok(())
    }

    /// A turn that is not the next one: the same words again get their reply again, others hear that the call went on.
    async fn taken_already(&mut self, said: &Said) -> Result<Option<Taken>, LiveError> {
        if self.is_next(said) {
            return Ok(None);
        }
        self.reload().await?;
        Ok(if self.is_next(said) { None } else { Some(self.stored(said)) })
    }

    fn is_next(&self, said: &Said) -> bool {
        said.turn == self.state.n_turns() + 1
    }

    fn stored(&self, said: &Said) -> Taken {
        let index = said.turn.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let stands = index.and_then(|index| self.state.exchanges.get(index));
        match stands {
            Some(exchange) if exchange.said == said.text => Taken::Replied(Box::new(self.state())),
            Some(_) | None => Taken::Elsewhere(Box::new(self.state())),
        }
    }

    async fn reload(&mut self) -> Result<(), LiveError> {
        self.state = Arc::new(look(&self.site, self.call, self.owner).await?);
        Ok(())
    }

    /// Ending a call that is over already changes nothing and shows how it ended.
    async fn end(&mut self, end: End) -> Result<State, LiveError> {
        for _ in 0..CONFLICT_TRIES {
            if self.state.end.is_some() {
                return Ok(self.state());
            }
            let events = call::end_call(&self.stage, &self.state, end, self.site.now())?;
            match self.append(&events).await {
                Err(LiveError::Store(StoreError::Conflict)) => self.reload().await?,
                done => return done.map(|()| self.state()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn disagree(&mut self, what: Disagreement) -> Result<State, LiveError> {
        let Disagreement { turn, code, note, withdrawn } = what;
        let event = [Event::Disagreed { turn, code, note, withdrawn, at: self.site.now() }];
        for _ in 0..CONFLICT_TRIES {
            match self.append(&event).await {
                Err(LiveError::Store(StoreError::Conflict)) => self.reload().await?,
                done => return done.map(|()| self.state()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn state(&self) -> State {
        (*self.state).clone()
    }
}

/// The agent's own words sound like their own risk.
fn own_risk(turn: &Turn) -> bool {
    turn.events
        .iter()
        .any(|event| matches!(event, Event::Coded(coded) if call::safety::own_risk(coded)))
}
