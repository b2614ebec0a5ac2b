//! Released rates: cells of suppliers, each with the day it is of. All of it may be seen by everybody.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::count::Released;
use super::population::Place;

/// What is released of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Accounts flagged.
    pub flagged: Released,
    /// Accounts in play and not flagged.
    pub unflagged: Released,
    /// The day on which the cell was last looked at or took a new figure.
    pub as_of: Date,
}

impl Figures {
    /// Accounts in play: the sum of the two released counts.
    pub fn accounts(&self) -> Released {
        [self.flagged, self.unflagged].into_iter().sum()
    }
}

/// The released cells of one supplier in one scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplierRates {
    /// The scheme's id.
    pub scheme: String,
    /// The supplier's id.
    pub supplier: String,
    /// The day on which all its cells were last looked at.
    pub looked_at: Date,
    /// Its released cells; a place that is not there is suppressed.
    pub cells: BTreeMap<Place, Figures>,
    /// What was last released of cells that are suppressed since. Everybody has it already; a cell that
    /// comes back is held against it, or its absence would hide that it changed by a few.
    pub withdrawn: BTreeMap<Place, Figures>,
}

impl SupplierRates {
    /// These are the cells of that supplier in that scheme.
    pub(super) fn is_of(&self, scheme: &str, supplier: &str) -> bool {
        self.scheme == scheme && self.supplier == supplier
    }

    /// The same with all cells withdrawn.
    pub(super) fn withdrawn(&self) -> SupplierRates {
        let mut withdrawn = self.withdrawn.clone();
        withdrawn.extend(&self.cells);
        SupplierRates { cells: BTreeMap::new(), withdrawn, ..self.clone() }
    }

    /// What was last released of a place, tonight or before.
    pub(super) fn last(&self, place: &Place) -> Option<Figures> {
        self.cells.get(place).or_else(|| self.withdrawn.get(place)).copied()
    }
}

/// All that is released of a night, or was of an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// By scheme, then supplier, in the job's order.
    pub(super) suppliers: Vec<SupplierRates>,
}

impl Rates {
    /// What is released of a supplier in a scheme.
    pub fn of(&self, scheme: &str, supplier: &str) -> Option<&SupplierRates> {
        self.suppliers.iter().find(|rates| rates.is_of(scheme, supplier))
    }
}
