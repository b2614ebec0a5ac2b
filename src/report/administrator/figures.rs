//! Reads a run's exact figures from `administrator/figures.csv`.

use std::path::Path;

use crate::release::{EligibleOutcome, FigureBreakdown, FigureUnit, FiguresTable, Table};
use crate::report::rate::Rate;
use crate::report::run_data::{ReportError, is_there};

/// One row of `figures.csv`.
#[derive(Debug, Clone)]
pub(in crate::report) struct Figure {
    pub(in crate::report) scheme: String,
    pub(in crate::report) of: FigureUnit,
    pub(in crate::report) breakdown: FigureBreakdown,
    pub(in crate::report) part: String,
    pub(in crate::report) outcome: String,
    pub(in crate::report) count: Option<u64>,
    pub(in crate::report) share: Option<f64>,
}

/// All rows of the file.
#[derive(Debug, Clone, Default)]
pub(in crate::report) struct Figures(pub(in crate::report) Vec<Figure>);

/// The eligible of one part, by outcome in the order of [`EligibleOutcome::ALL`].
#[derive(Debug, Clone, Default)]
pub(super) struct EligiblePart {
    pub(super) name: String,
    counts: [u64; EligibleOutcome::ALL.len()],
}

impl EligiblePart {
    pub(super) fn with(&self, outcome: EligibleOutcome) -> u64 {
        self.counts[outcome as usize]
    }

    /// All of them.
    pub(super) fn eligible(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The match rate.
    pub(super) fn rate(&self) -> Rate {
        Rate::exact(self.with(EligibleOutcome::Released), self.eligible())
    }
}

/// The accounts on supply of one part.
#[derive(Debug, Clone, Default)]
pub(super) struct AccountsPart {
    pub(super) name: String,
    pub(super) on_supply: u64,
    pub(super) flagged: u64,
}

impl AccountsPart {
    /// The flagged share.
    pub(super) fn rate(&self) -> Rate {
        Rate::exact(self.flagged, self.on_supply)
    }
}

impl Figures {
    /// Reads the file of an administrator's folder. A manual release and runs of older versions have none, nor has a run
    /// from which a purge took it.
    pub(super) fn read(administrator: &Path) -> Result<Figures, ReportError> {
        let file = administrator.join(FiguresTable::FILE);
        let mut all = Vec::new();
        if !is_there(&file)? {
            return Ok(Figures::default());
        }
        FiguresTable::read(&file, |row, _| {
            all.push(Figure {
                scheme: row.scheme.to_owned(),
                of: row.of,
                breakdown: row.breakdown,
                part: row.part.to_owned(),
                outcome: row.outcome.to_owned(),
                count: row.count.map(|count| count.0),
                share: row.share.map(|share| share.0),
            });
            Ok(())
        })?;
        Ok(Figures(all))
    }

    /// The rows of one breakdown in a scheme, in the order of the file.
    pub(super) fn rows<'f>(
        &'f self,
        scheme: &'f str,
        of: FigureUnit,
        breakdown: FigureBreakdown,
    ) -> impl Iterator<Item = &'f Figure> {
        self.0.iter().filter(move |row| row.scheme == scheme && row.of == of && row.breakdown == breakdown)
    }

    /// The eligible by part. Parts in which nobody is are left out.
    pub(super) fn eligible(&self, scheme: &str, of: FigureUnit, breakdown: FigureBreakdown) -> Vec<EligiblePart> {
        let mut parts: Vec<EligiblePart> = Vec::new();
        for row in self.rows(scheme, of, breakdown) {
            if parts.last().is_none_or(|part| part.name != row.part) {
                parts.push(EligiblePart { name: row.part.clone(), ..EligiblePart::default() });
            }
            let outcome = EligibleOutcome::ALL.into_iter().find(|own| own.as_str() == row.outcome);
            if let (Some(part), Some(outcome)) = (parts.last_mut(), outcome) {
                part.counts[outcome as usize] = row.count.unwrap_or(0);
            }
        }
        parts.retain(|part| part.eligible() > 0);
        parts
    }

    /// The accounts on supply by part. Parts without one are left out.
    pub(super) fn accounts(&self, scheme: &str, breakdown: FigureBreakdown) -> Vec<AccountsPart> {
        let mut parts: Vec<AccountsPart> = Vec::new();
        for row in self.rows(scheme, FigureUnit::Accounts, breakdown) {
            if parts.last().is_none_or(|part| part.name != row.part) {
                parts.push(AccountsPart { name: row.part.clone(), ..AccountsPart::default() });
            }
            let Some(part) = parts.last_mut() else { continue };
            match row.outcome.as_str() {
                "flagged" => part.flagged = row.count.unwrap_or(0),
                _ => part.on_supply = row.count.unwrap_or(0),
            }
        }
        parts.retain(|part| part.on_supply > 0);
        parts
    }

    /// The counts of one outcome by part.
    pub(super) fn counts<'f>(
        &'f self,
        scheme: &'f str,
        breakdown: FigureBreakdown,
        outcome: &'static str,
    ) -> Vec<(&'f str, u64)> {
        let rows = self.rows(scheme, FigureUnit::Accounts, breakdown).filter(|row| row.outcome == outcome);
        rows.map(|row| (row.part.as_str(), row.count.unwrap_or(0))).collect()
    }
}
