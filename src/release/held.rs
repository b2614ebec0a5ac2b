//! What a gate kept back: in go flags, rejects and decisions of one supplier, out comes a folder among
//! the administrator's files; and later, by hand, the delivery that it was to be.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::data_package;
use super::error::ReleaseError;
use super::flags::{Flag, FlagFile};
use super::folder;
use super::marks::{MARKS, Marks};
use super::published::{ADMINISTRATOR, Published, ReleasedFlag, released_flags};
use super::rebates::Rebate;
use super::rows::{
    ClaimRow, Claims, DecisionRow, Decisions, Outcome, Reject, RejectKind, Rejects, Review, ReviewRow, RowFile, Table,
    read_columns, read_rows,
};
use super::run_id::RunId;
use super::staged_file::OpenFiles;
use super::staging::Staging;
use super::supplier_folder::{FLAGS_ENDING, FLAGS_HEADER};
use crate::job::{AgeRecipient, Scheme};
use crate::text::unmarked;

/// Where the administrator keeps what gates held back.
const HELD: &str = "held";

/// A file that is kept, and the sum by which it is known again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HeldFile {
    /// Its name in the supplier's folder under `held`.
    pub name: String,
    /// Its SHA-256 sum in hexadecimal.
    pub sha256: String,
}

/// A folder of what is held back, while it is being filled.
pub struct HeldFolder {
    folder: PathBuf,
    names: Vec<String>,
    open: OpenFiles,
}

impl HeldFolder {
    pub(super) fn begin(administrator: &Path, supplier: &str) -> Result<HeldFolder, ReleaseError> {
        let held = administrator.join(HELD);
        folder::ensure(&held)?;
        let folder = held.join(supplier);
        folder::create(&folder)?;
        Ok(HeldFolder { folder, names: Vec::new(), open: OpenFiles::default() })
    }

    /// Begins the flag file of a scheme.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be created, or was begun before.
    pub fn flags(&mut self, scheme: &Scheme) -> Result<FlagFile, ReleaseError> {
        let name = format!("{}{FLAGS_ENDING}", scheme.id);
        let name = self.named(name);
        FlagFile::begin(self.open.create(&self.folder, &name)?)
    }

    /// Begins the table of decisions.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be created, or was begun before.
    pub fn decisions(&mut self) -> Result<RowFile<Decisions>, ReleaseError> {
        let name = self.named(Decisions::FILE.to_owned());
        RowFile::begin(self.open.create(&self.folder, &name)?)
    }

    /// Keeps the marks of the accounts.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if they cannot be written, or were before.
    pub fn marks(&mut self, marks: &Marks) -> Result<(), ReleaseError> {
        let name = self.named(MARKS.to_owned());
        let mut file = self.open.create(&self.folder, &name)?;
        file.append(&marks.bytes())?;
        file.finish()
    }

    /// Ends the folder with these rejects, and gives its files. All others have to be finished before.
    ///
    /// # Errors
    /// [`ReleaseError::Unfinished`] if a file was dropped, [`ReleaseError::Io`] if something cannot be
    /// written or read back.
    pub fn seal<'r>(mut self, rejects: impl IntoIterator<Item = Reject<'r>>) -> Result<Vec<HeldFile>, ReleaseError> {
        let name = self.named(Rejects::FILE.to_owned());
        let mut file = RowFile::<Rejects>::begin(self.open.create(&self.folder, &name)?)?;
        for reject in rejects {
            file.write(&reject)?;
        }
        file.finish()?;
        self.open.all_finished(&self.folder)?;
        let sums = data_package::sums(&self.folder, &self.names)?;
        let files = self.names.into_iter().zip(sums);
        Ok(files.map(|(name, sum)| HeldFile { name, sha256: sum.sha256 }).collect())
    }

    fn named(&mut self, name: String) -> String {
        self.names.push(name.clone());
        name
    }
}

/// What was held back, as it was kept.
pub struct Held {
    supplier: String,
    folder: PathBuf,
    run: PathBuf,
}

impl Held {
    /// What a published run holds of a supplier, if each of these files is as it was kept.
    ///
    /// # Errors
    /// [`ReleaseError::Changed`] if one is not, [`ReleaseError::Io`] if it cannot be read.
    pub fn open(published: &Published, run: &RunId, supplier: &str, files: &[HeldFile]) -> Result<Held, ReleaseError> {
        let run = published.run_folder(run);
        let folder = run.join(ADMINISTRATOR).join(HELD).join(supplier);
        for file in files {
            let path = folder.join(&file.name);
            if data_package::sum(&path)?.sha256 != file.sha256 {
                return Err(ReleaseError::Changed { path });
            }
        }
        Ok(Held { supplier: supplier.to_owned(), folder, run })
    }

    /// The accounts that were to be `Y`.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if the decisions cannot be read.
    pub fn flagged(&self) -> Result<Vec<ReleasedFlag>, ReleaseError> {
        released_flags(&self.folder.join(Decisions::FILE), &[&self.supplier])
    }

    /// Makes it a delivery of a new run, with decisions and review; those of all other suppliers are as in the
    /// `latest` run, so that the administrator's tables stay whole. The `withdrawn` accounts, by scheme, are `N`,
    /// since their claims' rebates went elsewhere in the meantime.
    ///
    /// # Errors
    /// As for a [`SupplierFolder`](super::SupplierFolder).
    pub fn deliver(
        &self,
        staging: &Staging,
        latest: &Published,
        recipient: Option<&AgeRecipient>,
        schemes: &[Scheme],
        withdrawn: &HashMap<String, HashSet<String>>,
    ) -> Result<(), ReleaseError> {
        let mut delivery = staging.supplier(&self.supplier, recipient)?;
        let nobody = HashSet::new();
        for scheme in schemes {
            let path = self.folder.join(format!("{}{FLAGS_ENDING}", scheme.id));
            if !folder::is_there(&path)? {
                continue;
            }
            let withdrawn = withdrawn.get(&scheme.id).unwrap_or(&nobody);
            let mut file = delivery.flags(scheme)?;
            read_rows(&path, FLAGS_HEADER, |row| {
                let is_yes = &row[1] == Flag::Y.as_str() && !withdrawn.contains(&row[0]);
                file.write(&row[0], if is_yes { Flag::Y } else { Flag::N })
            })?;
            file.finish()?;
        }
        let mut rejects: Vec<csv::StringRecord> = Vec::new();
        let path = self.folder.join(Rejects::FILE);
        read_rows(&path, Rejects::HEADER, |row| {
            rejects.push(row.clone());
            Ok(())
        })?;
        delivery.seal(rejects.iter().map(reject))?;
        let marks = self.folder.join(MARKS);
        if folder::is_there(&marks)? {
            let bytes = fs::read(&marks).map_err(ReleaseError::io("read this file", &marks))?;
            staging.write_marks(&self.supplier, &bytes)?;
        }
        self.write_decisions(staging, latest, withdrawn)?;
        self.write_review(staging, latest)?;
        carry_rejects(staging, latest)
    }

    /// The household of each of these claims, by scheme and claim: as the run that held it has it, and where the
    /// `latest` run knows more, as that has it. A claim that neither knows is a household by itself.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if their claims cannot be read.
    pub fn households(&self, latest: &Published, flags: &[ReleasedFlag]) -> Result<Households, ReleaseError> {
        let key = |flag: &ReleasedFlag| (flag.scheme.clone(), flag.claim_ref.clone());
        let mut households: Households = flags.iter().map(|flag| (key(flag), flag.claim_ref.clone())).collect();
        for run in [&self.run, &latest.folder()] {
            let path = run.join(ADMINISTRATOR).join(Claims::FILE);
            if !folder::is_there(&path)? {
                continue;
            }
            read_columns(&path, ["claim_ref", "scheme", "household"], 2, |[claim_ref, scheme, household], _| {
                let known = households.get_mut(&(scheme.to_owned(), claim_ref.to_owned()));
                if let Some(known) = known.filter(|_| !household.is_empty()) {
                    household.clone_into(known);
                }
                Ok(())
            })?;
        }
        Ok(households)
    }

    /// Writes what became of each claim: as the `latest` run has it, but for those whose rebates are others now.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if the latest claims cannot be read, or these not
    /// be written.
    pub fn write_claims(
        &self,
        staging: &Staging,
        latest: &Published,
        before: &[Rebate],
        now: &[Rebate],
    ) -> Result<(), ReleaseError> {
        fn by_claim(rebates: &[Rebate]) -> BTreeMap<(String, String), Vec<&Rebate>> {
            let mut by_claim: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for rebate in rebates {
                by_claim.entry((rebate.scheme().to_owned(), rebate.claim_ref().to_owned())).or_default().push(rebate);
            }
            by_claim
        }
        let (before, mut now) = (by_claim(before), by_claim(now));
        let mut met: HashSet<(String, String)> = HashSet::new();
        let mut file = staging.rows::<Claims>()?;
        let path = latest.folder().join(ADMINISTRATOR).join(Claims::FILE);
        let columns = ["claim_ref", "scheme", "outcome", "household"];
        read_columns(&path, columns, 3, |[claim_ref, scheme, outcome, household], line| {
            // A claim has a row for each of its rebates.
            let key = (scheme.to_owned(), claim_ref.to_owned());
            let had_one = before.contains_key(&key);
            if had_one && !met.insert(key.clone()) {
                return Ok(());
            }
            let reason = "not an outcome of a claim";
            let damaged = || ReleaseError::Damaged { path: path.clone(), line, reason };
            let outcome = Outcome::named(outcome).ok_or_else(damaged)?;
            let own = now.remove(&key).unwrap_or_default();
            let outcome = match own.first() {
                Some(rebate) => rebate.state.outcome(),
                None if had_one => Outcome::Unmatched,
                None => outcome,
            };
            let row = |rebate| ClaimRow { claim_ref, scheme, household, outcome, rebate };
            own.iter().try_for_each(|rebate| file.write(&row(Some(*rebate))))?;
            if own.is_empty() { file.write(&row(None)) } else { Ok(()) }
        })?;
        for ((scheme, claim_ref), own) in &now {
            for rebate in own {
                let (household, outcome) = (rebate.household(), rebate.state.outcome());
                file.write(&ClaimRow { claim_ref, scheme, household, outcome, rebate: Some(rebate) })?;
            }
        }
        file.finish()
    }

    fn write_decisions(
        &self,
        staging: &Staging,
        latest: &Published,
        withdrawn: &HashMap<String, HashSet<String>>,
    ) -> Result<(), ReleaseError> {
        let mut file = staging.rows::<Decisions>()?;
        each_decision(&latest.folder().join(ADMINISTRATOR).join(Decisions::FILE), |row| {
            if row.supplier == self.supplier { Ok(()) } else { file.write(&row) }
        })?;
        each_decision(&self.folder.join(Decisions::FILE), |row| {
            let is_withdrawn = withdrawn.get(row.scheme).is_some_and(|accounts| accounts.contains(row.customer_ref));
            match is_withdrawn {
                true => file.write(&DecisionRow { flag: Flag::N, reason: "claim-used", ..row }),
                false => file.write(&row),
            }
        })?;
        file.finish()
    }

    /// What a person has to decide: of this supplier's accounts as the run that held it has it, of all others'
    /// as the latest run has it.
    fn write_review(&self, staging: &Staging, latest: &Published) -> Result<(), ReleaseError> {
        let mut file = staging.rows::<Review>()?;
        for (run, is_own) in [(latest.folder(), false), (self.run.clone(), true)] {
            read_rows(&run.join(ADMINISTRATOR).join(Review::FILE), Review::HEADER, |row| {
                if (row[0] == self.supplier) != is_own {
                    return Ok(());
                }
                file.write(&ReviewRow {
                    supplier: &row[0],
                    customer_ref: unmarked(&row[1]),
                    scheme: &row[2],
                    reason: &row[3],
                    claim_ref: unmarked(&row[4]),
                    person_ref: unmarked(&row[5]),
                    posterior_band: &row[6],
                })
            })?;
        }
        file.finish()
    }
}

/// By scheme and claim, the claim that names the household.
pub type Households = HashMap<(String, String), String>;

/// Hands over the rows of a table of decisions as they were written, by an older version too.
fn each_decision(
    path: &Path,
    mut take: impl FnMut(DecisionRow<'_>) -> Result<(), ReleaseError>,
) -> Result<(), ReleaseError> {
    let columns: [&str; 14] = std::array::from_fn(|at| Decisions::HEADER[at]);
    read_columns(path, columns, 11, |row, _| {
        let [
            supplier,
            customer_ref,
            scheme,
            flag,
            reason,
            group,
            claim_ref,
            keys,
            levels,
            posterior,
            lead,
            on,
            claim,
            then,
        ] = row;
        take(DecisionRow {
            supplier,
            customer_ref,
            scheme,
            flag: if flag == Flag::Y.as_str() { Flag::Y } else { Flag::N },
            reason,
            group,
            claim_ref,
            keys,
            levels,
            posterior_band: posterior,
            lead_band: lead,
            decided_on: on,
            decided_claim_ref: claim,
            decided_levels: then,
        })
    })
}

/// A reject as it was written.
fn reject(row: &csv::StringRecord) -> Reject<'_> {
    Reject {
        file: &row[0],
        // It is one that flagmatch wrote.
        line: row[1].parse().unwrap_or(0),
        kind: if &row[2] == "reject" { RejectKind::Reject } else { RejectKind::Note },
        column: &row[3],
        reason: &row[4],
    }
}

/// Carries on the rejects of the shared inputs. Releases by hand of earlier versions have none.
fn carry_rejects(staging: &Staging, latest: &Published) -> Result<(), ReleaseError> {
    let path = latest.folder().join(ADMINISTRATOR).join(Rejects::FILE);
    let mut file = staging.rows::<Rejects>()?;
    if folder::is_there(&path)? {
        read_rows(&path, Rejects::HEADER, |row| file.write(&reject(row)))?;
    }
    file.finish()
}
