//! Holds a share that a report shows, with its 95 % interval if it has noise.

use super::words::percent;

/// Shown in place of a figure whose noise is too large.
pub(super) const NOISY: &str = "too noisy to show";

/// Shown in place of a share of nothing.
pub(super) const NOTHING: &str = "-";

/// A share. Without an interval it is exact; with an interval alone it is too noisy to show.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Rate {
    pub(super) share: Option<f64>,
    pub(super) interval: Option<(f64, f64)>,
}

impl Rate {
    pub(super) fn new(share: Option<f64>, interval: Option<(f64, f64)>) -> Rate {
        Rate { share, interval }
    }

    /// The exact share of a count; of nothing, none.
    pub(super) fn exact(part: u64, whole: u64) -> Rate {
        Rate { share: (whole > 0).then(|| part as f64 / whole as f64), interval: None }
    }

    /// The share and both ends of its interval, as far as it has them.
    pub(super) fn ends(self) -> impl Iterator<Item = f64> {
        self.share.into_iter().chain(self.interval.into_iter().flat_map(|(low, high)| [low, high]))
    }

    /// In percent, with as many decimals as the interval gives it.
    pub(super) fn words(&self) -> String {
        match (self.share, self.interval) {
            (Some(share), Some((low, high))) => {
                let digits = digits(low, high);
                let [share, low, high] = [share, low, high].map(|share| format!("{:.digits$}", 100.0 * share));
                format!("{share}\u{a0}% ({low} to {high})")
            }
            (Some(share), None) if share > 0.0 && share < 0.0005 => "under 0.1\u{a0}%".to_owned(),
            (Some(share), None) => percent(share),
            (None, Some(_)) => NOISY.to_owned(),
            (None, None) => NOTHING.to_owned(),
        }
    }
}

/// Decimals of a percentage: as many as the first that half the interval's width moves, from one to three.
fn digits(low: f64, high: f64) -> usize {
    let half = (50.0 * (high - low)).max(1e-6);
    (-half.log10().floor()).clamp(1.0, 3.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_the_decimals_that_its_interval_gives_it() {
        for (share, interval, expected) in [
            (Some(0.746_83), None, "74.7\u{a0}%"),
            (Some(0.0), None, "0.0\u{a0}%"),
            (Some(0.0004), None, "under 0.1\u{a0}%"),
            (Some(0.746_83), Some((0.746_77, 0.746_89)), "74.683\u{a0}% (74.677 to 74.689)"),
            (Some(0.7468), Some((0.7462, 0.7474)), "74.68\u{a0}% (74.62 to 74.74)"),
            (Some(0.7468), Some((0.436, 1.0)), "74.7\u{a0}% (43.6 to 100.0)"),
            (None, Some((0.0, 0.9)), "too noisy to show"),
            (None, None, "-"),
        ] {
            assert_eq!(Rate::new(share, interval).words(), expected);
        }
        assert_eq!((Rate::exact(1, 4).share, Rate::exact(0, 0).share), (Some(0.25), None));
    }
}
