//! How long each step of a turn took: one log line per step at level debug, under `evenkeel::steps`.
//!
//! Knows no ids and no words. `session` and `socket` start a watch and stop it; the benches read the lines
//! (`EVENKEEL_LOG=warn,evenkeel::steps=debug`). Nobody decides anything by it.

use std::time::Instant;

/// The steps of a turn's walk on the server, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// From the frame to what it asks for.
    Read,
    /// Whether the sign-in still stands.
    SignIn,
    /// Waiting for a place in the pool and for a thread.
    Queue,
    /// Coded, noticed, felt and worded.
    Compute,
    /// Sealed, queued and committed.
    Append,
    /// From the command to the session's answer: queue, compute and append, and the ways between.
    Turn,
    /// The answer as a frame, handed to the network.
    Send,
    /// From the frame's arrival to the answer handed to the network.
    Whole,
}

impl Step {
    fn as_str(self) -> &'static str {
        match self {
            Step::Read => "1 read",
            Step::SignIn => "2 sign-in",
            Step::Queue => "3a queue",
            Step::Compute => "3b compute",
            Step::Append => "3c append",
            Step::Turn => "3 turn",
            Step::Send => "4 send",
            Step::Whole => "whole",
        }
    }
}

/// A watch that is running.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch(Instant);

impl Watch {
    #[allow(
        clippy::disallowed_methods,
        reason = "measures a step; nothing that is kept or shown depends on it"
    )]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// Tells how long the step took.
    pub(super) fn stop(self, step: Step) {
        let us = u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(target: "evenkeel::steps", step = step.as_str(), us);
    }
}
