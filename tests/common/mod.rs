//! Builds a temporary folder with a job and its inputs, and runs the real program on it. The people in it have values
//! that no message would contain by chance.

// Each test file is a crate of its own and uses only some of this. A failed unwrap in a helper fails the test.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod desk;
pub(crate) mod process;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// A scheme with one group, and two suppliers. Sections may be appended.
pub(crate) const JOB: &str = r#"
[[scheme]]
id = "whd"
name = "Warm Home Discount"
qualifying_date = 2026-08-23
[[scheme.group]]
id = "core-1"
benefits = ["PCGC"]

[benefits]
files = ["benefits*.csv"]

[[supplier]]
id = "north"
files = ["suppliers/north*.csv"]
[[supplier]]
id = "south"
files = ["suppliers/south*.csv"]
"#;

pub(crate) const CUSTOMER: &[&str] = &[
    "customer_ref",
    "title",
    "forename",
    "middle_names",
    "surname",
    "date_of_birth",
    "joint_forename",
    "joint_surname",
    "joint_date_of_birth",
    "address_line_1",
    "address_line_2",
    "town",
    "postcode",
    "uprn",
    "supply_start",
    "supply_end",
];
pub(crate) const BENEFIT: &[&str] = &[
    "claim_ref",
    "person_ref",
    "role",
    "forename",
    "middle_names",
    "surname",
    "date_of_birth",
    "address_line_1",
    "address_line_2",
    "town",
    "postcode",
    "uprn",
    "benefit",
    "award_start",
    "award_end",
    "income",
];
pub(crate) const OBJECTION: &[&str] = &["person_ref", "claim_ref", "supplier", "customer_ref"];
pub(crate) const DECISION: &[&str] =
    &["supplier", "customer_ref", "scheme", "flag", "claim_ref", "person_ref", "decided_by", "decided_on", "reason"];
pub(crate) const PROPERTY: &[&str] = &["uprn", "energy_cost_score"];

/// A person and their home.
pub(crate) struct Person {
    pub(crate) forename: &'static str,
    pub(crate) surname: &'static str,
    pub(crate) born: &'static str,
    pub(crate) street: &'static str,
    pub(crate) town: &'static str,
    pub(crate) postcode: &'static str,
    pub(crate) uprn: &'static str,
}

/// People of different homes; only the second and third live together, as a couple.
pub(crate) const ELSPETH: Person = Person {
    forename: "Elspeth",
    surname: "Quillfeather",
    born: "1951-03-14",
    street: "7 Zinnia Row",
    town: "Quorndon",
    postcode: "LE12 8XQ",
    uprn: "100099155119",
};
pub(crate) const OSWALD: Person = Person {
    forename: "Oswald",
    surname: "Thrupkin",
    born: "1948-11-02",
    street: "31 Vexford Gate",
    town: "Wibtoft",
    postcode: "HR3 6ZZ",
    uprn: "100099255227",
};
pub(crate) const JOCASTA: Person = Person { forename: "Jocasta", born: "1950-06-27", ..OSWALD };
pub(crate) const HAMISH: Person = Person {
    forename: "Hamish",
    surname: "Yarborough",
    born: "1939-01-30",
    street: "112 Kestrel Brow",
    town: "Ulverwick",
    postcode: "CA7 4YJ",
    uprn: "100099355338",
};
pub(crate) const PRUNELLA: Person = Person {
    forename: "Prunella",
    surname: "Oxenbridge",
    born: "1962-09-19",
    street: "4 Juniper Wynd",
    town: "Xanthorpe",
    postcode: "TR19 7WW",
    uprn: "100099455449",
};

/// Values of these people, which no message may contain. Messages also have hexadecimal sums, run ids and times, so
/// values of a few digits or of the letters A to F are left out: a message could contain them by chance.
pub(crate) const PLANTED: &[&str] = &[
    "REF-",
    "CLM-",
    "PSN-",
    "Elspeth",
    "Quillfeather",
    "1951-03-14",
    "Zinnia",
    "Quorndon",
    "LE12 8XQ",
    "LE128XQ",
    "100099155119",
    "100099255227",
    "100099355338",
    "100099455449",
    "Oswald",
    "Thrupkin",
    "1948-11-02",
    "Vexford",
    "Wibtoft",
    "HR3 6ZZ",
    "HR36ZZ",
    "Jocasta",
    "1950-06-27",
    "Hamish",
    "Yarborough",
    "1939-01-30",
    "Kestrel",
    "Ulverwick",
    "CA7 4YJ",
    "CA74YJ",
    "Prunella",
    "Oxenbridge",
    "1962-09-19",
    "Juniper",
    "Xanthorpe",
    "TR19 7WW",
    "TR197WW",
    "PCGC",
    "13579.42",
];

/// A row of an input, by column. Missing columns are empty.
#[derive(Clone, Default)]
pub(crate) struct Row(BTreeMap<&'static str, String>);

impl Row {
    pub(crate) fn new(fields: &[(&'static str, &str)]) -> Row {
        fields.iter().fold(Row::default(), |row, (column, value)| row.with(column, value))
    }

    pub(crate) fn with(mut self, column: &'static str, value: &str) -> Row {
        self.0.insert(column, value.to_owned());
        self
    }

    fn person(person: &Person) -> Row {
        Row::new(&[
            ("forename", person.forename),
            ("surname", person.surname),
            ("date_of_birth", person.born),
            ("address_line_1", person.street),
            ("town", person.town),
            ("postcode", person.postcode),
            ("uprn", person.uprn),
        ])
    }
}

/// A customer on supply for years.
pub(crate) fn customer(customer_ref: &str, person: &Person) -> Row {
    Row::person(person).with("customer_ref", customer_ref).with("supply_start", "2020-01-01")
}

/// A claimant of an open, qualifying award. The person's own reference is made from the claim's and the forename.
pub(crate) fn award(claim_ref: &str, person: &Person) -> Row {
    Row::person(person)
        .with("claim_ref", claim_ref)
        .with("person_ref", &format!("PSN-{claim_ref}-{}", person.forename))
        .with("role", "claimant")
        .with("benefit", "PCGC")
        .with("award_start", "2024-05-01")
        .with("income", "13579.42")
}

/// Writes rows as CSV under these headings.
pub(crate) fn csv(columns: &[&str], rows: &[Row]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).unwrap();
    for row in rows {
        for column in row.0.keys() {
            assert!(columns.contains(column), "no column {column}");
        }
        writer.write_record(columns.iter().map(|column| row.0.get(column).map_or("", String::as_str))).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// A temporary folder with a job file and its inputs.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn empty() -> Folder {
        // Messages name paths, and the six random letters of a folder's name could spell a planted value.
        let mut folders = std::iter::repeat_with(|| tempfile::tempdir().unwrap());
        Folder(folders.find(|folder| planted_in(&folder.path().to_string_lossy()).is_none()).unwrap())
    }

    /// A valid job: in the north Elspeth, who is on benefit, and Hamish, who is not; in the south Oswald.
    pub(crate) fn sound() -> Folder {
        let folder = Folder::empty();
        folder.write("job.toml", JOB);
        folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD)]);
        folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH)]);
        folder.customers("south", &[customer("REF-3", &OSWALD)]);
        folder
    }

    /// A synthetic nation.
    pub(crate) fn nation(customers: &str, benefits: &str, suppliers: &str) -> Folder {
        let folder = Folder::empty();
        let made = folder.flagmatch(&[
            "synth",
            "--customers",
            customers,
            "--benefits",
            benefits,
            "--suppliers",
            suppliers,
            "--seed",
            "7",
            "--out",
            "nation",
        ]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(crate) fn benefits(&self, rows: &[Row]) {
        self.write("benefits.csv", csv(BENEFIT, rows));
    }

    pub(crate) fn customers(&self, supplier: &str, rows: &[Row]) {
        self.write(&format!("suppliers/{supplier}.csv"), csv(CUSTOMER, rows));
    }

    pub(crate) fn job(&self, text: &str) {
        self.write("job.toml", text);
    }

    /// Appends a section to the job file.
    pub(crate) fn add_to_job(&self, section: &str) {
        self.job(&format!("{}\n{section}\n", self.read("job.toml")));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flagmatch"));
        command.current_dir(self.0.path()).args(arguments);
        command
    }

    pub(crate) fn flagmatch(&self, arguments: &[&str]) -> Said {
        Said::new(self.command(arguments).output().unwrap())
    }

    /// Runs `flagmatch run job.toml` with further arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.flagmatch(&[&["run", "job.toml"], arguments].concat())
    }

    /// The ids of the published runs, oldest first.
    pub(crate) fn runs(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("out")).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.starts_with("20"));
        names.sort();
        names
    }

    /// Runs the job and checks that it succeeds without a message.
    pub(crate) fn run_well(&self) {
        let said = self.run(&[]);
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    }

    /// The flag file of a supplier's newest delivery, as pairs of reference and flag.
    pub(crate) fn flags(&self, supplier: &str, scheme: &str) -> Vec<(String, String)> {
        let rows = self.table(&format!("out/current/{supplier}/{scheme}.flags.csv"));
        rows.into_iter().map(|mut row| (row.remove("customer_ref").unwrap(), row.remove("eligible").unwrap())).collect()
    }

    /// The flag of one account.
    pub(crate) fn flag(&self, supplier: &str, scheme: &str, customer_ref: &str) -> String {
        let flags = self.flags(supplier, scheme);
        let found: Vec<_> = flags.into_iter().filter(|(reference, _)| reference == customer_ref).collect();
        assert_eq!(found.len(), 1, "one row of {customer_ref}");
        found.into_iter().next().unwrap().1
    }

    /// The rows of a CSV file, by column.
    pub(crate) fn table(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let text = self.read(name);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.deserialize().map(Result::unwrap).collect()
    }

    /// The rows of an administrator's table that have these values.
    pub(crate) fn administrator(&self, table: &str, having: &[(&str, &str)]) -> Vec<BTreeMap<String, String>> {
        let mut rows = self.table(&format!("out/latest/administrator/{table}.csv"));
        rows.retain(|row| having.iter().all(|(column, value)| row[*column] == *value));
        rows
    }

    /// An account of a nation's first supplier whose decision has this reason.
    pub(crate) fn administrator_of(&self, nation: &str, reason: &str) -> String {
        let rows = self.table(&format!("{nation}/out/latest/administrator/decisions.csv"));
        let found = rows.into_iter().find(|row| row["supplier"] == "supplier-01" && row["reason"] == reason);
        found.unwrap()["customer_ref"].clone()
    }

    /// The reason of an account in `decisions.csv`; empty if it has no row.
    pub(crate) fn reason(&self, supplier: &str, scheme: &str, customer_ref: &str) -> String {
        let having = [("supplier", supplier), ("scheme", scheme), ("customer_ref", customer_ref)];
        let rows = self.administrator("decisions", &having);
        assert!(rows.len() <= 1, "one row of {customer_ref}");
        rows.first().map_or(String::new(), |row| row["reason"].clone())
    }

    /// The outcome of a claim in `claims.csv`; empty if it has no row.
    pub(crate) fn outcome(&self, scheme: &str, claim_ref: &str) -> String {
        let rows = self.administrator("claims", &[("scheme", scheme), ("claim_ref", claim_ref)]);
        assert!(rows.iter().all(|row| row["outcome"] == rows[0]["outcome"]), "one outcome of {claim_ref}");
        rows.first().map_or(String::new(), |row| row["outcome"].clone())
    }

    /// All files and folders under a folder, sorted. Links are not followed.
    pub(crate) fn tree(&self, name: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.path(name)];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    open.push(path.clone());
                }
                found.push(path);
            }
        }
        found.sort();
        found
    }
}

/// What the program printed, and its exit code.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Removes the log lines about success, which begin with a time, from standard error.
    pub(crate) fn new(output: std::process::Output) -> Said {
        let said = String::from_utf8(output.stderr).unwrap();
        let (log, stderr): (Vec<&str>, Vec<&str>) = said.split_inclusive('\n').partition(|line| is_log(line));
        has_nothing_planted(&log.concat());
        Said {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: stderr.concat(),
        }
    }

    /// Checks the exit code, and that one line on standard error has all of these parts and no planted value.
    #[track_caller]
    pub(crate) fn is_fault(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "one line: {}", self.stderr);
        assert!(self.stderr.starts_with("flagmatch: "), "{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in: {}", self.stderr);
        }
        has_nothing_planted(&self.stdout);
        has_nothing_planted(&self.stderr);
    }
}

/// Whether this is a log line about success, in the form for people.
pub(crate) fn is_log(line: &str) -> bool {
    let form = "0000-00-00T00:00:00Z ";
    let is_of = |(letter, form): (char, char)| if form == '0' { letter.is_ascii_digit() } else { letter == form };
    line.len() > form.len() && line.chars().zip(form.chars()).all(is_of)
}

fn planted_in(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    PLANTED.iter().copied().find(|planted| lower.contains(&planted.to_lowercase()))
}

/// Checks that the text has no planted value.
#[track_caller]
pub(crate) fn has_nothing_planted(text: &str) {
    assert_eq!(planted_in(&without_benefit_codes(text)), None, "it is in: {text}");
}

/// Waits until midnight is over if it is near. A test that counts days from a run's date needs the date to stay the
/// same while it runs.
pub(crate) fn avoid_midnight() {
    const NEAR: u64 = 120;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let left = 86_400 - now % 86_400;
    if left <= NEAR {
        std::thread::sleep(std::time::Duration::from_secs(left + 1));
    }
}

/// The text without the lines in which `check` lists the benefit codes of the job and their row counts.
fn without_benefit_codes(text: &str) -> String {
    let is_of_a_code = |line: &&str| {
        let rest = line.trim().strip_prefix("\"PCGC\"");
        rest.is_some_and(|rest| rest.chars().all(|letter| letter.is_ascii_digit() || ": ,".contains(letter)))
    };
    text.lines().filter(|line| !is_of_a_code(line)).collect::<Vec<_>>().join("\n")
}

pub(crate) fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
