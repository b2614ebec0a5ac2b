//! Quotes the error rates that `docs/accuracy.md` states, so that a draft has no figures of its own.

const ACCURACY: &str = include_str!("../../../docs/accuracy.md");

/// Precision and recall of one row of a table, as the document states them.
pub(super) struct Rates {
    pub(super) precision: &'static str,
    pub(super) recall: &'static str,
}

/// The rates of the shipped weights on a made nation: `nation`, or `nation-harder`.
pub(super) fn of_nation(nation: &str) -> Rates {
    row(&[nation, "shipped"])
}

/// The rates of accounts without a date of birth in that nation.
pub(super) fn without_birth_date(nation: &str) -> Rates {
    row(&[nation, "date of birth absent"])
}

/// The first row that begins with these cells; the next two are precision and recall.
fn row(first: &[&str]) -> Rates {
    let cells = |line: &'static str| line.trim_matches(['|', ' ']).split(" | ").collect::<Vec<&'static str>>();
    let mut rows = ACCURACY.lines().filter(|line| line.starts_with('|')).map(cells);
    let found = rows.find(|cells| cells.len() > first.len() + 1 && cells.starts_with(first));
    let cells = found.expect("a test reads every row that a draft quotes");
    Rates { precision: cells[first.len()], recall: cells[first.len() + 1] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_quoted_row_has_rates_with_counts_and_intervals() {
        for rates in [
            of_nation("nation"),
            of_nation("nation-harder"),
            without_birth_date("nation"),
            without_birth_date("nation-harder"),
        ] {
            for rate in [rates.precision, rates.recall] {
                let (share, counts) = rate.split_once(" (").expect("a share, and its counts in brackets");
                assert!(share.parse::<f64>().is_ok_and(|share| (0.5..=1.0).contains(&share)), "{rate}");
                assert!(counts.contains(" of ") && counts.contains("; ") && counts.contains(" to "), "{rate}");
            }
        }
    }
}
