//! Makes what people read: reports on published runs, explanations, clerical samples, comparisons of two
//! runs, and evaluations against a known truth.

mod administrator;
mod analyst;
mod claim;
mod clerical;
mod clerical_estimate;
mod compare;
mod decisions;
mod deliveries;
mod document;
mod evaluation;
mod evaluation_page;
mod explanation;
mod interval;
mod observation;
mod page;
mod picture;
mod public_record;
mod rate;
mod review_log;
mod reviewed;
mod reviewers;
mod run_data;
mod runs;
mod threshold_curve;
mod truth;
mod words;

pub use administrator::administrator_page;
pub use clerical::{Sample, SampleRow, sample, sample_csv};
pub use clerical_estimate::{BandEstimate, ClericalEvaluation, RecallEstimate, evaluate_clerical};
pub use compare::{AccountStanding, ChangedFlag, Comparison, NotCompared, compare};
pub use evaluation::{Breakdown, Calibration, Evaluation, Misses};
pub(crate) use evaluation::{Judged, evaluate};
pub use interval::Share;
pub(crate) use public_record::{data_share, transparency};
pub(crate) use review_log::{EventKind, LogRow};
pub use reviewers::{Agreement, ReviewerFigures};
pub use run_data::ReportError;
pub use runs::{Format, Report, analyst_page};
pub use threshold_curve::CurvePoint;
pub use truth::{Truth, TruthError};
pub(crate) use words::field as field_in_words;
