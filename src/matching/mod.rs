//! Finds which persons of the benefit records may be the holder of an account, and how likely each is.
//!
//! Candidates share a match key (`key`), a keyed hash of a few fields. The evidence of a pair, a
//! comparison level for each field, becomes a match weight (`weights`), and the weights of all candidates
//! of a holder compete in a posterior (`household`). All benefit records compete here, eligible or not: the
//! scheme decides later who is eligible.

mod bench_support;
mod decoys;
mod evidence;
mod hash;
mod household;
mod index;
mod key;
mod matcher;
mod model;
mod persons;
mod runs;
mod store;
mod term_frequency;
mod training;
mod unseen;
mod weights;

#[doc(hidden)]
pub use bench_support::Workbench;
pub(crate) use decoys::{Decoy, Decoys, Donors, INVENTED, Relatives, Sampling, claim_limit};
pub(crate) use evidence::{Doubt, Evidence, Levels};
pub(crate) use hash::{Digest, RunKey};
pub(crate) use household::{Holder, Household, Hypotheses, Weighed, odds_alone};
pub(crate) use index::MOST_ROWS;
pub(crate) use key::{KeyKind, names_of};
pub(crate) use matcher::{Candidate, Found, KeyCounts, Matcher, Scratch};
pub(crate) use model::Model;
#[cfg(test)]
pub(crate) use model::POPULATION;
pub use persons::Role;
pub(crate) use persons::{BenefitPerson, BenefitPersons, Crowded, Persons, says_something};
pub(crate) use runs::BlockPool;
pub(crate) use training::{Correlation, Estimates, train};
pub(crate) use unseen::{Kind, RelativesTable};
pub use unseen::{RelativesError, RelativesFault};
pub(crate) use weights::Weights;
pub use weights::{WeightsError, WeightsFault};

/// The plain reference matcher that the fast one is tested against. It lives with the tests of whole runs.
#[cfg(test)]
#[path = "../../tests/reference/mod.rs"]
mod reference;
