//! Draws whole numbers from a discrete Gaussian distribution, exactly.
//!
//! The algorithms are those of Canonne, Kamath and Steinke, *The discrete Gaussian for differential privacy* (2020),
//! section 5. They use whole numbers alone: floating-point samplers leak through the last digits of their results
//! (Mironov, *On significance of the least significant bits for differential privacy*, 2012).

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

/// A source of noise. Its seed comes from the operating system and never from the data; it is forgotten with the source.
pub(crate) struct Noise(ChaCha20Rng);

/// The largest variance of a draw, so that all products fit 128 bits: a standard deviation of some 65,000.
pub(crate) const MOST_VARIANCE: u64 = 1 << 32;

impl Noise {
    /// A source that nobody can predict.
    pub(crate) fn from_system() -> Result<Noise, getrandom::Error> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed)?;
        Ok(Noise(ChaCha20Rng::from_seed(*seed)))
    }

    /// A source of the same draws each time, for tests of what is made of them.
    #[cfg(test)]
    pub(crate) fn from_seed(seed: u64) -> Noise {
        Noise(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A draw from the discrete Gaussian of this variance parameter around 0: the chance of *x* is in proportion to
    /// exp(−*x*² ÷ 2`variance`). A variance above [`MOST_VARIANCE`] counts as that, and 0 as 1.
    pub(crate) fn gaussian(&mut self, variance: u64) -> i64 {
        let variance = u128::from(variance.clamp(1, MOST_VARIANCE));
        let scale = variance.isqrt() + 1;
        loop {
            let drawn = self.laplace(scale);
            let size = u128::from(drawn.unsigned_abs());
            // (|x| − variance ÷ scale)² ÷ 2 variance, as a fraction.
            let distance = (size * scale).abs_diff(variance);
            if self.exponential(distance * distance, 2 * variance * scale * scale) {
                return drawn;
            }
        }
    }

    /// A draw from the discrete Laplace distribution: the chance of *x* is in proportion to exp(−|*x*| ÷ `scale`).
    fn laplace(&mut self, scale: u128) -> i64 {
        loop {
            let rest = self.below(scale);
            if !self.exponential(rest, scale) {
                continue;
            }
            let mut whole = 0;
            while self.exponential(1, 1) {
                whole += 1;
            }
            let is_negative = self.below(2) == 1;
            let size = rest + scale * whole;
            if is_negative && size == 0 {
                continue;
            }
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            return if is_negative { -size } else { size };
        }
    }

    /// True with the chance exp(−`part` ÷ `whole`).
    fn exponential(&mut self, mut part: u128, whole: u128) -> bool {
        while part > whole {
            if !self.exponential_below_one(whole, whole) {
                return false;
            }
            part -= whole;
        }
        self.exponential_below_one(part, whole)
    }

    /// The same for a fraction of at most one: the series of the exponential function, term by term.
    fn exponential_below_one(&mut self, part: u128, whole: u128) -> bool {
        let mut turn = 1;
        while self.below(whole * turn) < part {
            turn += 1;
        }
        turn % 2 == 1
    }

    /// Uniform in `0..end`.
    fn below(&mut self, end: u128) -> u128 {
        let bits = u128::BITS - (end - 1).leading_zeros();
        loop {
            let mut drawn = u128::from(self.0.next_u64());
            if bits > u64::BITS {
                drawn |= u128::from(self.0.next_u64()) << u64::BITS;
            }
            drawn &= u128::MAX.checked_shr(u128::BITS - bits).unwrap_or(0);
            if drawn < end {
                return drawn;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The published probabilities, summed far enough.
    fn probability(x: i64, variance: f64) -> f64 {
        let part = |x: i64| (-(x as f64).powi(2) / (2.0 * variance)).exp();
        let reach = (12.0 * variance.sqrt()) as i64 + 12;
        part(x) / (-reach..=reach).map(part).sum::<f64>()
    }

    /// Pearson's statistic of draws against the published probabilities, with the number of cells that are common
    /// enough to count.
    fn misfit(variance: u64, draws: u32) -> (f64, f64) {
        let mut noise = Noise::from_seed(7 + variance);
        let mut counts: BTreeMap<i64, u32> = BTreeMap::new();
        (0..draws).for_each(|_| *counts.entry(noise.gaussian(variance)).or_default() += 1);
        let reach = (4.0 * (variance as f64).sqrt()) as i64 + 2;
        let (mut sum, mut cells) = (0.0, 0.0);
        for x in -reach..=reach {
            let expected = probability(x, variance as f64) * f64::from(draws);
            if expected >= 10.0 {
                sum += (f64::from(counts.get(&x).copied().unwrap_or(0)) - expected).powi(2) / expected;
                cells += 1.0;
            }
        }
        (sum, cells)
    }

    /// The seeds are fixed, so the outcome is too. Half the variance misses by far.
    #[test]
    fn draws_have_the_published_probabilities() {
        for variance in [1, 2, 9, 100, 2_500] {
            let (sum, cells) = misfit(variance, 40_000);
            // Four standard deviations of a chi-square distribution with that many degrees of freedom.
            let most = cells + 4.0 * (2.0 * cells).sqrt();
            assert!(sum < most, "variance {variance}: {sum:.1} of {most:.1} in {cells} cells");
        }
        let mut noise = Noise::from_seed(1);
        let draws: Vec<f64> = (0..40_000).map(|_| noise.gaussian(9_000) as f64).collect();
        let mean = draws.iter().sum::<f64>() / 40_000.0;
        let variance = draws.iter().map(|x| x * x).sum::<f64>() / 40_000.0;
        assert!(mean.abs() < 4.0 * (9_000.0_f64 / 40_000.0).sqrt(), "{mean}");
        assert!((variance / 9_000.0 - 1.0).abs() < 4.0 * (2.0_f64 / 40_000.0).sqrt(), "{variance}");
    }

    /// OpenDP's draws cannot be repeated, so the bound is so wide that chance would cross it once in a million
    /// millions; half or twice the variance is far beyond it.
    #[test]
    fn draws_are_spread_as_those_of_opendp() {
        use opendp::domains::{AtomDomain, VectorDomain};
        use opendp::measurements::make_gaussian;
        use opendp::measures::ZeroConcentratedDivergence;
        use opendp::metrics::L2Distance;
        const DRAWS: usize = 20_000;
        let domain = VectorDomain::new(AtomDomain::<i64>::new_non_nan());
        let theirs =
            make_gaussian::<_, _, ZeroConcentratedDivergence>(domain, L2Distance::<i64>::default(), 30.0, None)
                .unwrap();
        let theirs = theirs.invoke(&vec![0_i64; DRAWS]).unwrap();
        let mut noise = Noise::from_seed(5);
        let ours: Vec<i64> = (0..DRAWS).map(|_| noise.gaussian(900)).collect();
        for cut in [-60, -30, -10, 0, 10, 30, 60] {
            let below = |draws: &[i64]| draws.iter().filter(|x| **x < cut).count() as f64 / DRAWS as f64;
            let (ours, theirs) = (below(&ours), below(&theirs));
            let error = 7.5 * (2.0 * ours * (1.0 - ours) / DRAWS as f64).sqrt();
            assert!((ours - theirs).abs() < error, "{cut}: {ours} and {theirs}");
        }
    }

    #[test]
    fn the_largest_variance_is_drawn_without_overflow() {
        let mut noise = Noise::from_seed(2);
        let largest = (0..200).map(|_| noise.gaussian(u64::MAX).abs()).max();
        assert!(largest.is_some_and(|size| (65_536..65_536 * 6).contains(&size)), "{largest:?}");
    }

    /// With records that move a figure by one standard deviation, nobody can guess from it better than the trade-off
    /// curve of a Gaussian allows (Dong, Roth and Su, *Gaussian differential privacy*, 2022): whoever accepts a share
    /// `alpha` of false alarms finds at most Φ(Φ⁻¹(alpha) + 1).
    #[test]
    fn two_neighbours_stay_under_the_trade_off_curve() {
        const DRAWS: usize = 20_000;
        let variance = 2_500;
        let mut noise = Noise::from_seed(3);
        let mut without: Vec<i64> = (0..DRAWS).map(|_| noise.gaussian(variance)).collect();
        let with: Vec<i64> = (0..DRAWS).map(|_| 50 + noise.gaussian(variance)).collect();
        without.sort_unstable();
        // The curve at these shares of false alarms: Φ(Φ⁻¹(alpha) + 1), from a table of the normal distribution.
        for (alpha, most) in [(0.01, 0.0923), (0.05, 0.2595), (0.1, 0.3891), (0.25, 0.6276), (0.5, 0.8413)] {
            let cut = without[((1.0 - alpha) * DRAWS as f64) as usize];
            let found = with.iter().filter(|x| **x > cut).count() as f64 / DRAWS as f64;
            let error = 4.0 * (most * (1.0 - most) / DRAWS as f64).sqrt() + 4.0 * (alpha / DRAWS as f64).sqrt();
            assert!(found < most + error, "{alpha}: {found} of at most {most} + {error}");
        }
    }

    #[test]
    fn two_sources_from_the_system_differ() {
        let draws = |mut noise: Noise| (0..8).map(|_| noise.gaussian(1 << 20)).collect::<Vec<_>>();
        assert_ne!(draws(Noise::from_system().unwrap()), draws(Noise::from_system().unwrap()));
    }
}
