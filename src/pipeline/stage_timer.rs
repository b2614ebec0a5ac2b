//! Measures the time of each kind of stage, and holds the progress bar.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::pipeline::error::PipelineError;
use crate::progress::Progress;
use crate::release::run_record::StageTime;

/// A kind of stage, in the order of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The published files are compared with their sums.
    CheckPublished,
    /// Objections, decisions, properties and benefit records are read and normalised.
    ReadShared,
    /// Benefit rows are gathered into persons, and claims checked for eligibility.
    Gather,
    /// Names are counted, and the persons' match keys made and indexed.
    Index,
    /// Customer files are read, normalised and matched, in one pass.
    MatchCustomers,
    /// Customer rows are gathered into accounts.
    GatherAccounts,
    /// Accounts are judged.
    Judge,
    /// Holders who do not exist are looked up.
    Decoys,
    /// Rebates are allocated.
    Allocate,
    /// Exact figures are counted.
    Count,
    /// Flags, decisions, review, claims and figures are written.
    Write,
}

impl Stage {
    /// All stages.
    pub const ALL: [Stage; 11] = [
        Stage::CheckPublished,
        Stage::ReadShared,
        Stage::Gather,
        Stage::Index,
        Stage::MatchCustomers,
        Stage::GatherAccounts,
        Stage::Judge,
        Stage::Decoys,
        Stage::Allocate,
        Stage::Count,
        Stage::Write,
    ];

    /// The stage as `run.json` and the ledger name it.
    pub fn code(self) -> &'static str {
        match self {
            Stage::CheckPublished => "check-published",
            Stage::ReadShared => "read-shared",
            Stage::Gather => "gather",
            Stage::Index => "index",
            Stage::MatchCustomers => "match-customers",
            Stage::GatherAccounts => "gather-accounts",
            Stage::Judge => "judge",
            Stage::Decoys => "decoys",
            Stage::Allocate => "allocate",
            Stage::Count => "count",
            Stage::Write => "write",
        }
    }

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
            Stage::Decoys => "look up decoys",
            Stage::Allocate => "allocate rebates",
            Stage::Count => "count figures",
            Stage::Write => "write flags and decisions",
        }
    }
}

/// Measures the stages of a run.
pub(crate) struct StageTimer<'a> {
    progress: &'a dyn Progress,
    times: Mutex<[Duration; Stage::ALL.len()]>,
}

impl<'a> StageTimer<'a> {
    pub(crate) fn new(progress: &'a dyn Progress) -> StageTimer<'a> {
        StageTimer { progress, times: Mutex::default() }
    }

    /// Shows the progress bars.
    pub(crate) fn progress(&self) -> &'a dyn Progress {
        self.progress
    }

    /// Does a piece of work, and adds its time to a stage.
    pub(crate) fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        self.times()[stage as usize] += begun.elapsed();
        done
    }

    /// Writes one log line for each kind of stage. Only once all are done, since a stage runs once for each
    /// supplier.
    pub(crate) fn log_stages(&self) {
        for (stage, time) in Stage::ALL.into_iter().zip(self.stages()) {
            tracing::info!(stage = stage.name(), seconds = time.seconds, "stage done");
        }
    }

    /// Returns an error if the work is to stop.
    pub(crate) fn go_on(&self) -> Result<(), PipelineError> {
        if self.progress.is_stopped() { Err(PipelineError::Stopped) } else { Ok(()) }
    }

    /// The time of each kind of stage so far.
    pub(crate) fn stages(&self) -> Vec<StageTime> {
        let times = self.times();
        Stage::ALL
            .map(|stage| StageTime { stage: stage.code().to_owned(), seconds: times[stage as usize].as_secs_f64() })
            .to_vec()
    }

    fn times(&self) -> std::sync::MutexGuard<'_, [Duration; Stage::ALL.len()]> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
