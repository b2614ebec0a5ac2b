//! What people look at: in go the analyst's files of published runs, out comes a report of them; and in go a
//! matched night and the truth, out come measures of how right it is.

mod administrator;
mod analyst;
mod evaluation;
mod figures;
mod interval;
mod night;
mod observation;
mod page;
mod picture;
mod plain;
mod truth;
mod words;

pub use analyst::{Format, Report, analyst_page};
pub use evaluation::{Breakdown, Calibration, Evaluation, Misses};
pub(crate) use evaluation::{Judged, evaluate};
pub use interval::Share;
pub use night::{Night, ReportError};
pub use truth::{Truth, TruthError};
