//! Invents holders who do not exist, by whom a run tells without truth how often a flag is wrong.
//!
//! [`Decoys`] are nobody: if one is flagged, names, dates and addresses met by chance. [`Relatives`] are people
//! whom the table of unseen persons expects: twins, namesakes, next occupiers.
//!
//! Both are made from [`Donors`], holders of the run. A draw depends on the rows of the customer files and on nothing
//! else: not on the run's key, the number of threads or the order of rows.

mod donors;
mod recombined;
mod relatives;

pub(crate) use donors::{Donors, Sampling};
pub(crate) use recombined::{Decoy, Decoys};
pub(crate) use relatives::{INVENTED, Relatives, claim_limit};
