//! Computes precision and recall at many thresholds.

use serde::Serialize;

use super::interval::Share;

/// Precision and recall at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The posterior from which an account would be flagged.
    pub threshold: f64,
    /// Of the accounts that would be flagged, the share that is eligible.
    pub precision: Share,
    /// Share of the eligible accounts that would be flagged.
    pub recall: Share,
}

/// The thresholds to try: closer together where there are more accounts.
const THRESHOLDS: [f64; 22] = [
    0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999,
    0.9995, 0.9999,
];

/// Counts accounts that the threshold decides, and those that other rules decide.
#[derive(Debug, Default)]
pub(super) struct CurveCounts {
    /// Posterior and true eligibility of the accounts that the threshold decides.
    posteriors: Vec<(f32, bool)>,
    /// Accounts flagged at any threshold; of these, `fixed_due` are eligible.
    fixed: u64,
    fixed_due: u64,
    eligible: u64,
}

impl CurveCounts {
    /// Adds an account. `posterior` is `None` if another rule decides its flag.
    pub(super) fn add(&mut self, eligible: bool, flag: bool, posterior: Option<f32>) {
        self.eligible += u64::from(eligible);
        match posterior {
            Some(posterior) => self.posteriors.push((posterior, eligible)),
            None => {
                self.fixed += u64::from(flag);
                self.fixed_due += u64::from(flag && eligible);
            }
        }
    }

    pub(super) fn curve(mut self) -> Vec<CurvePoint> {
        self.posteriors.sort_by(|one, other| other.0.total_cmp(&one.0));
        let mut points: Vec<CurvePoint> = Vec::new();
        let (mut at, mut eligible) = (0, 0);
        for threshold in THRESHOLDS.into_iter().rev() {
            while let Some((_, is_due)) = self.posteriors.get(at).filter(|own| f64::from(own.0) >= threshold) {
                eligible += u64::from(*is_due);
                at += 1;
            }
            let right = eligible + self.fixed_due;
            points.push(CurvePoint {
                threshold,
                precision: Share::new(right, at as u64 + self.fixed),
                recall: Share::new(right, self.eligible),
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
        for (eligible, flag, posterior) in [
            (true, true, Some(0.9999)),
            (true, true, Some(0.96)),
            (false, true, Some(0.91)),
            (true, false, Some(0.3)),
            (false, false, Some(0.01)),
            // One decided by staff, and one never found.
            (true, true, None),
            (true, false, None),
        ] {
            counts.add(eligible, flag, posterior);
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
