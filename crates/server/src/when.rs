//! Instants in words, for pages. Always UTC and always saying so: the site does not know where its reader is.

use talk::Instant;
use time::OffsetDateTime;
use time::macros::format_description;

fn date_time(at: Instant) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).ok()
}

/// "1 March 2026, 09:30 UTC".
#[must_use]
pub fn day_and_time(at: Instant) -> String {
    let form =
        format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    date_time(at)
        .and_then(|at| at.format(form).ok())
        .unwrap_or_else(|| "an unknown time".to_owned())
}

/// "2026-03-01T09:30:00Z", for `<time datetime>`.
#[must_use]
pub fn machine(at: Instant) -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    date_time(at).and_then(|at| at.format(form).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_told_in_words() {
        assert_eq!(day_and_time(Instant(1_772_357_400_000)), "1 March 2026, 09:30 UTC");
        assert_eq!(machine(Instant(0)), "1970-01-01T00:00:00Z");
        assert_eq!(day_and_time(Instant(i64::MAX)), "an unknown time");
    }
}
