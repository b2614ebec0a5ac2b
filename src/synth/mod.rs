//! A synthetic nation: in go numbers of customers, benefit rows and suppliers and a seed, out come a job
//! file, its inputs, and the truth about every account, for tests and figures that need no real person.
//!
//! Blocks of a few thousand rows are made on every core, each from a generator seeded with the nation's
//! seed and the block's number, and written in order: the same nation gives the same bytes whatever the
//! number of threads, and little is held at a time.
//!
//! A block is first settled as it truly is (`homes`, `places`, `claims`, `accounts`), and its
//! truth taken from that; only then do suppliers and benefit offices write down what they know of it
//! (`customer_rows`, `benefit_rows`), with the differences that [`Noise`] sets. Where the makers'
//! figures are choices and not facts, the module says so.
//!
//! What is true: an account is due the rebate when it is on supply on the qualifying date and one of its
//! holders is the claimant or partner of a claim with a qualifying award open on that date. By
//! construction no claim has two such accounts. The person who claims in a home with several adults is
//! in 15 % of them not the householder or the partner: then the name on the bill is on no claim, and the
//! account is not due. Not modelled: benefits and suppliers that share mistakes; addresses that
//! suppliers have not changed after a move; fraud.

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
pub use noise::Noise;

use std::path::PathBuf;

use crate::date::Date;
use crate::text::shown;

/// How large a nation to make, and of which seed.
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
    /// Where all chance comes from.
    pub seed: u64,
    /// How far records differ from the people they tell of.
    pub noise: Noise,
}

/// How much was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows of all suppliers' files.
    pub customers: u64,
    /// Rows of the benefit file.
    pub benefits: u64,
    /// Accounts that are due the rebate.
    pub eligible: u64,
}

/// Why a nation could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// The number of suppliers is out of range.
    #[error("a nation has 1 to 999 suppliers")]
    Suppliers,
    /// More homes than the country's postcodes have room for.
    #[error("there is room for about 140 million customer and benefit rows together, not for so many")]
    TooLarge,
    /// A rate of the noise is not between 0 and 1.
    #[error("the noise rate {0} is not between 0 and 1")]
    Rate(&'static str),
    /// The folder already has something in it.
    #[error("{}: is not empty; name a new folder", shown(.0))]
    NotEmpty(PathBuf),
    /// A file could not be written.
    #[error("{}: {reason}", shown(.path))]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        reason: std::io::Error,
    },
}

/// The qualifying date of the job that is written.
fn qualifying_date() -> Date {
    calendar::made(2026, 8, 23)
}

/// The post areas that homes lie in.
#[cfg(test)]
pub(crate) fn area_letters() -> impl Iterator<Item = &'static str> {
    areas::AREAS.iter().map(|area| area.letters)
}
