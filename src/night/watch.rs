//! Where a night's time goes: in go stages as they begin and end, out come the bar on a terminal and the
//! seconds that each kind of stage took.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::error::NightError;
use crate::progress::Progress;

/// A kind of stage, in the order of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// What is published is compared with its sums.
    CheckPublished,
    /// Objections, decisions, properties and benefit records are read and normalised.
    ReadShared,
    /// Benefit rows are gathered into persons, and claims looked at.
    Gather,
    /// Names are counted, and the persons' match keys made and indexed.
    Index,
    /// Customer files are read, normalised and matched, in one pass.
    MatchCustomers,
    /// Customer rows are gathered into accounts.
    GatherAccounts,
    /// Accounts are judged.
    Judge,
    /// Accounts are settled against each other.
    Settle,
    /// Flags, decisions, review and claims are written.
    Write,
    /// The inputs' sums are taken.
    SumInputs,
}

impl Stage {
    /// All stages.
    pub const ALL: [Stage; 10] = [
        Stage::CheckPublished,
        Stage::ReadShared,
        Stage::Gather,
        Stage::Index,
        Stage::MatchCustomers,
        Stage::GatherAccounts,
        Stage::Judge,
        Stage::Settle,
        Stage::Write,
        Stage::SumInputs,
    ];

    /// The stage in words.
    pub fn name(self) -> &'static str {
        match self {
            Stage::CheckPublished => "check the last run",
            Stage::ReadShared => "read benefits and other shared inputs",
            Stage::Gather => "gather persons and claims",
            Stage::Index => "count names, make and index keys",
            Stage::MatchCustomers => "read and match customers",
            Stage::GatherAccounts => "gather accounts",
            Stage::Judge => "judge accounts",
            Stage::Settle => "settle accounts",
            Stage::Write => "write flags and decisions",
            Stage::SumInputs => "sum the inputs",
        }
    }
}

/// What one kind of stage took.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct StageTime {
    /// The stage.
    pub stage: Stage,
    /// Seconds by the clock on the wall, over all stages of the kind.
    pub seconds: f64,
}

/// Watches a night.
pub(crate) struct Watch<'a> {
    progress: &'a dyn Progress,
    times: Mutex<[Duration; Stage::ALL.len()]>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(progress: &'a dyn Progress) -> Watch<'a> {
        Watch { progress, times: Mutex::default() }
    }

    /// Who sees the bars.
    pub(crate) fn progress(&self) -> &'a dyn Progress {
        self.progress
    }

    /// Does a piece of work that belongs to a stage.
    pub(crate) fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        self.times()[stage as usize] += begun.elapsed();
        done
    }

    /// Writes one line a stage to the log, once all stages are done: a stage is gone through once a supplier.
    pub(crate) fn log_stages(&self) {
        for StageTime { stage, seconds } in self.stages() {
            tracing::info!(stage = stage.name(), seconds, "stage done");
        }
    }

    /// Goes no further if the work is to stop.
    pub(crate) fn go_on(&self) -> Result<(), NightError> {
        if self.progress.is_stopped() { Err(NightError::Stopped) } else { Ok(()) }
    }

    /// What each stage took until now.
    pub(crate) fn stages(&self) -> Vec<StageTime> {
        let times = self.times();
        Stage::ALL.map(|stage| StageTime { stage, seconds: times[stage as usize].as_secs_f64() }).to_vec()
    }

    fn times(&self) -> std::sync::MutexGuard<'_, [Duration; Stage::ALL.len()]> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
