//! Releases rates from a run's counts so that they reveal no small count to anybody.
//!
//! One partition is protected: supplier, postcode area, whether a date of birth is known, flat or house.
//! [`Night::release`] decides which of its cells are released, from the run's counts and the rates published before;
//! every other figure is a sum of released cells. True counts are `u64` and cannot get into the file, which takes only
//! [`Released`] counts. Those come from [`Rule::release`], from a published file, or as sums of others.
//!
//! [How accounts were found](Details) is published only for the accounts in released cells.
//!
//! `docs/disclosure.md` explains why this protects, and `tests/disclosure.rs` attacks it.

mod count;
mod details;
mod night;
mod population;
mod rates;
mod read;
mod rows;

pub use count::{Released, Rule};
pub use details::{Among, Detail, DetailBreakdown, Details, Split, SupplierDetails};
pub use night::{Night, Part};
pub use population::{Place, Population};
pub use rates::{Figures, Rates, SupplierRates};
pub(crate) use rows::{BirthDate, Home, RateBreakdown};
