//! Adds up what published figures reveal, as zero-concentrated differential privacy.
//!
//! Bun and Steinke, *Concentrated differential privacy: simplifications, extensions, and lower bounds* (2016):
//! Gaussian noise of variance σ² on figures that one household moves by at most Δ (the root of the summed squares)
//! spends ρ = Δ² ÷ 2σ², and what several tables spend is the sum.

/// What a household may be exposed to in a season: with ε and δ, what is published about it can be told from what
/// would be published without it by a factor of at most e^ε, but for a chance of δ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Budget {
    pub(crate) epsilon: f64,
    pub(crate) delta: f64,
}

impl Budget {
    /// The largest ρ for which the promise of ε and δ holds.
    pub(crate) fn rho(self) -> f64 {
        // The chance grows with rho, so halving the interval finds where it reaches delta.
        let (mut low, mut high) = (0.0, self.epsilon);
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if chance(middle, self.epsilon) <= self.delta { low = middle } else { high = middle }
        }
        low
    }
}

/// The smallest δ for which what spends ρ keeps ε: proposition 12 of Canonne, Kamath and Steinke (2020), the infimum
/// over orders α > 1 of exp((α − 1)(αρ − ε)) ÷ (α − 1) × (1 − 1 ÷ α)^α.
fn chance(rho: f64, epsilon: f64) -> f64 {
    let log =
        |order: f64| (order - 1.0) * (order * rho - epsilon) - (order - 1.0).ln() + order * (-1.0 / order).ln_1p();
    // The logarithm has one minimum. Orders are searched on a logarithmic scale.
    let at = |place: f64| log(1.0 + place.exp());
    let (mut low, mut high) = (-20.0_f64, 20.0_f64);
    for _ in 0..300 {
        let (third, two_thirds) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if at(third) < at(two_thirds) { high = two_thirds } else { low = third }
    }
    at(f64::midpoint(low, high)).exp().min(1.0)
}

/// The variance of the noise on a table that spends `rho`, if one household moves it by at most the root of
/// `moves`. Rounded up, so that the table never spends more.
pub(crate) fn variance(rho: f64, moves: u32) -> u64 {
    (f64::from(moves) / (2.0 * rho)).ceil().clamp(1.0, u32::MAX as f64) as u64
}

/// What a table of this variance spends.
pub(crate) fn spent(variance: u64, moves: u32) -> f64 {
    f64::from(moves) / (2.0 * variance as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opendp::combinators::make_zCDP_to_approxDP;
    use opendp::domains::{AtomDomain, VectorDomain};
    use opendp::measurements::make_gaussian;
    use opendp::measures::ZeroConcentratedDivergence;
    use opendp::metrics::L2Distance;

    /// OpenDP's noise of this standard deviation on a list of counts: the ρ that it spends where a household moves the
    /// list by `distance`, and the ε of that at `delta`.
    fn by_opendp(deviation: f64, distance: i64, delta: f64) -> (f64, f64) {
        let counts = || VectorDomain::new(AtomDomain::<i64>::new_non_nan());
        let measurement = || {
            let space = (counts(), L2Distance::<i64>::default());
            make_gaussian::<_, _, ZeroConcentratedDivergence>(space.0, space.1, deviation, None).unwrap()
        };
        let curve = make_zCDP_to_approxDP(measurement()).unwrap().map(&distance).unwrap();
        (measurement().map(&distance).unwrap(), curve.epsilon(delta).unwrap())
    }

    #[test]
    fn spending_is_that_of_opendp() {
        for (deviation, distance, delta) in [(95.0, 3, 1e-9), (20.0, 2, 1e-6), (4.0, 1, 1e-9), (1.0, 1, 1e-5)] {
            let (rho, epsilon) = by_opendp(deviation, distance, delta);
            let own = spent((deviation * deviation) as u64, (distance * distance) as u32);
            assert!((own / rho - 1.0).abs() < 1e-9, "{own} and {rho}");
            let own = Budget { epsilon, delta }.rho();
            assert!((own / rho - 1.0).abs() < 1e-3, "{own} and {rho} for {epsilon}");
        }
    }

    /// ε and δ with ρ, the first row as the design of the program states it; the others bracket it by the simpler
    /// bound of Bun and Steinke, ε = ρ + 2√(ρ ln(1/δ)), which is never better.
    #[test]
    fn a_budget_in_both_ways_of_counting() {
        let rho = Budget { epsilon: 2.0, delta: 1e-9 }.rho();
        assert!((rho - 0.056).abs() < 0.0005, "{rho}");
        for (epsilon, delta) in [(0.5, 1e-6), (1.0, 1e-9), (2.0, 1e-9), (8.0, 1e-9), (1.0, 1e-3)] {
            let rho = Budget { epsilon, delta }.rho();
            let simple = rho + 2.0 * (rho * (1.0_f64 / delta).ln()).sqrt();
            assert!(simple >= epsilon && simple < 1.4 * epsilon, "{epsilon} {delta}: {rho} gives {simple}");
            assert!(chance(rho, epsilon) <= delta && chance(rho * 1.01, epsilon) > delta);
        }
    }

    #[test]
    fn a_variance_never_spends_more_than_it_may() {
        for rho in [1e-6, 4.57e-4, 0.0112, 0.5, 3.0] {
            for moves in [1, 2, 8] {
                let variance = variance(rho, moves);
                assert!(spent(variance, moves) <= rho * (1.0 + 1e-12), "{rho} {moves}");
                assert!(variance == 1 || spent(variance - 1, moves) > rho, "{rho} {moves}");
            }
        }
        // 14 tables in each of 7 releases share four fifths of rho = 0.056: a standard deviation of about 95.
        let each = 0.8 * 0.056 / (14.0 * 7.0);
        assert!((93.0..96.0).contains(&(variance(each, 8) as f64).sqrt()));
    }
}
