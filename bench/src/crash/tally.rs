//! What the crash test counts, and what of it must be zero.

use serde_json::{Value, json};

use super::Victim;

/// What one agent found when it looked at its call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Turns whose reply had come, and that were looked for.
    pub n_looked_for: u64,
    pub n_lost: u64,
    pub n_doubled: u64,
    /// There, but with other words or another reply.
    pub n_changed: u64,
    /// There, though never sent.
    pub n_strange: u64,
    pub n_calls_resumed: u64,
    pub n_calls_not_resumed: u64,
    /// Turns in the air when the kill came.
    pub n_unanswered: u64,
    /// Of those: in the log all the same, its reply never sent.
    pub n_unanswered_in_log: u64,
    /// Turns sent again that then stood there twice, or with another reply than the log had.
    pub n_sent_again_taken_twice: u64,
    /// Turns sent twice on purpose while all was well.
    pub n_sent_twice: u64,
    /// Of those: the second time with another answer.
    pub n_answered_otherwise: u64,
    /// Calls that the server stopped because it took a scripted line for the agent's own risk.
    pub n_stopped: u64,
    pub n_debriefs_read: u64,
    pub n_debriefs_not_read: u64,
}

/// All that was found.
#[derive(Default)]
pub struct Tally {
    pub kills: Vec<Victim>,
    found: Found,
    n_checks: u64,
}

impl Tally {
    pub fn add(&mut self, more: Found) {
        let all = &mut self.found;
        self.n_checks += 1;
        all.n_looked_for += more.n_looked_for;
        all.n_lost += more.n_lost;
        all.n_doubled += more.n_doubled;
        all.n_changed += more.n_changed;
        all.n_strange += more.n_strange;
        all.n_calls_resumed += more.n_calls_resumed;
        all.n_calls_not_resumed += more.n_calls_not_resumed;
        all.n_unanswered += more.n_unanswered;
        all.n_unanswered_in_log += more.n_unanswered_in_log;
        all.n_sent_again_taken_twice += more.n_sent_again_taken_twice;
        all.n_sent_twice += more.n_sent_twice;
        all.n_answered_otherwise += more.n_answered_otherwise;
        all.n_stopped += more.n_stopped;
        all.n_debriefs_read += more.n_debriefs_read;
        all.n_debriefs_not_read += more.n_debriefs_not_read;
    }

    /// What must be zero is, and something was looked at.
    pub fn is_well(&self) -> bool {
        let f = &self.found;
        let bad = f.n_lost
            + f.n_doubled
            + f.n_changed
            + f.n_strange
            + f.n_calls_not_resumed
            + f.n_sent_again_taken_twice
            + f.n_answered_otherwise
            + f.n_debriefs_not_read;
        bad == 0 && f.n_looked_for > 0
    }

    pub fn short(&self) -> String {
        let f = &self.found;
        format!(
            "{} answered turns looked for, {} lost, {} doubled",
            f.n_looked_for, f.n_lost, f.n_doubled
        )
    }

    /// The key in JSON, the words in the table, the number.
    fn rows(&self) -> [(&'static str, &'static str, u64); 19] {
        let f = &self.found;
        let kills = |victim| self.kills.iter().filter(|kill| **kill == victim).count() as u64;
        [
            ("kills_server", "kills of the server", kills(Victim::Server)),
            ("kills_database", "kills of the database", kills(Victim::Database)),
            ("kills_both", "kills of both", kills(Victim::Both)),
            ("checks", "checks of a call", self.n_checks),
            ("answered_looked_for", "answered turns looked for", f.n_looked_for),
            ("lost", "lost (must be 0)", f.n_lost),
            ("doubled", "doubled (must be 0)", f.n_doubled),
            ("changed", "changed (must be 0)", f.n_changed),
            ("strange", "never sent, yet there (must be 0)", f.n_strange),
            ("calls_resumed", "calls taken up again", f.n_calls_resumed),
            ("calls_not_resumed", "calls not taken up (must be 0)", f.n_calls_not_resumed),
            ("unanswered", "turns in the air at a kill", f.n_unanswered),
            ("unanswered_in_log", "of those in the log already", f.n_unanswered_in_log),
            (
                "sent_again_taken_twice",
                "sent again and taken twice (must be 0)",
                f.n_sent_again_taken_twice,
            ),
            ("sent_twice_on_purpose", "sent twice on purpose", f.n_sent_twice),
            (
                "answered_otherwise",
                "of those answered otherwise (must be 0)",
                f.n_answered_otherwise,
            ),
            ("stopped", "calls stopped, a line taken for own risk", f.n_stopped),
            ("debriefs_read", "debriefs read", f.n_debriefs_read),
            ("debriefs_not_read", "debriefs not read (must be 0)", f.n_debriefs_not_read),
        ]
    }

    pub fn table(&self) -> String {
        let rows = self.rows().map(|(_, name, n)| format!("{name:<42} {n:>10}"));
        rows.join("\n")
    }

    pub fn json(&self) -> Value {
        let rows = self.rows().map(|(key, _, n)| (key.to_owned(), json!(n)));
        Value::Object(rows.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lost_turn_is_not_well_and_neither_is_looking_at_nothing() {
        let mut tally = Tally::default();
        assert!(!tally.is_well());
        tally.add(Found { n_looked_for: 9, ..Found::default() });
        assert!(tally.is_well());
        tally.add(Found { n_lost: 1, ..Found::default() });
        assert!(!tally.is_well());
    }
}
