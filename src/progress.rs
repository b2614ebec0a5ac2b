//! What a long piece of work tells whoever watches it, and what it asks: in go counts of work done, out
//! comes a bar on a terminal, or nothing; and whether the work is to stop.

/// Watches the stages of a run. The command line draws bars; a library user may ignore them.
pub trait Progress: Sync {
    /// A stage begins that is `total` units long (bytes, rows); 0 where that is not known.
    fn begin(&self, stage: &str, total: u64);
    /// `done` more units of the present stage are finished. Called from any thread.
    fn advance(&self, done: u64);
    /// The present stage is finished.
    fn end(&self);

    /// Whether the work is to stop, which it then does as soon as it can. Called from any thread.
    fn is_stopped(&self) -> bool {
        false
    }

    /// What cannot be undone is about to begin: the publication of a run. False if the work is to stop
    /// instead. After true it is finished, and is never to stop.
    fn commit(&self) -> bool {
        !self.is_stopped()
    }
}

/// Watches nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _stage: &str, _total: u64) {}
    fn advance(&self, _done: u64) {}
    fn end(&self) {}
}
