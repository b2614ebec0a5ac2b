//! Progress bars: in go the stages of a run, out come bars on a terminal, and nothing elsewhere; and word of
//! a signal that came.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::exit::Fault;
use super::log::{LogFormat, LogSettings};
use super::signals::Stop;
use crate::progress::Progress;

/// Draws one bar at a time on standard error, if that is a terminal and nothing else is written there.
#[derive(Debug)]
pub(super) struct Bars {
    stop: Stop,
    hidden: bool,
    present: Mutex<Option<ProgressBar>>,
}

impl Bars {
    /// Bars of work that no signal stops by asking.
    pub(super) fn new(log: LogSettings) -> Bars {
        // A bar that nobody sees would still start a thread for each stage.
        let hidden = log.quiet || log.format == LogFormat::Json || !io::stderr().is_terminal();
        Bars { stop: Stop::default(), hidden, present: Mutex::default() }
    }

    /// Bars of work that the next signal stops.
    pub(super) fn until_stopped(log: LogSettings) -> Result<Bars, Fault> {
        let stop = Stop::by_signals().map_err(Fault::Signals)?;
        Ok(Bars { stop, ..Bars::new(log) })
    }

    fn with(&self, work: impl FnOnce(&mut Option<ProgressBar>)) {
        work(&mut self.present.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for Bars {
    fn begin(&self, stage: &str, total: u64) {
        if self.hidden {
            return;
        }
        let (bar, form) = match total {
            0 => (ProgressBar::new_spinner(), "{spinner} {msg} {elapsed}"),
            _ => (ProgressBar::new(total), "{msg:32!} [{bar:30}] {percent:>3}% {eta:>4}"),
        };
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(stage.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        self.with(|present| *present = Some(bar));
    }

    fn advance(&self, done: u64) {
        self.with(|present| {
            if let Some(bar) = present {
                bar.inc(done);
            }
        });
    }

    fn end(&self) {
        self.with(|present| {
            if let Some(bar) = present.take() {
                bar.finish_and_clear();
            }
        });
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_asked()
    }

    fn commit(&self) -> bool {
        self.stop.commit()
    }
}
