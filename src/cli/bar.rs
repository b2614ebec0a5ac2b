//! Draws progress bars on a terminal, and tells the work when a signal asks it to stop.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::exit::Fault;
use super::log::{LogFormat, LogSettings};
use super::signals::Stop;
use crate::progress::Progress;

/// Draws one bar at a time on standard error, if it is a terminal and neither `--quiet` nor a JSON log is
/// asked for.
#[derive(Debug)]
pub(super) struct Bars {
    stop: Stop,
    hidden: bool,
    present: Mutex<Option<ProgressBar>>,
}

impl Bars {
    /// Bars for work that is not asked to stop: a signal ends the process at once.
    pub(super) fn new(log: LogSettings) -> Bars {
        // Even a hidden bar would start a thread for each stage.
        let hidden = log.quiet || log.format == LogFormat::Json || !io::stderr().is_terminal();
        Bars { stop: Stop::default(), hidden, present: Mutex::default() }
    }

    /// Bars for work that the next signal asks to stop.
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
