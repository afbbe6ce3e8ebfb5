//! The binary from outside: what goes in, what comes out, and with which exit code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

#[path = "all/code.rs"]
mod code;
#[path = "all/commands.rs"]
mod commands;
#[path = "all/run.rs"]
mod run;
