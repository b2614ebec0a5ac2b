//! Makes a synthetic nation for tests and figures that need no real person: a job file, its inputs, and the
//! truth about every account.
//!
//! Blocks of a few thousand rows are made on every core, each from a generator seeded with the nation's seed
//! and the block's number, and written in order. So the same nation gives the same bytes whatever the number
//! of threads, and few blocks are in memory at a time.
//!
//! A block is first made as it truly is (`homes`, `places`, `claims`, `accounts`), and its truth is taken
//! from that. Only then do suppliers and benefit offices write down what they know of it (`customer_rows`,
//! `benefit_rows`), with the differences that [`Noise`] sets. Where a module's figures are choices and not
//! facts, it says so.
//!
//! The truth: an account is eligible if it is on supply on the qualifying date and one of its holders is the
//! claimant or partner of a claim with a qualifying award open on that date. By construction no claim has two
//! such accounts. In 15 % of homes with several adults, the person who claims is neither the householder nor
//! the partner: then the name on the bill is on no claim, and the account is not eligible. Not modelled:
//! mistakes that benefits and suppliers share; addresses that suppliers have not changed after a move; fraud.

mod accounts;
mod address;
mod areas;
mod benefit_rows;
mod block;
mod calendar;
mod claims;
mod communities;
mod customer_rows;
mod draw;
mod files;
mod homes;
mod names;
mod noise;
mod places;
mod rare_names;
mod rows;
mod slips;
#[cfg(test)]
mod tests;

pub use files::write;
pub use noise::{Noise, Rate};

use std::path::PathBuf;

use crate::date::Date;
use crate::text::shown;

/// The size and the seed of a nation.
///
/// ```
/// use flagmatch::progress::Unwatched;
/// use flagmatch::synth::{Nation, Noise, write};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = std::env::temp_dir().join(format!("flagmatch-synth-{}", std::process::id()));
/// let nation = Nation { customers: 300, benefits: 100, suppliers: 2, seed: 1, noise: Noise::default() };
/// let written = write(&nation, &folder, &Unwatched)?;
/// assert_eq!((written.customers, written.benefits), (300, 100));
/// assert!(folder.join("job.toml").exists());
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Nation {
    /// Rows of all suppliers' files together. A few accounts have two rows.
    pub customers: u64,
    /// Rows of the benefit file.
    pub benefits: u64,
    /// Suppliers, 1 to 999, of falling size.
    pub suppliers: u32,
    /// The seed of all random draws.
    pub seed: u64,
    /// How far records differ from the people they describe.
    pub noise: Noise,
}

/// How much was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows of all suppliers' files.
    pub customers: u64,
    /// Rows of the benefit file.
    pub benefits: u64,
    /// Accounts that are eligible for the rebate.
    pub eligible: u64,
}

/// Why a nation could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SynthError {
    /// The number of suppliers is out of range.
    #[error("a nation has 1 to 999 suppliers")]
    Suppliers,
    /// The nation has more homes than the country's postcodes have room for.
    #[error("a nation has at most about 140 million customer and benefit rows together; ask for fewer")]
    TooLarge,
    /// A rate of the noise is not between 0 and 1.
    #[error("the noise rate {0} is not between 0 and 1")]
    Rate(&'static str),
    /// The folder is not empty.
    #[error("{}: is not empty; name a new folder", shown(.0))]
    NotEmpty(PathBuf),
    /// A file could not be written.
    #[error("{}: {reason}", shown(.path))]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        reason: std::io::Error,
    },
}

/// The qualifying date of the job that is written.
fn qualifying_date() -> Date {
    calendar::made(2026, 8, 23)
}
