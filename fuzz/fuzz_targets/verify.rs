//! Replaces the sums, signature or other files of a delivery with any bytes: verification accepts only what was signed.

#![no_main]

use std::cell::LazyCell;
use std::fs;
use std::time::SystemTime;

use flagmatch::job::Job;
use flagmatch::release::{Expected, Flag, PublicKey, Signer, Staging, make_key_pair, verify};
use libfuzzer_sys::fuzz_target;

const JOB: &str = "
[[scheme]]
id = 'whd'
name = 'W'
qualifying_date = 2026-08-23
[[scheme.group]]
id = 'a'
benefits = ['UC']
[benefits]
files = ['b.csv']
[[supplier]]
id = 'north'
files = ['n.csv']
";

struct Delivery {
    folder: tempfile::TempDir,
    key: PublicKey,
    files: Vec<(String, Vec<u8>)>,
}

fn expected(supplier: &str) -> Expected<'_> {
    Expected { supplier, job: None, after: None }
}

thread_local! {
    static DELIVERY: LazyCell<Delivery> = const { LazyCell::new(make) };
}

fn make() -> Delivery {
    let folder = tempfile::tempdir().expect("a folder");
    let (secret, public) = (folder.path().join("secret"), folder.path().join("public"));
    let key = make_key_pair(&secret, &public, None).expect("a key");
    let signer = Signer::read(&secret, || Err(flagmatch::release::KeyError::NotMade)).expect("a key");
    let job = Job::parse(JOB, folder.path()).expect("a job");
    let staging = Staging::begin(&job.output, SystemTime::now()).expect("a folder").signed_by(signer, "whd");
    let mut supplier = staging.supplier("north", None).expect("a folder");
    let mut flags = supplier.flags(&job.schemes[0]).expect("a file");
    flags.write("A-1", Flag::Y).expect("room");
    flags.finish().expect("room");
    supplier.seal([]).expect("room");
    staging.publish().expect("room");
    let current = job.output.join("current/north");
    let entries = fs::read_dir(current).expect("a delivery").map(|entry| entry.expect("a file").path());
    let name = |path: &std::path::Path| path.file_name().expect("a name").to_str().expect("text").to_owned();
    let files = entries.map(|path| (name(&path), fs::read(&path).expect("a file"))).collect();
    Delivery { folder, key, files }
}

// The first byte says which file changes, and the second how: the rest replaces it, changes a few of its bytes, or cuts
// it short.
fuzz_target!(|data: &[u8]| {
    let Some(([which, how], bytes)) = data.split_first_chunk::<2>() else { return };
    DELIVERY.with(|delivery| {
        let folder = delivery.folder.path().join("received");
        let _gone = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("a folder");
        let changed = usize::from(*which) % (delivery.files.len() + 1);
        let mut is_as_signed = true;
        for (place, (name, held)) in delivery.files.iter().enumerate() {
            let mut held = held.clone();
            if place == changed {
                match how % 3 {
                    0 => held = bytes.to_vec(),
                    1 => bytes.chunks_exact(2).for_each(|change| {
                        let place = usize::from(change[0]) % held.len();
                        held[place] ^= change[1];
                    }),
                    _ => held.truncate(held.len() - (bytes.len() % (held.len() + 1))),
                }
                is_as_signed = held == delivery.files[place].1;
            }
            fs::write(folder.join(name), held).expect("room");
        }
        if changed == delivery.files.len() {
            fs::write(folder.join(format!("more-{how}")), bytes).expect("room");
            is_as_signed = false;
        }
        let verified = verify(&folder, &delivery.key, expected("north"));
        // A signature has parts that are not signed: its first line, and line ends.
        let is_comment = delivery.files.get(changed).is_some_and(|(name, _)| name.ends_with(".minisig"));
        match verified {
            Ok(_) => assert!(is_as_signed || is_comment, "a delivery was taken that is not what was signed"),
            Err(error) => assert!(!is_as_signed, "a good delivery was refused: {error}"),
        }
        assert!(verify(&folder, &delivery.key, expected("south")).is_err());
    });
});
