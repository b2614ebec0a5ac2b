//! Draws at given rates, and hides the order of numbers.

pub(crate) use crate::draw::Draw;

/// Draws 0, 1, 2… at given rates from one random number each (Walker's alias method, as Vose wrote it in
/// 1991).
pub(crate) struct Weighted {
    keep: Vec<f64>,
    alias: Vec<u32>,
}

impl Weighted {
    /// From rates that need not sum to 1. At least one must be above 0.
    pub(crate) fn new(rates: &[f64]) -> Self {
        let sum: f64 = rates.iter().sum();
        let mut keep: Vec<f64> = rates.iter().map(|rate| rate * rates.len() as f64 / sum).collect();
        let mut alias: Vec<u32> = (0..rates.len() as u32).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..rates.len()).partition(|&place| keep[place] < 1.0);
        while let (Some(below), Some(&above)) = (small.pop(), large.last()) {
            alias[below] = above as u32;
            keep[above] -= 1.0 - keep[below];
            if keep[above] < 1.0 {
                large.pop();
                small.push(above);
            }
        }
        Weighted { keep, alias }
    }

    /// One draw.
    pub(crate) fn draw(&self, draw: &mut Draw) -> usize {
        let point = draw.unit() * self.keep.len() as f64;
        let place = (point as usize).min(self.keep.len() - 1);
        if point - place as f64 <= self.keep[place] || self.alias[place] as usize == place {
            place
        } else {
            self.alias[place] as usize
        }
    }
}

/// Maps each value to a number of its own, cheaply and the same everywhere (SplitMix64's finishing step, by
/// Steele, Lea and Flood, 2014).
pub(crate) fn scatter(value: u64) -> u64 {
    let mixed = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A one-to-one mapping of the numbers below `modulus` that hides their order. `multiplier` must have no
/// factor in common with `modulus`.
pub(crate) fn disguise(value: u64, multiplier: u64, offset: u64, modulus: u64) -> u64 {
    ((u128::from(value) * u128::from(multiplier) + u128::from(offset)) % u128::from(modulus)) as u64
}

/// A reference of this many digits, 9 or 10, for a number: one to one, and no digit depends on one digit of
/// the number alone.
pub(crate) fn hidden(number: u64, offset: u64, digits: u32) -> u64 {
    let modulus = 10u64.pow(digits);
    let half = 10u64.pow(digits / 2);
    let once = disguise(number, 618_033_987, offset, modulus);
    // The last digits of a product depend only on the last digits of its factors, so the halves change
    // places.
    let turned = once % half * (modulus / half) + once / half;
    disguise(turned, 7_236_067_977, offset, modulus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighted_draws_come_at_their_rates() {
        let weighted = Weighted::new(&[5.0, 0.0, 1.0, 4.0]);
        let mut draw = Draw::new(1, 0, 0);
        let mut counts = [0u32; 4];
        for _ in 0..100_000 {
            counts[weighted.draw(&mut draw)] += 1;
        }
        for (count, expected) in counts.into_iter().zip([50_000.0, 0.0, 10_000.0, 40_000.0]) {
            assert!((f64::from(count) - expected).abs() < 700.0, "{count} for {expected}");
        }
    }

    #[test]
    fn a_disguise_never_gives_one_number_twice() {
        let mut seen: Vec<u64> = (0..10_000).map(|n| disguise(n, 7_919, 17, 10_000)).collect();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..10_000));
    }

    #[test]
    fn references_never_come_twice() {
        for digits in [9, 10] {
            let mut seen: Vec<u64> = (0..100_000).map(|n| hidden(n * 4, 77, digits)).collect();
            let odd = seen.iter().filter(|reference| *reference % 2 == 1).count();
            assert!((48_000..52_000).contains(&odd), "{odd}");
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), 100_000);
            assert!(seen[99_999] < 10u64.pow(digits));
        }
    }

    #[test]
    fn a_shuffle_keeps_every_element() {
        let mut numbers: Vec<u32> = (0..100).collect();
        Draw::new(3, 0, 0).shuffle(&mut numbers);
        assert_ne!(numbers, (0..100).collect::<Vec<_>>());
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..100));
    }
}
