//! Places shares on an axis in log odds, on which 0.99 and 0.999 are as far apart as 0.9 and 0.99.

/// Where an axis may end, and what it may be labelled with.
const EDGES: [f64; 19] = [
    0.000_01, 0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995,
    0.9999, 0.999_99,
];

/// The labels, those that matter most first: where there is little room, the last ones are left out.
const LABELS: [f64; 19] = [
    0.99, 0.5, 0.999, 0.9, 0.9999, 0.1, 0.01, 0.95, 0.8, 0.2, 0.05, 0.98, 0.995, 0.998, 0.9995, 0.001, 0.0001,
    0.999_99, 0.000_01,
];

/// An axis of shares.
pub(super) struct Scale {
    /// The shares at both ends.
    ends: (f64, f64),
    /// Whether a share of 0 or 1, which has no place, lies at the end.
    has: (bool, bool),
    pixels: (i32, i32),
}

impl Scale {
    /// The axis from one pixel to another that has room for all the shares.
    pub(super) fn around(shares: impl Iterator<Item = f64>, pixels: (i32, i32)) -> Scale {
        let (mut low, mut high, mut has) = (1.0_f64, 0.0_f64, (false, false));
        for share in shares {
            has = (has.0 || share <= 0.0, has.1 || share >= 1.0);
            if share > 0.0 && share < 1.0 {
                (low, high) = (low.min(share), high.max(share));
            }
        }
        let first = EDGES.into_iter().rev().find(|edge| *edge < low).unwrap_or(EDGES[0]);
        let last = EDGES.into_iter().find(|edge| *edge > high.max(first)).unwrap_or(EDGES[EDGES.len() - 1]);
        Scale { ends: (first, last), has, pixels }
    }

    /// The pixel of a share.
    pub(super) fn at(&self, share: f64) -> i32 {
        let (least, most) = (log_odds(self.ends.0), log_odds(self.ends.1));
        let part = ((log_odds(share) - least) / (most - least).max(1e-9)).clamp(0.0, 1.0);
        self.pixels.0 + (part * f64::from(self.pixels.1 - self.pixels.0)).round() as i32
    }

    /// Labels and their pixels, at least `gap` pixels apart.
    pub(super) fn labels(&self, gap: i32) -> Vec<(String, i32)> {
        let end = |has: bool, nothing: &str, edge: f64| if has { nothing.to_owned() } else { edge.to_string() };
        let mut all = vec![
            (end(self.has.0, "0", self.ends.0), self.pixels.0),
            (end(self.has.1, "1", self.ends.1), self.pixels.1),
        ];
        for label in LABELS.into_iter().filter(|label| *label > self.ends.0 && *label < self.ends.1) {
            let at = self.at(label);
            if all.iter().all(|(_, other)| at.abs_diff(*other) >= gap.unsigned_abs()) {
                all.push((label.to_string(), at));
            }
        }
        all
    }
}

fn log_odds(share: f64) -> f64 {
    (share / (1.0 - share)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_near_certainty_can_be_told_apart() {
        let scale = Scale::around([0.6, 0.99, 0.999, 1.0].into_iter(), (0, 400));
        let [some, high, higher, one] = [0.6, 0.99, 0.999, 1.0].map(|share| scale.at(share));
        assert!(some < high && higher - high >= 50 && one == 400, "{some} {high} {higher} {one}");
        // Upside down, for an axis that goes up.
        let scale = Scale::around([0.6, 0.999].into_iter(), (400, 0));
        assert!(scale.at(0.6) > scale.at(0.99) && scale.at(0.99) - scale.at(0.999) >= 50);
    }

    #[test]
    fn labels_have_room_and_ends_say_what_lies_there() {
        for shares in [&[0.97, 0.9995][..], &[0.0, 0.3, 1.0], &[0.5], &[1.0], &[0.0], &[0.000_001, 0.999_999_9]] {
            let scale = Scale::around(shares.iter().copied(), (0, 300));
            let labels = scale.labels(40);
            let mut places: Vec<i32> = labels.iter().map(|(_, at)| *at).collect();
            places.sort_unstable();
            assert!(places.windows(2).all(|two| two[1] - two[0] >= 40), "{labels:?}");
            assert_eq!(
                labels.iter().any(|(label, at)| label == "1" && *at == 300),
                shares.contains(&1.0),
                "{labels:?}"
            );
            assert_eq!(labels.iter().any(|(label, at)| label == "0" && *at == 0), shares.contains(&0.0), "{labels:?}");
            assert!(shares.iter().all(|share| (0..=300).contains(&scale.at(*share))), "{shares:?}");
        }
    }
}
