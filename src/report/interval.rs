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

#[cfg(test)]
mod tests {
    use super::*;

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
