//! Kills the program at any instant: the last published run stays whole, and the next run starts clean.
//!
//! The kills are spread evenly over the measured length of a run, each with a seeded offset. The length decides only
//! where a kill falls; the checks hold at any point. A wrong measurement is no failure: the kills go on, with the
//! estimate corrected each time, until enough of them have hit.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{ELSPETH, Folder, HAMISH, bytes, customer};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const KILLS: u32 = 200;

/// The number of kills for commands shorter than a run.
const FEWER_KILLS: u32 = 60;

/// Limits the time on a slow machine, which then makes fewer kills.
const MOST: Duration = Duration::from_secs(75);
const MOST_OF_OTHERS: Duration = Duration::from_secs(25);

/// The instants of the kills, as shares of the command's length. They go beyond the end, where the ledger is written
/// and the process exits, and repeat if more are needed.
fn instants(kills: u32) -> impl Iterator<Item = f64> {
    let mut random = ChaCha8Rng::seed_from_u64(20_261_124);
    let slip = move || f64::from(random.next_u32()) / f64::from(u32::MAX);
    (0..kills).cycle().zip(std::iter::repeat_with(slip)).map(move |(kill, slip)| {
        // 73 has no factor in common with either number of kills, so each instant comes once.
        1.1 * (f64::from(kill * 73 % kills) + slip) / f64::from(kills)
    })
}

/// Starts a command and kills it after a while. Returns false if it had already ended.
fn killed(folder: &Folder, arguments: &[&str], after: Duration) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flagmatch"));
    command.current_dir(folder.path("")).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = command.spawn().unwrap();
    std::thread::sleep(after);
    running.kill().unwrap();
    running.wait().unwrap().code().is_none()
}

/// Corrects the estimated length of a command after a kill that hit (longer) or came too late (shorter).
fn next_length(length: Duration, was_killed: bool) -> Duration {
    length.mul_f64(if was_killed { 1.03 } else { 0.9 })
}

type Runs = BTreeMap<PathBuf, Vec<u8>>;

fn files_of(folder: &Folder, run: &str) -> Runs {
    let files = folder.tree(&format!("out/{run}"));
    files.into_iter().filter(|path| path.is_file()).map(|path| (path.clone(), bytes(&path))).collect()
}

fn latest(folder: &Folder) -> String {
    fs::read_link(folder.path("out/latest")).unwrap().to_str().unwrap().to_owned()
}

fn names(folder: &Folder) -> BTreeSet<String> {
    let entries = fs::read_dir(folder.path("out")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Checks that a run has every file of every supplier, and that the sums hold.
#[track_caller]
fn is_whole(folder: &Folder, run: &str, shape: &BTreeSet<PathBuf>) {
    let root = folder.path(&format!("out/{run}"));
    let files = files_of(folder, run);
    let found: BTreeSet<PathBuf> = files.keys().map(|path| path.strip_prefix(&root).unwrap().to_owned()).collect();
    assert_eq!(&found, shape, "the files of {run}");
    serde_json::from_slice::<serde_json::Value>(&files[&root.join("administrator/run.json")]).unwrap();
    for sums in shape.iter().filter(|path| path.ends_with("SHA256SUMS")) {
        let delivery = root.join(sums).parent().unwrap().to_owned();
        let checked =
            Command::new("sha256sum").args(["--check", "--status", "SHA256SUMS"]).current_dir(delivery).status();
        assert!(checked.unwrap().success(), "{}", sums.display());
    }
}

#[test]
fn a_run_that_is_killed_leaves_the_last_one_whole() {
    let folder = Folder::nation("300", "150", "2");
    let arguments = ["run", "nation/job.toml", "--out", "out", "--threads", "2"];
    let well = || assert!(matches!(folder.flagmatch(&arguments).code, 0 | 4));
    well();
    let first = latest(&folder);
    let root = folder.path(&format!("out/{first}"));
    let shape: BTreeSet<PathBuf> =
        files_of(&folder, &first).keys().map(|path| path.strip_prefix(&root).unwrap().to_owned()).collect();
    let begun = Instant::now();
    well();
    let mut length = begun.elapsed();

    let mut published = latest(&folder);
    let mut files = files_of(&folder, &published);
    let (mut interrupted, mut published_by_killed) = (0, 0);
    let begun = Instant::now();
    for (kill, instant) in (0..).zip(instants(KILLS)) {
        if interrupted >= 20 && (kill >= KILLS || begun.elapsed() > MOST) {
            break;
        }
        let was_killed = killed(&folder, &arguments, length.mul_f64(instant));
        interrupted += u32::from(was_killed);
        length = next_length(length, was_killed);

        let now = latest(&folder);
        let same: Runs = files.keys().map(|path| (path.clone(), bytes(path))).collect();
        assert!(same == files, "a published run changed");
        is_whole(&folder, &now, &shape);
        // A folder that a kill left has the name of a run only if it is a whole run.
        for name in names(&folder).into_iter().filter(|name| name.starts_with("20") && *name > now) {
            is_whole(&folder, &name, &shape);
        }
        for supplier in fs::read_dir(folder.path("out/current")).unwrap() {
            let delivery = fs::canonicalize(supplier.unwrap().path()).unwrap();
            assert!(delivery.join("SHA256SUMS").exists());
            assert!(delivery.starts_with(fs::canonicalize(folder.path("out/latest")).unwrap()), "all of one run");
        }
        if now != published {
            published_by_killed += u32::from(was_killed);
            files = files_of(&folder, &now);
            published = now;
        }
        if kill % 10 == 9 {
            well();
            published = latest(&folder);
            files = files_of(&folder, &published);
            let said = folder.flagmatch(&["ledger", "verify", "out"]);
            assert_eq!(said.code, 0, "{}", said.stderr);
            let litter: Vec<String> = names(&folder).into_iter().filter(|name| !name.starts_with("20")).collect();
            assert_eq!(litter, [".lock", "current", "latest", "ledger.sqlite"]);
            // Only staff remove old runs. They would make every check here longer.
            keep_newest(&folder);
        }
    }
    println!("{interrupted} killed, {published_by_killed} of them after the switch of latest");
}

/// Removes all runs but the newest, to which every supplier's `current` must point.
#[track_caller]
fn keep_newest(folder: &Folder) {
    let newest = latest(folder);
    for link in fs::read_dir(folder.path("out/current")).unwrap() {
        let target = fs::read_link(link.unwrap().path()).unwrap();
        assert!(target.starts_with(format!("../../{newest}")), "{}", target.display());
    }
    for name in names(folder).into_iter().filter(|name| name.starts_with("20") && *name != newest) {
        fs::remove_dir_all(folder.path(&format!("out/{name}"))).unwrap();
    }
}

/// Puts a copy of the output back.
fn put_back(folder: &Folder, name: &str) {
    fs::remove_dir_all(folder.path("out")).unwrap();
    copy(folder, name, "out");
}

fn copy(folder: &Folder, from: &str, to: &str) {
    let copied = Command::new("cp").arg("-a").arg(folder.path(from)).arg(folder.path(to)).status();
    assert!(copied.unwrap().success());
}

/// A release by hand that is killed has released everything or nothing, and can be finished then.
#[test]
fn a_release_by_hand_that_is_killed_is_out_or_is_not() {
    let folder = Folder::sound();
    folder.add_to_job("[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    folder.run_well();
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), customer("REF-4", &HAMISH)]);
    assert_eq!(folder.run(&[]).code, 4);
    let held = latest(&folder);
    let run = format!("out/{held}");
    let arguments = ["release", &run, "--supplier", "north", "--reason", "they telephoned"];
    copy(&folder, "out", "before");
    let begun = Instant::now();
    assert_eq!(folder.flagmatch(&arguments).code, 0);
    let mut length = begun.elapsed();
    let released = latest(&folder);
    let root = folder.path(&format!("out/{released}"));
    let shape: BTreeSet<PathBuf> =
        files_of(&folder, &released).keys().map(|path| path.strip_prefix(&root).unwrap().to_owned()).collect();

    let (mut interrupted, mut out, mut not_out) = (0, 0, 0);
    let begun = Instant::now();
    for (kill, instant) in (0..).zip(instants(FEWER_KILLS)) {
        let enough = interrupted >= 10 && not_out >= 5;
        if enough && (kill >= FEWER_KILLS || begun.elapsed() > MOST_OF_OTHERS) {
            break;
        }
        put_back(&folder, "before");
        let before = files_of(&folder, &held);
        let was_killed = killed(&folder, &arguments, length.mul_f64(instant));
        interrupted += u32::from(was_killed);
        length = next_length(length, was_killed);
        assert!(files_of(&folder, &held) == before, "a published run changed");
        let is_out = latest(&folder) != held;
        if is_out {
            is_whole(&folder, &latest(&folder), &shape);
            out += 1;
        } else {
            assert_eq!(folder.flags("north", "whd").len(), 2, "what it had");
            not_out += 1;
        }
        // The release is repeated. It succeeds unless the delivery is already out.
        let said = folder.flagmatch(&arguments);
        assert_eq!(said.code, if is_out { 3 } else { 0 }, "{}", said.stderr);
        assert_eq!(folder.flags("north", "whd").len(), 3);
        let said = folder.flagmatch(&["ledger", "verify", "out"]);
        assert_eq!(said.code, 0, "{}", said.stderr);
        let litter: Vec<String> = names(&folder).into_iter().filter(|name| !name.starts_with("20")).collect();
        // The run that quarantined the delivery left a notice.
        assert_eq!(litter, [".lock", "current", "latest", "ledger.sqlite", "notices"]);
    }
    println!("{interrupted} killed, {out} out, {not_out} not out");
}

/// A purge that is killed leaves each file as it was or as it should be, and the next purge finishes it.
#[test]
fn a_purge_that_is_killed_is_finished_by_the_next() {
    let folder = Folder::nation("300", "150", "2");
    let job = "nation/job.toml";
    let text = folder.read(job);
    folder.write(
        job,
        format!(
            "{}\n[gates]\nunchanged_days = 36600\n",
            text.replacen("[[scheme.group]]", "retention_days = 30\n[[scheme.group]]", 1)
        ),
    );
    let run = ["run", job, "--out", "out"];
    let night = || {
        let said = folder.flagmatch(&run);
        assert!(matches!(said.code, 0 | 4), "{}", said.stderr);
    };
    night();
    // The run gets a date of an earlier year, and the ledger is rebuilt from it.
    let (made, old) = (latest(&folder), "20200101T020000Z");
    fs::rename(folder.path(&format!("out/{made}")), folder.path(&format!("out/{old}"))).unwrap();
    for link in folder.tree("out").into_iter().filter(|path| path.is_symlink()) {
        let target = fs::read_link(&link).unwrap().to_str().unwrap().replace(&made, old);
        fs::remove_file(&link).unwrap();
        symlink(target, link).unwrap();
    }
    fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
    night();
    let newest = latest(&folder);
    let purge = ["purge", job, "--out", "out"];
    copy(&folder, "out", "before");
    let of_old = |folder: &Folder| files_of(folder, old);
    let before = of_old(&folder);
    let kept = files_of(&folder, &newest);
    let begun = Instant::now();
    let said = folder.flagmatch(&purge);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let mut length = begun.elapsed();
    let after = of_old(&folder);
    assert!(after.len() < before.len(), "something is past");

    let (mut interrupted, mut half_done) = (0, 0);
    let begun = Instant::now();
    for (kill, instant) in (0..).zip(instants(FEWER_KILLS)) {
        if interrupted >= 10 && (kill >= FEWER_KILLS || begun.elapsed() > MOST_OF_OTHERS) {
            break;
        }
        put_back(&folder, "before");
        let was_killed = killed(&folder, &purge, length.mul_f64(instant));
        interrupted += u32::from(was_killed);
        length = next_length(length, was_killed);
        let now = of_old(&folder);
        half_done += u32::from(now != before && now != after);
        for (path, bytes) in &now {
            let is_part = path.file_name().unwrap().to_str().unwrap().starts_with(".purged-");
            let is_known = before.get(path) == Some(bytes) || after.get(path) == Some(bytes);
            assert!(is_part || is_known, "{}", path.display());
        }
        assert!(after.keys().all(|path| now.contains_key(path)), "what stays is there");
        assert!(files_of(&folder, &newest) == kept, "a run that is not past changed");
        let said = folder.flagmatch(&[&run[..], &["--dry-run"]].concat());
        assert!(matches!(said.code, 0 | 4), "a run takes what is half purged: {}", said.stderr);
        let said = folder.flagmatch(&purge);
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(of_old(&folder) == after, "the next one finishes it");
        let said = folder.flagmatch(&["ledger", "verify", "out"]);
        assert_eq!(said.code, 0, "{}", said.stderr);
    }
    println!("{interrupted} killed, {half_done} of them half done");
}
