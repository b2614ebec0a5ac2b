//! Trends: in go the nights that were read, out comes how the rates moved over them.

use maud::{Markup, html};

use super::OfScheme;
use super::parts::{SUPPRESSED, figure, table};
use crate::report::night::{RateRow, ReportError};
use crate::report::picture::{Line, trend};
use crate::report::words::percent;

impl OfScheme<'_> {
    pub(super) fn trends(&self) -> Result<Markup, ReportError> {
        if self.nights.len() < 2 {
            return Ok(html! { p { "This is the only night in the report: a trend needs two." } });
        }
        let days: Vec<String> = self.nights.iter().map(|night| night.record.day.clone()).collect();
        let over = |breakdown: &'static str, supplier: &str| -> Vec<Option<f64>> {
            self.nights
                .iter()
                .map(|night| {
                    let mut rows = night.rates(self.scheme, breakdown);
                    rows.find(|row| row.supplier == supplier).and_then(RateRow::rate)
                })
                .collect()
        };
        let mut lines = vec![Line { name: "all suppliers".to_owned(), rates: over("total", "") }];
        for row in self.rows("supplier") {
            lines.push(Line { name: row.supplier.clone(), rates: over("supplier", &row.supplier) });
        }
        lines.retain(|line| line.rates.iter().any(Option::is_some));
        let (first, last) = (days.first().map_or("", String::as_str), days.last().map_or("", String::as_str));
        let text = format!(
            "Match rate on {} nights from {first} to {last}. Figures are looked at anew every {} days, and only large moves show between two looks.",
            days.len(),
            self.night.record.disclosure_days
        );
        let drawn =
            figure(&text, |screen| trend("Match rate over the nights, as in the table below", &days, &lines, screen))?;
        let head: Vec<&str> = ["Night"].into_iter().chain(lines.iter().map(|line| line.name.as_str())).collect();
        let cells: Vec<Vec<String>> = self
            .nights
            .iter()
            .enumerate()
            .map(|(place, night)| {
                let rates = lines.iter().map(|line| line.rates[place].map_or(SUPPRESSED.to_owned(), percent));
                [night.record.run.clone()].into_iter().chain(rates).collect()
            })
            .collect();
        Ok(html! { (drawn) (table("Match rate over the nights", &head, &cells)) })
    }
}
