//! Finds signs of probing: figures that look as if somebody were trying out who is on benefits.
//!
//! Most figures are compared with the supplier's own history. The findings are for the administrator alone.

use crate::job::{Gates, Probing};
use crate::ledger::Delivered;
use crate::pipeline::gates::history_gates::{DOUBT, Gate, SupplierFigures, above, percent, share, usual};
use crate::release::run_record::Finding;
use crate::release::run_record::{NewLine, ProbingLine, SinceLine};
use crate::statistics::{median, wilson};

/// Returns the findings that look like probing.
pub(crate) fn examine(
    figures: &ProbingLine,
    tonight: &SupplierFigures<'_>,
    history: &[Delivered],
    gates: &Gates,
    settings: &Probing,
) -> Vec<Finding> {
    let gate = Gate { gates, usual: usual(history, gates.nights) };
    let mut findings = Vec::new();
    let holders = |part: u64| (part, figures.holders);
    let of = |part: fn(&ProbingLine) -> u64| {
        move |night: &Delivered| night.probing.as_ref().map(|line| (part(line), line.holders))
    };
    let one_person = settings.one_person;
    findings.extend(gate.risen(
        "one-person",
        holders(figures.same_birth_date),
        one_person,
        of(|line| line.same_birth_date),
    ));
    findings.extend(gate.risen(
        "one-person-at-home",
        holders(figures.same_home),
        one_person,
        of(|line| line.same_home),
    ));
    let crowded = settings.crowded_address;
    findings.extend(gate.risen("crowded-address", holders(figures.crowded), crowded, of(|line| line.crowded)));
    let Some(since) = &figures.since else { return findings };
    let enough = |count: u64| count > 0 && count >= gates.least_accounts;
    if enough(tonight.on_supply) {
        let before = gate.usual.iter().filter_map(|night| {
            let since = night.probing.as_ref()?.since.as_ref()?;
            Some(since.new_accounts as f64 / night.on_supply?.max(1) as f64)
        });
        let usually = median(before).unwrap_or(0.0);
        let new = (since.new_accounts, tonight.on_supply);
        findings.extend(above("new-accounts", new, usually, settings.new_accounts));
    }
    if enough(since.compared) {
        let SinceLine { compared, edited, edited_again, .. } = *since;
        findings.extend(beyond("edited", (edited, compared), settings.edited));
        findings.extend(beyond("edited-again", (edited_again, compared), settings.edited_again));
    }
    findings.extend(since.new.iter().filter_map(|new| new_match_rate(new, tonight, &gate, settings)));
    findings
}

/// Finds a share that is above a bound which does not depend on history, by more than chance explains.
fn beyond(gate: &'static str, (part, whole): (u64, u64), most: f64) -> Option<Finding> {
    let held = wilson(part, whole, DOUBT).0 > most;
    let expected = format!("at most {}", percent(most));
    held.then(|| Finding { gate: gate.to_owned(), scheme: None, saw: share(part, whole), expected })
}

/// Finds new accounts that match far more often or far less often than the supplier's new accounts usually do.
/// While it has had too few of these, all its other accounts give the usual rate.
fn new_match_rate(
    new: &NewLine,
    tonight: &SupplierFigures<'_>,
    gate: &Gate<'_>,
    settings: &Probing,
) -> Option<Finding> {
    let before = gate.usual.iter().filter_map(|night| {
        let since = night.probing.as_ref()?.since.as_ref()?;
        since.new.iter().find(|line| line.scheme == new.scheme)
    });
    let (mut on_supply, mut matched) =
        before.fold((0, 0), |(on_supply, matched), line| (on_supply + line.on_supply, matched + line.matched));
    let enough = |count: u64| count > 0 && count >= gate.gates.least_accounts;
    if !enough(on_supply) {
        let scheme = tonight.schemes.iter().find(|scheme| scheme.id == new.scheme)?;
        (on_supply, matched) = (scheme.on_supply - new.on_supply, scheme.matched - new.matched);
    }
    if !enough(on_supply) {
        return None;
    }
    let usually = matched as f64 / on_supply as f64;
    let least = usually * (1.0 - settings.new_match_rate);
    let most = usually * (1.0 + settings.new_match_rate);
    let (low, high) = wilson(new.matched, new.on_supply, DOUBT);
    (high < least || low > most).then(|| Finding {
        gate: "new-match-rate".to_owned(),
        scheme: Some(new.scheme.clone()),
        saw: share(new.matched, new.on_supply),
        expected: format!("{} to {} (usually {})", percent(least.max(0.0)), percent(most), percent(usually)),
    })
}
