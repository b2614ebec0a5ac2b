//! The job file: what to match, for whom, under which rules.
//!
//! The scheme administrator writes the TOML file by hand. In the [`Job`] everything is known to be usable:
//! names are unique and safe as file names, dates exist, numbers lie in their range, and every scheme
//! referred to is there. Anything wrong is an error before any data is read; it names the line and, for a
//! misspelt key, the nearest known one.
//!
//! A [`Source`] finds its files only when asked, because a missing file means different things for one
//! supplier and for everybody.

mod changes;
pub(crate) mod columns;
mod error;
mod gates;
mod input;
mod kinds;
mod probing;
mod reading;
mod recipient;
mod review;
mod search;
mod section;
mod settings;
mod source;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::date::Date;
use crate::text::shown;
pub use changes::{Changes, ReleaseDay};
pub use error::{Fault, Hint, JobError};
pub use gates::Gates;
use input::input;
use kinds::{count, date, id, number, parsed, path, share, switch, text, texts, whole};
pub use probing::Probing;
pub use recipient::{AgeRecipient, NotARecipient};
pub use review::{Review, Reviewer};
pub(crate) use search::FoundFile;
pub(crate) use settings::{Absent, Declaration, Setting};
use settings::{Kind, section, section_or_defaults, sections, settings};
pub use source::{FilesError, Source};

settings! {
    /// A job, as its file describes it and known to be sound.
    ///
    /// ```
    /// use std::path::Path;
    /// use flagmatch::job::Job;
    ///
    /// let job = Job::parse(
    ///     r#"
    ///     [[scheme]]
    ///     id = "whd-2026"
    ///     name = "Warm Home Discount 2026-27"
    ///     qualifying_date = 2026-08-23
    ///     [[scheme.group]]
    ///     id = "core-1"
    ///     benefits = ["PCGC"]
    ///
    ///     [benefits]
    ///     files = ["benefits.csv"]
    ///
    ///     [[supplier]]
    ///     id = "northern-power"
    ///     files = ["northern-power*.csv"]
    ///     "#,
    ///     Path::new("jobs"),
    /// )?;
    /// assert_eq!(job.schemes[0].qualifying_date.to_string(), "2026-08-23");
    /// assert_eq!(job.matching.threshold, 0.98);
    /// assert_eq!(job.output, Path::new("jobs").join("out"));
    /// # Ok::<(), flagmatch::job::JobError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq)]
    pub struct Job {
        /// The schemes, at most 32.
        pub schemes as scheme: Vec<Scheme> = sections("[[scheme]]", Scheme::settings()),
        /// The benefit records.
        pub benefits: Source = section("[benefits]", input(columns::BENEFIT)),
        /// The energy-cost scores of properties.
        pub properties: Option<Source> = section("[properties]", input(columns::PROPERTY)).optional(),
        /// The persons, claims and accounts that get no flag.
        pub objections: Option<Source> = section("[objections]", input(columns::OBJECTION)).optional(),
        /// What the administrator's staff decided.
        pub decisions: Option<Source> = section("[decisions]", input(columns::DECISION)).optional(),
        /// What suppliers report back about the notices they got.
        pub exceptions: Option<Exceptions> = section("[exceptions]", Exceptions::settings()).optional(),
        /// The suppliers, at least one that is not former.
        pub suppliers as supplier: Vec<Supplier> = sections("[[supplier]]", Supplier::settings()),
        /// How sure a match has to be.
        pub matching: Matching = section_or_defaults("[matching]", Matching::settings()),
        /// How bad a file may be.
        pub intake: Intake = section_or_defaults("[intake]", Intake::settings()),
        /// What published figures may reveal.
        pub disclosure: Disclosure = section_or_defaults("[disclosure]", Disclosure::settings()),
        /// The days on which changed flags of unchanged accounts are released.
        pub changes: Option<Changes> = section("[changes]", Changes::settings()).optional_or("every day"),
        /// The bounds outside which a supplier is quarantined.
        pub gates: Gates = section_or_defaults("[gates]", Gates::settings()),
        /// What a customer file may look like before it is taken for an attempt to learn who is on benefits.
        pub probing: Option<Probing> =
            section("[probing]", Probing::settings()).optional_or("not checked"),
        /// How long the audit's counts and sums are kept.
        pub retention: Retention = section_or_defaults("[retention]", Retention::settings()),
        /// How staff decide doubtful cases on the page of `flagmatch review`.
        pub review: Review = section_or_defaults("[review]", Review::settings()),
        /// Where runs are published.
        pub output: PathBuf =
            section_or_defaults("[output]", Output::settings()).map(|_, output| output.directory),
        /// The key that deliveries are signed with.
        pub signing_key as signing: Option<PathBuf> = section("[signing]", Signing::settings())
            .optional_or("not signed")
            .map(|_, signing| signing.map(|signing| signing.secret_key)),
        ..
        /// The id by which a signature names the job; by default made from its schemes' ids.
        pub signing_job: String = reading::signing_job(),
    }
}

settings! {
    /// A rebate or other support with its own qualifying date and groups.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Scheme {
        /// Names the scheme in files and tables.
        pub id: String = id(),
        /// The name people know it by; goes into the manifests.
        pub name: String = text(),
        /// The day on which an award must be open and an account on supply: bare or as text.
        pub qualifying_date: Date = date(),
        /// Whether a household's claim gets at most one rebate over all suppliers. If several accounts are eligible
        /// through it, one gets the flag.
        pub one_rebate_per_claim: bool = switch().or(true),
        /// After how many days the rebate of a gone account is free for other suppliers' accounts of the household;
        /// counted up to `--night-of`, or else to the day of the newest run.
        pub free_after_days: u32 = whole(" of days", 1..=366).or(Scheme::FREE_AFTER_DAYS),
        /// How many rebates there are; the coldest homes come first.
        pub limit: Option<u64> = count("").optional(),
        /// What the flag may be used for; goes into the manifests.
        pub purpose: Option<String> = text().optional(),
        /// The power under which the data is shared; goes into the manifests.
        pub legal_power: Option<String> = text().optional(),
        /// For how many days after a run its flags, and what they were made from, may be kept; for the manifests and
        /// `flagmatch purge`.
        pub retention_days: Option<u32> = count(" of days").optional_or("for good"),
        /// The ways to be eligible; at most 64 over all schemes.
        pub groups as group: Vec<Group> = sections("[[scheme.group]]", Group::settings()),
    }
}

impl Scheme {
    /// The default of [`free_after_days`](Self::free_after_days): a month, in which a supplier that lost an
    /// account by mistake can send it again. (Choice.)
    pub const FREE_AFTER_DAYS: u32 = 30;
}

settings! {
    /// One way to be eligible in a scheme. All its conditions have to hold.
    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    pub struct Group {
        /// Names the group in decisions.
        pub id: String = id(),
        /// Codes as in the benefit files; capitals do not count. One such award must be open on the qualifying date.
        pub benefits: Vec<String> = texts("texts", |_| true),
        /// The highest income that the claim may have; the largest one stated for it counts.
        pub max_income: Option<f64> =
            number("a number of pounds a year, 0 or more", |pounds| pounds >= 0.0).optional(),
        /// The least energy-cost score at the claimant's UPRN, else at the account's; higher is colder. Needs
        /// `[properties]`.
        pub min_energy_cost_score: Option<f64> = number("a number", |_| true).optional(),
    }
}

settings! {
    /// An energy supplier, and where its customer files are.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Supplier {
        /// Names the supplier's folder.
        pub id: String = id(),
        /// The ids of the schemes it takes part in.
        schemes: Option<Vec<String>> = texts("texts", |_| true).optional_or("all"),
        /// Encrypts its deliveries to this age key, so that only its holder can read them.
        pub age_recipient: Option<AgeRecipient> =
            parsed("an age recipient: age1 and what follows it, as age-keygen prints it").optional(),
        /// Whether rows of one account may be in several files. Otherwise, one `customer_ref` in two files rejects
        /// the supplier: probably the glob found yesterday's file.
        pub parts: bool = switch().or(false),
        /// Whether the supplier has left: its `files` are not read (they may stay or go), and it gets no delivery.
        /// Objections and decisions may still name it; one that names a supplier outside the job stops the run.
        pub former: bool = switch().or(false),
        /// The id of the current supplier that took over the accounts of this former one.
        pub successor: Option<String> = text().optional(),
        ..
        /// Its customer files; no pattern if it is former.
        pub source: Source = input(columns::CUSTOMER),
    }
}

impl Supplier {
    /// Whether this supplier's accounts can get a flag of the scheme.
    pub fn takes_part_in(&self, scheme: &Scheme) -> bool {
        self.schemes.as_ref().is_none_or(|named| named.contains(&scheme.id))
    }
}

settings! {
    /// The exceptions that suppliers report: accounts whose notice they cannot act on.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Exceptions {
        /// For how many days after a notice a supplier may report.
        pub days: u32 = whole(" of days", 1..=366).or(Exceptions::DAYS),
        ..
        /// Their files, each named after its supplier.
        pub source: Source = input(columns::EXCEPTION),
    }
}

impl Exceptions {
    /// The default of [`days`](Self::days), after SI 2022/772.
    pub const DAYS: u32 = 30;

    /// The supplier to which a file belongs. The file is named after the supplier's id, which `-`, `_` or `.`
    /// and more may follow; if several ids fit, the longest counts.
    pub fn supplier<'j>(file_name: &str, job: &'j Job) -> Option<&'j Supplier> {
        let fits = |supplier: &&Supplier| {
            let rest = file_name.strip_prefix(supplier.id.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.']))
        };
        job.suppliers.iter().filter(fits).max_by_key(|supplier| supplier.id.len())
    }
}

settings! {
    /// How sure a match has to be. Unless set, `keep` and `review` follow a lower `threshold` down.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Matching {
        /// The least posterior at which an account is `Y`.
        pub threshold: f64 = number("a number above 0 and below 1", |number| 0.0 < number && number < 1.0).or(0.98),
        /// The least posterior, rounded to hundredths, at which a released `Y` stays.
        pub keep: f64 = number("a number above 0 and not above threshold", |number| number > 0.0).or(0.5),
        /// The least posterior at which an account is `uncertain` and in review.
        pub review: f64 = number("a number above 0 and not above keep", |number| number > 0.0).or(0.2),
        /// A file of match weights from `flagmatch train`; one that cannot be used stops the run (exit code 3).
        pub weights: Option<PathBuf> = path().optional_or("those that ship"),
        /// The prior is one in so many people: those named on an electricity account in Great Britain. A pilot, or a
        /// benchmark, states how many people its own lists are about.
        pub population: u32 = whole("", Matching::POPULATIONS).or(34_000_000),
        /// The people whom no benefit record names, and who may be a holder: `"none"` for records without households,
        /// or a file like the table that ships; one that cannot be used stops the run (exit code 3).
        pub relatives: Relatives = relatives(),
    }
}

impl Matching {
    /// The populations of which the prior can be one.
    pub(crate) const POPULATIONS: RangeInclusive<i64> = 2..=1_000_000_000;
}

impl Default for Matching {
    fn default() -> Matching {
        Matching::settings().defaults()
    }
}

fn relatives() -> Kind<Relatives> {
    let read = text().map(|section, text| match text.as_str() {
        "none" => Relatives::None,
        _ => Relatives::File(section.document.folder.join(text)),
    });
    read.optional_or("the table that ships").map(|_, stated| stated.unwrap_or(Relatives::Shipped))
}

/// Which table of unseen persons is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relatives {
    /// The one that ships with the program.
    Shipped,
    /// None: for records without households.
    None,
    /// One of the job's own.
    File(PathBuf),
}

settings! {
    /// How bad a file may be.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Intake {
        /// A file with a greater share of rejected rows is refused whole.
        pub reject_limit: f64 = share().or(0.1),
        /// The file of the age identity that opens inputs whose names end in `.age`, as `age-keygen` writes it; one that
        /// cannot be used stops the run (exit code 3).
        pub identity: Option<PathBuf> = path().optional(),
    }
}

settings! {
    /// What published figures may reveal about one household in a season.
    #[derive(Debug, Clone, PartialEq, serde::Serialize)]
    pub struct Disclosure {
        /// The season whose budget is spent. With another name, the next run begins another budget; seasons add up.
        pub season: String = id().or("1".to_owned()),
        /// By which factor, e to this power, figures may change the odds of any guess about a household.
        pub epsilon: f64 = number("a number above 0, at most 10000", |number| number > 0.0 && number <= 1e4).or(2.0),
        /// The chance that they change them more.
        pub delta: f64 = number("a number above 0, below 0.001", |number| number > 0.0 && number < 1e-3).or(1e-9),
        /// The days from one headline to the next.
        pub headline_days: u32 = whole(" of days", 1..=366).or(7),
        /// How many headlines the season's budget is for.
        pub headlines: u32 = whole("", 1..=366).or(26),
        /// The days from one set of detailed tables to the next.
        pub detail_days: u32 = whole(" of days", 1..=366).or(28),
        /// How many sets of detailed tables the season's budget is for.
        pub details: u32 = whole("", 1..=366).or(7),
    }
}

impl Default for Disclosure {
    fn default() -> Disclosure {
        Disclosure::settings().defaults()
    }
}

settings! {
    /// How long the audit's counts and sums are kept.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Retention {
        /// For how many days after a run `flagmatch purge` keeps its record, manifests, rates and ledger rows. They
        /// contain nothing about any person.
        pub audit_days: Option<u32> = count(" of days").optional_or("for good"),
    }
}

settings! {
    /// Where runs are published.
    struct Output {
        /// The directory of the runs; `--out` overrides it.
        pub directory: PathBuf =
            text().or("out".to_owned()).map(|section, path| section.document.folder.join(path)),
    }
}

settings! {
    /// How deliveries are signed. A section without its key would promise signatures that nobody makes.
    struct Signing {
        /// The secret key file, from `flagmatch keygen` or minisign; one that cannot be used stops the run (exit code
        /// 1). The program asks for the passphrase, or reads it with `--passphrase-fd`.
        pub secret_key: PathBuf = path(),
        /// This job's id in signatures; suppliers check it with `flagmatch verify --job`.
        pub job: Option<String> = id().optional_or("scheme ids, joined by `+`"),
    }
}

impl Job {
    /// Reads a job file. Paths in it are relative to the folder it lies in.
    ///
    /// # Errors
    /// [`JobError::Unreadable`] if there is no such text file, [`JobError::Wrong`] with the line of
    /// the first thing in it that cannot be used.
    pub fn read(path: &Path) -> Result<Job, JobError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| JobError::Unreadable { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        reading::job(&text, &shown(path).to_string(), folder)
    }

    /// Reads the text of a job file whose paths are relative to `folder`.
    ///
    /// # Errors
    /// [`JobError::Wrong`] with the line of the first thing in it that cannot be used.
    pub fn parse(text: &str, folder: &Path) -> Result<Job, JobError> {
        reading::job(text, "job file", folder)
    }

    /// The id by which signatures name a job that states none: its schemes' ids, joined by `+`.
    pub(crate) fn signed_as<'a>(schemes: impl Iterator<Item = &'a Scheme>) -> String {
        schemes.map(|scheme| scheme.id.as_str()).collect::<Vec<_>>().join("+")
    }

    /// Every setting that a job file may have.
    pub(crate) fn declaration() -> Declaration {
        reading::declaration()
    }

    /// The suppliers that are not former.
    pub fn current_suppliers(&self) -> impl Iterator<Item = &Supplier> {
        self.suppliers.iter().filter(|supplier| !supplier.former)
    }

    /// The supplier of that id, current or former.
    pub fn supplier(&self, id: &str) -> Option<&Supplier> {
        self.suppliers.iter().find(|supplier| supplier.id == id)
    }
}
