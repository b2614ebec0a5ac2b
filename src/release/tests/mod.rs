//! Tests the release module with real folders: what a delivery holds, and what each kind of kill leaves.

mod delivery;
mod publication;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::*;
use crate::job::{Job, Scheme};

/// The second from which the tests' runs begin.
const START: u64 = 1_795_486_500;

fn at(second: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(START + second)
}

fn begin(output: &Path, second: u64) -> Staging {
    Staging::begin(output, at(second)).unwrap()
}

fn scheme(id: &str) -> Scheme {
    let text = format!(
        "[[scheme]]\nid = '{id}'\nname = 'A scheme'\nqualifying_date = 2026-08-23\npurpose = 'a rebate'\n\
         [[scheme.group]]\nid = 'g'\nbenefits = ['UC']\n\
         [benefits]\nfiles = ['b']\n[[supplier]]\nid = 's'\nfiles = ['s']\n"
    );
    Job::parse(&text, Path::new("")).unwrap().schemes.remove(0)
}

/// Puts a supplier's delivery of one scheme into a run.
fn deliver(staging: &Staging, supplier: &str, flags: &[(&str, Flag)]) {
    let mut folder = staging.supplier(supplier, None).unwrap();
    let mut file = folder.flags(&scheme("whd")).unwrap();
    for (customer_ref, flag) in flags {
        file.write(customer_ref, *flag).unwrap();
    }
    file.finish().unwrap();
    folder.seal([]).unwrap();
}

/// Publishes a run with one account for each of some suppliers.
fn publish(output: &Path, second: u64, suppliers: &[&str]) -> PathBuf {
    let staging = begin(output, second);
    for supplier in suppliers {
        deliver(&staging, supplier, &[("A", Flag::Y)]);
    }
    staging.publish().unwrap().folder
}

/// Everything in a folder, at any depth, in byte order; links with their targets.
fn listing(folder: &Path) -> Vec<String> {
    fn list(folder: &Path, prefix: &str, all: &mut Vec<String>) {
        let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            let kind = entry.file_type().unwrap();
            if kind.is_symlink() {
                all.push(format!("{name} -> {}", fs::read_link(entry.path()).unwrap().display()));
            } else if kind.is_dir() {
                all.push(format!("{name}/"));
                list(&entry.path(), &format!("{name}/"), all);
            } else {
                all.push(name);
            }
        }
    }
    let mut all = Vec::new();
    list(folder, "", &mut all);
    all
}

/// The links of an output directory.
fn links(output: &Path) -> Vec<String> {
    listing(output).into_iter().filter(|name| name.contains(" -> ")).collect()
}
