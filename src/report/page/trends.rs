//! Shows how the rates moved over the runs, and each supplier's rate beside the range that its gate lets
//! through.

use maud::{Markup, html};

use super::OfScheme;
use super::parts::{SUPPRESSED, figure, table};
use crate::report::gate::{self, GateNight};
use crate::report::picture::{Line, gate as draw_gate, trend};
use crate::report::run_data::{PublishedRate, ReportError, RunData};
use crate::report::words::{day, percent};

/// More lines than this in one picture cannot be told apart.
const MOST_LINES: usize = 6;

impl OfScheme<'_> {
    pub(super) fn trends(&self) -> Result<Markup, ReportError> {
        let nights: Vec<&RunData> = self.nights.iter().filter(|night| night.is_night()).collect();
        if nights.len() < 2 {
            return Ok(html! { p { "The report has only one run: a trend needs two." } });
        }
        let days: Vec<String> = nights.iter().map(|night| night.record.day.clone()).collect();
        Ok(html! {
            h3 { "All suppliers" }
            (self.moves(&nights, &days)?)
            h3 { "Each supplier and its gate" }
            (self.gates(&nights, &days)?)
        })
    }

    fn moves(&self, nights: &[&RunData], days: &[String]) -> Result<Markup, ReportError> {
        let over = |breakdown: &'static str, supplier: &str| -> Vec<Option<f64>> {
            let rate = |night: &&RunData| {
                night.rates(self.scheme, breakdown).find(|row| row.supplier == supplier).and_then(PublishedRate::rate)
            };
            nights.iter().map(rate).collect()
        };
        let mut lines = vec![Line { name: "all suppliers".to_owned(), rates: over("total", "") }];
        for row in self.rows("supplier") {
            lines.push(Line { name: row.supplier.clone(), rates: over("supplier", &row.supplier) });
        }
        lines.retain(|line| line.rates.iter().any(Option::is_some));
        if lines.is_empty() {
            return Ok(html! { p { "No rate of these runs is released." } });
        }
        let mut text = format!(
            "Flagged share of {} runs from {} to {}. Figures are renewed every {} days; meanwhile only large changes show.",
            days.len(),
            day(days.first().map_or("", String::as_str)),
            day(days.last().map_or("", String::as_str)),
            self.night.record.disclosure_days
        );
        let drawn = &lines[..if lines.len() > MOST_LINES { 1 } else { lines.len() }];
        if drawn.len() < lines.len() {
            text += &format!(" Drawn: {}; each supplier has its own picture below.", drawn[0].name);
        }
        let drawn =
            figure(&text, |screen| trend("Flagged share over the runs, as in the table below", days, drawn, screen))?;
        let head: Vec<&str> = ["Day"].into_iter().chain(lines.iter().map(|line| line.name.as_str())).collect();
        let cells = nights.iter().enumerate().map(|(place, night)| {
            let rates = lines.iter().map(|line| line.rates[place].map_or(SUPPRESSED.to_owned(), percent));
            [night.record.day.clone()].into_iter().chain(rates).collect()
        });
        Ok(html! { (drawn) (table("Flagged share over the runs", &head, &cells.collect::<Vec<Vec<String>>>())) })
    }

    fn gates(&self, nights: &[&RunData], days: &[String]) -> Result<Markup, ReportError> {
        let mut drawn = Vec::new();
        let mut cells = Vec::new();
        for row in self.rows("supplier") {
            let own = gate::over(nights.iter().copied(), self.scheme, &row.supplier);
            let Some(last) = own.last() else { continue };
            let held: Vec<String> =
                own.iter().zip(days).filter(|(night, _)| night.held_back).map(|(_, own)| day(own)).collect();
            cells.push(gate_cells(&row.supplier, last, held.len()));
            if own.iter().all(|night| night.rate.is_none() && !night.held_back) {
                continue;
            }
            let name = format!("Flagged share of {} over the runs, and what its gate lets through", row.supplier);
            let text = told(&row.supplier, last, &held);
            drawn.push(figure(&text, |screen| draw_gate(&name, days, &own, screen))?);
        }
        let bounds = self.night.record.gates.as_ref();
        Ok(html! {
            @if let Some(bounds) = bounds {
                p { "Shaded: what the gate on flagged shares lets through, from " (percent(bounds.match_rate_lower)) " below to " (percent(bounds.match_rate_higher)) " above the median of a supplier's last " (bounds.nights) " deliveries. The picture uses released rates; the gate itself uses exact counts, and allows for chance." }
            }
            p {
                "A red line with a cross: the supplier was held back in that run, and the rate is the one before. The \
                 cause may be another gate or an unusable file; only the administrator can see which."
            }
            div class="pairs" { @for picture in &drawn { (picture) } }
            (table("Flagged share and its gate in the last run", &["Supplier", "Flagged share", "Gate lets through", "Times held back"], &cells))
        })
    }
}

fn range(night: &GateNight) -> Option<String> {
    night.range.map(|(least, most)| format!("{} to {}", percent(least), percent(most)))
}

fn gate_cells(supplier: &str, last: &GateNight, held: usize) -> Vec<String> {
    vec![
        supplier.to_owned(),
        last.rate.map_or(SUPPRESSED.to_owned(), percent),
        range(last).unwrap_or("not known".to_owned()),
        held.to_string(),
    ]
}

/// The caption of a supplier's picture.
fn told(supplier: &str, last: &GateNight, held: &[String]) -> String {
    let rate = last.rate.map_or("its rate is suppressed".to_owned(), percent);
    let range = range(last).map_or(String::new(), |range| format!("; its gate lets {range} through"));
    let held = match held {
        [] => "Never held back".to_owned(),
        [night] => format!("Held back on {night}"),
        nights => format!("Held back {} times: {}", nights.len(), nights.join(", ")),
    };
    format!("{supplier}: {rate}{range}. {held}.")
}
