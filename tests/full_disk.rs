//! Checks that what is published is whole wherever the disk fills up, and whichever other process works there.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::process::{Running, hold_delivery, said, wait_for_the_rest};
use common::{Folder, Said, bytes};
use needs::tests;

tests! {
    wherever_a_write_fails_nothing_is_published_and_nothing_is_lost;
    a_full_disk_is_named_and_what_was_published_stays needs MOUNT;
    a_summary_that_cannot_be_written_says_that_the_run_is_published;
    a_second_run_says_who_holds_the_output_and_leaves_it_alone;
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_flagmatch");

/// Runs a shell command that ends in running the job.
fn shell(folder: &Folder, command: &str) -> Said {
    said(Command::new("sh").current_dir(folder.path(".")).args(["-c", command]).arg(PROGRAM))
}

fn latest(folder: &Folder) -> PathBuf {
    fs::read_link(folder.path("out/latest")).unwrap()
}

/// All published files with their bytes.
fn published(folder: &Folder) -> Vec<(PathBuf, Vec<u8>)> {
    let files = folder.tree(&format!("out/{}", latest(folder).display())).into_iter().filter(|path| path.is_file());
    files.map(|path| (path.clone(), bytes(&path))).collect()
}

fn are_sums_right(folder: &Folder) -> bool {
    let deliveries = fs::read_dir(folder.path("out/latest/suppliers")).unwrap();
    deliveries.into_iter().all(|delivery| {
        let mut check = Command::new("sha256sum");
        check.args(["--check", "--status", "SHA256SUMS"]).current_dir(delivery.unwrap().path());
        check.status().unwrap().success()
    })
}

/// Limits the length of a file, from nothing to more than a run needs. The limit of the process needs no privileges,
/// and fails writes where a full disk would fail them.
fn wherever_a_write_fails_nothing_is_published_and_nothing_is_lost() {
    let folder = Folder::nation("1200", "400", "2");
    let command = |blocks: u32| format!("ulimit -f {blocks}; exec \"$0\" run nation/job.toml --out out");
    let well = |said: &Said| matches!(said.code, 0 | 4);
    let unlimited = shell(&folder, "exec \"$0\" run nation/job.toml --out out");
    assert!(well(&unlimited), "{}", unlimited.stderr);
    let (mut failed_at, mut went_well) = (BTreeSet::new(), 0);
    // The unit is half a kilobyte.
    for blocks in (0..24).chain((24..1_600).step_by(64)) {
        let before = (latest(&folder), published(&folder));
        let said = shell(&folder, &command(blocks));
        if well(&said) {
            went_well += 1;
            assert_ne!(latest(&folder), before.0);
        } else {
            said.is_fault(1, &["out"]);
            let file = said.stderr.split(": ").nth(1).unwrap();
            let name = file.rsplit('/').next().unwrap().to_owned();
            failed_at.insert(if name.starts_with(".staging-") { ".staging".to_owned() } else { name });
            assert!(
                ["File too large", "disk I/O error", "database or disk is full"]
                    .iter()
                    .any(|why| said.stderr.contains(why)),
                "{}",
                said.stderr
            );
            assert_eq!((latest(&folder), published(&folder)), before);
        }
        assert!(are_sums_right(&folder));
        assert!(!folder.tree("out").iter().any(|path| path.display().to_string().contains(".staging-")));
    }
    assert!(went_well > 0 && failed_at.len() >= 3, "{failed_at:?}, {went_well}");
    assert!(well(&shell(&folder, "exec \"$0\" run nation/job.toml --out out")));
    let verified = folder.flagmatch(&["ledger", "verify", "out"]);
    assert_eq!(verified.code, 0, "{}", verified.stderr);
}

/// Uses a disk that is really full.
fn a_full_disk_is_named_and_what_was_published_stays() {
    let folder = Folder::nation("1200", "400", "2");
    fs::create_dir(folder.path("disk")).unwrap();
    // Runs fill the disk until one fails. The shell checks what is left, since only its namespace sees the disk.
    let script = "mount -t tmpfs -o size=2m,mode=0700 none disk || exit 99
        while \"$0\" run nation/job.toml --out disk/out > said 2>&1 || [ $? -eq 4 ]; do readlink disk/out/latest > last; done
        for delivery in disk/out/latest/suppliers/*/; do (cd \"$delivery\" && sha256sum --check --status SHA256SUMS) || exit 98; done
        [ \"$(readlink disk/out/latest)\" = \"$(cat last)\" ] || exit 97
        ls -A disk/out | grep staging && exit 96
        exit 0";
    let output = Command::new("unshare")
        .current_dir(folder.path("."))
        .args(["--mount", "--map-root-user", "sh", "-c", script, PROGRAM])
        .output()
        .unwrap();
    let said = folder.read("said");
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let faults: Vec<&str> = said.lines().filter(|line| !common::is_log(line)).collect();
    assert_eq!(faults.len(), 1, "{said}");
    assert!(faults[0].contains("No space left on device") || faults[0].contains("disk is full"), "{said}");
    assert!(faults[0].starts_with("flagmatch: disk/out"), "{said}");
}

fn a_summary_that_cannot_be_written_says_that_the_run_is_published() {
    let folder = Folder::sound();
    for arguments in ["", "--json"] {
        let said = shell(&folder, &format!("exec \"$0\" run job.toml {arguments} > /dev/full"));
        let run = latest(&folder);
        said.is_fault(1, &[&format!("the run {} is published", run.display()), "No space left on device"]);
        assert!(are_sums_right(&folder));
    }
    shell(&folder, "exec \"$0\" check job.toml > /dev/full").is_fault(1, &["cannot be written", "No space left"]);
}

fn a_second_run_says_who_holds_the_output_and_leaves_it_alone() {
    let folder = Folder::sound();
    folder.run_well();
    let published = latest(&folder);
    let delivery = hold_delivery(&folder, "south");
    let first = Running::flagmatch(&folder, &["run", "job.toml"]);
    let held = delivery.reached();
    wait_for_the_rest(&folder);

    let before = folder.tree("out");
    let holder = format!("another run holds this output directory (process {})", first.id());
    for _ in 0..3 {
        folder.run(&[]).is_fault(1, &[&holder]);
    }
    assert_eq!(folder.tree("out"), before);
    assert_eq!(latest(&folder), published);
    // A run into another directory still works.
    assert_eq!(folder.run(&["--out", "elsewhere"]).code, 0);

    drop(held);
    let (_, said) = first.end();
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert_ne!(latest(&folder), published);
    assert!(are_sums_right(&folder));
    folder.run_well();
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
}
