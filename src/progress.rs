//! Lets a caller watch a long piece of work, and stop it.

/// Watches the stages of a run. The command line draws bars; a library user may ignore them.
pub trait Progress: Sync {
    /// A stage of `total` units (bytes, rows) begins; 0 if the number is not known.
    fn begin(&self, stage: &str, total: u64);
    /// `done` more units of the present stage are finished. Called from any thread.
    fn advance(&self, done: u64);
    /// The present stage is finished.
    fn end(&self);

    /// Whether the work should stop, which it then does as soon as it can. Called from any thread.
    fn is_stopped(&self) -> bool {
        false
    }

    /// Called right before the publication of a run, which cannot be undone. False if the work should stop
    /// instead. After true the run finishes, and must not be stopped any more.
    fn commit(&self) -> bool {
        !self.is_stopped()
    }
}

/// Ignores all progress, and never stops the work.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _stage: &str, _total: u64) {}
    fn advance(&self, _done: u64) {}
    fn end(&self) {}
}
