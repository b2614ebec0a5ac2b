//! Names the settings of the job file that would let a delivery through its gates, after a manual release.

use std::collections::BTreeSet;

/// A gate, the section and keys of its settings, and whether it compares with the supplier's own history.
const GATES: [(&str, &str, &str, bool); 19] = [
    ("accounts", "[gates]", "accounts_fewer or accounts_more", true),
    ("on-supply", "[gates]", "accounts_fewer or accounts_more", true),
    ("match-rate", "[gates]", "match_rate_lower or match_rate_higher", true),
    ("birth-dates", "[gates]", "birth_dates_fallen", true),
    ("rejects", "[gates]", "rejects_risen", true),
    ("notes", "[gates]", "notes_risen", true),
    ("repeated-file", "[gates]", "repeated_file = false", false),
    ("unchanged-file", "[gates]", "unchanged_days", false),
    ("qualifying-date", "[gates]", "qualifying_days", false),
    ("references", "[gates]", "references_least", false),
    ("usable-birth-dates", "[gates]", "birth_dates_least", false),
    ("usable-postcodes", "[gates]", "postcodes_least", false),
    ("usable-names", "[gates]", "names_least", false),
    ("flagged-share", "[gates]", "flagged_least or flagged_most", false),
    ("new-accounts", "[probing]", "new_accounts", true),
    ("new-match-rate", "[probing]", "new_match_rate", true),
    ("edited", "[probing]", "edited", false),
    ("edited-again", "[probing]", "edited_again", false),
    ("crowded-address", "[probing]", "crowded_address", true),
];

/// Section and keys of a gate's settings, and whether it compares with the supplier's own history.
fn settings_of(gate: &str) -> Option<(&'static str, &'static str, bool)> {
    let found = GATES.iter().find(|(name, ..)| *name == gate);
    let one_person = gate.starts_with("one-person").then_some(("[probing]", "one_person", true));
    found.map(|(_, section, keys, is_of_history)| (*section, *keys, *is_of_history)).or(one_person)
}

/// The gates of findings. Each has to name its setting.
#[cfg(test)]
pub(crate) fn gates_of(findings: &[crate::release::run_record::Finding]) -> Vec<String> {
    for finding in findings {
        assert!(settings_of(&finding.gate).is_some(), "GATES has no row for {}", finding.gate);
    }
    findings.iter().map(|finding| finding.gate.clone()).collect()
}

/// For each gate, a sentence that says what it will do in later runs, and what to set.
pub(crate) fn later_nights(gates: &BTreeSet<String>) -> Vec<String> {
    let sentence = |gate: &String| match settings_of(gate) {
        Some((section, keys, true)) => format!(
            "gate {gate}: this delivery now counts as usual; a later one that differs from it as much is \
                 quarantined again, until one like it is released; to let such deliveries through, set {keys} under \
                 {section}"
        ),
        Some((section, keys, false)) => format!(
            "gate {gate}: it ignores manual releases, and quarantines later deliveries too while it finds the \
                 same; to let them through, set {keys} under {section}"
        ),
        None => format!(
            "gate {gate}: it quarantines later deliveries too while it finds the same; its setting is in \
                 docs/job-file.md"
        ),
    };
    gates.iter().map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_gate_names_what_to_set() {
        for (gate, expected) in [
            ("accounts", "set accounts_fewer or accounts_more under [gates]"),
            ("unchanged-file", "set unchanged_days under [gates]"),
            ("one-person-home", "set one_person under [probing]"),
            ("flagged-share", "set flagged_least or flagged_most under [gates]"),
            ("usable-names", "set names_least under [gates]"),
            ("something-new", "docs/job-file.md"),
        ] {
            let said = later_nights(&BTreeSet::from([gate.to_owned()]));
            assert!(said.len() == 1 && said[0].contains(expected), "{said:?}");
        }
    }
}
