//! An agent who talks until the line breaks, remembers every reply that came, and afterwards looks for all of it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use talk::{Chance, Seed};
use tokio::sync::watch;

use super::tally::Found;
use crate::client::{self, Heard, Line};
use crate::house::Person;
use crate::words::Script;

/// One turn in so many is sent twice in a row on purpose.
const TWICE_ONE_IN: usize = 12;
/// A call is put down after so many turns, so that ended calls are looked at too.
const CALL_TURNS: usize = 40;
/// Turns on one socket: the server closes one that sends more than 30 frames in 10 seconds, and we talk without pause.
const SOCKET_TURNS: usize = 12;
/// Before the site is asked again when it was not there.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// A turn as it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answered {
    said: String,
    reply: String,
}

/// One call as the agent remembers it.
#[derive(Clone, Debug, Default)]
struct Remembered {
    path: String,
    turns: Vec<Answered>,
    over: bool,
}

pub struct Agent {
    at: SocketAddr,
    person: Person,
    script: Script,
    chance: Chance,
    /// The last one is the present one.
    calls: Vec<Remembered>,
    /// Said and not yet answered.
    in_air: Option<String>,
    n_said: u64,
    n_sent_twice: u64,
    n_answered_otherwise: u64,
    n_stopped: u64,
}

impl Agent {
    pub fn new(at: SocketAddr, person: Person, script: Script, seed: u64) -> Self {
        let chance = Chance::new(Seed(seed), "agent", 0);
        Self {
            at,
            person,
            script,
            chance,
            calls: Vec::new(),
            in_air: None,
            n_said: 0,
            n_sent_twice: 0,
            n_answered_otherwise: 0,
            n_stopped: 0,
        }
    }

    /// Talks until told to stop or until the line breaks; then waits to be told.
    pub async fn talk(mut self, mut stop: watch::Receiver<bool>) -> Self {
        while !*stop.borrow() {
            // A broken line is what this test is about; `check` looks at what it left.
            if self.one_call(&stop).await.is_err() {
                break;
            }
        }
        let _ = stop.wait_for(|stopped| *stopped).await;
        self
    }

    async fn one_call(&mut self, stop: &watch::Receiver<bool>) -> anyhow::Result<()> {
        if self.calls.last().is_none_or(|call| call.over) {
            let path = client::start_call(self.at, &self.person, self.script.scenario).await?;
            self.calls.push(Remembered { path, ..Remembered::default() });
        }
        let mut line = Line::open(self.at, &self.person, &self.call().path).await?;
        for _ in 0..SOCKET_TURNS {
            if *stop.borrow() || self.call().over {
                break;
            }
            if self.call().turns.len() >= CALL_TURNS {
                line.end().await?;
                line.hear().await?;
                self.call_mut().over = true;
                break;
            }
            let text = self.in_air.clone().unwrap_or_else(|| self.next_words());
            self.in_air = Some(text.clone());
            if !self.say(&mut line, &text).await? {
                break;
            }
        }
        Ok(())
    }

    /// One turn, sometimes sent twice; false when the server asks to wait or the call went another way.
    async fn say(&mut self, line: &mut Line, text: &str) -> anyhow::Result<bool> {
        let turn = u32::try_from(self.call().turns.len() + 1)?;
        let twice = self.chance.below(TWICE_ONE_IN) == 0;
        line.say(turn, text).await?;
        if twice {
            line.say(turn, text).await?;
        }
        let (reply, ended) = match taken(line.hear().await?.context("the line broke")?)? {
            Taken::Reply { reply, ended } => (reply, ended),
            Taken::NotNow => return Ok(false),
            Taken::Stopped => {
                self.stopped();
                return Ok(false);
            }
        };
        self.in_air = None;
        self.call_mut().turns.push(Answered { said: text.to_owned(), reply: reply.clone() });
        self.call_mut().over = ended;
        if twice {
            let again = taken(line.hear().await?.context("the line broke")?)?;
            self.n_sent_twice += 1;
            // The database may have been killed between the two: "not now" is no other answer.
            let same = again == Taken::NotNow || again == Taken::Reply { reply, ended };
            self.n_answered_otherwise += u64::from(!same);
        }
        Ok(true)
    }

    /// The server took the words for the agent's own risk. Nothing of them is kept, and the call is over.
    fn stopped(&mut self) {
        self.in_air = None;
        self.n_stopped += 1;
        self.call_mut().over = true;
    }

    /// A line of the script, made unlike every other by a number.
    fn next_words(&mut self) -> String {
        self.n_said += 1;
        let line = &self.script.lines[self.call().turns.len() % self.script.lines.len()];
        format!("{line} My note number is {}.", self.n_said)
    }

    fn call(&self) -> &Remembered {
        &self.calls[self.calls.len() - 1]
    }

    fn call_mut(&mut self) -> &mut Remembered {
        let last = self.calls.len() - 1;
        &mut self.calls[last]
    }

    /// Looks at the present call after a restart, and says again what was not answered.
    pub async fn check(&mut self) -> anyhow::Result<Found> {
        let mut found = self.counted();
        if self.calls.is_empty() {
            return Ok(found);
        }
        let mut line = self.find_again().await?;
        let shown = read_call(&mut line).await?;
        found.n_calls_resumed += 1;
        compare(&self.call().turns, &shown, self.in_air.as_deref(), &mut found);
        self.call_mut().over |= shown.over;
        let Some(text) = self.in_air.clone() else { return Ok(found) };
        found.n_unanswered += 1;
        let n_answered = self.call().turns.len();
        let in_log = shown.turns.get(n_answered).cloned();
        found.n_unanswered_in_log += u64::from(in_log.is_some());
        if shown.over && in_log.is_none() {
            // Put down, or stopped for the agent's own sake: the words were not kept.
            self.in_air = None;
            return Ok(found);
        }
        let turn = u32::try_from(n_answered + 1)?;
        let Some((reply, ended)) = self.say_until_answered(&mut line, turn, &text).await? else {
            self.stopped();
            return Ok(found);
        };
        self.in_air = None;
        let after = read_call(&mut line).await?;
        let changed = in_log.is_some_and(|before| before.reply != reply);
        let doubled = after.turns.len() != n_answered + 1;
        found.n_sent_again_taken_twice += u64::from(changed || doubled);
        self.call_mut().turns.push(Answered { said: text, reply });
        self.call_mut().over = ended || after.over;
        Ok(found)
    }

    /// What was counted while talking, since the last look.
    fn counted(&mut self) -> Found {
        Found {
            n_sent_twice: std::mem::take(&mut self.n_sent_twice),
            n_answered_otherwise: std::mem::take(&mut self.n_answered_otherwise),
            n_stopped: std::mem::take(&mut self.n_stopped),
            ..Found::default()
        }
    }

    /// After a database comes back, the server may answer "wait a moment" a few times. `None` when practice stopped.
    async fn say_until_answered(
        &self,
        line: &mut Line,
        turn: u32,
        text: &str,
    ) -> anyhow::Result<Option<(String, bool)>> {
        loop {
            line.say(turn, text).await?;
            match taken(line.hear().await?.context("the line broke")?)? {
                Taken::Reply { reply, ended } => return Ok(Some((reply, ended))),
                Taken::NotNow => tokio::time::sleep(ASK_AGAIN).await,
                Taken::Stopped => return Ok(None),
            }
        }
    }

    /// Everything once more, through the socket and through the debrief.
    pub async fn check_everything(&mut self) -> anyhow::Result<Found> {
        let mut found = self.counted();
        for call in &mut self.calls {
            let mut line = Line::open(self.at, &self.person, &call.path).await?;
            let shown = read_call(&mut line).await?;
            found.n_calls_resumed += 1;
            compare(&call.turns, &shown, self.in_air.as_deref(), &mut found);
            if !shown.over {
                line.end().await?;
                line.hear().await?;
                call.over = true;
            }
            let debrief =
                client::get(self.at, &format!("{}/debrief", call.path), Some(&self.person)).await?;
            if debrief.status == 200 {
                found.n_debriefs_read += 1;
            } else {
                found.n_debriefs_not_read += 1;
            }
        }
        Ok(found)
    }

    /// Opens the socket as a browser does, again and again until the site is there.
    async fn find_again(&self) -> anyhow::Result<Line> {
        loop {
            if let Ok(mut line) = Line::open(self.at, &self.person, &self.call().path).await
                && read_call(&mut line).await.is_ok()
            {
                return Ok(line);
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }
}

/// A call as the server shows it.
struct Shown {
    turns: Vec<Answered>,
    over: bool,
}

async fn read_call(line: &mut Line) -> anyhow::Result<Shown> {
    line.resume().await?;
    let heard = line.hear().await?;
    let Some(Heard::Hello { text }) = heard else {
        anyhow::bail!("taking a call up was answered with {heard:?}")
    };
    let frame: Value = serde_json::from_str(&text)?;
    let hello = &frame["hello"];
    let turn = |line: &Value| Answered {
        said: line["said"].as_str().unwrap_or_default().to_owned(),
        reply: line["text"].as_str().unwrap_or_default().to_owned(),
    };
    let turns =
        hello["turns"].as_array().context("a hello lists turns")?.iter().map(turn).collect();
    Ok(Shown { turns, over: !hello["ended"].is_null() })
}

/// What became of a turn.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    Reply {
        reply: String,
        ended: bool,
    },
    /// The server could not take it just now.
    NotNow,
    /// The server took the words for the agent's own risk.
    Stopped,
}

fn taken(heard: Heard) -> anyhow::Result<Taken> {
    match heard {
        Heard::Reply { ended, text } => {
            let frame: Value = serde_json::from_str(&text)?;
            let reply = frame["reply"]["text"].as_str().context("a reply has words")?.to_owned();
            Ok(Taken::Reply { reply, ended })
        }
        Heard::Stopped => Ok(Taken::Stopped),
        Heard::Error(code) if code == "busy" || code == "fault" => Ok(Taken::NotNow),
        Heard::Hello { .. } | Heard::Error(_) => {
            anyhow::bail!("a turn was answered with {heard:?}")
        }
    }
}

/// Holds what is shown against what was answered.
fn compare(answered: &[Answered], shown: &Shown, in_air: Option<&str>, found: &mut Found) {
    found.n_looked_for += answered.len() as u64;
    for (n, turn) in answered.iter().enumerate() {
        match shown.turns.get(n) {
            None => found.n_lost += 1,
            Some(there) if there != turn => found.n_changed += 1,
            Some(_) => {}
        }
        let n_there = shown.turns.iter().filter(|there| there.said == turn.said).count();
        found.n_doubled += u64::from(n_there > 1);
    }
    let more = shown.turns.get(answered.len()..).unwrap_or_default();
    for (n, turn) in more.iter().enumerate() {
        found.n_strange += u64::from(n > 0 || in_air != Some(turn.said.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(said: &str) -> Answered {
        Answered { said: said.to_owned(), reply: format!("re {said}") }
    }

    fn look(answered: &[&str], shown: &[&str], in_air: Option<&str>) -> Found {
        let answered: Vec<Answered> = answered.iter().map(|said| turn(said)).collect();
        let shown = Shown { turns: shown.iter().map(|said| turn(said)).collect(), over: false };
        let mut found = Found::default();
        compare(&answered, &shown, in_air, &mut found);
        found
    }

    #[test]
    fn lost_doubled_and_strange_turns_are_told_apart() {
        assert_eq!(
            look(&["a", "b"], &["a", "b"], None),
            Found { n_looked_for: 2, ..Found::default() }
        );
        assert_eq!(look(&["a", "b"], &["a"], None).n_lost, 1);
        assert_eq!(look(&["a"], &["a", "a"], None).n_doubled, 1);
        assert_eq!(look(&["a"], &["b"], None).n_changed, 1);
        assert_eq!(look(&["a"], &["a", "b"], Some("b")).n_strange, 0);
        assert_eq!(look(&["a"], &["a", "c"], Some("b")).n_strange, 1);
    }
}
