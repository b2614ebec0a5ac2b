//! Gates that need no history, so that they also check a supplier's first run.
//!
//! They apply from `absolute_accounts` on: among few accounts, chance explains any share.

use super::gates::{DOUBT, Finding, SchemeTonight, Tonight, percent, share};
use super::usable_fields::{TooFew, is_enough};
use crate::interval::wilson;
use crate::job::Gates;

/// What the gates see.
pub(super) fn examine(tonight: &Tonight<'_>, gates: &Gates) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(references(tonight, gates));
    let in_play = tonight.in_play;
    findings.extend(tonight.usable.too_few(in_play, gates).map(|TooFew { gate, what, usable, least, .. }| Finding {
        gate,
        scheme: None,
        saw: format!("{} of the accounts in play have a usable {what}", share(usable, in_play)),
        expected: format!("at least {}", percent(least)),
    }));
    findings.extend(tonight.schemes.iter().filter_map(|scheme| flagged(scheme, gates)));
    findings
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

/// Nearly every account on supply is flagged, or none.
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
    use super::*;
    use crate::night::gates::ordinary;
    use crate::night::usable_fields::UsableFields;

    fn tonight() -> Tonight<'static> {
        Tonight { rejected: 0, ..ordinary(&[]) }
    }

    /// Each bound, from both sides.
    #[test]
    fn a_first_night_is_held_by_what_no_night_may_be() {
        for (change, expected) in [
            ((|_| {}) as fn(&mut Tonight<'_>), None),
            (|night| night.accounts = 2_000, None),
            (|night| night.accounts = 1_999, Some("references")),
            (|night| night.usable.birth_dates = 90, None),
            (|night| night.usable.birth_dates = 89, Some("usable-birth-dates")),
            (|night| night.usable.postcodes = 0, Some("usable-postcodes")),
            (|night| night.usable.names = 4_500, None),
            (|night| night.usable.names = 4_499, Some("usable-names")),
            // Half a per cent of 9,000 are 45, four fifths 7,200, and as far beyond as chance may go.
            (|night| night.schemes[0].matched = 35, None),
            (|night| night.schemes[0].matched = 20, Some("flagged-share")),
            (|night| night.schemes[0].matched = 7_250, None),
            (|night| night.schemes[0].matched = 7_400, Some("flagged-share")),
            // Below the least number nothing is checked; from there on, no flagged account at all is a finding.
            (|night| (night.schemes[0].matched, night.schemes[0].in_play) = (0, 999), None),
            (|night| (night.schemes[0].matched, night.schemes[0].in_play) = (0, 1_000), Some("flagged-share")),
            (|night| (night.rows, night.accounts) = (999, 1), None),
            (|night| (night.in_play, night.usable.names) = (999, 0), None),
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
        (night.accounts, night.usable) = (1, UsableFields::default());
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
