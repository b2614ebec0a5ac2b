//! Reconstructs the gate on flagged shares from published figures: a supplier's released rate in each run, the
//! range that the gate would have let through, and whether the supplier was held back.
//!
//! The gate itself looks at exact counts. What it saw, and which gate held a supplier back, would reveal some
//! of them: if the usual rate is zero, a stop by the gate on flagged shares means that somebody was flagged. So
//! the range here comes from released rates and the job's settings, and a supplier that got nothing is shown
//! without the cause.

use super::run_data::{PublishedRate, RunData};
use crate::statistics::median;

/// One run of a supplier in a scheme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct GateNight {
    /// The released rate; if the run delivered nothing, the rate released before.
    pub(super) rate: Option<f64>,
    /// The range that the gate would let through; `None` if no earlier delivery has a released rate.
    pub(super) range: Option<(f64, f64)>,
    /// The supplier was in the run but got no delivery.
    pub(super) held_back: bool,
}

/// One entry for each run, in the order given.
pub(super) fn over<'a>(
    nights: impl IntoIterator<Item = &'a RunData>,
    scheme: &'a str,
    supplier: &'a str,
) -> Vec<GateNight> {
    let mut delivered: Vec<f64> = Vec::new();
    let one = |night: &'a RunData| {
        let rate = night.rates(scheme, "supplier").find(|row| row.supplier == supplier).and_then(PublishedRate::rate);
        let gates = night.record.gates.as_ref();
        let range = gates.and_then(|gates| {
            let from = delivered.len().saturating_sub(gates.nights as usize);
            let usual = median(delivered[from..].iter().copied())?;
            let (lower, higher) = (1.0 - gates.match_rate_lower, 1.0 + gates.match_rate_higher);
            Some((usual * lower, (usual * higher).min(1.0)))
        });
        let own = night.record.suppliers.iter().find(|own| own.id == supplier);
        if own.is_some_and(|own| own.matched) {
            delivered.extend(rate);
        }
        GateNight { rate, range, held_back: own.is_some_and(|own| own.held_back) }
    };
    nights.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::run_data::{GateBounds, NightRecord, SupplierName};

    /// A run of `north`: its released rate in thousandths, whether it was delivered, and whether it was held
    /// back.
    fn night(rate: Option<u64>, matched: bool, held_back: bool) -> RunData {
        let row = |rate: u64| PublishedRate {
            scheme: "whd".to_owned(),
            breakdown: "supplier".to_owned(),
            supplier: "north".to_owned(),
            area: String::new(),
            birth_date: String::new(),
            home: String::new(),
            accounts: Some(1000),
            flagged: Some(rate),
            suppressed: false,
            as_of: "2026-11-01".to_owned(),
        };
        let record = NightRecord {
            run: String::new(),
            day: String::new(),
            threshold: 0.98,
            disclosure_threshold: 10,
            disclosure_days: 7,
            gates: Some(GateBounds { nights: 3, match_rate_lower: 0.25, match_rate_higher: 0.5 }),
            schemes: Vec::new(),
            suppliers: vec![SupplierName { id: "north".to_owned(), matched, held_back }],
        };
        RunData { record, rates: rate.map(row).into_iter().collect(), details: Vec::new() }
    }

    #[test]
    fn the_range_is_about_the_median_of_the_last_released_rates() {
        let nights = [
            night(None, true, false),
            night(Some(100), true, false),
            night(Some(200), true, false),
            // Held back: the rate is that of the run before, and the median leaves it out.
            night(Some(200), false, true),
            // Not in the run.
            night(Some(200), false, false),
            night(Some(160), true, false),
            night(Some(180), true, false),
            night(Some(900), true, false),
            night(Some(900), true, false),
            night(Some(900), true, false),
        ];
        let found = over(&nights, "whd", "north");
        let ranges: Vec<Option<(u64, u64)>> = found
            .iter()
            .map(|night| {
                night.range.map(|(least, most)| ((1000.0 * least).round() as u64, (1000.0 * most).round() as u64))
            })
            .collect();
        let expected = [
            None,
            None,
            Some((75, 150)),
            Some((113, 225)),
            Some((113, 225)),
            Some((113, 225)),
            // The median of 100, 200 and 160; then of 200, 160 and 180.
            Some((120, 240)),
            Some((135, 270)),
            // The median of 160, 180 and 900.
            Some((135, 270)),
            Some((675, 1000)),
        ];
        assert_eq!(ranges, expected);
        assert_eq!(
            found.iter().map(|night| u8::from(night.held_back)).collect::<Vec<_>>(),
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        );
        assert!(over(&nights, "whd", "south").iter().all(|night| night.rate.is_none() && night.range.is_none()));
        assert!(over(&nights, "cold", "north").iter().all(|night| night.range.is_none()));
    }
}
