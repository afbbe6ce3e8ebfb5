//! When turns are due: a Poisson process over all calls, on a thread of its own, whatever the server does.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use talk::{Chance, Seed};
use tokio::sync::mpsc::UnboundedSender;

/// Starts the arrivals; each goes to a call drawn evenly. The inboxes close at `until`.
pub fn start(
    seed: u64,
    turn_every_ms: f64,
    inboxes: Vec<UnboundedSender<Instant>>,
    until: Instant,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut chance = Chance::new(Seed(seed), "arrivals", 0);
        #[allow(clippy::cast_precision_loss)]
        let mean_gap_s = turn_every_ms / 1000.0 / inboxes.len().max(1) as f64;
        let mut due = Instant::now();
        loop {
            due += Duration::from_secs_f64(-(1.0 - chance.unit()).ln() * mean_gap_s);
            if due >= until {
                return;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if let Some(inbox) = inboxes.get(chance.below(inboxes.len())) {
                // A player that has given up has told its error.
                let _ = inbox.send(due);
            }
        }
    })
}
