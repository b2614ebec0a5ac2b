//! Counts the rows of one file of exceptions, and how they compare with the supplier's notices.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{NoticesError, Supplied, last_day};
use crate::intake::input_sum;
use crate::pipeline::exceptions::ExceptionFile;
use crate::release::NotifiedOn;
use crate::scheme::Exception;

/// The counts of a file of exceptions when it was taken in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakenIn {
    /// The supplier's id.
    pub supplier: String,
    /// Its base name.
    pub file: String,
    /// Its BLAKE3 sum.
    pub blake3: String,
    /// The day on which it was taken in.
    pub taken_in: String,
    /// Rows found, good and bad.
    pub rows: u64,
    /// Rows that cannot be used.
    pub rejected: u64,
    /// Exceptions by reason.
    pub reasons: BTreeMap<String, u64>,
    /// Exceptions reported after the notice's last day. The next run respects them all the same.
    pub late: u64,
    /// Exceptions about accounts of which the supplier has no known notice.
    pub without_notice: u64,
}

impl TakenIn {
    /// Counts a file on a day. An exception without a date of report counts as reported on that day.
    pub(super) fn new(
        file: &ExceptionFile,
        supplied: Option<&Supplied>,
        schemes: &[&str],
        day: Date,
        days: u32,
    ) -> Result<TakenIn, NoticesError> {
        let mut taken = TakenIn {
            supplier: file.supplier.clone(),
            file: file.file.name.clone(),
            blake3: input_sum(&file.file.path)?,
            taken_in: day.to_string(),
            rows: file.file.rows,
            rejected: file.file.rejected,
            reasons: BTreeMap::new(),
            late: 0,
            without_notice: 0,
        };
        for (customer_ref, exception) in &file.rows {
            *taken.reasons.entry(exception.kind.name().to_owned()).or_default() += 1;
            let reported = exception.reported_on.map_or(day, Date::from);
            match supplied.and_then(|supplied| told(supplied, customer_ref, exception, schemes)) {
                None => taken.without_notice += 1,
                Some(NotifiedOn::On(told)) => taken.late += u64::from(reported > last_day(told, days)),
                // The notice's last day was before today, so a report of today is late. Whether an older report was
                // late is unknown.
                Some(NotifiedOn::Before) => taken.late += u64::from(reported == day),
            }
        }
        Ok(taken)
    }
}

/// When the supplier was notified of an exception's account; of several schemes, the latest notice.
fn told(supplied: &Supplied, customer_ref: &str, exception: &Exception, schemes: &[&str]) -> Option<NotifiedOn> {
    let about = schemes.iter().filter(|scheme| exception.scheme.as_ref().is_none_or(|own| own == *scheme));
    about.filter_map(|scheme| supplied.told(customer_ref, scheme)).max()
}
