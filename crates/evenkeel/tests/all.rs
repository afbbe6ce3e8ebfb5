//! The binary from outside: what goes in, what comes out, and with which exit code.

#[path = "all/code.rs"]
mod code;
#[path = "all/commands.rs"]
mod commands;
#[path = "all/run.rs"]
mod run;
