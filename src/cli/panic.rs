//! Ends a command that panics as a fault: prints where it panicked, without the panic's own words.
//!
//! Those words can quote data: a message about a slice of a text, for example, has the text in it.

use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use super::exit::FAULT;

/// Runs a command, and ends it as a fault if it panics. Unwinding takes back what it had begun.
pub(super) fn caught(command: impl FnOnce() -> ExitCode) -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or(String::new(), |place| format!(" at {}:{}", place.file(), place.line()));
        let message =
            format!("internal error{place}; its text is not shown, since it may hold personal data; please report it");
        if tracing::dispatcher::has_been_set() {
            tracing::error!("{message}");
        } else {
            let _closed = writeln!(io::stderr(), "flagmatch: {message}");
        }
    }));
    // Unwind-safe: nothing that the command had is used again.
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or(ExitCode::from(FAULT))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rayon::prelude::*;

    use super::*;

    const OTHER_PROCESS: &str = "FLAGMATCH_TEST_PANICS";

    /// The hook applies to the whole process, so this test runs itself again in another process.
    #[test]
    fn a_panic_tells_its_place_and_not_its_words() {
        match std::env::var(OTHER_PROCESS).ok().as_deref() {
            Some("here") => {
                let code = caught(|| panic!("{}", &"Quillfeather é"[..14]));
                std::process::exit(if code == ExitCode::from(FAULT) { 1 } else { 0 });
            }
            Some("on another thread") => {
                let sum = || (0..100).into_par_iter().map(|number| "Quillfeather"[number..].len()).sum::<usize>();
                let code = caught(|| ExitCode::from(sum() as u8));
                std::process::exit(if code == ExitCode::from(FAULT) { 1 } else { 0 });
            }
            _ => {}
        }
        for place in ["here", "on another thread"] {
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "cli::panic::tests::a_panic_tells_its_place_and_not_its_words", "--nocapture"])
                .env(OTHER_PROCESS, place)
                .output()
                .unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{place}: {stderr}");
            assert!(stderr.contains("flagmatch: internal error at "), "{place}: {stderr}");
            assert!(stderr.contains("cli/panic.rs:"), "{place}: {stderr}");
            let stdout = String::from_utf8(output.stdout).unwrap();
            assert!(!stderr.contains("Quill") && !stdout.contains("Quill"), "{place}: {stdout}{stderr}");
        }
    }
}
