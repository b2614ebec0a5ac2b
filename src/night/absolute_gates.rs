//! Gates that need no history: what no supplier's night may be, also not its first.
//!
//! They apply from `absolute_accounts` on, since of few accounts chance makes anything.

use super::gates::{DOUBT, Finding, SchemeTonight, Tonight, percent, share};
use crate::interval::wilson;
use crate::job::Gates;

/// What the gates see.
pub(super) fn examine(tonight: &Tonight<'_>, gates: &Gates) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(references(tonight, gates));
    let in_play = tonight.in_play;
    for (gate, usable, least, what) in [
        ("usable-birth-dates", tonight.birth_dates, gates.birth_dates_least, "date of birth"),
        ("usable-postcodes", tonight.postcodes, gates.postcodes_least, "postcode"),
        ("usable-names", tonight.names, gates.names_least, "forename and surname"),
    ] {
        if is_enough(in_play, gates) && (usable as f64) < least * in_play as f64 {
            findings.push(Finding {
                gate,
                scheme: None,
                saw: format!("{} of the accounts in play have a usable {what}", share(usable, in_play)),
                expected: format!("at least {}", percent(least)),
            });
        }
    }
    findings.extend(tonight.schemes.iter().filter_map(|scheme| flagged(scheme, gates)));
    findings
}

fn is_enough(count: u64, gates: &Gates) -> bool {
    count > 0 && count >= gates.absolute_accounts
}

/// A spreadsheet writes long numbers as `1.23457E+11`, and many accounts become one.
fn references(tonight: &Tonight<'_>, gates: &Gates) -> Option<Finding> {
    let rows = tonight.rows.saturating_sub(tonight.rejected);
    let least = gates.references_least * rows as f64;
    (is_enough(rows, gates) && (tonight.accounts as f64) < least).then(|| Finding {
        gate: "references",
        scheme: None,
        saw: format!(
            "only {} different customer_ref in {rows} rows (a spreadsheet turns long numbers into 1.23457E+11)",
            tonight.accounts
        ),
        expected: format!("at least {least:.0}"),
    })
}

/// Nearly everybody is found due, or nobody.
fn flagged(scheme: &SchemeTonight<'_>, gates: &Gates) -> Option<Finding> {
    let SchemeTonight { matched, in_play, .. } = *scheme;
    let (low, high) = wilson(matched, in_play, DOUBT);
    let is_nobody = matched == 0 && gates.flagged_least > 0.0;
    let is_held = is_nobody || high < gates.flagged_least || low > gates.flagged_most;
    (is_enough(in_play, gates) && is_held).then(|| Finding {
        gate: "flagged-share",
        scheme: Some(scheme.id.to_owned()),
        saw: format!("{} of the accounts in play are found due", share(matched, in_play)),
        expected: format!("{} to {}", percent(gates.flagged_least), percent(gates.flagged_most)),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;

    fn tonight() -> Tonight<'static> {
        let scheme = SchemeTonight { id: "whd", qualifying_date: Date::MIN, in_play: 9_000, matched: 900 };
        Tonight {
            date: Date::MIN,
            rows: 10_000,
            rejected: 0,
            noted: 0,
            accounts: 10_000,
            in_play: 9_000,
            birth_dates: 7_200,
            postcodes: 9_000,
            names: 9_000,
            schemes: vec![scheme],
            files: &[],
        }
    }

    /// Each bound, from both sides.
    #[test]
    fn a_first_night_is_held_by_what_no_night_may_be() {
        for (change, expected) in [
            ((|_| {}) as fn(&mut Tonight<'_>), None),
            (|night| night.accounts = 2_000, None),
            (|night| night.accounts = 1_999, Some("references")),
            (|night| night.birth_dates = 90, None),
            (|night| night.birth_dates = 89, Some("usable-birth-dates")),
            (|night| night.postcodes = 0, Some("usable-postcodes")),
            (|night| night.names = 4_500, None),
            (|night| night.names = 4_499, Some("usable-names")),
            // Half a per cent of 9,000 are 45, four fifths 7,200, and as far beyond as chance may go.
            (|night| night.schemes[0].matched = 35, None),
            (|night| night.schemes[0].matched = 20, Some("flagged-share")),
            (|night| night.schemes[0].matched = 7_250, None),
            (|night| night.schemes[0].matched = 7_400, Some("flagged-share")),
            // Few accounts are looked at by nobody; that nobody at all is found due, from the least number on.
            (|night| (night.schemes[0].matched, night.schemes[0].in_play) = (0, 999), None),
            (|night| (night.schemes[0].matched, night.schemes[0].in_play) = (0, 1_000), Some("flagged-share")),
            (|night| (night.rows, night.accounts) = (999, 1), None),
            (|night| (night.in_play, night.names) = (999, 0), None),
        ] {
            let mut night = tonight();
            change(&mut night);
            let found: Vec<&str> = examine(&night, &Gates::default()).iter().map(|finding| finding.gate).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn each_check_can_be_switched_off() {
        let mut night = tonight();
        (night.accounts, night.birth_dates, night.postcodes, night.names) = (1, 0, 0, 0);
        night.schemes[0].matched = 0;
        assert_eq!(examine(&night, &Gates::default()).len(), 5);
        let off = Gates {
            references_least: 0.0,
            birth_dates_least: 0.0,
            postcodes_least: 0.0,
            names_least: 0.0,
            flagged_least: 0.0,
            ..Gates::default()
        };
        assert_eq!(examine(&night, &off), []);
        assert_eq!(examine(&night, &Gates { absolute_accounts: 10_001, ..Gates::default() }), []);
    }
}
