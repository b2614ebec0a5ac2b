//! Checks signed and encrypted deliveries with `flagmatch verify` and with the ordinary `minisign`, `sha256sum` and
//! `age`. Tests whose tool is not installed are ignored.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use common::{ELSPETH, Folder, HAMISH, JOB, OSWALD, Said, award, bytes, customer, has_nothing_planted};
use needs::tests;
use serde_json::Value;

tests! {
    a_good_delivery_is_taken_by_verify_and_by_the_ordinary_tools needs MINISIGN;
    a_byte_changed_a_file_missing_or_added_is_refused needs MINISIGN;
    a_forger_needs_the_secret_key needs MINISIGN;
    another_suppliers_delivery_is_refused;
    a_delivery_of_another_job_is_refused;
    a_signature_that_names_no_job_is_taken_where_none_is_asked_for needs MINISIGN;
    a_signature_with_another_first_line_is_refused needs MINISIGN;
    an_older_run_replayed_is_refused;
    deliveries_are_numbered_by_supplier_without_a_gap;
    a_wrong_command_line_is_not_a_failed_verification;
    a_key_pair_is_minisigns_own_and_never_written_over needs MINISIGN;
    a_key_that_minisign_made_signs needs MINISIGN;
    a_key_that_cannot_be_used_stops_the_run_and_shows_nothing;
    what_is_released_to_a_recipient_is_an_age_file_that_only_it_opens needs AGE, MINISIGN;
    the_next_night_knows_what_an_encrypted_delivery_said needs AGE;
    the_plain_copy_is_the_administrators_only needs AGE;
    a_delivery_explains_itself_and_its_commands_work needs MINISIGN, AGE;
    a_notice_is_signed_and_passes_for_no_delivery needs MINISIGN;
    a_manifest_is_valid_before_and_after_decryption needs AGE, FRICTIONLESS;
}

const PASSPHRASE: &str = "marzipan-Zeppelin 42";

/// Runs a program in a folder. Returns whether it succeeded, and what it printed.
fn tool(folder: &Path, program: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = assert_cmd::Command::new(program);
    let output = command.current_dir(folder).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Runs a program with these bytes on its standard input.
fn run_with_input(folder: &Folder, program: &str, arguments: &[&str], input: &str) -> Said {
    let mut command = assert_cmd::Command::new(program);
    Said::new(command.current_dir(folder.path(".")).args(arguments).write_stdin(input).output().unwrap())
}

fn flagmatch_told(folder: &Folder, arguments: &[&str], input: &str) -> Said {
    run_with_input(folder, env!("CARGO_BIN_EXE_flagmatch"), arguments, input)
}

/// A sound job that signs with a key without a passphrase.
fn signing() -> Folder {
    let folder = Folder::sound();
    folder.add_to_job("[signing]\nsecret_key = \"administrator.key\"");
    let made = folder.flagmatch(&["keygen", "--no-passphrase"]);
    assert_eq!((made.code, made.stderr.as_str()), (0, ""));
    folder
}

/// A run, and its delivery to the north, copied to `received`.
fn delivered() -> Folder {
    let folder = signing();
    folder.run_well();
    receive(&folder);
    folder
}

fn receive(folder: &Folder) {
    let received = folder.path("received");
    if received.exists() {
        fs::remove_dir_all(&received).unwrap();
    }
    fs::create_dir(&received).unwrap();
    for entry in fs::read_dir(folder.path("out/current/north")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), received.join(entry.file_name())).unwrap();
    }
}

fn verify(folder: &Folder, further: &[&str]) -> Said {
    let arguments = ["verify", "received", "--public-key", "administrator.pub", "--supplier", "north"];
    folder.flagmatch(&[&arguments, further].concat())
}

/// Whether the ordinary tools accept the received delivery.
fn ordinary_tools(folder: &Folder) -> bool {
    let received = folder.path("received");
    let (signed, _) = tool(&received, "minisign", &["-V", "-q", "-p", "../administrator.pub", "-m", "SHA256SUMS"]);
    let (whole, _) = tool(&received, "sha256sum", &["--check", "--strict", "--status", "SHA256SUMS"]);
    signed && whole
}

/// The id of the newest run.
fn run_of(folder: &Folder) -> String {
    fs::read_link(folder.path("out/latest")).unwrap().display().to_string()
}

/// The sequence number in the trusted comment of a supplier's newest delivery.
fn sequence(folder: &Folder, supplier: &str) -> String {
    let signature = folder.read(&format!("out/current/{supplier}/SHA256SUMS.minisig"));
    signature.lines().nth(2).unwrap().rsplit_once("sequence=").unwrap().1.to_owned()
}

fn a_good_delivery_is_taken_by_verify_and_by_the_ordinary_tools() {
    let folder = delivered();
    let run = run_of(&folder);
    let said = verify(&folder, &[]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let first = format!("verified: delivery 1 to north, run {run}, job whd, 5 files");
    assert!(said.stdout.starts_with(&first), "{}", said.stdout);

    let said = verify(&folder, &["--json", "--after", "20200101T000000Z"]);
    let answer: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, &answer["verified"]), (0, &Value::Bool(true)));
    let delivery = &answer["delivery"];
    assert_eq!((&delivery["supplier"], &delivery["run"]), (&"north".into(), &run.as_str().into()));
    let files = serde_json::json!(["README.txt", "changes.csv", "datapackage.json", "rejects.csv", "whd.flags.csv"]);
    assert_eq!((&delivery["sequence"], &delivery["files"]), (&1.into(), &files));

    assert!(ordinary_tools(&folder));
    let arguments = ["-V", "-p", "../administrator.pub", "-m", "SHA256SUMS"];
    let (_, said) = tool(&folder.path("received"), "minisign", &arguments);
    assert!(said.contains(&format!("flagmatch delivery job=whd supplier=north run={run} sequence=1")), "{said}");
}

/// This holds for every file, including the sums and the signature.
fn a_byte_changed_a_file_missing_or_added_is_refused() {
    type Spoil = fn(&Path);
    let folder = delivered();
    for entry in fs::read_dir(folder.path("received")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let file = folder.path("received").join(&name);
        let whole = bytes(&file);
        for place in [0, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&file, changed).unwrap();
            verify(&folder, &[]).is_fault(1, &["not verified: "]);
            // minisign does not check the end of a signature's last line.
            let ending = name.ends_with(".minisig") && place == whole.len() - 1;
            assert!(ending || !ordinary_tools(&folder), "{name}, byte {place}");
        }
        fs::remove_file(&file).unwrap();
        verify(&folder, &[]).is_fault(1, &[&format!("{name:?} is in the delivery and not in the folder")]);
        assert!(!ordinary_tools(&folder), "{name} missing");
        fs::write(&file, whole).unwrap();
        assert_eq!(verify(&folder, &[]).code, 0);
    }

    let added: [(&str, Spoil); 4] = [
        ("more.csv", |place| fs::write(place, "A,Y\n").unwrap()),
        (".hidden", |place| fs::write(place, "").unwrap()),
        ("folder", |place| fs::create_dir(place).unwrap()),
        ("link", |place| symlink("whd.flags.csv", place).unwrap()),
    ];
    for (name, add) in added {
        add(&folder.path("received").join(name));
        verify(&folder, &[]).is_fault(1, &[&format!("{name:?} is in the folder and not in the delivery")]);
        receive(&folder);
    }
    // A link in place of a file could point to something else the next time.
    let flags = folder.path("received/whd.flags.csv");
    fs::rename(&flags, folder.path("elsewhere.csv")).unwrap();
    symlink("../elsewhere.csv", &flags).unwrap();
    verify(&folder, &[]).is_fault(1, &["\"whd.flags.csv\" is in the delivery and not in the folder"]);

    receive(&folder);
    folder.write("received/whd.flags.csv", "customer_ref,eligible\n");
    let said = verify(&folder, &["--json"]);
    let answer: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, &answer["verified"]), (1, &Value::Bool(false)));
    assert_eq!(answer["reason"], "\"whd.flags.csv\" was changed: its SHA-256 sum differs");
}

/// Changing the sums does not help, nor does signing them with another key.
fn a_forger_needs_the_secret_key() {
    let folder = delivered();
    let flags = folder.read("received/whd.flags.csv").replace("REF-2,N", "REF-2,Y");
    folder.write("received/whd.flags.csv", flags);
    let sums = "sha256sum README.txt changes.csv datapackage.json rejects.csv whd.flags.csv > SHA256SUMS";
    assert!(tool(&folder.path("received"), "sh", &["-c", sums]).0);
    verify(&folder, &[]).is_fault(1, &["the signature is not valid"]);
    assert!(!ordinary_tools(&folder));

    let made = folder.flagmatch(&["keygen", "--no-passphrase", "--secret-key", "own.key", "--public-key", "own.pub"]);
    assert_eq!(made.code, 0);
    let comment =
        folder.read("received/SHA256SUMS.minisig").lines().nth(2).unwrap()["trusted comment: ".len()..].to_owned();
    let first = "signature of SHA256SUMS of a flagmatch delivery";
    let arguments = ["-S", "-s", "../own.key", "-m", "SHA256SUMS", "-t", &comment, "-c", first];
    assert!(tool(&folder.path("received"), "minisign", &arguments).0);
    verify(&folder, &[]).is_fault(1, &["signed with another key"]);
    // It verifies for somebody who trusts that key, so only the key made the difference.
    let arguments = ["verify", "received", "--public-key", "own.pub", "--supplier", "north"];
    assert_eq!(folder.flagmatch(&arguments).code, 0);
}

fn another_suppliers_delivery_is_refused() {
    let folder = delivered();
    let arguments = ["verify", "out/current/south", "--public-key", "administrator.pub", "--supplier"];
    folder
        .flagmatch(&[&arguments[..], &["north"]].concat())
        .is_fault(1, &["for the supplier \"south\", not for \"north\""]);
    assert_eq!(folder.flagmatch(&[&arguments[..], &["south"]].concat()).code, 0);
    // The supplier's name in the signature cannot be changed.
    let signature = folder.read("received/SHA256SUMS.minisig");
    folder.write("received/SHA256SUMS.minisig", signature.replace("supplier=north", "supplier=south"));
    folder
        .flagmatch(&["verify", "received", "--public-key", "administrator.pub", "--supplier", "south"])
        .is_fault(1, &["the signature is not valid"]);
}

/// The same key may sign for a rehearsal, whose deliveries must not pass for real ones.
fn a_delivery_of_another_job_is_refused() {
    let folder = delivered();
    for further in [&[][..], &["--job", "whd"]] {
        assert_eq!(verify(&folder, further).code, 0);
    }
    verify(&folder, &["--job", "rehearsal"]).is_fault(1, &["is of the job \"whd\", not of \"rehearsal\""]);
    folder.job(&format!("{}job = \"rehearsal\"\n", folder.read("job.toml")));
    folder.run_well();
    receive(&folder);
    verify(&folder, &["--job", "whd"]).is_fault(1, &["is of the job \"rehearsal\", not of \"whd\""]);
    let said = verify(&folder, &["--job", "rehearsal", "--json"]);
    let answer: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, &answer["delivery"]["job"]), (0, &"rehearsal".into()));
    // Nobody can add or change the job afterwards.
    let signature = folder.read("received/SHA256SUMS.minisig");
    folder.write("received/SHA256SUMS.minisig", signature.replace("job=rehearsal", "job=whd"));
    verify(&folder, &["--job", "whd"]).is_fault(1, &["the signature is not valid"]);
    // A job's id must be one word in the comment.
    folder.job(&folder.read("job.toml").replace("\"rehearsal\"", "\"re hearsal\""));
    folder.run(&[]).is_fault(2, &["\"job\" in [signing]"]);
}

/// Signed with the ordinary minisign, without the job, as earlier versions did.
fn a_signature_that_names_no_job_is_taken_where_none_is_asked_for() {
    let folder = delivered();
    let signature = folder.read("received/SHA256SUMS.minisig");
    let comment = signature.lines().nth(2).unwrap()["trusted comment: ".len()..].replace("job=whd ", "");
    let first = "signature of SHA256SUMS of a flagmatch delivery";
    let arguments = ["-S", "-s", "../administrator.key", "-m", "SHA256SUMS", "-t", &comment, "-c", first];
    assert!(tool(&folder.path("received"), "minisign", &arguments).0);
    let said = verify(&folder, &[]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("not named by the signature"), "{}", said.stdout);
    verify(&folder, &["--job", "whd"]).is_fault(1, &["does not say of which job it is"]);
}

/// The first line is not signed, so it may have only the text that flagmatch writes.
fn a_signature_with_another_first_line_is_refused() {
    let folder = delivered();
    let signature = folder.read("received/SHA256SUMS.minisig");
    let (_, rest) = signature.split_once('\n').unwrap();
    let long = "x".repeat(900_000);
    for first in ["signature from minisign secret key", "\u{1b}]0;call 0900\u{7}", &long] {
        folder.write("received/SHA256SUMS.minisig", format!("untrusted comment: {first}\n{rest}"));
        let said = verify(&folder, &[]);
        assert_eq!(said.code, 1);
        assert!(!said.stderr.contains('\u{1b}') && said.stderr.len() < 300, "{}", said.stderr);
        assert!(ordinary_tools(&folder) || first.len() > 1000, "minisign does not look at it");
    }
}

fn an_older_run_replayed_is_refused() {
    let folder = delivered();
    let first = run_of(&folder);
    folder.run_well();
    let second = run_of(&folder);
    // The files of the first run are still there.
    assert_eq!(verify(&folder, &[]).code, 0);
    for after in [&first, &second] {
        verify(&folder, &["--after", after]).is_fault(1, &[&format!("of the run {first}, which is not after {after}")]);
    }
    receive(&folder);
    assert_eq!(verify(&folder, &["--after", &first]).code, 0);
}

fn deliveries_are_numbered_by_supplier_without_a_gap() {
    let folder = signing();
    folder.run_well();
    folder.run_well();
    assert_eq!([sequence(&folder, "north"), sequence(&folder, "south")], ["2", "2"]);
    // The south is held back for one run, and none of its sequence numbers is missing.
    let south = folder.read("suppliers/south.csv");
    folder.write("suppliers/south.csv", "");
    assert_eq!(folder.run(&[]).code, 4);
    assert_eq!([sequence(&folder, "north"), sequence(&folder, "south")], ["3", "2"]);
    folder.write("suppliers/south.csv", south);
    folder.run_well();
    assert_eq!([sequence(&folder, "north"), sequence(&folder, "south")], ["4", "3"]);
    // A run without signatures takes a number too.
    let job = folder.read("job.toml");
    folder.job(JOB);
    folder.run_well();
    assert!(!folder.exists("out/current/north/SHA256SUMS.minisig"));
    folder.job(&job);
    folder.run_well();
    assert_eq!(sequence(&folder, "north"), "6");
    let manifest: Value = serde_json::from_str(&folder.read("out/current/north/datapackage.json")).unwrap();
    assert_eq!(manifest["sequence"], 6);
}

fn a_wrong_command_line_is_not_a_failed_verification() {
    let folder = delivered();
    let bad = |arguments: &[&str]| folder.flagmatch(&[&["verify", "received"], arguments].concat()).code;
    assert_eq!(bad(&["--public-key", "administrator.pub"]), 2);
    assert_eq!(bad(&["--supplier", "north"]), 2);
    assert_eq!(bad(&["--supplier", "north", "--public-key", "administrator.pub", "--after", "yesterday"]), 2);
    let with_key = |key| ["verify", "received", "--supplier", "north", "--public-key", key];
    folder.flagmatch(&with_key("gone.pub")).is_fault(2, &["gone.pub", "cannot open this key file"]);
    folder.flagmatch(&with_key("administrator.key")).is_fault(2, &["no public key in minisign's format"]);
    let gone = ["verify", "gone", "--supplier", "north", "--public-key", "administrator.pub"];
    folder.flagmatch(&gone).is_fault(1, &["gone: cannot be read"]);
}

fn a_key_pair_is_minisigns_own_and_never_written_over() {
    let folder = Folder::empty();
    let keygen = ["keygen", "--passphrase-fd", "0"];
    // The umask does not matter.
    let program = env!("CARGO_BIN_EXE_flagmatch");
    let open = format!("umask 0; exec {program} {}", keygen.join(" "));
    let made = run_with_input(&folder, "sh", &["-c", &open], &format!("{PASSPHRASE}\n"));
    assert_eq!((made.code, made.stderr.as_str()), (0, ""));
    assert!(made.stdout.contains("administrator.pub"), "{}", made.stdout);
    let mode = |name: &str| fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("administrator.key"), mode("administrator.pub")), (0o600, 0o644));

    // minisign opens the secret key with this passphrase only, and the public key fits.
    folder.write("text", "some text");
    let sign = ["-S", "-s", "administrator.key", "-m", "text"];
    assert_ne!(run_with_input(&folder, "minisign", &sign, "marzipan\n").code, 0);
    assert_eq!(run_with_input(&folder, "minisign", &sign, &format!("{PASSPHRASE}\n")).code, 0);
    assert!(tool(&folder.path("."), "minisign", &["-V", "-p", "administrator.pub", "-m", "text"]).0);

    let before = (bytes(&folder.path("administrator.key")), bytes(&folder.path("administrator.pub")));
    flagmatch_told(&folder, &keygen, "other\n").is_fault(2, &["administrator.key: is there already"]);
    let other = [&keygen[..], &["--secret-key", "other.key"]].concat();
    flagmatch_told(&folder, &other, "other\n").is_fault(2, &["administrator.pub: is there already"]);
    // A link to a missing file is not followed either.
    symlink("target.key", folder.path("link.key")).unwrap();
    folder
        .flagmatch(&["keygen", "--no-passphrase", "--secret-key", "link.key", "--public-key", "other.pub"])
        .is_fault(2, &["link.key: is there already"]);
    assert_eq!(before, (bytes(&folder.path("administrator.key")), bytes(&folder.path("administrator.pub"))));
    assert!(!folder.exists("other.key") && !folder.exists("other.pub") && !folder.exists("target.key"));

    // If the public key cannot be written, the secret key is removed.
    folder
        .flagmatch(&["keygen", "--no-passphrase", "--secret-key", "other.key", "--public-key", "gone/other.pub"])
        .is_fault(1, &["gone/other.pub: cannot create this key file"]);
    assert!(!folder.exists("other.key"));

    let json = ["keygen", "--no-passphrase", "--json", "--secret-key", "other.key", "--public-key", "other.pub"];
    let answer: Value = serde_json::from_str(&folder.flagmatch(&json).stdout).unwrap();
    let public = folder.read("other.pub");
    assert_eq!(answer["public_key"], public.lines().nth(1).unwrap());
    assert!(public.lines().next().unwrap().ends_with(answer["key_id"].as_str().unwrap()));
}

fn a_key_that_minisign_made_signs() {
    let folder = Folder::sound();
    folder.add_to_job("[signing]\nsecret_key = \"administrator.key\"");
    let make = ["-G", "-s", "administrator.key", "-p", "administrator.pub"];
    let twice = format!("{PASSPHRASE}\n{PASSPHRASE}\n");
    assert_eq!(run_with_input(&folder, "minisign", &make, &twice).code, 0);
    let said = flagmatch_told(&folder, &["run", "job.toml", "--passphrase-fd", "0"], PASSPHRASE);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    receive(&folder);
    assert_eq!(verify(&folder, &[]).code, 0);
    assert!(ordinary_tools(&folder));
}

fn a_key_that_cannot_be_used_stops_the_run_and_shows_nothing() {
    let folder = Folder::sound();
    folder.add_to_job("[signing]\nsecret_key = \"administrator.key\"");
    let run = ["run", "job.toml", "--passphrase-fd", "0"];
    let refused = |input: &str, parts: &[&str]| {
        let said = flagmatch_told(&folder, &run, input);
        said.is_fault(1, parts);
        for secret in ["marzipan", "Zeppelin", "two", "xxx", "RWRTY0Iy"] {
            assert!(!said.stderr.contains(secret) && !said.stdout.contains(secret), "{secret} is in: {}", said.stderr);
        }
        assert!(!folder.exists("out"));
    };
    refused("x", &["administrator.key: cannot open this key file"]);
    assert_eq!(flagmatch_told(&folder, &["keygen", "--passphrase-fd", "0"], PASSPHRASE).code, 0);
    refused("Zeppelin marzipan 42", &["administrator.key: the passphrase does not open this secret key"]);
    refused("", &["the passphrase has to be text of 1 to 1024 bytes on one line"]);
    refused("two\nlines\n", &["on one line"]);
    refused(&"x".repeat(1025), &["1 to 1024 bytes"]);

    // There is no terminal to ask for the passphrase.
    let program = env!("CARGO_BIN_EXE_flagmatch");
    run_with_input(&folder, "setsid", &["--wait", program, "run", "job.toml"], "")
        .is_fault(1, &["there is no terminal"]);
    run_with_input(&folder, "setsid", &["--wait", program, "run", "job.toml", "--passphrase-fd", "77"], "")
        .is_fault(1, &["--passphrase-fd 77: cannot be read"]);
    assert!(!folder.exists("out"));
    let job = folder.read("job.toml");
    folder.job(JOB);
    flagmatch_told(&folder, &run, PASSPHRASE).is_fault(2, &["the job names no secret_key under [signing]"]);
    folder.job(&job);
    assert!(!folder.exists("out"));
    // A run that publishes nothing signs nothing, and needs no passphrase.
    let dry = run_with_input(&folder, "setsid", &["--wait", program, "run", "job.toml", "--dry-run"], "");
    assert_eq!((dry.code, dry.stderr.as_str()), (0, ""));

    let key = folder.read("administrator.key");
    for wrong in ["", "one line", &folder.read("administrator.pub"), &key[..key.len() - 60], &"x".repeat(10_000)] {
        folder.write("administrator.key", wrong);
        refused(PASSPHRASE, &["administrator.key: this is no secret key in minisign's format"]);
    }
}

/// A sound job that encrypts for the north; the identity is in `north.identity`.
fn encrypting() -> Folder {
    let folder = signing();
    let (made, said) = tool(&folder.path("."), "age-keygen", &["-o", "north.identity"]);
    assert!(made, "{said}");
    let recipient = said.trim().strip_prefix("Public key: ").unwrap();
    let job = folder.read("job.toml");
    folder.job(&job.replace("id = \"north\"", &format!("id = \"north\"\nage_recipient = \"{recipient}\"")));
    folder
}

/// A file of the north's newest delivery, decrypted and unpacked with the ordinary tools.
fn opened(folder: &Folder, name: &str) -> String {
    let open = "age --decrypt --identity north.identity out/current/north/delivery.tar.age | tar -xOf - ";
    let output =
        Command::new("sh").current_dir(folder.path(".")).args(["-c", &format!("{open}{name}")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn what_is_released_to_a_recipient_is_an_age_file_that_only_it_opens() {
    let folder = encrypting();
    // Random ciphertext has any few letters by chance; it has these references with a chance of one in 2^200.
    let [one, two] = ["REF-one-that-no-ciphertext-has", "REF-two-that-no-ciphertext-has"];
    folder.customers("north", &[customer(one, &ELSPETH), customer(two, &HAMISH)]);
    folder.run_well();
    let files = |supplier: &str| {
        let entries = fs::read_dir(folder.path(&format!("out/current/{supplier}"))).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let tables = ["changes.csv", "rejects.csv", "whd.flags.csv"];
    assert_eq!(
        files("north"),
        ["README.txt", "SHA256SUMS", "SHA256SUMS.minisig", "datapackage.json", "delivery.tar.age"]
    );
    assert_eq!(
        files("south"),
        ["README.txt", "SHA256SUMS", "SHA256SUMS.minisig", tables[0], "datapackage.json", tables[1], tables[2]]
    );

    assert_eq!(opened(&folder, "whd.flags.csv"), format!("customer_ref,eligible\n{one},Y\n{two},N\n"));
    assert_eq!(
        opened(&folder, "changes.csv"),
        format!("customer_ref,scheme,eligible,change\n{one},whd,Y,new\n{two},whd,N,new\n")
    );
    assert_eq!(opened(&folder, "rejects.csv"), "file,line,kind,column,reason,heading\n");
    for name in files("north") {
        let content = bytes(&folder.path(&format!("out/current/north/{name}")));
        let text = String::from_utf8_lossy(&content);
        for plain in [one, two, "customer_ref,eligible", "customer_ref,scheme,eligible", "file,line,kind,column"] {
            assert!(!text.contains(plain), "{plain:?} is in {name}");
        }
        if matches!(name.as_str(), "SHA256SUMS" | "datapackage.json") {
            has_nothing_planted(&text);
        }
    }
    // Another identity does not decrypt it.
    assert!(tool(&folder.path("."), "age-keygen", &["-o", "other.identity"]).0);
    let open = ["-d", "-i", "other.identity", "out/current/north/delivery.tar.age"];
    assert!(!tool(&folder.path("."), "age", &open).0);

    // The manifest describes the archive, and has no count of what is in it.
    let manifest: Value = serde_json::from_str(&folder.read("out/current/north/datapackage.json")).unwrap();
    let sums = folder.read("out/current/north/SHA256SUMS");
    let resources = manifest["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 1);
    let archive = &resources[0];
    assert_eq!([&archive["path"], &archive["encryption"]], ["delivery.tar.age", "age"]);
    assert!(archive["schema"].is_null() && archive["rows"].is_null());
    assert_eq!(archive["rebate_schemes"][0]["rebate_scheme"], "whd");
    assert_eq!(archive["bytes"], bytes(&folder.path("out/current/north/delivery.tar.age")).len());
    let sum = archive["hash"].as_str().unwrap().strip_prefix("sha256:").unwrap();
    assert!(sums.contains(&format!("{sum}  delivery.tar.age\n")));
    // The manifest in it describes the tables.
    let inner: Value = serde_json::from_str(&opened(&folder, "datapackage.json")).unwrap();
    assert_eq!(inner["resources"].as_array().unwrap().len(), 3);
    assert_eq!(inner["resources"][0]["rows"], 2);

    // It is verified without the identity.
    fs::remove_file(folder.path("north.identity")).unwrap();
    receive(&folder);
    assert_eq!(verify(&folder, &[]).code, 0);
    assert!(ordinary_tools(&folder));
    let mut archive = bytes(&folder.path("received/delivery.tar.age"));
    *archive.last_mut().unwrap() ^= 1;
    folder.write("received/delivery.tar.age", archive);
    verify(&folder, &[]).is_fault(1, &["\"delivery.tar.age\" was changed"]);
    assert!(!ordinary_tools(&folder));
}

/// The next run knows the north's flags although the delivery is encrypted. It needs them for the changes, and for
/// which account has a claim's one rebate.
fn the_next_night_knows_what_an_encrypted_delivery_said() {
    let folder = encrypting();
    folder.run_well();
    // The south now has an account on the north's claim, with everything that the north knows and more.
    folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-0", &ELSPETH)]);
    folder.customers(
        "north",
        &[customer("REF-2", &HAMISH), customer("REF-1", &ELSPETH).with("uprn", ""), customer("REF-4", &HAMISH)],
    );
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
    folder.run_well();
    assert_eq!(folder.flag("south", "whd", "REF-0"), "N");
    assert_eq!(folder.reason("south", "whd", "REF-0"), "claim-used");
    // One of Hamish's two accounts gets the flag of his claim; the other one is new.
    let changes = opened(&folder, "changes.csv");
    assert!(!changes.contains("REF-1"), "{changes}");
    assert_eq!(changes, "customer_ref,scheme,eligible,change\nREF-2,whd,Y,changed\nREF-4,whd,N,new\n");

    // The same holds in the first run without encryption, and in the first with it again.
    let job = folder.read("job.toml");
    let plain: Vec<&str> = job.lines().filter(|line| !line.starts_with("age_recipient")).collect();
    folder.job(&plain.join("\n"));
    folder.customers("north", &[customer("REF-2", &HAMISH), customer("REF-1", &ELSPETH)]);
    folder.run_well();
    let gone = "customer_ref,scheme,eligible,change\nREF-4,whd,N,gone\n";
    assert_eq!(folder.read("out/current/north/changes.csv"), gone);
    folder.job(&job);
    folder.run_well();
    assert_eq!(opened(&folder, "changes.csv"), "customer_ref,scheme,eligible,change\n");
    assert_eq!(sequence(&folder, "north"), "4");
}

fn the_plain_copy_is_the_administrators_only() {
    let folder = encrypting();
    let program = env!("CARGO_BIN_EXE_flagmatch");
    let said = run_with_input(&folder, "sh", &["-c", &format!("umask 0; exec {program} run job.toml")], "");
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let plain = folder.path("out/latest/administrator/plain");
    assert_eq!(fs::read_dir(&plain).unwrap().count(), 1, "north alone has a recipient");
    assert_eq!(folder.read("out/latest/administrator/plain/north/whd.flags.csv"), opened(&folder, "whd.flags.csv"));
    let tree = folder.tree("out");
    assert!(tree.iter().any(|path| path.ends_with("plain/north/changes.csv")));
    for path in tree.into_iter().filter(|path| !path.is_symlink()) {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
}

/// The commands of a page: the lines that are set in by four spaces or stand beside the name of a system.
fn command<'p>(page: &'p str, begins: &str) -> &'p str {
    let lines = page.lines().map(|line| line.trim_start().trim_start_matches("Linux ").trim_start());
    let mut found = lines.filter(|line| line.starts_with(begins));
    let command = found.next().unwrap_or_else(|| panic!("{begins} is not in:\n{page}"));
    assert_eq!(found.next(), None, "{begins}");
    command
}

/// Every command is taken from the page and run as it stands there.
fn a_delivery_explains_itself_and_its_commands_work() {
    common::avoid_midnight();
    let folder = encrypting();
    let job = folder
        .read("job.toml")
        .replace("[[scheme.group]]", "purpose = \"to pay the rebate.\"\nretention_days = 400\n[[scheme.group]]");
    folder.job(&format!("{job}\n[exceptions]\nfiles = [\"exceptions/*.csv\"]\ndays = 20\n"));
    folder.run_well();
    receive(&folder);
    let page = folder.read("received/README.txt");
    let lines: Vec<&str> = page.lines().collect();
    assert!(lines.len() <= 90 && lines.iter().all(|line| line.chars().count() <= 79), "one page:\n{page}");
    let run = run_of(&folder);
    let day: jiff::civil::Date = format!("{}-{}-{}", &run[..4], &run[4..6], &run[6..8]).parse().unwrap();
    let after = |days: i64| day.saturating_add(jiff::Span::new().days(days)).to_string();
    let joined = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        &format!("Delivery 1 to north, run {run}, {day} (UTC)"),
        &format!("A Y that is new here: until {}. A Y of an earlier delivery: until 20 days", after(20)),
        &format!("whd: to pay the rebate. Keep them at most until {}.", after(400)),
        "delivery.tar.age encrypted for you; in it are: whd.flags.csv Warm Home Discount: each of your accounts, Y or N",
        "receipts.csv what became of your reports, by line",
        "padding zeros, so that the size tells nothing",
        "gone your files no longer have the account",
        "a spreadsheet takes leading zeros off, and such a row changes nothing",
        "this delivery stands until the next",
    ] {
        assert!(joined.contains(said), "{said:?} is not in:\n{page}");
    }
    has_nothing_planted(&page);
    assert!(!page.contains("south"));

    let received = folder.path("received");
    let (signed, said) = tool(&received, "sh", &["-c", command(&page, "minisign -V")]);
    assert!(signed && said.contains("Signature and comment signature verified"), "{said}");
    assert!(said.contains(&format!("Trusted comment: {}", command(&page, "flagmatch delivery "))), "{said}");
    for check in ["sha256sum ", "macOS"] {
        let check = command(&page, check).trim_start_matches("macOS").trim_start();
        // macOS has the program with Perl, as most systems do.
        if check.starts_with("shasum") && !Path::new("/usr/bin/shasum").exists() {
            continue;
        }
        let (whole, said) = tool(&received, "sh", &["-c", check]);
        assert!(whole && said.contains("README.txt: OK"), "{check}: {said}");
    }
    fs::create_dir(folder.path("opened")).unwrap();
    for open in ["age ", "tar "] {
        let open = command(&page, open).replace("YOUR.identity", "../north.identity");
        let (opened, said) = tool(&received, "sh", &["-c", &open]);
        assert!(opened && said.is_empty(), "{said}");
    }
    for name in ["changes.csv", "rejects.csv", "receipts.csv", "datapackage.json"] {
        assert!(folder.exists(&format!("opened/{name}")), "{name}");
    }
    assert!(bytes(&folder.path("opened/padding")).iter().all(|byte| *byte == 0));
    assert_eq!(folder.read("opened/whd.flags.csv"), "customer_ref,eligible\nREF-1,Y\nREF-2,N\n");
    let manifest: Value = serde_json::from_str(&folder.read("received/datapackage.json")).unwrap();
    assert_eq!(manifest["exceptions"], serde_json::json!({ "days": 20, "until": after(20) }));

    // The sums and the signature cover it.
    folder.write("received/README.txt", page.replace("until", "til"));
    verify(&folder, &[]).is_fault(1, &["\"README.txt\" was changed"]);
    // The south's delivery is not encrypted, and its page says nothing of age.
    let page = folder.read("out/current/south/README.txt");
    assert!(
        !page.contains("age-encryption") && page.contains("whd.flags.csv\n") || page.contains("whd.flags.csv "),
        "{page}"
    );
}

fn a_manifest_is_valid_before_and_after_decryption() {
    let folder = encrypting();
    let job = folder.read("job.toml");
    folder.job(&format!("{job}\n[exceptions]\nfiles = [\"exceptions/*.csv\"]\n"));
    folder
        .customers("north", &[customer("0012", &ELSPETH), customer("=1+1", &HAMISH), customer("a \"b\", c", &HAMISH)]);
    folder.customers("south", &[customer("0012", &OSWALD), customer("=1+1", &HAMISH), customer("a \"b\", c", &HAMISH)]);
    folder.write("exceptions/north.csv", "customer_ref,reason\n0012,closed\n12,closed\n");
    folder.run(&[]);
    receive(&folder);
    let opened = folder.path("opened");
    fs::create_dir(&opened).unwrap();
    for open in [
        "age --decrypt --identity ../north.identity -o ../opened/delivery.tar delivery.tar.age",
        "tar -xf ../opened/delivery.tar -C ../opened",
    ] {
        assert!(tool(&folder.path("received"), "sh", &["-c", open]).0, "{open}");
    }
    for place in ["received", "opened", "out/current/south"] {
        let place = folder.path(place);
        let (valid, said) = tool(&place, "frictionless", &["validate", "datapackage.json"]);
        assert!(valid && !said.contains("INVALID"), "{}: {said}", place.display());
    }
    // It counts rows, and the validator sees a row that is missing.
    let manifest: Value = serde_json::from_str(&folder.read("opened/datapackage.json")).unwrap();
    assert_eq!(manifest["resources"][0]["rows"], 3);
    let flags = folder.read("opened/whd.flags.csv");
    folder.write("opened/whd.flags.csv", flags.replace("=1+1,N\n", ""));
    assert!(!tool(&opened, "frictionless", &["validate", "datapackage.json"]).0);
}

fn a_notice_is_signed_and_passes_for_no_delivery() {
    let folder = signing();
    folder.run_well();
    folder.write("suppliers/north.csv", "");
    assert_eq!(folder.run(&[]).code, 4);
    let place = folder.path("out/notices/north");
    let (signed, said) = tool(&place, "minisign", &["-V", "-p", "../../../administrator.pub", "-m", "SHA256SUMS"]);
    assert!(
        signed && said.contains(&format!("flagmatch notice job=whd supplier=north run={}", run_of(&folder))),
        "{said}"
    );
    assert!(tool(&place, "sha256sum", &["--check", "--strict", "SHA256SUMS"]).0);
    let arguments = ["verify", "out/notices/north", "--public-key", "administrator.pub", "--supplier", "north"];
    folder.flagmatch(&arguments).is_fault(1, &["the trusted comment is not that of a delivery"]);
    folder.write("out/notices/north/NOTICE.txt", "Send money.\n");
    assert!(!tool(&place, "sha256sum", &["--check", "--strict", "SHA256SUMS"]).0);
}
