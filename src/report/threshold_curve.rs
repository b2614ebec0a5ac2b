//! Precision and recall over the threshold: in go posteriors and the truth, out come both for each of many
//! thresholds.

use serde::Serialize;

use super::interval::Share;

/// What flags from one threshold on would be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The posterior from which on an account is flagged.
    pub threshold: f64,
    /// Of the accounts that would be flagged, those that are due.
    pub precision: Share,
    /// Of the accounts that are due, those that would be flagged.
    pub recall: Share,
}

/// Thresholds that are tried: closer together where more accounts are.
const THRESHOLDS: [f64; 22] = [
    0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999,
    0.9995, 0.9999,
];

/// Accounts that a threshold may flag or not, and those that other rules decide.
#[derive(Debug, Default)]
pub(super) struct CurveCounts {
    /// Posteriors, and whether the account is due.
    posteriors: Vec<(f32, bool)>,
    /// Flagged whatever the threshold is; of these, due.
    fixed: u64,
    fixed_due: u64,
    due: u64,
}

impl CurveCounts {
    /// An account that is due or not; its posterior, where it is the threshold that decides on it.
    pub(super) fn add(&mut self, due: bool, flag: bool, posterior: Option<f32>) {
        self.due += u64::from(due);
        match posterior {
            Some(posterior) => self.posteriors.push((posterior, due)),
            None => {
                self.fixed += u64::from(flag);
                self.fixed_due += u64::from(flag && due);
            }
        }
    }

    pub(super) fn curve(mut self) -> Vec<CurvePoint> {
        self.posteriors.sort_by(|one, other| other.0.total_cmp(&one.0));
        let mut points: Vec<CurvePoint> = Vec::new();
        let (mut at, mut due) = (0, 0);
        for threshold in THRESHOLDS.into_iter().rev() {
            while let Some((_, is_due)) = self.posteriors.get(at).filter(|own| f64::from(own.0) >= threshold) {
                due += u64::from(*is_due);
                at += 1;
            }
            let right = due + self.fixed_due;
            points.push(CurvePoint {
                threshold,
                precision: Share::of(right, at as u64 + self.fixed),
                recall: Share::of(right, self.due),
            });
        }
        points.reverse();
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_point_counts_what_its_threshold_would_flag() {
        let mut counts = CurveCounts::default();
        for (due, flag, posterior) in [
            (true, true, Some(0.9999)),
            (true, true, Some(0.96)),
            (false, true, Some(0.91)),
            (true, false, Some(0.3)),
            (false, false, Some(0.01)),
            // Decided by staff, and never found.
            (true, true, None),
            (true, false, None),
        ] {
            counts.add(due, flag, posterior);
        }
        let curve = counts.curve();
        let at = |threshold: f64| curve.iter().find(|point| (point.threshold - threshold).abs() < 1e-9).unwrap();
        for (threshold, right, flagged) in [(0.9995, 2, 2), (0.95, 3, 3), (0.9, 3, 4), (0.3, 4, 5), (0.05, 4, 5)] {
            let point = at(threshold);
            assert_eq!((point.precision.part, point.precision.whole), (right, flagged), "{threshold}");
            assert_eq!((point.recall.part, point.recall.whole), (right, 5), "{threshold}");
        }
        assert!(curve.windows(2).all(|two| two[0].threshold < two[1].threshold));
    }
}
