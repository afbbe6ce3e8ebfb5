//! One agent under load: takes a turn whenever one is due, and starts another call when this one is over.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::client::{Heard, Line, start_call};
use crate::house::Person;
use crate::words::Script;

/// One turn as the client saw it.
#[derive(Clone, Debug)]
pub struct Sample {
    pub due: Instant,
    pub sent: Instant,
    pub heard: Instant,
    /// Why there was no reply.
    pub error: Option<String>,
}

pub fn count_errors(samples: &[Sample]) -> BTreeMap<String, u64> {
    let mut errors = BTreeMap::new();
    for error in samples.iter().filter_map(|sample| sample.error.clone()) {
        *errors.entry(error).or_insert(0) += 1;
    }
    errors
}

/// An agent in a call.
pub struct Player {
    at: SocketAddr,
    person: Person,
    script: Script,
    line: Line,
    n_turns: u32,
}

impl Player {
    pub async fn open(at: SocketAddr, person: Person, script: Script) -> anyhow::Result<Self> {
        let line = Self::call(at, &person, &script).await?;
        Ok(Self { at, person, script, line, n_turns: 0 })
    }

    /// A call with its socket, taken up as a browser does.
    async fn call(at: SocketAddr, person: &Person, script: &Script) -> anyhow::Result<Line> {
        let call = start_call(at, person, script.scenario).await?;
        let mut line = Line::open(at, person, &call).await?;
        line.resume().await?;
        line.hear().await?;
        Ok(line)
    }

    pub async fn play(
        mut self,
        mut due: UnboundedReceiver<Instant>,
        samples: UnboundedSender<Sample>,
    ) {
        loop {
            let at = tokio::select! {
                at = due.recv() => at,
                // Reading answers the server's pings.
                heard = self.line.hear() => {
                    if let Ok(Some(_)) = heard { continue }
                    if self.anew().await.is_err() { return }
                    continue
                }
            };
            let Some(at) = at else { return };
            let sent = Instant::now();
            let taken = self.take().await;
            let heard = Instant::now();
            let over = !matches!(taken, Ok(false));
            let error = taken.err().map(|error| error.to_string());
            let _ = samples.send(Sample { due: at, sent, heard, error });
            if over && self.anew().await.is_err() {
                return;
            }
        }
    }

    /// One turn; whether the call is over with it.
    async fn take(&mut self) -> anyhow::Result<bool> {
        let n_lines = self.script.lines.len().max(1);
        let text = &self.script.lines[self.n_turns as usize % n_lines];
        self.line.say(self.n_turns + 1, text).await?;
        match self.line.hear().await? {
            Some(Heard::Reply { ended, .. }) => {
                self.n_turns += 1;
                Ok(ended)
            }
            Some(Heard::Hello { .. }) => anyhow::bail!("elsewhere"),
            Some(Heard::Stopped) => anyhow::bail!("stopped"),
            Some(Heard::Error(code)) => anyhow::bail!("{code}"),
            None => anyhow::bail!("closed"),
        }
    }

    async fn anew(&mut self) -> anyhow::Result<()> {
        self.line = Self::call(self.at, &self.person, &self.script).await?;
        self.n_turns = 0;
        Ok(())
    }
}
