//! Puts posteriors, leads and match weights into bands, so that no file shows a likelihood to the last digit.

use std::sync::LazyLock;

/// How many bands of posteriors there are.
pub(crate) const POSTERIORS: usize = 10;

/// The bands of posteriors, from the highest, each with its lower end and its name.
const POSTERIOR_BANDS: [(f32, &str); POSTERIORS] = [
    (0.9999, "0.9999-1"),
    (0.999, "0.999-0.9999"),
    (0.995, "0.995-0.999"),
    (0.99, "0.99-0.995"),
    (0.95, "0.95-0.99"),
    (0.9, "0.90-0.95"),
    (0.8, "0.80-0.90"),
    (0.5, "0.50-0.80"),
    (0.2, "0.20-0.50"),
    (f32::NEG_INFINITY, "0-0.20"),
];

/// The same for leads, in bits.
const LEADS: [(f32, &str); 6] =
    [(30.0, "30+"), (20.0, "20-30"), (10.0, "10-20"), (5.0, "5-10"), (0.0, "0-5"), (f32::NEG_INFINITY, "behind")];

/// Width of a band of match weights, in bits.
const WIDTH: f32 = 2.5;

/// The lowest band holds all weights below this, in bits; the highest band has no upper end.
const LOWEST: f32 = -10.0;

/// How many bands of match weights there are.
pub(crate) const WEIGHTS: usize = 30;

/// The name of each band of match weights: its lower end in bits, or `below` for the lowest.
pub(crate) static WEIGHT_NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let lower_end = |band: usize| LOWEST + WIDTH * (band - 1) as f32;
    (0..WEIGHTS).map(|band| if band == 0 { "below".to_owned() } else { lower_end(band).to_string() }).collect()
});

/// The band of a match weight, as log2 of the odds.
pub(crate) fn weight(bits: f32) -> usize {
    (((bits - LOWEST) / WIDTH).floor() + 1.0).clamp(0.0, (WEIGHTS - 1) as f32) as usize
}

/// The names of all bands of posteriors, from the highest.
pub(crate) fn posteriors() -> impl Iterator<Item = &'static str> {
    POSTERIOR_BANDS.iter().map(|(_, name)| *name)
}

/// The band of a posterior.
pub(crate) fn posterior(posterior: f32) -> &'static str {
    band(&POSTERIOR_BANDS, posterior)
}

/// The place of the band of a posterior among the names.
pub(crate) fn place_of_posterior(posterior: f32) -> usize {
    POSTERIOR_BANDS.iter().take_while(|(least, _)| posterior < *least).count().min(POSTERIORS - 1)
}

/// The band of a lead.
pub(crate) fn lead(bits: f32) -> &'static str {
    band(&LEADS, bits)
}

fn band(bands: &[(f32, &'static str)], number: f32) -> &'static str {
    bands.iter().find(|(least, _)| number >= *least).map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_of_weights_holds_its_beginning_and_not_its_end() {
        for (bits, name) in [
            (f32::NEG_INFINITY, "below"),
            (-10.01, "below"),
            (-10.0, "-10"),
            (-7.51, "-10"),
            (-7.5, "-7.5"),
            (0.0, "0"),
            (9.99, "7.5"),
            (10.0, "10"),
            (59.9, "57.5"),
            (60.0, "60"),
            (300.0, "60"),
        ] {
            assert_eq!(WEIGHT_NAMES[weight(bits)], name, "{bits}");
        }
    }

    #[test]
    fn a_band_begins_at_its_lower_end() {
        for (number, expected) in [(1.0, "0.9999-1"), (0.995, "0.995-0.999"), (0.9949, "0.99-0.995"), (0.0, "0-0.20")] {
            assert_eq!(posterior(number), expected);
            assert_eq!(posteriors().nth(place_of_posterior(number)), Some(expected));
        }
        for (bits, expected) in [(31.0, "30+"), (0.0, "0-5"), (-0.1, "behind")] {
            assert_eq!(lead(bits), expected);
        }
    }
}
