//! Plants unmistakable values in every field of every input and checks that no output contains them, however a command
//! ends. Two outputs may contain references: a supplier's own folder its own references, and the administrator's files.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, SystemTime};

use common::process::{Running, hold_delivery, wait_for_the_rest};
use common::{
    BENEFIT, CUSTOMER, DECISION, ELSPETH, Folder, HAMISH, JOCASTA, OBJECTION, OSWALD, PLANTED, PROPERTY, PRUNELLA, Row,
    award, bytes, csv, customer, has_nothing_planted,
};
use flagmatch::job::Job;
use flagmatch::release::schemas;
use flagmatch::retention;
use sha2::{Digest, Sha256};

/// Protects the secret key in one test. No output may contain any word of it.
const PASSPHRASE: &str = "marzipan-Zeppelin 42";

/// The recipient to whom the south's deliveries are encrypted.
const RECIPIENT: &str = "age1xuhvyzwfqxura8755d2fa24m6syxrvqfeej5vqmgdwgczzuaq35q8dm0hd";

/// Values of the fields that the usual people leave empty.
const MORE: &[&str] = &["Vavasour", "Baroness", "Underbough", "case worker 7", "seen at the door", "77.125"];

/// A job with every input and a value in every field.
fn folder() -> Folder {
    let folder = Folder::sound();
    let recipient = format!("id = \"south\"\nage_recipient = \"{RECIPIENT}\"");
    let job = folder.read("job.toml").replace("id = \"south\"", &recipient);
    folder.job(&job.replace("[[scheme.group]]", "retention_days = 30\n[[scheme.group]]"));
    let made = folder.flagmatch(&["keygen", "--no-passphrase"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    folder.add_to_job(
        "[signing]\nsecret_key = \"administrator.key\"\n[exceptions]\nfiles = [\"exceptions/*.csv\"]\n[properties]\nfiles = [\"properties.csv\"]\n[objections]\nfiles = [\"objections.csv\"]\n\
         [decisions]\nfiles = [\"decisions.csv\"]\n[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10\nbirth_dates_fallen = 1\nnotes_risen = 1\nrejects_risen = 1",
    );
    let full = |row: Row| row.with("middle_names", "Vavasour").with("address_line_2", "Underbough");
    folder.benefits(&[
        full(award("CLM-1", &ELSPETH)).with("award_end", "2029-12-31"),
        full(award("CLM-2", &OSWALD)),
        full(award("CLM-2", &JOCASTA)).with("role", "partner"),
        full(award("CLM-3", &PRUNELLA)),
    ]);
    let joint = full(customer("REF-3", &OSWALD))
        .with("joint_forename", JOCASTA.forename)
        .with("joint_surname", JOCASTA.surname)
        .with("joint_date_of_birth", JOCASTA.born);
    folder.customers(
        "north",
        &[
            full(customer("REF-1", &ELSPETH)).with("title", "Baroness").with("supply_end", "2031-01-01"),
            full(customer("REF-2", &HAMISH)),
        ],
    );
    folder.customers("south", &[joint, full(customer("REF-4", &PRUNELLA))]);
    let scores = [ELSPETH, OSWALD].map(|person| Row::new(&[("uprn", person.uprn), ("energy_cost_score", "77.125")]));
    folder.write("properties.csv", csv(PROPERTY, &scores));
    folder.write("objections.csv", csv(OBJECTION, &[Row::new(&[("claim_ref", "CLM-3")])]));
    let decision = Row::new(&[
        ("supplier", "north"),
        ("customer_ref", "REF-2"),
        ("scheme", "whd"),
        ("flag", "N"),
        ("claim_ref", "CLM-2"),
        ("person_ref", "PSN-CLM-2-Oswald"),
        ("decided_by", "case worker 7"),
        ("decided_on", "2026-09-01"),
        ("reason", "seen at the door"),
    ]);
    folder.write("decisions.csv", csv(DECISION, &[decision]));
    folder.write("exceptions/north.csv", "customer_ref,reason,scheme,reported_on\nREF-2,deceased,whd,2026-09-03\n");
    folder.write(
        "truth.csv",
        "supplier,customer_ref,eligible\nnorth,REF-1,Y\nnorth,REF-2,N\nsouth,REF-3,Y\nsouth,REF-4,N\n",
    );
    folder.write(
        "reviewed.csv",
        "supplier,customer_ref,scheme,flag,claim_ref,key,band,levels,stratum_accounts,stratum_drawn,eligible\n\
         north,REF-1,whd,Y,CLM-1,name+birth-date,0.9999-1,given:exact,1,1,Y\n\
         south,REF-3,whd,Y,CLM-2,name+birth-date,0.9999-1,given:exact,1,1,\n",
    );
    folder
}

/// The hexadecimal digests by which somebody could look up a planted value.
static SUMS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let people = [ELSPETH, OSWALD, JOCASTA, HAMISH, PRUNELLA];
    let fields =
        people.iter().flat_map(|person| [person.forename, person.surname, person.born, person.postcode, person.uprn]);
    let references = ["REF-1", "REF-2", "REF-3", "REF-4", "CLM-1", "CLM-2", "CLM-3", "PCGC", "13579.42"];
    let values = fields.chain(references).flat_map(|value| {
        [value.to_owned(), value.to_uppercase(), value.to_lowercase(), value.replace([' ', '-'], "")]
    });
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    values
        .flat_map(|value| [blake3::hash(value.as_bytes()).to_hex().to_string(), hex(&Sha256::digest(&value))])
        .collect()
});

#[track_caller]
fn has_none(text: &str, what: &str) {
    has_nothing_planted(text);
    let lower = text.to_lowercase();
    for more in MORE {
        assert!(!lower.contains(&more.to_lowercase()), "{more:?} is in {what}: {text}");
    }
    for sum in SUMS.iter() {
        assert!(!lower.contains(sum), "the sum of a value is in {what}: {text}");
    }
    assert!(!lower.contains("zeppelin"), "the passphrase is in {what}: {text}");
}

/// The references of accounts, claims and persons, which the administrator's files may contain. A person's reference
/// contains a name and a claim's reference here, so these come first.
const REFERENCES: &[&str] = &[
    "PSN-CLM-1-Elspeth",
    "PSN-CLM-2-Oswald",
    "PSN-CLM-2-Jocasta",
    "PSN-CLM-3-Prunella",
    "REF-1",
    "REF-2",
    "REF-3",
    "REF-4",
    "REF-5",
    "REF-6",
    "CLM-1",
    "CLM-2",
    "CLM-3",
];

/// The text without the values that it may contain.
fn without(text: String, may: &[&str]) -> String {
    may.iter().fold(text, |text, reference| text.replace(reference, ""))
}

/// The references that a command may print: those on its command line, and those of a table made to be worked through.
fn may_say(arguments: &[&str]) -> &'static [&'static str] {
    match arguments[0] {
        "explain" if arguments.contains(&"REF-1") => &["REF-1"],
        "explain" if arguments.contains(&"REF-3") => &["REF-3"],
        "sample" => REFERENCES,
        "compare" if arguments.contains(&"--json") => REFERENCES,
        _ => &[],
    }
}

/// The header of every table. No encrypted file contains one.
fn headers() -> Vec<String> {
    schemas().iter().map(|schema| schema.header().collect::<Vec<_>>().join(",") + "\n").collect()
}

/// Checks the planted values that random bytes (ciphertext, signatures and keys) do not contain by chance. Twelve
/// letters, in any case, occur at a given place of base64 with a chance of one in 2^60, and of other bytes in 2^84.
#[track_caller]
fn random_bytes_have_none(bytes: &[u8], what: &str) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let planted = PLANTED.iter().chain(MORE).chain(&[PASSPHRASE]).filter(|planted| planted.len() >= 12);
    for planted in planted.map(|planted| (*planted).to_owned()).chain(headers()) {
        assert!(!text.contains(&planted.to_lowercase()), "{planted:?} is in {what}");
    }
}

/// Checks that what a command printed has no planted value, except those that it may print.
#[track_caller]
fn is_said_without_values(arguments: &[&str], said: &[u8], what: &str) {
    match arguments[0] {
        // keygen prints a public key, which is random.
        "keygen" => random_bytes_have_none(said, what),
        _ => has_none(&without(String::from_utf8(said.to_vec()).unwrap(), may_say(arguments)), what),
    }
}

/// The line of the secret key file that holds the key.
fn secret(folder: &Folder) -> String {
    folder.read("administrator.key").lines().nth(1).unwrap().to_owned()
}

/// The files that a delivery may have. An encrypted one has its tables in one archive.
const DELIVERY: &[&str] = &[
    "delivery.tar.age",
    "whd.flags.csv",
    "changes.csv",
    "rejects.csv",
    "receipts.csv",
    "README.txt",
    "datapackage.json",
    "SHA256SUMS",
    "SHA256SUMS.minisig",
];

/// Checks every file that a run may have left, whatever its state.
#[track_caller]
fn look(folder: &Folder, inputs: &[PathBuf]) {
    let secret = secret(folder);
    for path in folder.tree("") {
        if inputs.contains(&path) || path.is_dir() || path.is_symlink() {
            continue;
        }
        let inside = path.strip_prefix(folder.path("")).unwrap();
        let parts: Vec<&str> = inside.iter().map(|part| part.to_str().unwrap()).collect();
        assert!(["out", "office"].contains(&parts[0]), "written outside the output: {}", inside.display());
        has_none(&inside.display().to_string(), "a file's name");
        let bytes = bytes(&path);
        assert!(!String::from_utf8_lossy(&bytes).contains(&secret), "the secret key is in {}", inside.display());
        match parts.as_slice() {
            // The page that explains an account names it.
            ["office", name @ "why.html"] => has_none(&without(String::from_utf8(bytes).unwrap(), &["REF-1"]), name),
            ["office", name] if name.ends_with(".html") || name.ends_with(".toml") => {
                has_none(&String::from_utf8(bytes).unwrap(), name);
            }
            // The lists that the administrator requests have references, and no other value of a person.
            ["office", name] => has_none(&without(String::from_utf8(bytes).unwrap(), REFERENCES), name),
            [_, _, "suppliers", .., name] if !DELIVERY.contains(name) => {
                panic!("{name} is in what a supplier receives")
            }
            [_, _, "suppliers", .., name] if name.ends_with(".age") || name.ends_with(".minisig") => {
                random_bytes_have_none(&bytes, name);
            }
            [_, "notices", _, name] if name.ends_with(".minisig") => random_bytes_have_none(&bytes, name),
            [_, _, "suppliers", supplier, ..] => {
                // The folder of an unfinished delivery has a hidden name, so only its end is compared.
                let own: &[&str] = match supplier.ends_with("north") {
                    true => &["REF-1", "REF-2", "REF-5"],
                    false => &["REF-3", "REF-4", "REF-6"],
                };
                has_none(&without(String::from_utf8(bytes).unwrap(), own), supplier);
            }
            // The qualifying benefits come from the job, and belong to no person.
            [_, _, "administrator", "run.json"] => {
                has_none(&String::from_utf8(bytes).unwrap().replacen("\"PCGC\"", "", 1), "the run's record");
            }
            // The other administrator's files have references, reasons and levels, and no field of a person.
            [_, _, "administrator", .., name] => {
                has_none(&without(String::from_utf8(bytes).unwrap(), REFERENCES), name);
            }
            [_, "ledger.sqlite" | "ledger.sqlite-journal"] => has_none(&String::from_utf8_lossy(&bytes), "the ledger"),
            _ => has_none(&String::from_utf8(bytes).unwrap(), &inside.display().to_string()),
        }
    }
}

/// Makes the inputs wrong in the named way.
fn spoil(folder: &Folder, how: &str) {
    let north = folder.read("suppliers/north.csv");
    let awards = folder.read("benefits.csv");
    let headless = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    match how {
        "nothing" => {}
        "customers without a header" => folder.write("suppliers/north.csv", headless(&north)),
        "benefits without a header" => folder.write("benefits.csv", headless(&awards)),
        "a heading that stands twice" => {
            folder.write("suppliers/north.csv", north.replacen("title", "Baroness,Baroness", 1));
        }
        "broken quoting" => folder.write("suppliers/north.csv", format!("{north}\"REF-1\"x,Elspeth\n")),
        "a quote that never ends" => folder.write("suppliers/north.csv", format!("{north}\"REF-1,Elspeth\n")),
        "too few fields" => folder.write("suppliers/north.csv", format!("{north}REF-1,Baroness,Elspeth\n")),
        "too many fields" => folder.write("benefits.csv", format!("{awards}CLM-1,{}\n", "Elspeth,".repeat(30))),
        "fields that cannot be read" => {
            let rows = customer("REF-2", &HAMISH)
                .with("date_of_birth", "Elspeth 31/02/1951")
                .with("uprn", "Quillfeather")
                .with("postcode", "Zinnia Row")
                .with("supply_end", "1951-03-14-1951");
            folder.customers("north", &[customer("REF-1", &ELSPETH), rows]);
            let award = award("CLM-1", &ELSPETH).with("income", "13579.42x").with("role", "Quorndon");
            folder.benefits(&[award.with("award_start", "Kestrel"), common::award("CLM-2", &OSWALD)]);
        }
        "no reference" => folder.customers("north", &[customer("", &ELSPETH), customer(" ", &HAMISH)]),
        "bytes that are no text" => {
            let mut bytes = north.into_bytes();
            bytes.extend(b"REF-2,Baroness,Hamish\xff\x00\x9f,,,,,,,,,,,,,\n");
            folder.write("suppliers/north.csv", bytes);
        }
        "a damaged archive" => {
            folder.write("suppliers/north.csv", [b"\x1f\x8b\x08".as_slice(), north.as_bytes()].concat())
        }
        "nothing in a file" => folder.write("suppliers/north.csv", ""),
        "one account in two files" => folder.write("suppliers/north-2.csv", north),
        "an objection that cannot be read" => {
            folder.write("objections.csv", "person_ref,claim_ref,supplier,customer_ref\n,,Elspeth,REF-1\n")
        }
        "a decision that cannot be read" => {
            let decision =
                [("supplier", "Quillfeather"), ("customer_ref", "REF-2"), ("scheme", "Zinnia"), ("flag", "Hamish")];
            folder.write("decisions.csv", csv(DECISION, &[Row::new(&decision).with("decided_on", "Wibtoft")]));
        }
        "a score that cannot be read" => {
            folder.write("properties.csv", "uprn,energy_cost_score\nElspeth,Hamish\n100099155119,Oswald\n")
        }
        "a truth that cannot be read" => {
            folder.write("truth.csv", "supplier,customer_ref,eligible\nnorth,REF-1,Elspeth\n")
        }
        "an exception that cannot be read" => folder.write(
            "exceptions/north.csv",
            "customer_ref,reason,scheme,reported_on\nREF-2,Quillfeather,Zinnia,Kestrel\nREF-1 Hamish,Elspeth\n",
        ),
        "a reviewed sample that cannot be read" => {
            let reviewed = folder.read("reviewed.csv");
            folder.write("reviewed.csv", reviewed.replace("1,1,Y", "Elspeth,Kestrel,Quillfeather"));
        }
        "an answer that is none" => {
            folder.write("reviewed.csv", folder.read("reviewed.csv").replace("1,1,Y", "1,1,Quillfeather"));
        }
        "no benefits" => fs::remove_file(folder.path("benefits.csv")).unwrap(),
        other => panic!("no such spoiling: {other}"),
    }
}

const SPOILINGS: &[&str] = &[
    "nothing",
    "customers without a header",
    "benefits without a header",
    "a heading that stands twice",
    "broken quoting",
    "a quote that never ends",
    "too few fields",
    "too many fields",
    "fields that cannot be read",
    "no reference",
    "bytes that are no text",
    "a damaged archive",
    "nothing in a file",
    "one account in two files",
    "an objection that cannot be read",
    "a decision that cannot be read",
    "a score that cannot be read",
    "a truth that cannot be read",
    "an exception that cannot be read",
    "a reviewed sample that cannot be read",
    "an answer that is none",
    "no benefits",
];

/// Commands that read the inputs, or a file just made from them.
const READING: &[&[&str]] = &[
    &["run", "job.toml"],
    &["run", "job.toml", "--json", "--timings"],
    &["run", "job.toml", "--timings", "--log-format", "json"],
    &["check", "job.toml", "--log-format", "json"],
    &["run", "job.toml", "--dry-run", "--json"],
    &["run", "job.toml", "--supplier", "south", "--threads", "1"],
    &["check", "job.toml"],
    &["check", "job.toml", "--json"],
    &["evaluate", "job.toml", "--truth", "truth.csv"],
    &["evaluate", "job.toml", "--truth", "truth.csv", "--json"],
    &["train", "job.toml"],
    &["exceptions", "job.toml"],
    &["exceptions", "job.toml", "--json"],
    &["explain", "job.toml", "--supplier", "north", "--customer", "REF-1"],
    &["explain", "job.toml", "--supplier", "south", "--customer", "REF-3", "--json", "--log-format", "json"],
    &["explain", "job.toml", "--supplier", "north", "--customer", "REF-1", "--html", "office/why.html"],
    &["explain", "job.toml", "--supplier", "north", "--customer", "Elspeth Quillfeather"],
    &["explain", "job.toml", "--supplier", "west", "--customer", "REF-1"],
    &["evaluate", "job.toml", "--truth", "truth.csv", "--list", "office/wrong.csv", "--html", "office/curve.html"],
    &["evaluate", "--clerical", "reviewed.csv"],
    &["evaluate", "--clerical", "reviewed.csv", "--json"],
    &["train", "job.toml", "--weights", "office/weights.toml", "--log-format", "json"],
    &["report", "out/latest"],
    &["release", "out/latest", "--supplier", "north", "--reason", "looked at it"],
    &["purge", "job.toml"],
];

/// Commands that read what is published, or nothing about any person.
const FURTHER: &[&[&str]] = &[
    &["ledger", "list", "job.toml"],
    &["ledger", "list", "job.toml", "--json"],
    &["ledger", "verify", "job.toml", "--json"],
    &["verify", "out/current/north", "--public-key", "administrator.pub", "--supplier", "north"],
    &["verify", "out/current/north", "--public-key", "administrator.pub", "--supplier", "north", "--json"],
    &["verify", "out/current/south", "--public-key", "administrator.pub", "--supplier", "south", "--json"],
    &["verify", "out/current/south", "--public-key", "administrator.pub", "--supplier", "north"],
    &["verify", "suppliers", "--public-key", "benefits.csv", "--supplier", "north"],
    &["verify", "suppliers", "--public-key", "administrator.pub", "--supplier", "north"],
    &["keygen", "--no-passphrase"],
    &["keygen", "--no-passphrase", "--secret-key", "benefits.csv"],
    &["report", "out/latest", "--format", "csv"],
    &["report", "out/latest", "--format", "html"],
    &["report", "out/latest", "--format", "json", "--administrator"],
    &["purge", "job.toml", "--dry-run", "--json"],
    &["release", "out/latest", "--supplier", "west", "--reason", "looked at it", "--log-format", "json"],
    &["sample", "out/latest"],
    &["sample", "out/latest", "--n", "1", "--log-format", "json"],
    &["sample", "suppliers"],
    &["compare", "first", "out/latest"],
    &["compare", "first", "out/latest", "--json"],
    &["compare", "first", "out/latest", "--list", "office/changed.csv"],
    &["compare", "suppliers", "out/latest"],
    &["report", "first", "out/latest", "--format", "html", "--administrator"],
    &["report", "suppliers", "--format", "json", "--log-format", "json"],
    &["ledger", "list", "out", "--log-format", "json"],
    &["synth", "--customers", "60", "--benefits", "20", "--out", "suppliers"],
    &["run", "suppliers/north.csv"],
    &["run", "job.toml", "--nonsense"],
];

/// The spoilings after which the further commands have something different to read: a whole run, a run with rejected
/// fields, no run.
const STATES: &[&str] = &["nothing", "fields that cannot be read", "no benefits"];

/// Runs a command and checks what it printed and every file that is left. Returns the exit code.
#[track_caller]
fn ask(folder: &Folder, arguments: &[&str], inputs: &[PathBuf], how: &str) -> i32 {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = folder.command(arguments);
    for place in ["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
        command.env(place, elsewhere.path());
    }
    // The most talkative log and backtrace must not show more either.
    let output = command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full").output().unwrap();
    for said in [&output.stdout, &output.stderr] {
        is_said_without_values(arguments, said, &format!("what {arguments:?} said of {how}"));
    }
    look(folder, inputs);
    assert!(is_empty(elsewhere.path()), "{how}: written to a temporary or home folder");
    output.status.code().unwrap()
}

/// The files before the first command, and a folder for the lists that the administrator requests.
fn inputs(folder: &Folder) -> Vec<PathBuf> {
    fs::create_dir(folder.path("office")).unwrap();
    folder.tree("")
}

#[test]
fn no_command_lets_a_value_out_however_it_ends() {
    let left = Mutex::new(SPOILINGS.to_vec());
    let codes = Mutex::new(BTreeSet::new());
    let work = || {
        loop {
            let Some(how) = left.lock().unwrap().pop() else { break };
            let folder = folder();
            spoil(&folder, how);
            let inputs = inputs(&folder);
            let further = if STATES.contains(&how) { FURTHER } else { &[] };
            for arguments in READING.iter().chain(further) {
                let code = ask(&folder, arguments, &inputs, how);
                codes.lock().unwrap().insert(code);
                if !folder.exists("first") && folder.exists("out/latest") {
                    let first = fs::read_link(folder.path("out/latest")).unwrap();
                    symlink(Path::new("out").join(first), folder.path("first")).unwrap();
                }
            }
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    // Every exit code of these commands was seen.
    assert_eq!(codes.into_inner().unwrap().into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

/// A gate quarantines both suppliers, staff release the deliveries by hand, and later they are purged.
#[test]
fn what_is_held_and_let_out_by_hand_tells_no_more() {
    let folder = folder();
    let inputs = inputs(&folder);
    let asked = |arguments: &[&str], code: i32| {
        let ended = ask(&folder, arguments, &inputs, "a delivery that is held back");
        assert_eq!(ended, code, "{arguments:?}");
    };
    asked(&["run", "job.toml"], 0);
    let north = folder.read("suppliers/north.csv");
    let south = folder.read("suppliers/south.csv");
    let another = |file: &str, reference: &str| {
        let row = file.lines().last().unwrap().split_once(',').unwrap().1.to_owned();
        format!("{file}{reference},{row}\n")
    };
    folder.write("suppliers/north.csv", another(&north, "REF-5"));
    folder.write("suppliers/south.csv", another(&south, "REF-6"));
    asked(&["run", "job.toml", "--dry-run"], 3);
    asked(&["run", "job.toml", "--log-format", "json"], 3);
    let held = folder.tree("out").into_iter().filter(|path| path.display().to_string().contains("/held/"));
    assert_eq!(held.filter(|path| path.is_file()).count(), 8, "flags, decisions, rejects and receipts of both");
    let reason = ["--reason", "they telephoned"];
    for (supplier, code) in [("west", 2), ("south", 0), ("south", 2), ("north", 2)] {
        asked(&[&["release", "out/latest", "--supplier", supplier], &reason[..]].concat(), code);
    }
    let runs: Vec<PathBuf> = folder.tree("out").into_iter().filter(|path| path.ends_with("held/north")).collect();
    let run = runs[0].ancestors().nth(3).unwrap().to_str().unwrap();
    asked(&[&["release", run, "--supplier", "north", "--json", "--log-format", "json"], &reason[..]].concat(), 0);
    for supplier in ["north", "south"] {
        let own = ["--public-key", "administrator.pub", "--supplier", supplier];
        asked(&[&["verify", &format!("out/current/{supplier}")], &own[..]].concat(), 0);
    }
    let again: &[&[&str]] = &[
        &["explain", "job.toml", "--supplier", "south", "--customer", "REF-3"],
        &["sample", "out/latest"],
        &["report", "out/latest", "--administrator"],
        &["report", run, "out/latest", "--format", "html", "--administrator"],
        &["exceptions", "job.toml"],
        &["ledger", "list", "out"],
        &["ledger", "verify", "out"],
        &["run", "job.toml"],
        &["compare", run, "out/latest", "--list", "office/changed.csv"],
    ];
    again.iter().for_each(|arguments| asked(arguments, 0));

    let job = Job::read(&folder.path("job.toml")).unwrap();
    let options = retention::Options { inputs: false, newest: false, dry_run: false, day: None };
    let purged = retention::purge(&job, options, SystemTime::now() + Duration::from_secs(40 * 86_400)).unwrap();
    assert!(!purged.is_empty());
    look(&folder, &inputs);
    asked(&["ledger", "verify", "out"], 0);
    asked(&["report", run], 0);
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

/// Every command that uses a key, given the passphrase.
#[test]
fn no_command_lets_a_passphrase_or_a_key_out() {
    let folder = folder();
    for key in ["administrator.key", "administrator.pub"] {
        fs::remove_file(folder.path(key)).unwrap();
    }
    let run_with_input = |arguments: &[&str], passphrase: &str| {
        let output = folder.command(arguments).write_stdin(passphrase).output().unwrap();
        for said in [&output.stdout, &output.stderr] {
            is_said_without_values(arguments, said, &format!("what {arguments:?} said"));
        }
        (output.status.code().unwrap(), [output.stdout, output.stderr].concat())
    };
    assert_eq!(run_with_input(&["keygen", "--passphrase-fd", "0"], PASSPHRASE).0, 0);
    let inputs = folder.tree("");
    let secret = secret(&folder);
    for (arguments, passphrase, code) in [
        (&["run", "job.toml", "--passphrase-fd", "0"][..], PASSPHRASE, 0),
        (&["run", "job.toml", "--passphrase-fd", "0", "--json", "--timings"], PASSPHRASE, 0),
        (&["run", "job.toml", "--passphrase-fd", "0"], "Zeppelin-marzipan", 1),
        (&["run", "job.toml", "--passphrase-fd", "0"], "", 1),
        (&["run", "job.toml", "--passphrase-fd", "0"], "marzipan\nZeppelin 42", 1),
        (&["keygen", "--passphrase-fd", "0"], PASSPHRASE, 2),
        (&["verify", "out/current/south", "--public-key", "administrator.key", "--supplier", "south"], "", 2),
    ] {
        let (ended, said) = run_with_input(arguments, passphrase);
        assert_eq!(ended, code, "{arguments:?}: {}", String::from_utf8_lossy(&said));
        assert!(!String::from_utf8_lossy(&said).contains(&secret), "{arguments:?}");
        look(&folder, &inputs);
    }
}

#[test]
fn a_run_that_is_killed_leaves_values_to_the_administrator_alone() {
    for written in [false, true] {
        let folder = folder();
        folder.run_well();
        let inputs = folder.tree("");
        // The run is killed while it waits for the last input, or once one delivery and the other's flags are written.
        let delivery = hold_delivery(&folder, "south");
        let run = Running::flagmatch(&folder, &["run", "job.toml", "--timings"]);
        let held = if written { delivery.reached() } else { delivery.at_its_input() };
        if written {
            wait_for_the_rest(&folder);
        }
        run.signal("KILL");
        let (_, said) = run.end();
        drop(held);
        has_none(&said.stdout, "what a killed run said");
        has_none(&said.stderr, "what a killed run said");

        let staged = |path: &PathBuf| path.display().to_string().contains("/.staging-");
        let left: Vec<PathBuf> = folder.tree("out").into_iter().filter(staged).collect();
        assert!(!left.is_empty());
        assert_eq!(left.iter().filter(|path| path.ends_with("whd.flags.csv")).count(), if written { 2 } else { 0 });
        for path in &left {
            let mode = fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        }
        look(&folder, &inputs);

        folder.run_well();
        assert!(!folder.tree("out").iter().any(staged));
        look(&folder, &inputs);
    }
}

#[test]
fn something_is_planted_in_every_column() {
    let folder = folder();
    for (file, columns) in [
        ("benefits.csv", BENEFIT),
        ("suppliers/north.csv", CUSTOMER),
        ("suppliers/south.csv", CUSTOMER),
        ("properties.csv", PROPERTY),
        ("decisions.csv", DECISION),
    ] {
        let rows = folder.table(file);
        let north_only = ["title", "supply_end"];
        let joint =
            |column: &str| column.starts_with("joint_") != file.contains("south") && column.starts_with("joint_");
        for column in columns.iter().filter(|column| !(file.contains("south") && north_only.contains(column))) {
            let filled = rows.iter().any(|row| !row[*column].is_empty());
            assert!(filled || joint(column), "{file} has nothing in {column}");
        }
    }
}
