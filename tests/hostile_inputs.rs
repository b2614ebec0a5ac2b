//! Checks inputs that cannot be read, that change while they are read, or that were made to fill the memory. Each gives
//! a clear error or a listed row, memory stays bounded, and no other data is lost.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use common::process::{Lease, Running, hand_over, said, unprivileged};
use common::{BENEFIT, CUSTOMER, ELSPETH, Folder, HAMISH, OSWALD, PRUNELLA, Said, award, csv, customer};
use flagmatch::intake::{self, Column, ColumnMap, Consumer, Faults, IntakeError, ReadSettings, Row};
use flagmatch::progress::{Progress, Unwatched};

/// A run of a user without privileges, for whom the permissions in the folder count.
fn run_unprivileged(folder: &Folder) -> Said {
    let program = hand_over(folder);
    said(unprivileged(program, folder).args(["run", "job.toml"]))
}

fn forbid(folder: &Folder, name: &str, mode: u32) {
    fs::set_permissions(folder.path(name), PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn an_input_that_may_not_be_read_holds_back_or_stops() {
    for (name, code, parts) in [
        ("suppliers/north.csv", 4, &["north is held back", "north.csv: cannot be read", "denied"][..]),
        ("benefits.csv", 3, &["benefits: ", "benefits.csv: cannot be read", "denied"]),
        ("objections.csv", 3, &["objections: ", "objections.csv: cannot be read", "denied"]),
    ] {
        let folder = Folder::sound();
        folder.write("objections.csv", "person_ref\nPSN-77\n");
        folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]");
        forbid(&folder, name, 0o000);
        run_unprivileged(&folder).is_fault(code, parts);
        assert_eq!(folder.exists("out/latest"), code == 4);
        forbid(&folder, name, 0o400);
        assert_eq!(run_unprivileged(&folder).code, 0);
    }
}

#[test]
fn an_input_that_fails_while_it_is_read_holds_back_or_stops() {
    // A file that can be opened but not read.
    for (name, code) in [("suppliers/north.csv", 4), ("benefits.csv", 3)] {
        let folder = Folder::sound();
        fs::remove_file(folder.path(name)).unwrap();
        symlink("/proc/self/mem", folder.path(name)).unwrap();
        folder.run(&[]).is_fault(code, &[name, "cannot be read: Input/output error"]);
        assert_eq!(folder.exists("out/latest/suppliers/south"), code == 4);
        assert!(!folder.exists("out/current/north"));
    }
}

#[test]
fn an_output_that_may_not_be_written_is_a_fault_and_stays_as_it_was() {
    let folder = Folder::sound();
    assert_eq!(run_unprivileged(&folder).code, 0);
    let latest = fs::read_link(folder.path("out/latest")).unwrap();
    for (name, usual) in [("out", 0o700), ("out/.lock", 0o600), ("out/ledger.sqlite", 0o600)] {
        let before = folder.tree("out");
        forbid(&folder, name, usual & 0o555);
        run_unprivileged(&folder).is_fault(1, &[name]);
        forbid(&folder, name, usual);
        assert_eq!(folder.tree("out"), before, "{name}");
    }
    assert_eq!(fs::read_link(folder.path("out/latest")).unwrap(), latest);
    assert_eq!(run_unprivileged(&folder).code, 0);

    let folder = Folder::sound();
    hand_over(&folder);
    forbid(&folder, ".", 0o555);
    run_unprivileged(&folder).is_fault(1, &["out", "cannot create this folder"]);
    forbid(&folder, ".", 0o755);
    assert!(!folder.exists("out"));
}

type Meddle = fn(&Path);

/// Changes a file as soon as some of it has been read.
struct Meddler<'a> {
    path: &'a Path,
    meddle: Meddle,
    done: AtomicBool,
}

impl Progress for Meddler<'_> {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, done: u64) {
        if done > 0 && !self.done.swap(true, Ordering::Relaxed) {
            (self.meddle)(self.path);
        }
    }
    fn end(&self) {}
}

struct Count(u64);

impl Consumer for Count {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        match row.reference(Column::CustomerRef) {
            Some(_) => self.0 += 1,
            None => faults.reject(intake::FaultReason::NoReference),
        }
    }
}

fn read(path: &Path, settings: &ReadSettings, progress: &dyn Progress) -> Result<u64, IntakeError> {
    let read = intake::read(path, &intake::CUSTOMERS, &ColumnMap::default(), settings, progress, || Count(0));
    read.map(|file| file.consumers.iter().map(|count| count.0).sum())
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused_whole() {
    let rows = csv(CUSTOMER, &vec![customer("REF-1", &ELSPETH); 20_000]);
    let append = |path: &Path| {
        let row = csv(CUSTOMER, &[customer("REF-2", &HAMISH)]);
        let mut file = File::options().append(true).open(path).unwrap();
        file.write_all(row.split_once('\n').unwrap().1.as_bytes()).unwrap();
    };
    let cut_short = |path: &Path| File::options().write(true).open(path).unwrap().set_len(400_000).unwrap();
    let empty = |path: &Path| File::options().write(true).open(path).unwrap().set_len(0).unwrap();
    let replace = |path: &Path| {
        let other = path.with_extension("new");
        fs::copy(path, &other).unwrap();
        fs::rename(other, path).unwrap();
    };
    let change_within = |path: &Path| {
        let mut file = File::options().write(true).open(path).unwrap();
        file.seek(SeekFrom::Start(1000)).unwrap();
        file.write_all(b"x").unwrap();
        // The length stays the same and only the time changes, by a second since a file system may keep it coarsely.
        file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(1)).unwrap();
    };
    let meddlings: [(&str, Meddle); 5] = [
        ("append", append),
        ("cut short", cut_short),
        ("empty", empty),
        ("replace", replace),
        ("change within", change_within),
    ];
    for (what, meddle) in meddlings {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("north.csv");
        fs::write(&path, &rows).unwrap();
        assert_eq!(read(&path, &ReadSettings::default(), &Unwatched).unwrap(), 20_000);
        let meddler = Meddler { path: &path, meddle, done: AtomicBool::new(false) };
        let refused = read(&path, &ReadSettings::default(), &meddler);
        assert!(meddler.done.load(Ordering::Relaxed));
        assert!(matches!(refused, Err(IntakeError::Changed { ref file }) if *file == path), "{what}: {refused:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("north.csv");
    fs::write(&path, &rows).unwrap();
    let remove: Meddle = |path| fs::remove_file(path).unwrap();
    let refused = read(&path, &ReadSettings::default(), &Meddler { path: &path, meddle: remove, done: false.into() });
    assert!(matches!(refused, Err(IntakeError::Unreadable { .. })), "{refused:?}");
}

/// Runs, and does something while a file is about to be read; the files before it have been read.
fn run_and_before_reading(file: &str, folder: &Folder, act: impl FnOnce()) -> Said {
    let lease = Lease::take(&folder.path(file));
    let run = Running::flagmatch(folder, &["run", "job.toml"]);
    lease.wait();
    act();
    drop(lease);
    run.end().1
}

/// Adds a supplier whose file is read last.
fn add_west(folder: &Folder) {
    folder.add_to_job("[[supplier]]\nid = \"west\"\nfiles = [\"suppliers/west.csv\"]");
    folder.customers("west", &[customer("REF-9", &HAMISH)]);
}

#[test]
fn a_file_that_is_replaced_after_it_was_read_holds_its_supplier_back_alone() {
    let folder = Folder::sound();
    add_west(&folder);
    let said = run_and_before_reading("suppliers/west.csv", &folder, || {
        folder.customers("north", &[customer("REF-8", &PRUNELLA)]);
        // Another file replaces the one that the run is about to read.
        folder.write("suppliers/new", csv(CUSTOMER, &[customer("REF-9", &HAMISH)]));
        fs::rename(folder.path("suppliers/new"), folder.path("suppliers/west.csv")).unwrap();
    });
    assert_eq!(said.code, 4, "{}", said.stderr);
    let mut held: Vec<&str> = said.stderr.lines().collect();
    held.sort_unstable();
    assert_eq!(held.len(), 2, "{held:?}");
    for (line, supplier) in held.iter().zip(["north", "west"]) {
        let why = format!("{supplier} is held back: suppliers/{supplier}.csv: the file changed during the run");
        assert!(line.contains(&why), "{line}");
    }
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
    assert!(!folder.exists("out/current/north") && !folder.exists("out/current/west"));
}

/// What a changed file said counts for nobody: neither for its supplier nor against another.
#[test]
fn a_supplier_whose_file_changes_after_it_was_read_counts_by_its_last_delivery() {
    let folder = Folder::sound();
    folder.run_well();
    // The north has an account for a claim whose rebate is out in the south.
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &OSWALD)]);
    add_west(&folder);
    let change = || folder.customers("south", &[customer("REF-8", &PRUNELLA)]);
    let said = run_and_before_reading("suppliers/west.csv", &folder, change);
    assert_eq!(said.code, 4);
    let log = said.stderr;
    let faults: Vec<&str> = log.lines().filter(|line| line.starts_with("flagmatch: ")).collect();
    assert_eq!(
        faults,
        [
            "flagmatch: south is held back: suppliers/south.csv: the file changed during the run; wait until it is copied, then run again"
        ]
    );
    // The south's newest delivery counts, and not the rows just read: its account has the claim.
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y", "by its last delivery");
    assert_eq!(folder.outcome("whd", "CLM-2"), "M");
    assert_eq!(folder.reason("north", "whd", "REF-2"), "claim-used");
    let record: serde_json::Value = serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
    let inputs: Vec<&str> =
        record["inputs"].as_array().unwrap().iter().map(|input| input["input"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["benefits", "north", "west"]);
    assert_eq!(folder.flagmatch(&["ledger", "verify", "out"]).code, 0);
}

/// Whoever copies another's file is found, even if the other one is not there any more when the files are compared.
#[test]
fn a_copy_of_a_file_that_changes_afterwards_is_found() {
    let folder = Folder::sound();
    folder.write("suppliers/south.csv", folder.read("suppliers/north.csv"));
    add_west(&folder);
    let change = || folder.customers("north", &[customer("REF-8", &PRUNELLA)]);
    let said = run_and_before_reading("suppliers/west.csv", &folder, change);
    assert_eq!(said.code, 4, "{}", said.stderr);
    for why in [
        "north is held back: suppliers/north.csv: the file changed during the run",
        "south is held back: \"suppliers/south.csv\": this file has the same bytes as one of north",
    ] {
        assert!(said.stderr.contains(why), "{}", said.stderr);
    }
    assert!(!folder.exists("out/current/north") && !folder.exists("out/current/south"));
}

/// A supplier can keep a run only from itself.
#[test]
fn a_report_that_changes_after_it_was_read_holds_its_supplier_back_alone() {
    let folder = Folder::sound();
    folder.add_to_job("[exceptions]\nfiles = [\"exceptions/*.csv\"]");
    folder.write("exceptions/north.csv", "customer_ref,reason\nREF-1,closed\n");
    let change = || folder.write("exceptions/north.csv", "customer_ref,reason\n");
    let said = run_and_before_reading("suppliers/south.csv", &folder, change);
    assert_eq!(said.code, 4, "{}", said.stderr);
    let held: Vec<&str> = said.stderr.lines().collect();
    let why = "north is held back: its exceptions: exceptions/north.csv: the file changed during the run";
    assert!(held.len() == 1 && held[0].contains(why), "{held:?}");
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
}

/// After a change of a shared input, no supplier's flags can be trusted.
#[test]
fn a_shared_input_that_changes_after_it_was_read_stops_the_run() {
    let folder = Folder::sound();
    let change = || folder.benefits(&[award("CLM-1", &ELSPETH)]);
    let said = run_and_before_reading("suppliers/north.csv", &folder, change);
    said.is_fault(3, &["benefits.csv: the file changed during the run"]);
    assert_eq!(folder.tree("out").len(), 1, "the lock");
}

/// Runs with an address space of this many KiB.
fn run_within(folder: &Folder, kib: u64) -> Said {
    let limited = format!("ulimit -v {kib}; exec \"$0\" run job.toml --threads 2");
    said(std::process::Command::new("sh").current_dir(folder.path(".")).args(["-c", &limited]).arg(program()))
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_flagmatch")
}

/// A quarter of the size of the long line and of each bomb, in KiB.
const LITTLE: u64 = 1 << 20;

/// Good rows of ten accounts of Hamish's, numbered from `from`.
fn ten(from: usize) -> Vec<u8> {
    let rows: Vec<_> = (from..from + 10).map(|number| customer(&format!("REF-{number}"), &HAMISH)).collect();
    csv(CUSTOMER, &rows).into_bytes()
}

#[test]
fn a_line_that_is_longer_than_the_memory_costs_itself_alone() {
    let folder = Folder::sound();
    let path = folder.path("suppliers/north.csv");
    fs::write(&path, ten(100)).unwrap();
    let mut file = File::options().append(true).open(&path).unwrap();
    // The gap is a hole and takes no disk space.
    let end = file.metadata().unwrap().len() + (4 << 30);
    file.set_len(end).unwrap();
    let more = ten(200);
    let rows = &more[more.iter().position(|byte| *byte == b'\n').unwrap()..];
    file.write_all(rows).unwrap();
    let said = run_within(&folder, LITTLE);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert_eq!(folder.flags("north", "whd").len(), 20);
    assert_eq!(
        folder.read("out/current/north/rejects.csv"),
        "file,line,kind,column,reason,heading\nnorth.csv,12,reject,,record too long,\n"
    );

    // The long line as the last one, without an end, and as the header.
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(end).unwrap();
    assert_eq!(run_within(&folder, LITTLE).code, 0);
    let file = File::create(&path).unwrap();
    file.set_len(1 << 30).unwrap();
    run_within(&folder, LITTLE).is_fault(4, &["north", "north.csv: line 1", "the header row cannot be read"]);
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A record of a mebibyte, not counting its line end, is accepted; a longer one is not.
#[test]
fn as_shipped_a_record_may_be_a_mebibyte_long() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("north.csv");
    let row = csv(CUSTOMER, &[customer("REF-1", &HAMISH).with("address_line_2", "X")]);
    let (header, row) = row.trim_end().split_once('\n').unwrap();
    for (bytes, is_taken) in [(1 << 20, true), ((1 << 20) + 1, false)] {
        let long = row.replacen(",X,", &format!(",{},", "X".repeat(bytes + 1 - row.len())), 1);
        assert_eq!(long.len(), bytes);
        fs::write(&path, format!("{header}\n{long}\n{row}\n")).unwrap();
        assert_eq!(read(&path, &ReadSettings::default(), &Unwatched).unwrap(), 1 + u64::from(is_taken), "{bytes}");
    }
}

/// The head and `count` times 16 MiB of these bytes, compressed part by part.
fn bomb(ending: &str, head: &[u8], fill: &[u8], count: usize) -> Vec<u8> {
    let part = fill.repeat((16 << 20) / fill.len());
    let compress = |bytes: &[u8]| match ending {
        "gz" => gzip(bytes),
        _ => zstd::encode_all(bytes, 3).unwrap(),
    };
    [compress(head), compress(&part).repeat(count)].concat()
}

#[test]
fn a_bomb_of_compressed_data_holds_its_supplier_back() {
    let head = ten(100);
    let blank = [b",".repeat(CUSTOMER.len() - 1), b"\n".to_vec()].concat();
    let longer = "more than 200 times as long";
    for (ending, fill, part) in [
        ("gz", &b"\0"[..], longer),
        ("gz", b"\n", longer),
        ("zst", b"\0", longer),
        ("zst", &blank, longer),
        // Lines this short reach the limit of faults before the limit of bytes.
        ("zst", b"x\n", "rows and fields cannot be used"),
    ] {
        let folder = Folder::sound();
        fs::remove_file(folder.path("suppliers/north.csv")).unwrap();
        folder.job(&folder.read("job.toml").replace("north*.csv", "north*"));
        folder.write(&format!("suppliers/north.csv.{ending}"), bomb(ending, &head, fill, 256));
        let said = run_within(&folder, LITTLE);
        said.is_fault(4, &["north", ending, part]);
        assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
        assert!(!folder.exists("out/current/north"));
    }
    let folder = Folder::sound();
    fs::remove_file(folder.path("benefits.csv")).unwrap();
    folder.job(&folder.read("job.toml").replace("benefits*.csv", "benefits*"));
    let head = csv(BENEFIT, &[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD)]);
    folder.write("benefits.csv.gz", bomb("gz", head.as_bytes(), b"\n", 256));
    run_within(&folder, LITTLE).is_fault(3, &["benefits", longer]);
    assert!(!folder.exists("out/latest"));
}

/// A table that repeats itself as ordinary tables do is no bomb.
#[test]
fn what_compresses_well_is_no_bomb() {
    let rows: Vec<_> = (0..100_000).map(|number| customer(&format!("REF-{number:07}"), &HAMISH)).collect();
    let text = csv(CUSTOMER, &rows);
    assert!(10 * text.len() > 100 << 20);
    let compressed = zstd::encode_all(text.repeat(10).as_bytes(), 3).unwrap();
    let times = 10 * text.len() / compressed.len();
    assert!(times > 20, "{times}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("north.csv.zst");
    fs::write(&path, compressed).unwrap();
    // The repeated headers count as rows.
    assert_eq!(read(&path, &ReadSettings::default(), &Unwatched).unwrap(), 1_000_009);

    // Little text fills no memory, however well it compresses.
    let text = csv(CUSTOMER, &vec![customer("REF-1", &HAMISH); 100_000]);
    for (ending, compressed) in [("zst", zstd::encode_all(text.as_bytes(), 3).unwrap()), ("gz", gzip(text.as_bytes()))]
    {
        assert!(text.len() > 200 * compressed.len() && text.len() < 64 << 20, "{}", compressed.len());
        let path = folder.path().join("north.csv").with_extension(ending);
        fs::write(&path, compressed).unwrap();
        assert_eq!(read(&path, &ReadSettings::default(), &Unwatched).unwrap(), 100_000, "{ending}");
    }
}

/// The faults of a file take bounded memory, however short its lines are.
#[test]
fn a_file_with_nothing_but_faults_is_refused_before_they_are_all_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("north.csv");
    let settings = ReadSettings { chunk_bytes: 1000, fault_limit: 5000, ..ReadSettings::default() };
    for (bad, is_refused) in [(5000, false), (5001, true), (200_000, true)] {
        fs::write(&path, [csv(CUSTOMER, &[]), "x\n".repeat(bad)].concat()).unwrap();
        let given = read(&path, &settings, &Unwatched);
        let refused = matches!(given, Err(IntakeError::TooManyFaults { limit: 5000, .. }));
        assert_eq!(refused, is_refused, "{bad}: {given:?}");
        assert!(is_refused || given.is_ok());
    }
}

#[test]
fn a_file_that_is_empty_or_only_a_header_holds_its_supplier_back() {
    for (text, part) in [
        (String::new(), "empty"),
        ("\n\n".to_owned(), "empty"),
        ("\u{feff}".to_owned(), "empty"),
        (csv(CUSTOMER, &[]), "not one account"),
        (csv(CUSTOMER, &[]).trim_end().to_owned(), "not one account"),
    ] {
        let folder = Folder::sound();
        folder.run_well();
        let before = fs::read_link(folder.path("out/current/north")).unwrap();
        folder.write("suppliers/north.csv", text);
        folder.run(&[]).is_fault(4, &["north is held back", part]);
        assert_eq!(fs::read_link(folder.path("out/current/north")).unwrap(), before);
        assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
    }
}

/// Opening a pipe would wait for its other end, so only regular files are opened.
#[test]
fn what_is_not_a_regular_file_is_refused_and_holds_nobody_up() {
    for (name, code) in [("suppliers/north.csv", 4), ("benefits.csv", 3), ("objections.csv", 3)] {
        let folder = Folder::sound();
        folder.write("objections.csv", "person_ref\nPSN-77\n");
        folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]");
        fs::remove_file(folder.path(name)).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(folder.path(name)).status().unwrap().success());
        let refused = [name, "this is a pipe, not a file", "put the data into a file"];
        folder.run(&[]).is_fault(code, &refused);
        assert_eq!(folder.exists("out/current/south"), code == 4, "{name}");
        assert!(!folder.exists("out/current/north"));
        let check = folder.flagmatch(&["check", "job.toml"]);
        assert_eq!(check.code, code, "{}", check.stderr);
        assert!(format!("{}{}", check.stdout, check.stderr).contains("this is a pipe, not a file"), "{name}");

        // A device, reached through a link.
        fs::remove_file(folder.path(name)).unwrap();
        symlink("/dev/zero", folder.path(name)).unwrap();
        folder.run(&[]).is_fault(code, &[name, "this is a device, not a file"]);
    }
}
