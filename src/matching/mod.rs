//! Who is who: in go the persons of the benefit records and the holders of accounts, out come for each
//! holder the candidates, how far each field agrees, and how likely it is that they are one person.
//!
//! Candidates share a [match key](key), a keyed hash of a few fields. Each pair's [evidence] is turned
//! into a [match weight](weights), and the weights of all candidates of a holder compete in a
//! [posterior](household). Whether a person is eligible is for the scheme to say: all benefit records
//! compete here, eligible or not.

mod evidence;
mod hash;
mod household;
mod index;
mod key;
mod link;
mod matcher;
mod persons;
mod rules;
mod runs;
mod store;
mod term_frequency;
mod text_list;
mod training;
mod weights;
mod workbench;

pub(crate) use evidence::Evidence;
pub(crate) use hash::{Digest, RunKey};
pub(crate) use household::{Holder, Household, Weighed, posterior};
pub(crate) use index::MOST_ROWS;
pub(crate) use key::{KeyKind, names_of};
pub(crate) use link::says_something;
pub(crate) use matcher::PRIOR;
pub(crate) use matcher::{Candidate, Found, KeyCounts, Matcher, Scratch};
pub use persons::Role;
pub(crate) use persons::{BenefitPerson, BenefitPersons, Crowded, Persons};
pub(crate) use rules::Bar;
pub(crate) use training::train;
pub(crate) use weights::Weights;
pub use weights::{WeightsError, WeightsFault};
#[doc(hidden)]
pub use workbench::Workbench;

/// The plain matcher that the fast one is held to. It lives with the other tests of whole runs.
#[cfg(test)]
#[path = "../../tests/reference/mod.rs"]
mod reference;
