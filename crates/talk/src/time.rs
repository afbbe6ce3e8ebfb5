//! Instants as whole milliseconds since 1970-01-01 UTC, and the clock as an argument.

/// An instant in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Instant(pub i64);

impl Instant {
    /// Milliseconds from `earlier` to `self`; zero when `earlier` lies ahead.
    #[must_use]
    pub fn since_ms(self, earlier: Instant) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Instant {
        Instant(self.0.saturating_add(ms))
    }
}

/// Tells the time. The binary hands in the system's; tests hand in their own.
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;
}
