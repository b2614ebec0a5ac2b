//! The gate on match rates as far as everybody may see it: in go the nights that were read, out come for a
//! supplier its released rate of each night, what the gate would have let through, and whether the supplier
//! was held back.
//!
//! A gate looks at exact counts. What it saw, and which gate held a supplier back, would tell of them: that
//! the one on match rates did says of a supplier with a usual rate of nothing that somebody was flagged. So
//! the range here is worked out from released rates and the job's settings, and a night on which a supplier
//! got nothing is told without the cause.

use super::night::{Night, RateRow};

/// One night of a supplier in a scheme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct GateNight {
    /// The released rate; on a night without a delivery that of before.
    pub(super) rate: Option<f64>,
    /// What the gate would let through; none where no delivery before has a released rate.
    pub(super) range: Option<(f64, f64)>,
    /// The supplier was in the run, and got nothing.
    pub(super) held_back: bool,
}

/// Each night of a supplier in a scheme.
pub(super) fn over<'a>(
    nights: impl IntoIterator<Item = &'a Night>,
    scheme: &'a str,
    supplier: &'a str,
) -> Vec<GateNight> {
    let mut delivered: Vec<f64> = Vec::new();
    let one = |night: &'a Night| {
        let rate = night.rates(scheme, "supplier").find(|row| row.supplier == supplier).and_then(RateRow::rate);
        let gates = night.record.gates.as_ref();
        let range = gates.and_then(|gates| {
            let from = delivered.len().saturating_sub(gates.nights as usize);
            let usual = median(&delivered[from..])?;
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

/// The middle one, or the mean of the two in the middle.
fn median(rates: &[f64]) -> Option<f64> {
    let mut rates = rates.to_vec();
    rates.sort_unstable_by(f64::total_cmp);
    let middle = rates.len() / 2;
    let upper = *rates.get(middle)?;
    Some(if rates.len().is_multiple_of(2) { f64::midpoint(rates[middle - 1], upper) } else { upper })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::night::{GateBounds, NightRecord, SupplierName};

    /// A night of the north: its released rate in thousandths, and whether it had a delivery or was held back.
    fn night(rate: Option<u64>, matched: bool, held_back: bool) -> Night {
        let row = |rate: u64| RateRow {
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
        Night { record, rates: rate.map(row).into_iter().collect(), details: Vec::new() }
    }

    #[test]
    fn the_range_is_about_the_median_of_the_last_released_rates() {
        let nights = [
            night(None, true, false),
            night(Some(100), true, false),
            night(Some(200), true, false),
            // Held back: its rate is that of before, and no delivery that is compared with.
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
            // Of 100, 200 and 160; then of 200, 160 and 180.
            Some((120, 240)),
            Some((135, 270)),
            // Of 160, 180 and 900.
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
