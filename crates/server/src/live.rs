//! Live calls.

/// The calls that are open just now.
#[derive(Default)]
pub struct Calls;

/// The bounded pool on which turns are computed.
#[derive(Default)]
pub struct Pool;
