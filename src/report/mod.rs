//! What people look at: in go the analyst's files of published runs, out comes a report of them; in goes a
//! run's folder, out come a clerical sample or what changed since another run; and in go a matched night
//! and the truth, out come measures of how right it is.

mod administrator;
mod analyst;
mod claim;
mod clerical;
mod compare;
mod decisions;
mod deliveries;
mod evaluation;
mod evaluation_page;
mod explanation;
mod figures;
mod gate;
mod interval;
mod night;
mod observation;
mod page;
mod picture;
mod plain;
mod threshold_curve;
mod truth;
mod words;

pub use analyst::{Format, Report, analyst_page};
pub use clerical::{BandEstimate, ClericalEvaluation, Sample, SampleRow, evaluate_clerical, sample, sample_csv};
pub use compare::{AccountStanding, ChangedFlag, Comparison, NotCompared, compare};
pub use evaluation::{Breakdown, Calibration, Evaluation, Misses};
pub(crate) use evaluation::{Judged, evaluate};
pub use interval::Share;
pub use night::{Night, ReportError};
pub use threshold_curve::CurvePoint;
pub use truth::{Truth, TruthError};
