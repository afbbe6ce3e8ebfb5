//! Seeded chance. The same seed gives the same draws on every machine and in every version
//! (ChaCha8; the stream's values are fixed by its specification).

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// The seed of a call; stored with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

/// A stream of draws for one purpose at one place in a call.
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// A stream that depends on nothing but the seed, the purpose and the turn, so that
    /// one more draw in one place never shifts the draws in another.
    #[must_use]
    pub fn new(seed: Seed, purpose: &str, turn: u64) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.0.to_le_bytes());
        key[8..16].copy_from_slice(&turn.to_le_bytes());
        for (i, byte) in purpose.bytes().enumerate() {
            let slot = &mut key[16 + i % 16];
            *slot = slot.rotate_left(3) ^ byte;
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number in [0, 1) with 53 bits.
    pub fn unit(&mut self) -> f64 {
        #[allow(clippy::cast_precision_loss)]
        let mantissa = (self.0.next_u64() >> 11) as f64;
        mantissa / 9_007_199_254_740_992.0
    }

    /// A number in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// An index below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 {
            return 0;
        }
        usize::try_from(self.0.next_u64() % n as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_draws_and_these_never_change() {
        let mut chance = Chance::new(Seed(7), "line", 3);
        let first = [chance.below(1000), chance.below(1000), chance.below(1000)];
        let mut again = Chance::new(Seed(7), "line", 3);
        assert_eq!(first, [again.below(1000), again.below(1000), again.below(1000)]);
        let mut other = Chance::new(Seed(7), "start", 3);
        assert_ne!(first, [other.below(1000), other.below(1000), other.below(1000)]);
    }
}
