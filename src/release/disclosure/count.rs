//! Counts that may be seen: in goes a true count, out comes a rounded one, or nothing.

use std::iter::Sum;

/// What released counts are multiples of.
const STEP: u64 = 5;

/// A count that everybody may see: rounded, and of a cell that was large enough when it was released; or a
/// sum of such counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Released(u64);

impl Released {
    /// The count as it is published.
    pub fn get(self) -> u64 {
        self.0
    }

    /// A count that stands in a published file; none if no rule gives such a one.
    pub(super) fn published(count: u64) -> Option<Released> {
        (count > 0 && count.is_multiple_of(STEP)).then_some(Released(count))
    }
}

impl Sum for Released {
    fn sum<I: Iterator<Item = Released>>(counts: I) -> Released {
        Released(counts.map(|count| count.0).sum())
    }
}

/// How much has to be in a cell, and how often it is looked at.
///
/// ```
/// use flagmatch::release::disclosure::Rule;
/// let rule = Rule::new(10, 7);
/// let released = |count| rule.release(count).map(|released| released.get());
/// assert_eq!([0, 9, 10, 12, 13].map(released), [None, None, Some(10), Some(10), Some(15)]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    threshold: u64,
    days: u32,
}

impl Rule {
    /// The least threshold: below it, rounding would give zero.
    pub const LEAST_THRESHOLD: u64 = STEP;

    /// A rule by which counts below a threshold are not released, and cells are looked at every so many
    /// days. A threshold below [`LEAST_THRESHOLD`](Self::LEAST_THRESHOLD) counts as that.
    pub fn new(threshold: u64, days: u32) -> Rule {
        Rule { threshold: threshold.max(Rule::LEAST_THRESHOLD), days }
    }

    /// The least count that is released.
    pub fn threshold(&self) -> u64 {
        self.threshold
    }

    /// After how many days cells are looked at again.
    pub(super) fn days(&self) -> u32 {
        self.days
    }

    /// The count rounded to the nearest multiple of 5, and to no less than the threshold rounded up: with a
    /// threshold of 12, a released 10 could stand for 12 alone. None if the count is below the threshold.
    pub fn release(&self, count: u64) -> Option<Released> {
        let nearest = (count + STEP / 2) / STEP * STEP;
        (count >= self.threshold).then_some(Released(nearest.max(self.step_of_threshold())))
    }

    /// A released count stays as it is until the new one is a threshold away from it: two figures that
    /// follow each other then never tell that a few accounts came or went.
    pub(super) fn moved(&self, last: Released, now: Released) -> bool {
        last.0.abs_diff(now.0) >= self.step_of_threshold()
    }

    fn step_of_threshold(&self) -> u64 {
        self.threshold.next_multiple_of(STEP)
    }
}

/// Fewer suppliers than this say too much of each other.
const LEAST_SUPPLIERS: usize = 3;

/// Whether what several suppliers have together may be shown as one figure: there are three of them at
/// least, and none has more than four fifths.
pub(super) fn is_mixed(of_suppliers: &[Released]) -> bool {
    let all: Released = of_suppliers.iter().copied().sum();
    let some = of_suppliers.iter().filter(|count| count.0 > 0);
    some.count() >= LEAST_SUPPLIERS && of_suppliers.iter().all(|count| count.0 * 5 <= all.0 * 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_count_stands_for_three_true_ones_at_least() {
        for threshold in 1..40 {
            let rule = Rule::new(threshold, 7);
            for count in 0..200 {
                let Some(released) = rule.release(count) else {
                    assert!(count < rule.threshold());
                    continue;
                };
                assert!(count >= rule.threshold());
                assert!(released.get().is_multiple_of(5) && released.get() >= rule.threshold());
                let alike = (0..300).filter(|&other| rule.release(other) == Some(released)).count();
                assert!(alike >= 3, "{count} with a threshold of {threshold} could only be {alike} counts");
            }
        }
    }

    #[test]
    fn three_suppliers_are_needed_and_none_may_have_more_than_four_fifths() {
        for (counts, expected) in [
            (&[10, 10, 10][..], true),
            (&[80, 10, 10], true),
            (&[85, 10, 10], false),
            (&[100, 15, 10], true),
            (&[50, 50], false),
            (&[50, 50, 0], false),
            (&[], false),
        ] {
            let counts: Vec<Released> = counts.iter().map(|&count| Released(count)).collect();
            assert_eq!(is_mixed(&counts), expected, "{counts:?}");
        }
    }
}
