//! Holds the released rates, cells of suppliers with the day of each. Everybody may see all of it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::count::Released;
use super::population::Place;

/// The released figures of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Accounts flagged.
    pub flagged: Released,
    /// Accounts on supply and not flagged.
    pub unflagged: Released,
    /// The day on which the cell was last looked at or got a new figure.
    pub as_of: Date,
}

impl Figures {
    /// Accounts on supply: the sum of the two released counts.
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
    /// Its released cells; a place that is missing is suppressed.
    pub cells: BTreeMap<Place, Figures>,
    /// The last released figures of cells that are suppressed since. Everybody has them already. A cell that comes back
    /// is compared with them, or its new figures could reveal a change by a few accounts.
    pub withdrawn: BTreeMap<Place, Figures>,
}

impl SupplierRates {
    /// Whether these are the cells of that supplier in that scheme.
    pub(super) fn is_of(&self, scheme: &str, supplier: &str) -> bool {
        self.scheme == scheme && self.supplier == supplier
    }

    /// The same with all cells withdrawn.
    pub(super) fn withdrawn(&self) -> SupplierRates {
        let mut withdrawn = self.withdrawn.clone();
        withdrawn.extend(&self.cells);
        SupplierRates { cells: BTreeMap::new(), withdrawn, ..self.clone() }
    }

    /// The last released figures of a place, from this run or before.
    pub(super) fn last(&self, place: &Place) -> Option<Figures> {
        self.cells.get(place).or_else(|| self.withdrawn.get(place)).copied()
    }
}

/// All rates that a run releases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// By scheme, then supplier, in the job's order.
    pub(super) suppliers: Vec<SupplierRates>,
}

impl Rates {
    /// The rates of a supplier in a scheme.
    pub fn of_supplier(&self, scheme: &str, supplier: &str) -> Option<&SupplierRates> {
        self.suppliers.iter().find(|rates| rates.is_of(scheme, supplier))
    }
}
