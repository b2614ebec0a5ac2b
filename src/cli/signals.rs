//! Stops a command on SIGTERM, SIGINT or SIGHUP: the work stops by itself, or the process ends soon after.
//!
//! Between chunks, the work checks whether it should stop, and then takes back what it had begun. If it is
//! busy with one long step (an index, a disk that is slow to make a file durable) or waits for an input, the
//! process ends without it after a moment. A run that is killed at any instant publishes nothing, and the
//! next run clears away what is left. A publication that has begun is finished.

use std::fs;
use std::io;
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use super::exit::FAULT;

/// How long the work may take to stop by itself.
const PATIENCE: Duration = Duration::from_millis(1500);

const RUNNING: u8 = 0;
const STOPPED: u8 = 1;
const COMMITTED: u8 = 2;

/// Whether the work should stop. Once it is stopped or committed, it stays so.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Arc<AtomicU8>);

impl Stop {
    /// A stop that the next signal requests.
    pub(super) fn by_signals() -> io::Result<Stop> {
        // SIGXFSZ would end the process without a word. With a handler, a file beyond the system's size limit
        // is a write error, which is reported.
        signal_hook::flag::register(SIGXFSZ, Arc::default())?;
        let stop = Stop::default();
        let mut signals = Signals::new([SIGTERM, SIGINT])?;
        if !is_ignored(SIGHUP) {
            signals.add_signal(SIGHUP)?;
        }
        let asked = stop.clone();
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for _signal in signals.forever() {
                if !asked.ask() {
                    tracing::warn!("a signal came while the run is being published, which is finished first");
                    continue;
                }
                thread::sleep(PATIENCE);
                tracing::error!(
                    "stopped by a signal in the middle of a long step; nothing was published, and the next run clears away what is left"
                );
                exit(i32::from(FAULT));
            }
        })?;
        Ok(stop)
    }

    /// Requests the stop; false if it is too late.
    fn ask(&self) -> bool {
        self.turn(STOPPED)
    }

    /// Whether the work should stop.
    pub(super) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Acquire) == STOPPED
    }

    /// Begins what cannot be undone; false if a stop was requested before.
    pub(super) fn commit(&self) -> bool {
        self.turn(COMMITTED)
    }

    fn turn(&self, to: u8) -> bool {
        let before = self.0.compare_exchange(RUNNING, to, Ordering::AcqRel, Ordering::Acquire);
        before.is_ok() || before == Err(to)
    }
}

/// Whether the process began with this signal ignored. It must stay ignored: `nohup` lets a command outlive
/// its terminal. False if the system does not say.
fn is_ignored(signal: i32) -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| is_among_ignored(signal, &status))
}

/// Whether the text of `/proc/self/status` lists the signal as ignored.
fn is_among_ignored(signal: i32, status: &str) -> bool {
    let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let set = set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
    set.is_some_and(|set| set >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_told_by_the_system() {
        for (status, is_ignored) in [
            (
                "Name:\tflagmatch\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000000\n",
                true,
            ),
            ("SigIgn:\t0000000000001000\nSigCgt:\t0000000000000001\n", false),
            ("SigIgn:\tno number\n", false),
            ("", false),
        ] {
            assert_eq!(is_among_ignored(SIGHUP, status), is_ignored, "{status}");
        }
    }

    #[test]
    fn work_is_either_stopped_or_committed() {
        let stop = Stop::default();
        assert!(!stop.is_asked());
        assert!(stop.ask() && stop.ask() && stop.is_asked());
        assert!(!stop.commit() && stop.is_asked());

        let committed = Stop::default();
        assert!(committed.commit() && committed.commit());
        assert!(!committed.ask() && !committed.is_asked());
    }
}
