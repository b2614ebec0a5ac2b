//! Computes shares with their 95 % intervals.

use serde::Serialize;

use crate::statistics::{OF_95_PERCENT, wilson, wilson_of_share};

/// A share of a count, with Wilson's 95 % interval (*Probable inference, the law of succession, and
/// statistical inference*, 1927), which also holds near 0 and 1.
///
/// ```
/// use flagmatch::report::Share;
/// let share = Share::new(90, 100);
/// assert!(share.low < 0.9 && 0.9 < share.high);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The numerator.
    pub part: u64,
    /// The denominator.
    pub whole: u64,
    /// The share; 1 if there is nothing to take a share of.
    pub share: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end of its 95 % interval.
    pub high: f64,
}

impl Share {
    /// The share `part` ÷ `whole`.
    pub fn new(part: u64, whole: u64) -> Share {
        if whole == 0 {
            return Share { part, whole, share: 1.0, low: 0.0, high: 1.0 };
        }
        let (low, high) = wilson(part, whole, OF_95_PERCENT);
        Share { part, whole, share: part as f64 / whole as f64, low, high }
    }

    /// A weighted share, with its effective sample size, which need not be whole. `part` and `whole` stay 0.
    pub(super) fn weighted(share: f64, count: f64) -> Share {
        let (low, high) = wilson_of_share(share, count, OF_95_PERCENT);
        Share { part: 0, whole: 0, share, low, high }
    }
}

impl Share {
    /// The share alone, to as many digits as its interval gives it; a dash if there is nothing to take a share of.
    pub(crate) fn rounded(&self) -> String {
        if self.whole == 0 && self.low <= 0.0 && self.high >= 1.0 {
            return "-".to_owned();
        }
        format!("{:.*}", self.digits(), self.share)
    }

    /// Its interval, in the same digits.
    pub(crate) fn interval(&self) -> String {
        format!("{:.digits$} to {:.digits$}", self.low, self.high, digits = self.digits())
    }

    /// Share and interval.
    pub(crate) fn with_interval(&self) -> String {
        match self.rounded() {
            dash if dash == "-" => dash,
            share => format!("{share} ({})", self.interval()),
        }
    }

    /// Decimals: two significant digits of the interval's width, four at most, and so many that only 1 is written as 1, and only
    /// 0 as 0.
    fn digits(&self) -> usize {
        let width = (self.high - self.low).max(1e-6);
        let of_width = (1.0 - width.log10().floor()).clamp(2.0, 4.0) as usize;
        let distance = self.share.min(1.0 - self.share);
        let of_distance = if distance > 0.0 { (-distance.log10()).ceil().clamp(2.0, 6.0) as usize } else { 2 };
        of_width.max(of_distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_the_digits_that_their_intervals_give_them() {
        for (part, whole, expected) in [
            (0, 0, "-"),
            (1, 2, "0.50 (0.09 to 0.91)"),
            (7, 10, "0.70 (0.40 to 0.89)"),
            (3994, 3995, "0.9997 (0.9986 to 1.0000)"),
            (3994, 4087, "0.9772 (0.9722 to 0.9814)"),
            (999_999, 1_000_000, "0.999999 (0.999994 to 1.000000)"),
        ] {
            assert_eq!(Share::new(part, whole).with_interval(), expected, "{part} of {whole}");
        }
    }

    #[test]
    fn intervals_are_wilsons() {
        // Computed by hand from Wilson's formula with z = 1.96.
        for (part, whole, low, high) in [(90, 100, 0.8256, 0.9448), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0)] {
            let share = Share::new(part, whole);
            assert!((share.low - low).abs() < 5e-4, "{part} of {whole}: {}", share.low);
            assert!((share.high - high).abs() < 5e-4, "{part} of {whole}: {}", share.high);
        }
        assert_eq!((Share::new(0, 0).low, Share::new(0, 0).high), (0.0, 1.0));
    }
}
