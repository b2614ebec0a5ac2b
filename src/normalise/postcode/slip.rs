//! Tells whether two codes are a typing slip apart.

/// Whether one code could be the other with a typing slip: one character another, missing or too many,
/// or two neighbours exchanged. Equal codes are not a slip apart.
///
/// ```
/// use flagmatch::normalise::postcode::is_one_slip;
/// assert!(is_one_slip("DN357QX", "DN357QY"));
/// assert!(!is_one_slip("DN357QX", "DN367QY"));
/// ```
pub fn is_one_slip(a: &str, b: &str) -> bool {
    let (shorter, longer) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (shorter, longer) = (shorter.as_bytes(), longer.as_bytes());
    let same = shorter.iter().zip(longer).take_while(|(a, b)| a == b).count();
    let (shorter, longer) = (&shorter[same..], &longer[same..]);
    match longer.len() - shorter.len() {
        0 => match (shorter, longer) {
            ([_, rest_a @ ..], [_, rest_b @ ..]) if rest_a == rest_b => true,
            ([a, b, rest_a @ ..], [c, d, rest_b @ ..]) => a == d && b == c && rest_a == rest_b,
            _ => false,
        },
        1 => *shorter == longer[1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slip_is_one_typing_mistake() {
        for (a, b, expected) in [
            ("DN357QX", "DN357QY", true),
            ("LS82QN", "KS82QN", true),
            ("LS82QN", "LS28QN", true),
            ("LS82QN", "SL82QN", true),
            ("LS82QN", "LS82NQ", true),
            ("LS82QN", "LS182QN", true),
            ("LS82QN", "LS82Q", true),
            ("LS82QN", "S82QN", true),
            ("LS82QN", "LS82QN", false),
            ("LS82QN", "LS83QM", false),
            ("LS82QN", "LS8QN", true),
            ("LS82QN", "LSQ28N", false),
            ("LS82QN", "LS8N2Q", false),
            ("LS82QN", "LS8", false),
            ("", "", false),
            ("", "A", true),
        ] {
            assert_eq!(is_one_slip(a, b), expected, "{a} {b}");
            assert_eq!(is_one_slip(b, a), expected, "{b} {a}");
        }
    }

    proptest! {
        #[test]
        fn a_slip_is_found_from_both_sides(text in "[A-C]{1,5}", other in "[A-C]{1,5}") {
            prop_assert_eq!(is_one_slip(&text, &other), is_one_slip(&other, &text));
            let distance = strsim::osa_distance(&text, &other);
            prop_assert_eq!(is_one_slip(&text, &other), distance == 1);
        }
    }
}
