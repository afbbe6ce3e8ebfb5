//! Figures: the spread of a list of durations, and how it is written as text and as JSON.

use std::time::Duration;

use serde_json::{Value, json};

/// How durations spread. All in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    pub n: usize,
    pub mean: u64,
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub max: u64,
}

impl Spread {
    pub fn of(mut micros: Vec<u64>) -> Self {
        micros.sort_unstable();
        let n = micros.len();
        // The nearest rank: the smallest value that so many percent do not exceed.
        let rank = |percent: usize| {
            micros.get((n * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
        };
        let sum: u64 = micros.iter().sum();
        Self {
            n,
            mean: sum.checked_div(n as u64).unwrap_or(0),
            p50: rank(50),
            p90: rank(90),
            p99: rank(99),
            max: micros.last().copied().unwrap_or(0),
        }
    }

    pub fn json(&self) -> Value {
        json!({"n": self.n, "mean_us": self.mean, "p50_us": self.p50, "p90_us": self.p90, "p99_us": self.p99, "max_us": self.max})
    }

    /// The head of a table of spreads.
    pub fn head(of: &str) -> String {
        format!(
            "{of:<28} {:>8} {:>10} {:>10} {:>10} {:>10} {:>10}",
            "n", "mean ms", "p50 ms", "p90 ms", "p99 ms", "max ms"
        )
    }

    /// One line of that table.
    pub fn row(&self, of: &str) -> String {
        let Self { n, mean, p50, p90, p99, max } = *self;
        let ms = |micros: u64| format!("{}.{:03}", micros / 1000, micros % 1000);
        format!(
            "{of:<28} {n:>8} {:>10} {:>10} {:>10} {:>10} {:>10}",
            ms(mean),
            ms(p50),
            ms(p90),
            ms(p99),
            ms(max)
        )
    }
}

pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A share of one core, in percent.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn percent(busy: Duration, wall: Duration) -> u64 {
    (100.0 * busy.as_secs_f64() / wall.as_secs_f64().max(1e-9)).round() as u64
}

/// So many in so long, per second.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn per_second(n: u64, wall: Duration) -> u64 {
    (n as f64 / wall.as_secs_f64().max(1e-9)).round() as u64
}

/// The machine, for every result: cores, and the profile that was measured.
pub fn machine() -> Value {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    json!({"cores": cores, "profile": profile})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_takes_the_nearest_rank() {
        let spread = Spread::of((1..=200).rev().collect());
        assert_eq!((spread.p50, spread.p90, spread.p99, spread.max), (100, 180, 198, 200));
        assert_eq!(Spread::of(vec![7]).p99, 7);
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }
}
