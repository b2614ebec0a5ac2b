//! Shows each supplier's share over the runs beside what its gate lets through, and who was held back.

use super::ExactRun;
use crate::report::document::{Part, Picture};
use crate::report::picture::{Panel, PanelRun};
use crate::report::rate::{NOTHING, Rate};
use crate::report::words::{day, percent};
use crate::statistics::median;

/// Run, supplier and reason for each supplier that was held back.
pub(super) fn held_back(runs: &[ExactRun]) -> Vec<Part> {
    let row = |run: &ExactRun, held: &crate::release::run_record::UndeliveredSupplier| {
        vec![day(&run.day()), held.id.clone(), held.reason.clone()]
    };
    let rows: Vec<Vec<String>> =
        runs.iter().flat_map(|run| run.record.summary.held_back.iter().map(|held| row(run, held))).collect();
    match rows.is_empty() {
        true => vec![Part::Text(format!("No supplier was held back in {} run(s).", runs.len()))],
        false => vec![Part::growing_table("Held back, by run", &["Day", "Supplier", "Why"], rows)],
    }
}

/// The share of a supplier's accounts that were found eligible, before rebates are allocated: what the gate looks at.
fn found(run: &ExactRun, scheme: &str, supplier: &str) -> Option<f64> {
    let own = run.supplier(supplier, scheme)?;
    Rate::exact(own.matched.unwrap_or(own.flagged), own.on_supply).share
}

/// One entry for each run, in order.
fn over(runs: &[&ExactRun], scheme: &str, supplier: &str) -> Vec<PanelRun> {
    let mut delivered: Vec<f64> = Vec::new();
    let one = |run: &&ExactRun| {
        let rate = found(run, scheme, supplier);
        let held_back = run.is_held_back(supplier);
        let range = run.record.settings.gates.as_ref().and_then(|gates| {
            let from = delivered.len().saturating_sub(gates.nights as usize);
            let usual = median(delivered[from..].iter().copied())?;
            let (lower, higher) = (1.0 - gates.match_rate_lower, 1.0 + gates.match_rate_higher);
            Some((usual * lower, (usual * higher).min(1.0)))
        });
        if run.record.release.is_some() && rate.is_some() {
            // A manual release sets the new usual.
            delivered.clear();
        }
        delivered.extend(rate.filter(|_| !held_back));
        PanelRun { rate, range, held_back }
    };
    runs.iter().map(one).collect()
}

/// The picture and the table of all suppliers of a scheme over the runs that matched something.
pub(super) fn parts(runs: &[ExactRun], own: &ExactRun, scheme: &str) -> Vec<Part> {
    let all: Vec<&ExactRun> = runs.iter().collect();
    let mut names: Vec<&str> = own.record.summary.suppliers.iter().map(|own| own.id.as_str()).collect();
    names.extend(own.record.summary.held_back.iter().map(|held| held.id.as_str()));
    names.sort_unstable();
    names.dedup();
    let is_known = |name: &&str| runs.iter().any(|run| run.supplier(name, scheme).is_some());
    let panels: Vec<Panel> = names
        .into_iter()
        .filter(is_known)
        .map(|name| Panel { name: name.to_owned(), runs: over(&all, scheme, name) })
        .collect();
    let shown = |share: Option<f64>| share.map_or(NOTHING.to_owned(), percent);
    let rows = panels.iter().map(|panel| {
        let known = || panel.runs.iter().filter_map(|run| run.rate);
        let ends = [known().reduce(f64::min), known().reduce(f64::max)].map(shown);
        let last = panel.runs.last();
        let range = last.and_then(|run| run.range);
        let held = panel.runs.iter().filter(|run| run.held_back).count();
        let range = range.map_or(NOTHING.to_owned(), |(low, high)| format!("{} to {}", percent(low), percent(high)));
        let [least, most] = ends;
        vec![panel.name.clone(), least, most, shown(last.and_then(|run| run.rate)), range, held.to_string()]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let gate = own.record.settings.gates.as_ref().map_or(String::new(), |gates| {
        format!(
            " Shaded: what the gate lets through, from {} below to {} above the median of the last {} deliveries of the \
             runs shown; the gate itself also allows for chance.",
            percent(gates.match_rate_lower),
            percent(gates.match_rate_higher),
            gates.nights
        )
    });
    vec![
        Part::Picture {
            name: "Share found eligible of each supplier over the runs, as in the table below",
            text: format!(
                "Share of accounts on supply that are found eligible, before rebates are allocated, of each supplier over \
                 the runs, all on one scale from zero.{gate} A red line with a cross: the supplier was held back."
            ),
            picture: Picture::Panels { days: runs.iter().map(ExactRun::day).collect(), panels },
        },
        Part::table(
            "Share found eligible of each supplier over the runs",
            &["Supplier", "Lowest", "Highest", "Last run", "Gate lets through", "Held back"],
            rows,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::run_record::{RunRecord, Summary};
    use crate::report::administrator::figures::Figures;
    use serde_json::{Value, json};

    /// A run of `north` with 1,000 accounts, of which so many are found, held back or not, by hand or not.
    fn run(found: Option<u64>, is_held: bool, by_hand: bool) -> ExactRun {
        let schemes =
            |found: u64| json!([{ "id": "whd", "on_supply": 1000, "matched": found, "flagged": 0, "review": 0 }]);
        let supplier = |found: u64| {
            json!({ "id": "north", "rows": 1, "rejected": 0, "noted": 0, "accounts": 1, "on_supply": 1,
                    "birth_dates": 1, "schemes": schemes(found) })
        };
        let summary = json!({
            "run": null, "folder": null, "benefit_rows": 0, "persons": 0, "claims": 0, "ledger_behind": null,
            "held_back": if is_held { json!([{ "id": "north", "reason": "a gate" }]) } else { json!([]) },
            "suppliers": found.map(supplier).into_iter().collect::<Vec<Value>>(),
        });
        let _is_whole: Summary = serde_json::from_value(summary.clone()).unwrap();
        let gates = json!({ "nights": 3, "match_rate_lower": 0.25, "match_rate_higher": 0.5 });
        let release = by_hand.then(|| json!({ "supplier": "north", "of": "", "reason": "phoned" }));
        let record = json!({
            "version": "", "settings": { "gates": gates, "schemes": [] }, "inputs": [], "keys": {}, "summary": summary,
            "release": release,
        });
        let record: RunRecord = serde_json::from_value(record).unwrap();
        ExactRun { run: String::new(), figures: Figures::default(), record }
    }

    #[test]
    fn the_range_is_about_the_median_of_the_last_deliveries() {
        let runs = [
            run(None, false, false),
            run(Some(100), false, false),
            run(Some(200), false, false),
            // Held back: the median leaves it out.
            run(Some(900), true, false),
            run(None, true, false),
            run(Some(160), false, false),
            run(Some(180), false, false),
            run(Some(180), false, false),
            run(Some(900), false, true),
            run(Some(900), false, false),
        ];
        let runs: Vec<&ExactRun> = runs.iter().collect();
        let found = over(&runs, "whd", "north");
        let thousandths = |share: f64| (1000.0 * share).round() as u64;
        let ranges: Vec<Option<(u64, u64)>> =
            found.iter().map(|run| run.range.map(|(low, high)| (thousandths(low), thousandths(high)))).collect();
        let expected = [
            None,
            None,
            Some((75, 150)),
            Some((113, 225)),
            Some((113, 225)),
            Some((113, 225)),
            // The median of 100, 200 and 160; then of 200, 160 and 180; then of 160 and twice 180.
            Some((120, 240)),
            Some((135, 270)),
            Some((135, 270)),
            // The manual release alone, up to all.
            Some((675, 1000)),
        ];
        assert_eq!(ranges, expected);
        let held: Vec<u8> = found.iter().map(|run| u8::from(run.held_back)).collect();
        assert_eq!(held, [0, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
        assert!(over(&runs, "cold", "north").iter().all(|run| run.rate.is_none() && run.range.is_none()));
    }
}
