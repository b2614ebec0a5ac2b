//! Killed at any instant: the last published run stays whole, and the next run starts clean.
//!
//! Kills are spread evenly over the length of a run, measured first, with a seeded slip to each. How
//! long a run takes decides where a kill falls, and nothing else: what has to hold holds wherever.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Folder, bytes};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const KILLS: u32 = 200;

/// A slow machine kills less often rather than long.
const MOST: Duration = Duration::from_secs(75);

/// The published runs' files with their bytes.
type Runs = BTreeMap<PathBuf, Vec<u8>>;

fn files_of(folder: &Folder, run: &str) -> Runs {
    let files = folder.tree(&format!("out/{run}"));
    files.into_iter().filter(|path| path.is_file()).map(|path| (path.clone(), bytes(&path))).collect()
}

fn latest(folder: &Folder) -> String {
    fs::read_link(folder.path("out/latest")).unwrap().to_str().unwrap().to_owned()
}

/// The names in the output directory.
fn names(folder: &Folder) -> BTreeSet<String> {
    let entries = fs::read_dir(folder.path("out")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Everything that a run has, of every supplier, with sums that hold.
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
    let length = begun.elapsed();

    let mut random = ChaCha8Rng::seed_from_u64(20_261_124);
    let mut published = latest(&folder);
    let mut files = files_of(&folder, &published);
    let (mut interrupted, mut published_by_killed) = (0, 0);
    let begun = Instant::now();
    for kill in 0..KILLS {
        if begun.elapsed() > MOST {
            break;
        }
        // Beyond the end too, where the ledger is written and the process goes.
        let share =
            (f64::from(kill * 73 % KILLS) + f64::from(random.next_u32()) / f64::from(u32::MAX)) / f64::from(KILLS);
        let mut run = Command::new(env!("CARGO_BIN_EXE_flagmatch"));
        run.current_dir(folder.path("")).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        let mut run = run.spawn().unwrap();
        std::thread::sleep(length.mul_f64(share * 1.1));
        run.kill().unwrap();
        let status = run.wait().unwrap();
        interrupted += u32::from(status.code().is_none());

        let now = latest(&folder);
        let same: Runs = files.keys().map(|path| (path.clone(), bytes(path))).collect();
        assert!(same == files, "a published run changed");
        is_whole(&folder, &now, &shape);
        // Of what the kill left, nothing bears the name of a published thing but a run that is whole.
        for name in names(&folder).into_iter().filter(|name| name.starts_with("20") && *name > now) {
            is_whole(&folder, &name, &shape);
        }
        for supplier in fs::read_dir(folder.path("out/current")).unwrap() {
            assert!(supplier.unwrap().path().join("SHA256SUMS").exists());
        }
        if now != published {
            published_by_killed += u32::from(status.code().is_none());
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
            // Old runs are somebody's to remove; here they would only make each check longer.
            keep_newest(&folder);
        }
    }
    println!("{interrupted} killed of {KILLS}, {published_by_killed} of them after the switch of latest");
    assert!(interrupted >= 20, "only {interrupted} runs were killed before they ended");
}

/// All ran well since the newest run: each supplier's `current` points to it.
#[track_caller]
fn keep_newest(folder: &Folder) {
    let newest = latest(folder);
    for link in fs::read_dir(folder.path("out/current")).unwrap() {
        let target = fs::read_link(link.unwrap().path()).unwrap();
        assert!(target.starts_with(format!("../{newest}")), "{}", target.display());
    }
    for name in names(folder).into_iter().filter(|name| name.starts_with("20") && *name != newest) {
        fs::remove_dir_all(folder.path(&format!("out/{name}"))).unwrap();
    }
}
