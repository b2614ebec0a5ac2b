//! Cuts an input short at any moment of a run: its supplier alone gets nothing, or, for a shared input, the run stops.
//! Nobody ever gets a flag from half a file.
//!
//! The cuts begin once the run has opened the file, since a file that is short before is simply a short file. They are
//! spread over the measured length of a run, which decides only where a cut falls: the checks hold at any point.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs::{self, File};
use std::time::{Duration, Instant};

use common::process::{Lease, Running};
use common::{ELSPETH, Folder, HAMISH, OSWALD, PRUNELLA, Said, award, customer};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const CUTS: u32 = 120;

/// So many rows that reading them is a good part of the run.
const ROWS: usize = 8_000;

const STRANGERS: usize = 2_000;

/// A night with many benefit rows and many accounts in the north, one of which gets a flag.
fn night() -> Folder {
    let folder = Folder::sound();
    folder.add_to_job("[gates]\nflagged_least = 0.0");
    let strangers = (10..10 + STRANGERS).map(|number| {
        award(&format!("CLM-{number}"), &PRUNELLA)
            .with("person_ref", &format!("PSN-{number}"))
            .with("surname", "Nobody")
            .with("postcode", "ZE1 0AA")
    });
    folder.benefits(
        &[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD)].into_iter().chain(strangers).collect::<Vec<_>>(),
    );
    let mut rows = vec![customer("REF-1", &ELSPETH)];
    rows.extend((2..=ROWS).map(|number| customer(&format!("REF-{number}"), &HAMISH)));
    folder.customers("north", &rows);
    folder
}

/// Runs, and does something to the input some time after the run has opened it. Gives also how long the run went on
/// from there.
fn run_with(folder: &Folder, input: &str, after: Duration, meddle: impl FnOnce()) -> (Said, Option<i32>, Duration) {
    let lease = Lease::take(&folder.path(input));
    let run = Running::flagmatch(folder, &["run", "job.toml"]);
    lease.wait();
    let opened = Instant::now();
    drop(lease);
    std::thread::sleep(after);
    meddle();
    let (status, said) = run.end();
    (said, status.code(), opened.elapsed())
}

/// Cuts an input short again and again, each time from the start. `check` gets what the run said and its code.
fn cut(input: &str, check: impl Fn(&Folder, &Said, Option<i32>)) {
    let folder = night();
    let whole = fs::read(folder.path(input)).unwrap();
    let (said, code, length) = run_with(&folder, input, Duration::ZERO, || ());
    assert_eq!(code, Some(0), "{}", said.stderr);
    let mut random = ChaCha8Rng::seed_from_u64(20_261_128);
    for number in 0..CUTS {
        fs::remove_dir_all(folder.path("out")).unwrap();
        fs::write(folder.path(input), &whole).unwrap();
        let left = u64::from(random.next_u32()) % whole.len() as u64;
        let after = length.mul_f64(1.1 * f64::from(number) / f64::from(CUTS));
        let (said, code, _) = run_with(&folder, input, after, || {
            File::options().write(true).open(folder.path(input)).unwrap().set_len(left).unwrap();
        });
        check(&folder, &said, code);
    }
}

#[test]
fn a_suppliers_file_that_is_cut_short_at_any_moment_costs_that_supplier_alone() {
    cut("suppliers/north.csv", |folder, said, code| {
        match code {
            Some(0) => {
                let flags = folder.flags("north", "whd");
                assert_eq!(flags.len(), ROWS);
                assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
            }
            Some(4) => {
                assert!(said.stderr.contains("north is held back: suppliers/north.csv: "), "{}", said.stderr);
                assert!(!folder.exists("out/current/north"));
            }
            other => panic!("{other:?}: {}", said.stderr),
        }
        assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
    });
}

#[test]
fn a_shared_input_that_is_cut_short_at_any_moment_stops_the_run_or_is_read_whole() {
    cut("benefits.csv", |folder, said, code| match code {
        Some(0) => {
            let record = folder.read("out/latest/administrator/run.json");
            let record: serde_json::Value = serde_json::from_str(&record).unwrap();
            assert_eq!(record["summary"]["benefit_rows"], STRANGERS + 2);
        }
        Some(3) => {
            assert!(said.stderr.contains("benefits.csv: "), "{}", said.stderr);
            assert!(!folder.exists("out/latest"));
        }
        other => panic!("{other:?}: {}", said.stderr),
    });
}
