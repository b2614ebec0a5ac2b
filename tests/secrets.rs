//! Checks that personal data stay within a run: in its memory, its files and its output folder.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use common::process::{Lease, Running, hand_over, said, unprivileged, wait_for};
use common::{ELSPETH, Folder, HAMISH, OSWALD, customer, has_nothing_planted};

/// A sound job whose last input is under a lease. Once a run wants to open it, all else is in memory.
fn held() -> (Folder, Lease) {
    let folder = Folder::sound();
    let lease = Lease::take(&folder.path("suppliers/south.csv"));
    (folder, lease)
}

/// Whether another process of the same user can read anything from a file.
fn can_read(file: &Path, folder: &Folder) -> bool {
    let mut read = unprivileged("head", folder);
    let output = read.args(["-c", "1"]).arg(file).output().unwrap();
    output.status.success()
}

#[test]
fn no_other_process_of_the_same_user_looks_into_a_run() {
    let (folder, lease) = held();
    let program = hand_over(&folder);
    let mut run = unprivileged(&program, &folder);
    let run = Running::begin(run.args(["run", "job.toml"]));
    lease.wait();

    let other = Running::begin(unprivileged("sleep", &folder).arg("300"));
    // An ordinary process of the same user can be read, so the question can be answered.
    for shown in ["environ", "maps", "auxv"] {
        assert!(can_read(&other.shown(shown), &folder), "{shown} of another");
        assert!(!can_read(&run.shown(shown), &folder), "{shown} of a run");
    }
    // Reading memory needs the right to trace.
    assert!(!can_read(&run.shown("mem"), &folder));
    let limits = fs::read_to_string(run.shown("limits")).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>(), ["0", "0", "bytes"]);
    other.signal("KILL");
    other.end();

    run.signal("KILL");
    run.end();
}

#[test]
fn no_core_is_dumped_though_the_user_allows_it() {
    let folder = Folder::sound();
    let allowed = |command: &str| {
        let mut shell = Command::new("sh");
        shell.current_dir(folder.path(".")).args(["-c", &format!("ulimit -c unlimited; exec {command}")]);
        Running::begin(&mut shell)
    };
    for signal in ["ABRT", "TRAP"] {
        let lease = Lease::take(&folder.path("suppliers/south.csv"));
        let run = allowed(&format!("{} run job.toml", env!("CARGO_BIN_EXE_flagmatch")));
        lease.wait();
        run.signal(signal);
        let (status, said) = run.end();
        assert!(status.code().is_none(), "killed by {signal}: {}", said.stderr);
        assert!(!status.core_dumped(), "{signal}");
        has_nothing_planted(&said.stderr);
    }
    let names = fs::read_dir(folder.path(".")).unwrap().map(|entry| entry.unwrap().file_name());
    let cores: Vec<_> = names.filter(|name| name.to_string_lossy().contains("core")).collect();
    assert!(cores.is_empty(), "{cores:?}");
    assert!(!folder.exists("out/latest"));

    let other = allowed("sleep 300");
    wait_for("sleep to be there", || (fs::read_to_string(other.shown("comm")).unwrap() == "sleep\n").then_some(()));
    other.signal("ABRT");
    if !other.end().0.core_dumped() {
        println!("not told: this machine dumps no core of any process");
    }
}

/// Checks that everything under a folder has a mode for its owner alone.
#[track_caller]
fn is_owners_only(folder: &Folder, name: &str, count: usize) {
    let tree = folder.tree(name);
    assert!(tree.len() >= count, "{tree:?}");
    for path in tree.into_iter().chain([folder.path(name)]).filter(|path| !path.is_symlink()) {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        let mode = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(format!("{mode:o}"), format!("{expected:o}"), "{}", path.display());
    }
}

#[test]
fn every_file_is_its_owners_only_under_the_oddest_mask() {
    for mask in ["0", "0777", "0277", "0577", "022", "0137"] {
        let folder = Folder::sound();
        folder.write("truth.csv", "supplier,customer_ref,eligible\nnorth,REF-1,N\n");
        // This file was there before, readable and writable by all.
        folder.write("before/wrong.csv", "");
        fs::set_permissions(folder.path("before"), PermissionsExt::from_mode(0o700)).unwrap();
        fs::set_permissions(folder.path("before/wrong.csv"), PermissionsExt::from_mode(0o666)).unwrap();
        let recipient = "age1xuhvyzwfqxura8755d2fa24m6syxrvqfeej5vqmgdwgczzuaq35q8dm0hd";
        let job = folder.read("job.toml").replace(
            "files = [\"suppliers/south*.csv\"]",
            &format!("files = [\"suppliers/south*.csv\"]\nage_recipient = \"{recipient}\""),
        );
        folder.job(&format!("{job}\n[signing]\nsecret_key = \"keys/administrator.key\"\n"));
        fs::create_dir(folder.path("keys")).unwrap();
        fs::set_permissions(folder.path("keys"), PermissionsExt::from_mode(0o700)).unwrap();
        let program = hand_over(&folder);
        for command in [
            "keygen --no-passphrase --secret-key keys/administrator.key --public-key administrator.pub",
            "run job.toml",
            "run job.toml",
            "evaluate job.toml --truth truth.csv --list before/wrong.csv",
            "evaluate job.toml --truth truth.csv --list out/wrong.csv",
            "train job.toml --weights out/weights.toml",
            "ledger verify job.toml",
        ] {
            let mut shell = unprivileged("sh", &folder);
            let said = said(shell.args(["-c", &format!("umask {mask}; exec {} {command}", program.display())]));
            assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{command} under {mask}");
        }
        is_owners_only(&folder, "out", 40);
        is_owners_only(&folder, "keys", 1);
        is_owners_only(&folder, "before", 1);
        let public = fs::metadata(folder.path("administrator.pub")).unwrap().permissions().mode() & 0o777;
        assert_eq!(public, 0o644, "suppliers may read it");
    }
}

/// A process that others cannot inspect can still read the passphrase handed to it.
#[test]
fn a_passphrase_is_read_without_privileges() {
    let folder = Folder::sound();
    folder.add_to_job("[signing]\nsecret_key = \"administrator.key\"");
    folder.write("passphrase", "marzipan-Zeppelin 42\n");
    let program = hand_over(&folder);
    for command in ["keygen --passphrase-fd 3 3< passphrase", "run job.toml --passphrase-fd 3 3< passphrase"] {
        let mut shell = unprivileged("sh", &folder);
        let said = said(shell.args(["-c", &format!("exec {} {command}", program.display())]));
        assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{command}");
    }
    let piped = format!("cat passphrase | {} run job.toml --passphrase-fd 0", program.display());
    let said = said(unprivileged("sh", &folder).args(["-c", &piped]));
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(folder.exists("out/current/north/SHA256SUMS.minisig"));
}

/// Everything under a folder, with the bytes of files.
fn contents(folder: &Folder, name: &str) -> Vec<(String, Vec<u8>)> {
    let shown = |path: &Path| if path.is_file() { common::bytes(path) } else { Vec::new() };
    folder.tree(name).iter().map(|path| (path.display().to_string(), shown(path))).collect()
}

#[test]
fn a_link_in_the_output_leads_no_write_out_of_it() {
    for (name, code) in [
        ("latest", 1),
        ("current", 1),
        ("ledger.sqlite", 1),
        (".lock", 1),
        // A killed run may leave these: the link is removed, but not its target.
        (".staging-20250101T000000Z", 0),
        (".link-latest", 0),
        ("20990101T000000Z", 0),
    ] {
        for published in [false, true] {
            let folder = Folder::sound();
            folder.write("elsewhere/kept/file", "kept");
            fs::create_dir(folder.path("elsewhere/empty")).unwrap();
            if published {
                folder.run_well();
            } else {
                fs::create_dir(folder.path("out")).unwrap();
            }
            let place = folder.path(&format!("out/{name}"));
            if place.is_dir() && !place.is_symlink() {
                fs::remove_dir_all(&place).unwrap();
            } else if place.symlink_metadata().is_ok() {
                fs::remove_file(&place).unwrap();
            }
            // The target to which a write through the link would go.
            let target = match name {
                "ledger.sqlite" | ".lock" => "elsewhere/new",
                "current" => "elsewhere/empty",
                _ => "elsewhere/kept",
            };
            symlink(folder.path(target), place).unwrap();
            let before = contents(&folder, "elsewhere");
            let said = folder.run(&[]);
            assert_eq!(said.code, code, "{name}, {published}: {}", said.stderr);
            assert_eq!(contents(&folder, "elsewhere"), before, "{name}, {published}");
            has_nothing_planted(&said.stderr);
        }
    }
}

#[test]
fn no_name_leads_out_of_its_folder() {
    for id in
        ["..", ".", "../north", "north/../south", "/tmp", "a..b", ".hidden", "north/", "nor\\u0000th", "-", "no rth"]
    {
        let folder = Folder::sound();
        folder.job(&folder.read("job.toml").replace("\"north\"", &format!("\"{id}\"")));
        folder.run(&[]).is_fault(2, &["job.toml, line 14"]);
        folder.job(
            &folder
                .read("job.toml")
                .replace(&format!("\"{id}\""), "\"north\"")
                .replace("\"whd\"", &format!("\"{id}\"")),
        );
        folder.run(&[]).is_fault(2, &["job.toml, line 3"]);
        assert!(!folder.exists("out"));
    }
    let folder = Folder::sound();
    for run in ["..", "../../etc", "20261124T021500Z/.."] {
        let arguments = ["verify", "suppliers", "--public-key", "x", "--supplier", "north", "--after", run];
        assert_eq!(folder.flagmatch(&arguments).code, 2, "{run}");
    }
}

/// Every file that a run opens for writing, as seen by the system, is below its output directory.
#[test]
fn nothing_is_written_outside_the_output_folder() {
    let folder = Folder::sound();
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("", &OSWALD)]);
    folder.add_to_job("[intake]\nreject_limit = 0.5");
    folder.run_well();
    let before = contents(&folder, ".");
    fs::create_dir(folder.path("elsewhere")).unwrap();
    let mut command = folder.command(&["run", "job.toml"]);
    for place in ["HOME", "TMPDIR", "TMP", "TEMP", "SQLITE_TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"]
    {
        command.env(place, folder.path("elsewhere"));
    }
    assert!(command.output().unwrap().status.success());
    assert!(folder.tree("elsewhere").is_empty());
    fs::remove_dir(folder.path("elsewhere")).unwrap();
    let outside = |(path, _): &(String, Vec<u8>)| !path.contains("/./out/") && !path.ends_with("/./out");
    let after = contents(&folder, ".");
    assert_eq!(
        after.iter().filter(|found| outside(found)).collect::<Vec<_>>(),
        before.iter().filter(|found| outside(found)).collect::<Vec<_>>()
    );
    assert!(after.len() > before.len());
}
