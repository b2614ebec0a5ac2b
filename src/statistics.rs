//! Computes medians, the normal distribution, and confidence intervals for a share of a count.

/// The 97.5 % quantile of the normal distribution, for 95 % intervals.
pub(crate) const OF_95_PERCENT: f64 = 1.959_963_984_540_054;

/// Wilson's interval (*Probable inference, the law of succession, and statistical inference*, 1927), which
/// also holds for shares near 0 and 1. `quantile` is the normal quantile that leaves half of the error
/// probability above it.
pub(crate) fn wilson(part: u64, whole: u64, quantile: f64) -> (f64, f64) {
    if whole == 0 {
        return (0.0, 1.0);
    }
    wilson_of_share(part as f64 / whole as f64, whole as f64, quantile)
}

/// The same for a share among `count`, which weights may make other than a whole number.
pub(crate) fn wilson_of_share(share: f64, count: f64, quantile: f64) -> (f64, f64) {
    let square = quantile * quantile;
    let middle = share + square / (2.0 * count);
    let spread = quantile * (share * (1.0 - share) / count + square / (4.0 * count * count)).sqrt();
    let scale = 1.0 + square / count;
    // Rounding would leave a little above 0.
    let low = if share == 0.0 { 0.0 } else { (middle - spread) / scale };
    (low.max(0.0), ((middle + spread) / scale).min(1.0))
}

/// The middle number, or the mean of the two in the middle.
pub(crate) fn median(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    Some(if numbers.len().is_multiple_of(2) { f64::midpoint(numbers[middle - 1], upper) } else { upper })
}

/// The probability that a number of the standard normal distribution is below `limit`, which is 0 or more. Simpson's rule
/// gives nine digits.
pub(crate) fn normal_below(limit: f64) -> f64 {
    const STEPS: u32 = 200;
    let step = limit.min(9.0) / f64::from(STEPS);
    let density = |place: u32| (-(f64::from(place) * step).powi(2) / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let weight = |place: u32| if place == 0 || place == STEPS { 1.0 } else { f64::from(2 + 2 * (place % 2)) };
    0.5 + (0..=STEPS).map(|place| weight(place) * density(place)).sum::<f64>() * step / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_probabilities() {
        // Of the tables: Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964), table 26.1.
        for (limit, expected) in
            [(0.0, 0.5), (1.0, 0.841_344_746), (OF_95_PERCENT, 0.975), (3.0, 0.998_650_102), (50.0, 1.0)]
        {
            assert!((normal_below(limit) - expected).abs() < 1e-8, "{limit}: {}", normal_below(limit));
        }
    }

    #[test]
    fn the_middle_of_numbers() {
        for (numbers, expected) in
            [(&[][..], None), (&[3.0], Some(3.0)), (&[3.0, 1.0], Some(2.0)), (&[9.0, 1.0, 2.0], Some(2.0))]
        {
            assert_eq!(median(numbers.iter().copied()), expected);
        }
    }
}
