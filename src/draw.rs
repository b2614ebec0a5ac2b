//! Draws random numbers that are the same on every machine. They depend on the seed, the block's number and
//! the purpose, and not on threads, time or the version of any crate: only on the cipher's definition.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of draws.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream of one block for one purpose. Streams of different purposes are independent.
    pub(crate) fn new(seed: u64, block: u64, purpose: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&block.to_le_bytes());
        key[16..24].copy_from_slice(&purpose.to_le_bytes());
        Draw(ChaCha8Rng::from_seed(key))
    }

    /// Uniform over all numbers.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True at this rate; a rate below 0 means never, and above 1 always.
    pub(crate) fn chance(&mut self, rate: f64) -> bool {
        self.unit() < rate
    }

    /// Uniform in `0..end`; 0 where `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // The multiply-high reduction: its bias is below end / 2^64.
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }

    /// Uniform in `from..=to`.
    pub(crate) fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below((to - from + 1).max(0) as usize) as i64
    }

    /// One of several, all equally likely. The slice must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Shuffles a slice; all orders are equally likely.
    pub(crate) fn shuffle<T>(&mut self, slice: &mut [T]) {
        for last in (1..slice.len()).rev() {
            slice.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_block_and_purpose() {
        let first = |seed, block, purpose| Draw::new(seed, block, purpose).bits();
        assert_eq!(first(1, 2, 3), first(1, 2, 3));
        assert_ne!(first(1, 2, 3), first(2, 2, 3));
        assert_ne!(first(1, 2, 3), first(1, 3, 3));
        assert_ne!(first(1, 2, 3), first(1, 2, 4));
    }
}
