//! Every limit of a scenario or plan file, named with its unit. Not the limits of a call (`talk::limit`).
//! The readers of this crate refuse what lies beyond, with a diagnostic, and never cut silently.

/// Bytes in one file. The longest scenario so far has about 60 KiB.
pub const FILE_BYTES_MAX: usize = 512 * 1024;

/// Unicode scalar values in one line of a file. A longer item goes on in the next line.
pub const LINE_CHARS_MAX: usize = 2_000;

/// Bytes in one item or paragraph, with all the lines over which it goes on.
pub const ITEM_BYTES_MAX: usize = 16 * 1024;

/// Lines in one file.
pub const FILE_LINES_MAX: usize = 12_000;

/// Sections in one file.
pub const SECTIONS_MAX: usize = 400;

/// Items in one list.
pub const ITEMS_MAX: usize = 400;

/// Facts in one scenario. A call has 120 turns at most; nobody tells more in it.
pub const FACTS_MAX: usize = 40;

/// Example questions of one fact. Two facts are compared question by question, so this bounds the work.
pub const ASKS_MAX: usize = 40;

/// Triggers, details or steps in one scenario, each.
pub const PARTS_MAX: usize = 40;

/// Expansions of one line.
pub const EXPANSIONS_MAX: usize = 64;

/// Diagnostics shown for one file. The rest is counted.
pub const DIAGNOSTICS_MAX: usize = 300;

/// Characters of a foreign word that a message repeats.
pub const QUOTE_CHARS_MAX: usize = 60;

/// Characters in an id.
pub const ID_CHARS_MAX: usize = 48;

/// Facts that a scenario needs (format, `fact`).
pub const FACTS_MIN: usize = 4;

/// Example questions or sentences that meaning can be matched by (format, `fact`, `detail`, `step`).
pub const EXAMPLES_MIN: usize = 3;

/// Ways to tell a fact again (format, `fact`).
pub const AGAIN_MIN: usize = 2;

/// Last words where a call is likely to end that way (format, `farewell`).
pub const FAREWELLS_MIN: usize = 3;

/// Words in one breath of the caller. People in distress speak in short turns; longer lines read as prose.
pub const LINE_WORDS_MAX: usize = 60;

/// Questions to take away (format, `story`).
pub const REFLECTIONS_MAX: usize = 2;

/// Turns between which a cue is voiced, whatever the trust (sourcebook 3.5, row S).
pub const CUE_TURN_FIRST: u32 = 3;
/// The last turn for a cue (sourcebook 3.5, row S).
pub const CUE_TURN_LAST: u32 = 6;

/// Trust and heard only near 1 (sourcebook 3.3, step 6): above this a gate stays shut in any real call.
pub const GATE_REACHABLE_MAX: f64 = 0.95;
/// Shame rests above nothing: below this a gate stays shut in any real call.
pub const GATE_SHAME_MIN: f64 = 0.05;

/// Simulated agents in one plan.
pub const AGENTS_MAX: usize = 12;

/// Seeds of one simulated agent.
pub const SEEDS_MAX: usize = 32;

/// Largest number that a version, or the minutes of a call, may have.
pub const VERSION_MAX: u32 = 9_999;
/// Minutes of a call.
pub const MINUTES_MAX: u32 = 60;
