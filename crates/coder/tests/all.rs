//! Tests of the coder against the codebook and sentences of our own. Not a measure of how good it is on unseen talk.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

#[path = "all/codebook.rs"]
mod codebook;
#[path = "all/context.rs"]
mod context;
#[path = "all/counter.rs"]
mod counter;
#[path = "all/gaming.rs"]
mod gaming;
#[path = "all/golden.rs"]
mod golden;
#[path = "all/hearing.rs"]
mod hearing;
#[path = "all/laws.rs"]
mod laws;
#[path = "all/learnt.rs"]
mod learnt;
#[path = "all/own_risk.rs"]
mod own_risk;
#[path = "all/shelf.rs"]
mod shelf;
