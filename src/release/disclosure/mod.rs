//! Disclosure control: in go the counts of a night, by kinds of accounts that do not overlap, and what
//! is published already; out come rates that tell nobody a small count.
//!
//! One partition is protected: supplier, postcode area, whether a date of birth is known, flat or house.
//! Its cells are released or not, by [`Night::release`]; every other figure is made of released cells
//! alone. A true count is a `u64` and has no way into the file, which takes [`Released`] counts; those
//! come out of [`Rule::release`], out of a published file, or as sums of such.
//!
//! How accounts were found is [told](Details) of the accounts in released cells alone.
//!
//! Why this holds is told in `docs/disclosure.md`, and attacked in `tests/disclosure.rs`.

mod count;
mod details;
mod night;
mod population;
mod rates;
mod read;
mod rows;

pub use count::{Released, Rule};
pub use details::{Among, Detail, Details, Split, SupplierDetails};
pub use night::{Night, Part};
pub use population::{Place, Population};
pub use rates::{Figures, Rates, SupplierRates};
