//! Lists figures as tidy data: one observation a row.

use serde::Serialize;

use super::administrator::Unsuppressed;
use super::gate;
use super::run_data::RunData;

/// One figure. An empty column means all, or that the column does not apply.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Observation {
    run: String,
    /// `released`, or `administrator` for an unsuppressed figure.
    source: &'static str,
    scheme: String,
    supplier: String,
    breakdown: String,
    area: String,
    birth_date: String,
    home: String,
    part: String,
    measure: &'static str,
    /// `None` if it is suppressed.
    value: Option<Value>,
    suppressed: bool,
    as_of: String,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
enum Value {
    Count(u64),
    Share(f64),
}

/// The columns, in the order of the fields.
pub(super) const HEADER: [&str; 13] = [
    "run",
    "source",
    "scheme",
    "supplier",
    "breakdown",
    "area",
    "birth_date",
    "home",
    "part",
    "measure",
    "value",
    "suppressed",
    "as_of",
];

impl Observation {
    fn new(run: &str, source: &'static str, measure: &'static str, value: Option<Value>) -> Observation {
        let empty = String::new;
        Observation {
            run: run.to_owned(),
            source,
            scheme: empty(),
            supplier: empty(),
            breakdown: empty(),
            area: empty(),
            birth_date: empty(),
            home: empty(),
            part: empty(),
            measure,
            value,
            suppressed: value.is_none(),
            as_of: empty(),
        }
    }
}

/// All released figures of the runs.
pub(super) fn released(nights: &[RunData]) -> Vec<Observation> {
    nights.iter().enumerate().flat_map(|(place, night)| of_night(night, &nights[..place])).collect()
}

/// Which suppliers had a delivery, which were held back, and what the gate on flagged shares would let through
/// after the runs before.
fn gates<'a>(night: &'a RunData, before: &'a [RunData]) -> Vec<Observation> {
    let mut all = Vec::new();
    for own in &night.record.suppliers {
        for (measure, is_so) in [("matched", own.matched), ("held_back", own.held_back)] {
            all.push(Observation {
                supplier: own.id.clone(),
                breakdown: "night".to_owned(),
                ..Observation::new(night.run(), "released", measure, Some(Value::Count(u64::from(is_so))))
            });
        }
    }
    for row in night.rates.iter().filter(|row| row.breakdown == "supplier") {
        let nights = before.iter().filter(|night| night.is_night()).chain([night]);
        let range = gate::over(nights, &row.scheme, &row.supplier).last().and_then(|night| night.range);
        for (measure, value) in [("least", range.map(|(least, _)| least)), ("most", range.map(|(_, most)| most))] {
            all.push(Observation {
                scheme: row.scheme.clone(),
                supplier: row.supplier.clone(),
                breakdown: "gate".to_owned(),
                part: "match-rate".to_owned(),
                ..Observation::new(night.run(), "released", measure, value.map(Value::Share))
            });
        }
    }
    all
}

fn of_night(night: &RunData, before: &[RunData]) -> Vec<Observation> {
    let mut all = gates(night, before);
    for row in &night.rates {
        let number = |count: Option<u64>| count.map(Value::Count);
        for (measure, value) in [
            ("accounts", number(row.accounts)),
            ("flagged", number(row.flagged)),
            ("rate", row.rate().map(Value::Share)),
        ] {
            all.push(Observation {
                scheme: row.scheme.clone(),
                supplier: row.supplier.clone(),
                breakdown: row.breakdown.clone(),
                area: row.area.clone(),
                birth_date: row.birth_date.clone(),
                home: row.home.clone(),
                suppressed: row.suppressed,
                as_of: row.as_of.clone(),
                // A withdrawn figure was published before, but it is not this run's figure.
                ..Observation::new(night.run(), "released", measure, value.filter(|_| !row.suppressed))
            });
        }
    }
    for row in &night.details {
        all.push(Observation {
            scheme: row.scheme.clone(),
            supplier: row.supplier.clone(),
            breakdown: format!("{} of {}", row.breakdown, row.among),
            part: row.part.clone(),
            suppressed: row.suppressed,
            as_of: row.as_of.clone(),
            ..Observation::new(night.run(), "released", "at_least", row.at_least.map(Value::Count))
        });
    }
    all
}

/// All exact figures of a run.
pub(super) fn unsuppressed(run: &str, own: &Unsuppressed) -> Vec<Observation> {
    let mut all = Vec::new();
    let mut add = |scheme: &str, supplier: &str, breakdown: &str, part: &str, measure, count: u64| {
        all.push(Observation {
            scheme: scheme.to_owned(),
            supplier: supplier.to_owned(),
            breakdown: breakdown.to_owned(),
            part: part.to_owned(),
            ..Observation::new(run, "administrator", measure, Some(Value::Count(count)))
        });
    };
    let summary = &own.summary;
    for (part, count) in [("rows", summary.benefit_rows), ("persons", summary.persons), ("claims", summary.claims)] {
        add("", "", "benefits", part, "count", count);
    }
    for supplier in &summary.suppliers {
        let id = &supplier.id;
        for (part, count) in [("rows", supplier.rows), ("rejected", supplier.rejected), ("noted", supplier.noted)] {
            add("", id, "file", part, "count", count);
        }
        add("", id, "file", "accounts", "count", supplier.accounts);
        for scheme in &supplier.schemes {
            add(&scheme.id, id, "supplier", "", "accounts", scheme.on_supply);
            add(&scheme.id, id, "supplier", "", "flagged", scheme.flagged);
            add(&scheme.id, id, "supplier", "", "review", scheme.review);
            for (reason, accounts) in &scheme.reasons {
                add(&scheme.id, id, "reason", reason, "accounts", *accounts);
            }
        }
    }
    for (key, counts) in &own.keys {
        add("", "", "key", key, "tried", counts.tried);
        add("", "", "key", key, "met", counts.met);
        add("", "", "key", key, "left_out", counts.left_out);
        add("", "", "key", key, "flagged", counts.flagged);
        add("", "", "key", key, "flagged_alone", counts.flagged_alone);
    }
    all
}

/// Formats observations as CSV.
pub(super) fn to_csv(observations: &[Observation]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if observations.is_empty() {
        writer.write_record(HEADER)?;
    }
    for own in observations {
        writer.serialize(own)?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
