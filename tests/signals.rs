//! Checks that a command stops when asked to: nothing is published, and the exit code says that it failed.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::process::{Lease, Running, hold_delivery};
use common::{Folder, bytes};
use flagmatch::job::Job;
use flagmatch::pipeline::{self, Options, PipelineError};
use flagmatch::progress::Progress;

/// A sound job with a published run, whose last input is under a lease from then on.
fn held() -> (Folder, Lease, Vec<u8>) {
    let folder = Folder::sound();
    folder.write("truth.csv", "supplier,customer_ref,eligible\nnorth,REF-1,Y\n");
    folder.run_well();
    let south = folder.path("suppliers/south.csv");
    let rows = bytes(&south);
    (folder, Lease::take(&south), rows)
}

/// The files of the published run with their bytes.
fn published(folder: &Folder) -> Vec<(PathBuf, Vec<u8>)> {
    let latest = fs::read_link(folder.path("out/latest")).unwrap();
    let tree = folder.tree(&format!("out/{}", latest.display())).into_iter();
    let files = tree.chain(folder.tree("out/current/")).filter(|path| path.is_file());
    files.map(|path| (path.clone(), bytes(&path))).collect()
}

fn staging(folder: &Folder) -> bool {
    folder.tree("out").iter().any(|path| path.display().to_string().contains(".staging-"))
}

/// Checks that the next run works, and that nothing of the stopped run is left.
#[track_caller]
fn goes_on(folder: &Folder, rows: &[u8]) {
    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    folder.write("suppliers/south.csv", rows);
    folder.run_well();
    assert!(!staging(folder));
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
}

/// The program ends a run that does not stop by itself within a moment. That may happen on a busy machine, so the test
/// tries again then.
#[test]
fn a_run_that_reads_stops_and_takes_back_what_it_had_begun() {
    for signal in ["TERM", "INT", "HUP"] {
        let stopped = (0..5).any(|_| stops_by_itself(signal));
        assert!(stopped, "{signal} never stops a run before it is ended");
    }
}

/// Sends a signal to a run that reads. Returns false if the run was ended and did not stop by itself.
fn stops_by_itself(signal: &str) -> bool {
    let (folder, lease, rows) = held();
    let before = published(&folder);
    // Undo an ignored hang-up, in case `nohup` started the tests.
    let mut heard = Command::new("env");
    let heard = heard.args(["--default-signal=HUP", env!("CARGO_BIN_EXE_flagmatch"), "run", "job.toml"]);
    let run = Running::begin(heard.current_dir(folder.path(".")));
    lease.wait();
    assert!(staging(&folder), "the run is at work");
    // The signal comes while the run waits for the file or reads it, which would go on for minutes.
    lease.end_without_end();
    run.signal(signal);
    let (_, said) = run.end();
    assert_eq!(published(&folder), before);
    if said.stderr.contains("in the middle of a long step") {
        return false;
    }
    said.is_fault(1, &["stopped by a signal; nothing was published"]);
    assert!(!staging(&folder));
    goes_on(&folder, &rows);
    true
}

#[test]
fn a_run_that_is_in_the_middle_of_something_is_gone_soon() {
    // The command waits for an input.
    let (folder, lease, rows) = held();
    let before = published(&folder);
    let run = Running::flagmatch(&folder, &["run", "job.toml"]);
    lease.wait();
    run.signal("TERM");
    let (_, said) = run.end();
    drop(lease);
    said.is_fault(1, &["stopped by a signal", "nothing was published"]);
    assert_eq!(published(&folder), before);
    goes_on(&folder, &rows);

    // The command writes the suppliers' files.
    let folder = Folder::sound();
    folder.run_well();
    let before = published(&folder);
    let delivery = hold_delivery(&folder, "south");
    let run = Running::flagmatch(&folder, &["run", "job.toml"]);
    let held = delivery.reached();
    run.signal("TERM");
    let (_, said) = run.end();
    drop(held);
    said.is_fault(1, &["stopped by a signal", "nothing was published"]);
    assert_eq!(published(&folder), before);
    let rows = bytes(&folder.path("suppliers/south.csv"));
    goes_on(&folder, &rows);
}

/// Asks to stop at the very last question, and not before.
struct AtTheLastInstant;

impl Progress for AtTheLastInstant {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
    fn commit(&self) -> bool {
        false
    }
}

#[test]
fn a_run_that_is_stopped_right_before_its_publication_publishes_nothing() {
    let folder = Folder::sound();
    folder.run_well();
    let before = published(&folder);
    let job = Job::read(&folder.path("job.toml")).unwrap();
    let stopped = pipeline::run(&job, &Options::default(), &AtTheLastInstant);
    assert!(matches!(stopped, Err(PipelineError::Stopped)));
    assert_eq!(published(&folder), before);
    assert!(!staging(&folder));
}

/// `nohup` starts commands like this; they are to go on when their terminal is gone.
#[test]
fn a_hang_up_that_was_ignored_from_the_beginning_stops_nothing() {
    let folder = Folder::sound();
    folder.run_well();
    let before = fs::read_link(folder.path("out/latest")).unwrap();
    let delivery = hold_delivery(&folder, "south");
    let mut shell = Command::new("sh");
    let deaf = "trap '' HUP; exec \"$0\" run job.toml";
    let shell = shell.current_dir(folder.path(".")).args(["-c", deaf, env!("CARGO_BIN_EXE_flagmatch")]);
    let run = Running::begin(shell);
    let held = delivery.reached();
    // The system still ignores the signal for this process, so the test need not wait for an effect.
    let status = fs::read_to_string(run.shown("status")).unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:\t")).unwrap();
    const HANG_UP: u64 = 1;
    assert_eq!(u64::from_str_radix(ignored, 16).unwrap() & HANG_UP, HANG_UP, "{status}");
    run.signal("HUP");
    drop(held);
    let (_, said) = run.end();
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert_ne!(fs::read_link(folder.path("out/latest")).unwrap(), before);
}

#[test]
fn commands_that_only_read_stop_too() {
    for arguments in [
        &["check", "job.toml"][..],
        &["run", "job.toml", "--dry-run"],
        &["evaluate", "job.toml", "--truth", "truth.csv"],
        &["train", "job.toml"],
    ] {
        let (folder, lease, _) = held();
        let before = folder.tree(".");
        let command = Running::flagmatch(&folder, arguments);
        lease.wait();
        lease.end_without_end();
        command.signal("TERM");
        let (_, said) = command.end();
        said.is_fault(1, &["stopped by a signal"]);
        assert_eq!(said.stdout, "", "{arguments:?}");
        assert_eq!(folder.tree("."), before);
    }
}
