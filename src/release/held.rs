//! What a gate kept back: in go flags, rejects and decisions of one supplier, out comes a folder among
//! the administrator's files; and later, by hand, the delivery that it was to be.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::data_package;
use super::error::ReleaseError;
use super::flags::{Flag, FlagFile};
use super::folder;
use super::marks::{MARKS, Marks};
use super::published::{ADMINISTRATOR, Published, ReleasedFlag, released_flags};
use super::rows::{
    ClaimRow, Claims, DecisionRow, Decisions, Outcome, Reject, RejectKind, Rejects, Review, ReviewRow, RowFile, Table,
    read_rows,
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

    /// Writes what became of each claim: as the `latest` run has it, but for those of this supplier. `now` and
    /// `before` are its flags of this release and of its delivery before, `elsewhere` those of all others.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if the latest claims cannot be read, or these not
    /// be written.
    pub fn write_claims(
        &self,
        staging: &Staging,
        latest: &Published,
        now: &[ReleasedFlag],
        before: &[ReleasedFlag],
        elsewhere: &[ReleasedFlag],
    ) -> Result<(), ReleaseError> {
        fn claims(flags: &[ReleasedFlag]) -> HashSet<(&str, &str)> {
            flags.iter().map(|flag| (flag.scheme.as_str(), flag.claim_ref.as_str())).collect()
        }
        let (before, elsewhere) = (claims(before), claims(elsewhere));
        // Those that have no row among the latest claims get one at the end.
        let now: HashMap<(&str, &str), Cell<bool>> =
            claims(now).into_iter().map(|claim| (claim, false.into())).collect();
        let mut file = staging.rows::<Claims>()?;
        let path = latest.folder().join(ADMINISTRATOR).join(Claims::FILE);
        read_rows(&path, Claims::HEADER, |row| {
            let claim = (&row[1], &row[0]);
            let outcome = match Outcome::named(&row[2]) {
                _ if now.get(&claim).is_some_and(|met| !met.replace(true)) => Outcome::Matched,
                // It was this supplier's, and is nobody's now.
                Some(Outcome::Matched) if before.contains(&claim) && !elsewhere.contains(&claim) => Outcome::Unmatched,
                Some(outcome) => outcome,
                None => {
                    let reason = "not an outcome of a claim";
                    let line = row.position().map_or(1, csv::Position::line);
                    return Err(ReleaseError::Damaged { path: path.clone(), line, reason });
                }
            };
            file.write(&ClaimRow { claim_ref: &row[0], scheme: &row[1], outcome })
        })?;
        let unmet = now.into_iter().filter(|((_, claim), met)| !met.get() && !claim.is_empty());
        let mut further: Vec<(&str, &str)> = unmet.map(|(claim, _)| claim).collect();
        further.sort_unstable();
        for (scheme, claim_ref) in further {
            file.write(&ClaimRow { claim_ref, scheme, outcome: Outcome::Matched })?;
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
        read_rows(&latest.folder().join(ADMINISTRATOR).join(Decisions::FILE), Decisions::HEADER, |row| {
            if row[0] == self.supplier { Ok(()) } else { file.write(&decision(row, false)) }
        })?;
        read_rows(&self.folder.join(Decisions::FILE), Decisions::HEADER, |row| {
            let is_withdrawn = withdrawn.get(&row[2]).is_some_and(|accounts| accounts.contains(&row[1]));
            file.write(&decision(row, is_withdrawn))
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

/// A row of decisions as it was written; a withdrawn account is `N`.
fn decision(row: &csv::StringRecord, is_withdrawn: bool) -> DecisionRow<'_> {
    DecisionRow {
        supplier: &row[0],
        customer_ref: &row[1],
        scheme: &row[2],
        flag: if &row[3] == Flag::Y.as_str() && !is_withdrawn { Flag::Y } else { Flag::N },
        reason: if is_withdrawn { "claim-used" } else { &row[4] },
        group: &row[5],
        claim_ref: &row[6],
        keys: &row[7],
        levels: &row[8],
        posterior_band: &row[9],
        lead_band: &row[10],
    }
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
