//! How often a guess may fail: buckets by person and address, by address, and by person from anywhere.
//!
//! Time is an argument. Only failures cost: a success gives its token back, so that an office behind one address
//! signs in as it likes. A browser that somebody has signed in with before counts by itself (`known`). Nobody is locked out for ever: buckets refill, and an invitation or reset link passes by them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use talk::Instant;

use crate::problem::Problem;

/// Buckets kept at once. Beyond it the fullest are let go: they say least.
const BUCKETS_MAX: usize = 50_000;

/// A bucket: how many failures at once, and how long until one more is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    pub n_burst: u32,
    pub refill_ms: u64,
}

/// How many failures are allowed. NIST SP 800-63B 5.2.2 asks for at most 100 in a row on one account;
/// the numbers below it are our own decision.
#[derive(Clone, Copy, Debug)]
pub struct LimitsConfig {
    /// One person from one address.
    pub pair: Allowance,
    /// One address, whoever it asks for.
    pub address: Allowance,
    /// One person, from wherever.
    pub person: Allowance,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            pair: Allowance { n_burst: 8, refill_ms: 120_000 },
            // A whole office may come in behind one address on a Monday morning.
            address: Allowance { n_burst: 200, refill_ms: 10_000 },
            person: Allowance { n_burst: 60, refill_ms: 60_000 },
        }
    }
}

/// The buckets of one kind.
struct Buckets {
    allowance: Allowance,
    /// When each bucket will be full again. Absent: full now.
    full_at: HashMap<String, Instant>,
}

impl Buckets {
    fn new(allowance: Allowance) -> Self {
        Self { allowance, full_at: HashMap::new() }
    }

    /// The milliseconds to wait; zero when there is a token.
    fn wait_ms(&self, key: &str, now: Instant) -> u64 {
        let Some(full_at) = self.full_at.get(key) else { return 0 };
        let after_one = full_at.since_ms(now).saturating_add(self.allowance.refill_ms);
        after_one.saturating_sub(self.allowance.refill_ms * u64::from(self.allowance.n_burst))
    }

    fn take(&mut self, key: &str, now: Instant) {
        if self.full_at.len() >= BUCKETS_MAX && !self.full_at.contains_key(key) {
            self.make_room(now);
        }
        let refill = i64::try_from(self.allowance.refill_ms).unwrap_or(i64::MAX);
        let full_at = self.full_at.entry(key.to_owned()).or_insert(now);
        *full_at = (*full_at).max(now).plus_ms(refill);
    }

    fn give_back(&mut self, key: &str) {
        let refill = i64::try_from(self.allowance.refill_ms).unwrap_or(i64::MAX);
        if let Some(full_at) = self.full_at.get_mut(key) {
            *full_at = full_at.plus_ms(-refill);
        }
    }

    fn make_room(&mut self, now: Instant) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= BUCKETS_MAX {
            let mut times: Vec<Instant> = self.full_at.values().copied().collect();
            times.sort_unstable();
            let middle = times[times.len() / 2];
            self.full_at.retain(|_, full_at| *full_at > middle);
        }
    }
}

/// All buckets of this node.
pub struct Limits(Mutex<[Buckets; 3]>);

/// A try under way: its tokens are taken. Give them back when it succeeds.
#[derive(Debug)]
pub struct Attempt([String; 3]);

impl Limits {
    #[must_use]
    pub fn new(config: LimitsConfig) -> Self {
        Self(Mutex::new([config.pair, config.address, config.person].map(Buckets::new)))
    }

    /// Takes a token from each bucket, or says how long to wait and takes none.
    ///
    /// # Errors
    /// `TooMany` with the wait.
    pub fn attempt(&self, person: &str, address: IpAddr, now: Instant) -> Result<Attempt, Problem> {
        let place = place(address);
        let keys = [format!("{person} {place}"), place, person.to_owned()];
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = buckets.iter().zip(&keys).map(|(bucket, key)| bucket.wait_ms(key, now));
        let wait_ms = waits.max().unwrap_or(0);
        if wait_ms > 0 {
            return Err(Problem::TooMany { wait_ms });
        }
        for (bucket, key) in buckets.iter_mut().zip(&keys) {
            bucket.take(key, now);
        }
        Ok(Attempt(keys))
    }

    /// The try went well, or came to nothing by no fault of theirs.
    pub fn succeeded(&self, attempt: &Attempt) {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (bucket, key) in buckets.iter_mut().zip(&attempt.0) {
            bucket.give_back(key);
        }
    }
}

/// IPv6 addresses count by their /64: one household has a whole one.
fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn failures_run_out_and_come_back_with_time() {
        let limits = Limits::new(LimitsConfig::default());
        for _ in 0..8 {
            limits.attempt("sam", HOME, Instant(0)).unwrap();
        }
        let refused = limits.attempt("sam", HOME, Instant(0)).unwrap_err();
        assert_eq!(refused, Problem::TooMany { wait_ms: 120_000 });
        assert!(limits.attempt("sam", HOME, Instant(119_999)).is_err());
        assert!(limits.attempt("sam", HOME, Instant(120_000)).is_ok());
        assert!(limits.attempt("sam", HOME, Instant(120_000)).is_err());
        assert!(limits.attempt("ann", HOME, Instant(0)).is_ok(), "another person goes on");
    }

    #[test]
    fn a_success_costs_nothing() {
        let limits = Limits::new(LimitsConfig::default());
        for _ in 0..500 {
            let attempt = limits.attempt("sam", HOME, Instant(0)).unwrap();
            limits.succeeded(&attempt);
        }
    }

    #[test]
    fn one_address_cannot_try_everybody() {
        let limits = Limits::new(LimitsConfig::default());
        let tries = (0..260).map(|n| limits.attempt(&n.to_string(), HOME, Instant(0)));
        assert_eq!(tries.filter(Result::is_ok).count(), 200);
    }

    #[test]
    fn the_buckets_stay_bounded() {
        let allowance = Allowance { n_burst: 2, refill_ms: 1000 };
        let mut buckets = Buckets::new(allowance);
        for n in 0..BUCKETS_MAX + 10 {
            buckets.take(&n.to_string(), Instant(i64::try_from(n).unwrap() / 1000));
        }
        assert!(buckets.full_at.len() <= BUCKETS_MAX);
    }
}
