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
mod probing;
mod reading;
mod recipient;
mod search;
mod section;
mod settings;
mod source;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::date::Date;

use crate::text::shown;
pub use changes::{Changes, ReleaseDay};
pub use error::{Fault, Hint, JobError};
pub use gates::Gates;
pub use probing::Probing;
pub use recipient::{AgeRecipient, NotARecipient};
pub(crate) use search::FoundFile;
pub use source::{FilesError, Source};

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
    /// The schemes, at least one, in the file's order.
    pub schemes: Vec<Scheme>,
    /// The benefit records.
    pub benefits: Source,
    /// The energy-cost scores of properties.
    pub properties: Option<Source>,
    /// Who objected to being matched.
    pub objections: Option<Source>,
    /// What the administrator's staff decided.
    pub decisions: Option<Source>,
    /// What suppliers report back about the notices they got.
    pub exceptions: Option<Exceptions>,
    /// The suppliers, at least one that is not former, in the file's order.
    pub suppliers: Vec<Supplier>,
    /// How sure a match has to be.
    pub matching: Matching,
    /// How bad a file may be.
    pub intake: Intake,
    /// What published rates may reveal.
    pub disclosure: Disclosure,
    /// When changed flags of unchanged accounts are released; `None` if in every run.
    pub changes: Option<Changes>,
    /// The bounds outside which a supplier is quarantined.
    pub gates: Gates,
    /// What a customer file may look like before it is taken for probing; `None` if that is not checked.
    pub probing: Option<Probing>,
    /// How long the audit's counts and sums are kept.
    pub retention: Retention,
    /// The directory that runs are published in.
    pub output: PathBuf,
    /// The file of the secret key that deliveries are signed with; `None` if they are not signed.
    pub signing_key: Option<PathBuf>,
    /// The id by which a signature names the job; by default made from its schemes' ids.
    pub signing_job: String,
}

/// A rebate or other support with its own qualifying date and groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheme {
    /// The id that names the scheme's files; safe as a file name.
    pub id: String,
    /// The name people know it by.
    pub name: String,
    /// The day on which an award must be open and an account on supply.
    pub qualifying_date: Date,
    /// The ways to be eligible, at least one.
    pub groups: Vec<Group>,
    /// Whether a household's claim gets at most one rebate over all suppliers. On by default.
    pub one_rebate_per_claim: bool,
    /// After how many days a rebate whose account is gone becomes free for accounts of other suppliers.
    pub free_after_days: u32,
    /// How many rebates there are, if there is a limit.
    pub limit: Option<u64>,
    /// What the flag may be used for, as the manifests state it.
    pub purpose: Option<String>,
    /// The power under which the data is shared, as the manifests state it.
    pub legal_power: Option<String>,
    /// For how many days the flag, and all data it was made from, may be kept; `None` if for ever.
    pub retention_days: Option<u32>,
}

impl Scheme {
    /// The default of [`free_after_days`](Self::free_after_days): a month, in which a supplier that lost an
    /// account by mistake can send it again. (Choice.)
    pub const FREE_AFTER_DAYS: u32 = 30;
}

/// One way to be eligible in a scheme. All its conditions have to hold.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Group {
    /// The group's name in decisions.
    pub id: String,
    /// The codes of the benefits that qualify, at least one.
    pub benefits: Vec<String>,
    /// The highest income that the claim may have, in pounds a year.
    pub max_income: Option<f64>,
    /// The lowest energy-cost score that the home may have; higher is colder.
    pub min_energy_cost_score: Option<f64>,
}

/// An energy supplier, and where its customer files are.
#[derive(Debug, Clone, PartialEq)]
pub struct Supplier {
    /// The id that names the supplier's folder: safe as a file name, and different from all others even on a
    /// file system that ignores case.
    pub id: String,
    /// Its customer files; no pattern if it is former.
    pub source: Source,
    /// Whether one account's rows may be spread over several files.
    pub parts: bool,
    /// The only recipient who can decrypt its deliveries; `None` if they are not encrypted.
    pub age_recipient: Option<AgeRecipient>,
    /// Whether it has left: its files are not read and it gets no delivery. Objections and decisions may
    /// still name it.
    pub former: bool,
    /// The id of the supplier that took over the accounts of this former one.
    pub successor: Option<String>,
    /// The schemes it takes part in; `None` if all.
    schemes: Option<Vec<String>>,
}

impl Supplier {
    /// Whether this supplier's accounts can get a flag of the scheme.
    pub fn takes_part_in(&self, scheme: &Scheme) -> bool {
        self.schemes.as_ref().is_none_or(|named| named.contains(&scheme.id))
    }
}

/// The exceptions that suppliers report: accounts whose notice they cannot act on.
#[derive(Debug, Clone, PartialEq)]
pub struct Exceptions {
    /// Their files, each named after its supplier.
    pub source: Source,
    /// For how many days after a notice a supplier may report.
    pub days: u32,
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

/// How sure a match has to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// The least posterior at which an account is `Y`, above 0 and below 1.
    pub threshold: f64,
    /// The least posterior at which an account is for review; at most [`keep`](Self::keep).
    pub review: f64,
    /// The least posterior at which a released `Y` stays; at most [`threshold`](Self::threshold).
    pub keep: f64,
    /// A file of match weights, as `train` writes it; `None` for the shipped ones.
    pub weights: Option<PathBuf>,
}

/// How bad a file may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intake {
    /// The largest share of rejected rows, 0 to 1, with which a file is still taken.
    pub reject_limit: f64,
}

/// What published rates may reveal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disclosure {
    /// The least count that is published, 5 or more; smaller ones are suppressed.
    pub threshold: u64,
    /// After how many days, 1 or more, a supplier's cells are looked at again.
    pub days: u32,
}

/// How long the audit's counts and sums are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// For how many days after a run its record, manifests, rates and ledger rows are kept; `None` if for
    /// ever. They contain nothing about any person.
    pub audit_days: Option<u32>,
}

impl Default for Matching {
    /// A threshold of 0.98, review from 0.20, released flags kept from 0.50, and the shipped weights.
    fn default() -> Matching {
        Matching { threshold: 0.98, review: 0.20, keep: 0.50, weights: None }
    }
}

impl Default for Intake {
    /// One bad row in ten.
    fn default() -> Intake {
        Intake { reject_limit: 0.10 }
    }
}

impl Default for Disclosure {
    /// Counts of ten, looked at once a week.
    fn default() -> Disclosure {
        Disclosure { threshold: 10, days: 7 }
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

    /// The suppliers that are not former.
    pub fn current_suppliers(&self) -> impl Iterator<Item = &Supplier> {
        self.suppliers.iter().filter(|supplier| !supplier.former)
    }

    /// The supplier of that id, current or former.
    pub fn supplier(&self, id: &str) -> Option<&Supplier> {
        self.suppliers.iter().find(|supplier| supplier.id == id)
    }
}
