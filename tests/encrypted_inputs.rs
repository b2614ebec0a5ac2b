//! Reads inputs that are encrypted with the ordinary `age`: the flags are those of the plain files, a file that cannot be
//! opened rejects its supplier alone, and no plain text gets to disk.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::fs;
use std::io::Write;

use common::{ELSPETH, Folder, HAMISH, OSWALD, PLANTED, Said, award, bytes, customer, has_nothing_planted};
use needs::tests;

tests! {
    encrypted_files_give_the_flags_of_plain_ones needs AGE;
    a_file_that_cannot_be_opened_rejects_its_supplier_alone needs AGE;
    a_shared_file_that_cannot_be_opened_stops_the_run needs AGE;
    an_identity_that_cannot_be_used_is_named needs AGE;
    no_plain_text_gets_to_disk needs AGE;
}

/// A sound job that opens encrypted files.
fn opening() -> Folder {
    let folder = Folder::sound();
    for name in ["administrator", "somebody"] {
        let made = ["-o", &format!("{name}.identity")].map(str::to_owned);
        let mut command = assert_cmd::Command::new("age-keygen");
        assert!(command.current_dir(folder.path(".")).args(made).output().unwrap().status.success());
    }
    folder.add_to_job("[intake]\nidentity = \"administrator.identity\"");
    folder
}

/// Encrypts bytes with `age` to the holder of an identity; they are in no file before.
fn encrypted(folder: &Folder, identity: &str, plain: impl AsRef<[u8]>, further: &[&str]) -> Vec<u8> {
    let text = folder.read(&format!("{identity}.identity"));
    let recipient = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let mut command = assert_cmd::Command::new("age");
    let arguments = [&["--encrypt", "--recipient", recipient], further].concat();
    let output = command.args(arguments).write_stdin(plain.as_ref()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

/// Replaces a plain file by an encrypted one.
fn encrypt(folder: &Folder, name: &str, form: &str) {
    let plain = bytes(&folder.path(name));
    let (bytes, ending) = match form {
        "gz" => (encrypted(folder, "administrator", gzipped(&plain), &[]), ".gz.age"),
        "armored" => (encrypted(folder, "administrator", plain, &["--armor"]), ".age"),
        "utf-16" => {
            let text = String::from_utf8(plain).unwrap();
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            (encrypted(folder, "administrator", wide, &[]), ".AGE")
        }
        _ => (encrypted(folder, "administrator", plain, &[]), ".age"),
    };
    fs::remove_file(folder.path(name)).unwrap();
    folder.write(&format!("{name}{ending}"), bytes);
}

fn encrypted_files_give_the_flags_of_plain_ones() {
    let folder = opening();
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
    folder.write("objections.csv", "claim_ref\nCLM-3\n");
    folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-4", &HAMISH)]);
    folder.add_to_job("[objections]\nfiles = [\"objections.csv*\"]\n[exceptions]\nfiles = [\"exceptions/*\"]");
    let job = folder.read("job.toml").replace("north*.csv\"", "north*\"").replace("south*.csv\"", "south*\"");
    folder.job(&job.replace("benefits*.csv\"", "benefits*\""));
    folder.write("exceptions/north.csv", "customer_ref,reason\nREF-1,closed\n");
    assert_eq!(folder.run(&[]).code, 0);
    let flags = |supplier| folder.flags(supplier, "whd");
    let plain = [flags("north"), flags("south")];
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
    assert_eq!(folder.flag("south", "whd", "REF-4"), "N", "its objection is read");
    for forms in [["age", "gz", "armored"], ["utf-16", "armored", "age"]] {
        encrypt(&folder, "suppliers/north.csv", forms[0]);
        encrypt(&folder, "suppliers/south.csv", forms[1]);
        encrypt(&folder, "benefits.csv", forms[2]);
        encrypt(&folder, "objections.csv", "age");
        encrypt(&folder, "exceptions/north.csv", "age");
        assert_eq!(folder.run(&[]).code, 0);
        assert_eq!([flags("north"), flags("south")], plain, "{forms:?}");
        let record: serde_json::Value =
            serde_json::from_str(&folder.read("out/latest/administrator/run.json")).unwrap();
        for input in record["inputs"].as_array().unwrap() {
            let stored = fs::read(folder.path(input["path"].as_str().unwrap())).unwrap();
            assert_eq!(input["blake3"], blake3::hash(&stored).to_hex().as_str(), "of the bytes on disk: {input}");
        }
        assert_eq!(folder.flagmatch(&["check", "job.toml"]).code, 0);
        assert_eq!(folder.flagmatch(&["exceptions", "job.toml"]).code, 0);
        for name in
            ["suppliers/north.csv", "suppliers/south.csv", "benefits.csv", "objections.csv", "exceptions/north.csv"]
        {
            let ends = [".age", ".AGE", ".gz.age"].map(|end| folder.path(&format!("{name}{end}")));
            fs::remove_file(ends.iter().find(|path| path.exists()).unwrap()).unwrap();
        }
        folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
        folder.write("objections.csv", "claim_ref\nCLM-3\n");
        folder.write("exceptions/north.csv", "customer_ref,reason\nREF-1,closed\n");
        folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH)]);
        folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-4", &HAMISH)]);
    }
}

/// Checks that the south is rejected for a reason with this text, and nobody else; and what it is told.
#[track_caller]
fn rejects_the_south(folder: &Folder, said: &Said, reason: &str, told: &str) {
    assert_eq!(said.code, 4, "{}{}", said.stdout, said.stderr);
    let lines: Vec<&str> = said.stderr.lines().collect();
    assert!(
        lines.len() == 1 && lines[0].contains("south is held back") && lines[0].contains(reason),
        "{}",
        said.stderr
    );
    has_nothing_planted(&said.stdout);
    has_nothing_planted(&said.stderr);
    let notice = folder.read("out/notices/south/NOTICE.txt");
    assert!(notice.contains(told), "{told:?} is not in: {notice}");
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
}

fn a_file_that_cannot_be_opened_rejects_its_supplier_alone() {
    let folder = opening();
    folder.add_to_job("[gates]\nabsolute_accounts = 1000000\naccounts_more = 1000000");
    let job = folder.read("job.toml").replace("south*.csv\"", "south*\"");
    folder.job(&job);
    // More than one of the parts of 64 KiB into which age cuts a file.
    let rows: String = (0..9000).map(|number| format!("{number},Zzyzx\n")).collect();
    let plain = format!("customer_ref,surname\n{rows}");
    let whole = encrypted(&folder, "administrator", &plain, &[]);
    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    folder.write("suppliers/south.csv.age", &whole);
    folder.run_well();

    let header = whole.windows(4).position(|four| four == b"\n---").unwrap();
    let part = whole.len() - plain.len() % 65_536 - 16;
    for length in [0, 30, header, header + 60, header + 70, part, whole.len() / 2, whole.len() - 1] {
        folder.write("suppliers/south.csv.age", &whole[..length]);
        rejects_the_south(&folder, &folder.run(&[]), "cut off or were changed", "Send it again, whole");
    }
    for place in [header - 20, header + 10, header + 100, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        folder.write("suppliers/south.csv.age", changed);
        let said = folder.run(&[]);
        assert_eq!(said.code, 4, "{place}: {}", said.stderr);
    }
    // A header that goes on and on, of which each part is right.
    let endless =
        [&b"age-encryption.org/v1\n-> X aaaa\n"[..], &[&[b'A'; 64][..], b"\n"].concat().repeat(20_000)].concat();
    let bomb = gzipped(&vec![b'\n'; 200 << 20]);
    for (name, bytes, reason, told) in [
        (
            "south.csv.age",
            encrypted(&folder, "somebody", &plain, &[]),
            "another recipient",
            "administrator's age recipient",
        ),
        ("south.csv.age", plain.clone().into_bytes(), "no age file", "Send it encrypted"),
        ("south.csv.age", b"age-encryption.org/v1\n".repeat(5000), "no age file", "Send it encrypted"),
        ("south.csv.age", endless, "cut off or were changed", "Send it again, whole"),
        ("south.csv", whole.clone(), "let its name end in .age", "not CSV"),
        ("south.csv.gz.age", encrypted(&folder, "administrator", &bomb, &[]), "times as long", "longer than any table"),
        ("south.csv.gz.age", whole.clone(), "cannot be read", "Send it again"),
    ] {
        for old in folder.tree("suppliers") {
            if old.file_name().unwrap().to_str().unwrap().starts_with("south") {
                fs::remove_file(old).unwrap();
            }
        }
        folder.write(&format!("suppliers/{name}"), bytes);
        rejects_the_south(&folder, &folder.run(&[]), reason, told);
        assert_eq!(folder.flagmatch(&["check", "job.toml"]).code, 4, "{name}, {reason}");
    }
    // Without an identity in the job.
    fs::remove_file(folder.path("suppliers/south.csv.gz.age")).unwrap();
    folder.write("suppliers/south.csv.age", &whole);
    folder.run_well();
    folder.job(&job.replace("identity = \"administrator.identity\"", ""));
    rejects_the_south(&folder, &folder.run(&[]), "set identity = \"...\" under [intake]", "Ask the administrator");
}

fn a_shared_file_that_cannot_be_opened_stops_the_run() {
    let folder = opening();
    folder.job(&folder.read("job.toml").replace("benefits*.csv", "benefits*"));
    let plain = bytes(&folder.path("benefits.csv"));
    fs::remove_file(folder.path("benefits.csv")).unwrap();
    let whole = encrypted(&folder, "administrator", &plain, &[]);
    for (bytes, reason) in [
        (whole[..whole.len() - 1].to_vec(), "cut off or were changed"),
        (encrypted(&folder, "somebody", &plain, &[]), "another recipient"),
    ] {
        folder.write("benefits.csv.age", bytes);
        folder.run(&[]).is_fault(3, &["benefits: ", "benefits.csv.age", reason]);
    }
    folder.write("benefits.csv.age", whole);
    folder.run_well();
}

fn an_identity_that_cannot_be_used_is_named() {
    let folder = opening();
    folder.add_to_job("[exceptions]\nfiles = [\"exceptions/*\"]");
    for (text, reason) in [("", "no age identity"), ("AGE-SECRET-KEY-1ZZ\n", "no age identity"), ("# only\n", "no age")]
    {
        folder.write("administrator.identity", text);
        for command in [&["run", "job.toml"][..], &["check", "job.toml"], &["exceptions", "job.toml"]] {
            let said = folder.flagmatch(command);
            said.is_fault(3, &["administrator.identity", reason]);
            assert!(!said.stderr.contains("1ZZ"));
        }
    }
    fs::remove_file(folder.path("administrator.identity")).unwrap();
    folder.run(&[]).is_fault(3, &["administrator.identity: the identity for encrypted inputs cannot be read"]);
}

/// `check` may write no file at all here, and what `run` leaves is searched.
fn no_plain_text_gets_to_disk() {
    let folder = opening();
    let job = folder.read("job.toml").replace("north*.csv\"", "north*\"").replace("benefits*.csv", "benefits*");
    folder.job(&job);
    encrypt(&folder, "suppliers/north.csv", "gz");
    encrypt(&folder, "suppliers/south.csv", "age");
    encrypt(&folder, "benefits.csv", "age");
    folder.job(&job.replace("south*.csv\"", "south*\""));
    let tmp = folder.path("tmp");
    fs::create_dir(&tmp).unwrap();
    let flagmatch = env!("CARGO_BIN_EXE_flagmatch");
    let mut check = assert_cmd::Command::new("sh");
    check.current_dir(folder.path(".")).env("TMPDIR", &tmp);
    let limited = format!("ulimit -f 0; exec '{flagmatch}' check job.toml --json | cat");
    let output = check.args(["-c", &limited]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\"north.csv.gz.age\""), "{text}");
    let run = folder.command(&["run", "job.toml"]).env("TMPDIR", &tmp).output().unwrap();
    assert!(run.status.success());
    assert_eq!(folder.flag("north", "whd", "REF-1"), "Y");
    let mut files = 0;
    for file in folder.tree(".").into_iter().filter(|path| path.is_file()) {
        let found = String::from_utf8_lossy(&bytes(&file)).to_lowercase();
        // The administrator's files have references of persons.
        let found = found.replace("psn-clm-1-elspeth", "").replace("psn-clm-2-oswald", "");
        for person in [ELSPETH, HAMISH, OSWALD] {
            for value in [person.forename, person.surname, person.born, person.postcode, person.uprn] {
                assert!(PLANTED.contains(&value));
                assert!(!found.contains(&value.to_lowercase()), "{value} is in {}", file.display());
            }
        }
        files += 1;
    }
    assert!(files > 20 && fs::read_dir(&tmp).unwrap().next().is_none());
}
