//! Puts posteriors and leads into bands, so that no file shows a likelihood to the last digit.

/// The bands of posteriors, from the highest, each with its lower end and its name.
const POSTERIORS: [(f32, &str); 10] = [
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

/// The band of a posterior.
pub(crate) fn posterior(posterior: f32) -> &'static str {
    band(&POSTERIORS, posterior)
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
    fn a_band_begins_at_its_lower_end() {
        for (number, expected) in [(1.0, "0.9999-1"), (0.995, "0.995-0.999"), (0.9949, "0.99-0.995"), (0.0, "0-0.20")] {
            assert_eq!(posterior(number), expected);
        }
        for (bits, expected) in [(31.0, "30+"), (0.0, "0-5"), (-0.1, "behind")] {
            assert_eq!(lead(bits), expected);
        }
    }
}
