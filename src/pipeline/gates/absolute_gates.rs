//! Gates that need no history, so that they also check a supplier's first run.
//!
//! They apply from `absolute_accounts` accounts: with fewer, chance can explain any share.

use crate::job::Gates;
use crate::pipeline::gates::history_gates::{DOUBT, SchemeTonight, SupplierFigures, percent, share};
use crate::pipeline::inputs::usable_fields::{TooFew, is_enough};
use crate::release::run_record::Finding;
use crate::statistics::wilson;

/// Returns the findings on a supplier's figures.
pub(crate) fn examine(tonight: &SupplierFigures<'_>, gates: &Gates) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(references(tonight, gates));
    let on_supply = tonight.on_supply;
    findings.extend(tonight.usable.too_few(on_supply, gates).map(|TooFew { gate, what, usable, least, .. }| Finding {
        gate: gate.to_owned(),
        scheme: None,
        saw: format!("{} of the accounts on supply have a usable {what}", share(usable, on_supply)),
        expected: format!("at least {}", percent(least)),
    }));
    findings.extend(tonight.schemes.iter().filter_map(|scheme| flagged(scheme, gates)));
    findings
}

/// Finds references that a spreadsheet has spoilt: it writes long numbers as `1.23457E+11`, and many accounts
/// become one.
fn references(tonight: &SupplierFigures<'_>, gates: &Gates) -> Option<Finding> {
    let rows = tonight.rows.saturating_sub(tonight.rejected);
    let least = gates.references_least * rows as f64;
    (is_enough(rows, gates) && (tonight.accounts as f64) < least).then(|| Finding {
        gate: "references".to_owned(),
        scheme: None,
        saw: format!(
            "only {} different customer_ref in {rows} rows (a spreadsheet turns long numbers into 1.23457E+11)",
            tonight.accounts
        ),
        expected: format!("at least {least:.0}"),
    })
}

/// Finds a scheme in which nearly all accounts on supply are flagged, or hardly any.
fn flagged(scheme: &SchemeTonight<'_>, gates: &Gates) -> Option<Finding> {
    let SchemeTonight { matched, on_supply, .. } = *scheme;
    let (low, high) = wilson(matched, on_supply, DOUBT);
    let is_nobody = matched == 0 && gates.flagged_least > 0.0;
    let is_held = is_nobody || high < gates.flagged_least || low > gates.flagged_most;
    (is_enough(on_supply, gates) && is_held).then(|| Finding {
        gate: "flagged-share".to_owned(),
        scheme: Some(scheme.id.to_owned()),
        saw: format!("{} of the accounts on supply are found eligible", share(matched, on_supply)),
        expected: format!("{} to {}", percent(gates.flagged_least), percent(gates.flagged_most)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::gates::history_gates::ordinary;
    use crate::pipeline::gates::settings::gates_of;
    use crate::pipeline::inputs::usable_fields::UsableFields;

    fn tonight() -> SupplierFigures<'static> {
        SupplierFigures { rejected: 0, ..ordinary(&[]) }
    }

    /// Each bound, from both sides.
    #[test]
    fn a_first_night_is_held_by_what_no_night_may_be() {
        for (change, expected) in [
            ((|_| {}) as fn(&mut SupplierFigures<'_>), None),
            (|night| night.accounts = 2_000, None),
            (|night| night.accounts = 1_999, Some("references")),
            (|night| night.usable.birth_dates = 90, None),
            (|night| night.usable.birth_dates = 89, Some("usable-birth-dates")),
            (|night| night.usable.postcodes = 0, Some("usable-postcodes")),
            (|night| night.usable.names = 4_500, None),
            (|night| night.usable.names = 4_499, Some("usable-names")),
            // The bounds are 0.5 % of 9,000 (45) and 80 % (7,200), and chance may go a little beyond.
            (|night| night.schemes[0].matched = 35, None),
            (|night| night.schemes[0].matched = 20, Some("flagged-share")),
            (|night| night.schemes[0].matched = 7_250, None),
            (|night| night.schemes[0].matched = 7_400, Some("flagged-share")),
            // Below the least number nothing is checked. From there, it is a finding if no account is flagged.
            (|night| (night.schemes[0].matched, night.schemes[0].on_supply) = (0, 999), None),
            (|night| (night.schemes[0].matched, night.schemes[0].on_supply) = (0, 1_000), Some("flagged-share")),
            (|night| (night.rows, night.accounts) = (999, 1), None),
            (|night| (night.on_supply, night.usable.names) = (999, 0), None),
        ] {
            let mut night = tonight();
            change(&mut night);
            let found = gates_of(&examine(&night, &Gates::default()));
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
