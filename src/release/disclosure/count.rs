//! Rounds or suppresses counts, so that they may be published.

use std::iter::Sum;

/// Released counts are multiples of this.
const STEP: u64 = 5;

/// A count that everybody may see: the rounded count of a cell that was large enough when it was released, or a sum of
/// such counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Released(u64);

impl Released {
    /// The count as it is published.
    pub fn get(self) -> u64 {
        self.0
    }

    /// A count from a published file; `None` if the rules never release it.
    pub(in crate::release) fn published(count: u64) -> Option<Released> {
        (count > 0 && count.is_multiple_of(STEP)).then_some(Released(count))
    }
}

impl Sum for Released {
    fn sum<I: Iterator<Item = Released>>(counts: I) -> Released {
        Released(counts.map(|count| count.0).sum())
    }
}

/// How many accounts a cell needs to be released, and how often cells are looked at.
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

    /// A rule that suppresses counts below `threshold`, and by which cells are looked at every `days` days. A threshold
    /// below [`LEAST_THRESHOLD`](Self::LEAST_THRESHOLD) counts as that.
    pub fn new(threshold: u64, days: u32) -> Rule {
        Rule { threshold: threshold.max(Rule::LEAST_THRESHOLD), days }
    }

    /// The least count that is released.
    pub fn threshold(&self) -> u64 {
        self.threshold
    }

    /// The number of days after which cells are looked at again.
    pub(super) fn days(&self) -> u32 {
        self.days
    }

    /// The count rounded to the nearest multiple of 5, and to no less than the threshold rounded up: with a threshold
    /// of 12, a released 10 could only stand for 12. `None` if the count is below the threshold.
    pub fn release(&self, count: u64) -> Option<Released> {
        let nearest = (count + STEP / 2) / STEP * STEP;
        (count >= self.threshold).then_some(Released(nearest.max(self.step_of_threshold())))
    }

    /// Whether a new count replaces the last released one: only if they differ by the threshold. Two figures in a row
    /// then never reveal that a few accounts came or went.
    pub(super) fn moved(&self, last: Released, now: Released) -> bool {
        last.0.abs_diff(now.0) >= self.step_of_threshold()
    }

    /// Counts of [parts](Self::tell) are rounded down to multiples of this.
    pub fn unit(&self) -> u64 {
        2 * self.step_of_threshold()
    }

    /// The least number of accounts that a released count of a cell can stand for, whether it was rounded or kept.
    pub fn surely(&self, released: Released) -> u64 {
        let rounded_by = (STEP / 2).max(self.step_of_threshold() - self.threshold);
        let most_below = self.step_of_threshold() - STEP + rounded_by;
        self.threshold.max(released.0.saturating_sub(most_below))
    }

    /// Releases the parts of a whole: each count rounded down to a multiple of the [unit](Self::unit), and `None` below
    /// one unit. Together they are at most `surely`, the number that everybody knows to be in the whole, so that they
    /// reveal nothing about its size. If they would be more, the largest are lowered.
    pub fn tell(&self, parts: &[u64], surely: u64) -> Vec<Option<Released>> {
        self.tell_in_steps(parts, surely, 0.0)
    }

    /// Does the same as [`tell`](Self::tell) for parts that make up the whole, whose released figure is given. Large
    /// counts are then rounded down to larger steps, so that the largest part loses no more than others.
    pub fn tell_all(&self, parts: &[u64], surely: u64, whole: Released) -> Vec<Option<Released>> {
        let unsure = whole.0.saturating_sub(surely) as f64 / whole.0.max(1) as f64;
        self.tell_in_steps(parts, surely, 2.0 * unsure)
    }

    fn tell_in_steps(&self, parts: &[u64], surely: u64, share: f64) -> Vec<Option<Released>> {
        let unit = self.unit();
        let step = |from: u64| unit.max((from as f64 * share) as u64 / unit * unit);
        // The steps are the same for all parts, whatever their counts.
        let mut steps = vec![0, unit];
        let largest = parts.iter().copied().max().unwrap_or(0);
        let mut next = 2 * unit;
        while next <= largest {
            steps.push(next);
            next += step(next);
        }
        let mut places: Vec<usize> =
            parts.iter().map(|count| steps.partition_point(|step| step <= count) - 1).collect();
        let mut sum: u64 = places.iter().map(|place| steps[*place]).sum();
        while sum > surely {
            // Of equal parts the last is lowered: the result is always one that some counts give without lowering.
            let Some(largest) = places.iter_mut().max() else { break };
            sum -= steps[*largest] - steps[*largest - 1];
            *largest -= 1;
        }
        places.into_iter().map(|place| (place > 0).then(|| Released(steps[place]))).collect()
    }

    /// Rounds down a count of rows in a file to two digits and whole units, so that only its order of magnitude is
    /// published.
    pub fn roughly(&self, count: u64) -> Option<Released> {
        let digits = 10_u64.pow(count.max(1).ilog10().saturating_sub(1));
        let two_digits = count / digits * digits;
        let told = two_digits / self.unit() * self.unit();
        (told > 0).then_some(Released(told))
    }

    fn step_of_threshold(&self) -> u64 {
        self.threshold.next_multiple_of(STEP)
    }
}

/// Fewer suppliers than this would learn too much about each other.
const LEAST_SUPPLIERS: usize = 3;

/// Whether the counts of several suppliers may be shown as one figure: there are at least three, and none has more than
/// four fifths.
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
    fn parts_are_told_in_whole_units_and_never_more_than_is_surely_there() {
        let rule = Rule::new(10, 7);
        assert_eq!((rule.unit(), Rule::new(12, 7).unit()), (20, 30));
        for (parts, surely, expected) in [
            (&[0, 19, 20, 39, 40][..], 1000, &[0, 0, 20, 20, 40][..]),
            // Rounded down they are 200, and 160 are surely there: the largest is lowered.
            (&[60, 105, 45], 160, &[60, 60, 40]),
            (&[60, 105, 45], 179, &[60, 60, 40]),
            (&[60, 105, 45], 180, &[60, 80, 40]),
            // Two are lowered, the last one first.
            (&[100, 100, 20], 120, &[60, 40, 20]),
            (&[100, 100], 19, &[0, 0]),
            (&[], 100, &[]),
        ] {
            let told = rule.tell(parts, surely);
            let told: Vec<u64> = told.iter().map(|count| count.map_or(0, Released::get)).collect();
            assert_eq!(told, expected, "{parts:?} of {surely}");
        }
    }

    /// Lowering cannot be seen: the result is also what parts that are no larger give.
    #[test]
    fn it_does_not_show_that_something_was_lowered() {
        let rule = Rule::new(10, 7);
        for (one, other, third, surely) in
            (0..400).step_by(7).flat_map(|one| (0..9).map(move |at| (one, one * at / 4, 90 + at, 40 * at + one)))
        {
            let whole = Released(surely * 5 / 4);
            for is_whole in [false, true] {
                let tell = |parts: &[u64]| {
                    if is_whole { rule.tell_all(parts, surely, whole) } else { rule.tell(parts, surely) }
                };
                let told = tell(&[one, other, third]);
                let as_parts: Vec<u64> = told.iter().map(|count| count.map_or(0, Released::get)).collect();
                assert_eq!(tell(&as_parts), told, "{one}, {other}, {third} of {surely}");
                assert!(as_parts.iter().sum::<u64>() <= surely);
            }
        }
    }

    #[test]
    fn parts_of_a_whole_that_is_less_sure_have_larger_steps() {
        let rule = Rule::new(10, 7);
        // A tenth is not sure, so steps are a fifth, in whole units: 20, 40, ... 200, 240, 280, 320, 380.
        for (part, expected) in [(19, 0), (39, 20), (199, 180), (239, 200), (279, 240), (379, 320), (380, 380)] {
            let told = rule.tell_all(&[part], 900, Released(1000));
            assert_eq!(told[0].map_or(0, Released::get), expected, "{part}");
        }
    }

    #[test]
    fn a_released_count_stands_for_as_many_as_is_said_to_be_sure() {
        for threshold in 5..40 {
            let rule = Rule::new(threshold, 7);
            for count in 0..200 {
                let Some(now) = rule.release(count) else { continue };
                // Tonight's figure, or an older one that was kept.
                for last in (0..300).filter_map(|last| rule.release(last)).filter(|last| !rule.moved(*last, now)) {
                    assert!(rule.surely(last) <= count, "{count} is shown as {last:?} with {threshold}");
                }
            }
        }
    }

    #[test]
    fn rows_are_told_in_two_digits() {
        let rule = Rule::new(10, 7);
        for (rows, told) in [(0, 0), (19, 0), (20, 20), (77, 60), (1_999, 1_900), (29_993_117, 29_000_000)] {
            assert_eq!(rule.roughly(rows).map_or(0, Released::get), told, "{rows}");
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
