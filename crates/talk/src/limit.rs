//! Every limit of a call, named with its unit. The reasons stand beside the numbers.

/// Unicode scalar values in one utterance. About ten minutes of speech; a paste beyond it is refused, never cut.
pub const UTTERANCE_CHARS_MAX: usize = 4_000;

/// Turns that an agent may take in one call before it ends as `limit`.
pub const CALL_TURNS_MAX: u32 = 120;

/// Turns within which a caller never says the same line twice.
pub const LINE_REPEAT_TURNS: u32 = 40;

/// Turns of context that the coder looks at.
pub const CONTEXT_TURNS_MAX: usize = 8;
