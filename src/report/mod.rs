//! What analysts look at: in go a matched night and the truth, out come measures of how right it is.

mod evaluation;
mod interval;
mod truth;

pub use evaluation::{Breakdown, Calibration, Evaluation, Misses};
pub(crate) use evaluation::{Judged, evaluate};
pub use interval::Share;
pub use truth::{Truth, TruthError};
