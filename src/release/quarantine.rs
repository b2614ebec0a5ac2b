//! Stores the files of a quarantined supplier, and delivers them after a manual release.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::data_package;
use super::edit_fingerprints::{EditFingerprints, MARKS};
use super::error::ReleaseError;
use super::flags::{Flag, FlagFile};
use super::folder;
use super::layout::{ADMINISTRATOR, FLAGS_ENDING, HELD};
use super::published::{Published, ReleasedFlag, released_flags};
use super::rebates::Rebate;
use super::rows::{
    Chance, ClaimRow, Claims, DecisionRow, DecisionsTable, FlagRow, Flags, Outcome, ReceiptOutcome, ReceiptRow,
    Receipts, Reject, RejectKind, Rejects, Review, ReviewRow, Tally,
};
use super::run_id::RunId;
use super::staged_file::OpenFiles;
use super::staging::Staging;
use super::table::{Marked, RowFile, Table};
use crate::job::{AgeRecipient, Scheme};

/// A quarantined file, with the sum by which it is recognised.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuarantinedFile {
    /// Its name in the supplier's folder under `held`.
    pub name: String,
    /// Its SHA-256 sum in hexadecimal.
    pub sha256: String,
}

/// The folder of a quarantined supplier's files while it is being filled.
pub struct QuarantinedFolder {
    folder: PathBuf,
    names: Vec<String>,
    open: OpenFiles,
}

impl QuarantinedFolder {
    pub(super) fn begin(administrator: &Path, supplier: &str) -> Result<QuarantinedFolder, ReleaseError> {
        let held = administrator.join(HELD);
        folder::ensure(&held)?;
        let folder = held.join(supplier);
        folder::create(&folder)?;
        Ok(QuarantinedFolder { folder, names: Vec::new(), open: OpenFiles::default() })
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
    pub fn decisions(&mut self) -> Result<RowFile<DecisionsTable>, ReleaseError> {
        let name = self.named(DecisionsTable::FILE.to_owned());
        RowFile::begin(self.open.create(&self.folder, &name)?)
    }

    /// Writes the accounts' fingerprints.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if they cannot be written, or were written before.
    pub fn edit_fingerprints(&mut self, marks: &EditFingerprints) -> Result<(), ReleaseError> {
        let name = self.named(MARKS.to_owned());
        let mut file = self.open.create(&self.folder, &name)?;
        file.append(&marks.bytes())?;
        file.finish()
    }

    /// Writes what became of the supplier's reports.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written, or was written before.
    pub(crate) fn receipts<'r>(&mut self, rows: impl Iterator<Item = ReceiptRow<'r>>) -> Result<(), ReleaseError> {
        let name = self.named(Receipts::FILE.to_owned());
        RowFile::<Receipts>::whole(self.open.create(&self.folder, &name)?, rows)
    }

    /// Completes the folder with these rejects, and returns its files. Finish all other files first.
    ///
    /// # Errors
    /// [`ReleaseError::Unfinished`] if a file was dropped, [`ReleaseError::Io`] if something cannot be
    /// written or read back.
    pub fn seal<'r>(
        mut self,
        rejects: impl IntoIterator<Item = Reject<'r>>,
    ) -> Result<Vec<QuarantinedFile>, ReleaseError> {
        let name = self.named(Rejects::FILE.to_owned());
        RowFile::<Rejects>::whole(self.open.create(&self.folder, &name)?, rejects)?;
        self.open.all_finished(&self.folder)?;
        let sums = data_package::sums(&self.folder, &self.names)?;
        let files = self.names.into_iter().zip(sums);
        Ok(files.map(|(name, sum)| QuarantinedFile { name, sha256: sum.sha256 }).collect())
    }

    fn named(&mut self, name: String) -> String {
        self.names.push(name.clone());
        name
    }
}

/// The stored files of a quarantined supplier.
pub struct Quarantined {
    supplier: String,
    folder: PathBuf,
    run: PathBuf,
}

impl Quarantined {
    /// Opens the files of a supplier that a published run quarantined, if each still has its recorded sum.
    ///
    /// # Errors
    /// [`ReleaseError::Changed`] if one was changed, [`ReleaseError::Io`] if it cannot be read.
    pub fn open(
        published: &Published,
        run: &RunId,
        supplier: &str,
        files: &[QuarantinedFile],
    ) -> Result<Quarantined, ReleaseError> {
        let run = published.run_folder(run);
        let folder = run.join(ADMINISTRATOR).join(HELD).join(supplier);
        for file in files {
            let path = folder.join(&file.name);
            if data_package::sum(&path)?.sha256 != file.sha256 {
                return Err(ReleaseError::Changed { path });
            }
        }
        Ok(Quarantined { supplier: supplier.to_owned(), folder, run })
    }

    /// The accounts that are `Y` in the quarantined decisions.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if the decisions cannot be read.
    pub fn flagged(&self) -> Result<Vec<ReleasedFlag>, ReleaseError> {
        released_flags(&self.folder.join(DecisionsTable::FILE), &[&self.supplier])
    }

    /// Delivers the files in a new run, with their decisions and review. Other suppliers' rows are copied from the
    /// `latest` run, so that the administrator's tables stay complete. The `withdrawn` accounts, by scheme, become `N`,
    /// since their claims' rebates went to other accounts in the meantime.
    ///
    /// # Errors
    /// Those of a [`SupplierFolder`](super::SupplierFolder).
    pub fn deliver(
        &self,
        staging: &Staging,
        latest: &Published,
        recipient: Option<&AgeRecipient>,
        schemes: &[Scheme],
        exception_days: Option<u32>,
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
            Flags::read(&path, |FlagRow { customer_ref, eligible }, _| {
                file.write(customer_ref, if withdrawn.contains(customer_ref) { Flag::N } else { eligible })
            })?;
            file.finish()?;
        }
        if let Some(days) = exception_days {
            let mut receipts: Vec<OwnReceipt> = Vec::new();
            Receipts::read(
                &self.folder.join(Receipts::FILE),
                |ReceiptRow { file, outcome, rows, lines, cause }, _| {
                    let [file, lines, cause] = [file, lines, cause].map(str::to_owned);
                    receipts.push(OwnReceipt { file, outcome, rows, lines, cause });
                    Ok(())
                },
            )?;
            delivery.reports(days, receipts.iter().map(OwnReceipt::row))?;
        }
        let mut rejects: Vec<OwnReject> = Vec::new();
        Rejects::read(&self.folder.join(Rejects::FILE), |Reject { file, line, kind, column, reason, heading }, _| {
            let [file, column, reason, heading] = [file, column, reason, heading].map(str::to_owned);
            rejects.push(OwnReject { file, line, kind, column, reason, heading });
            Ok(())
        })?;
        delivery.seal(rejects.iter().map(OwnReject::row))?;
        let marks = self.folder.join(MARKS);
        if folder::is_there(&marks)? {
            let bytes = fs::read(&marks).map_err(ReleaseError::io("read this file", &marks))?;
            staging.write_marks(&self.supplier, &bytes)?;
        }
        self.write_decisions(staging, latest, withdrawn)?;
        self.write_review(staging, latest)?;
        carry_rejects(staging, latest)
    }

    /// The household of each of these flags' claims, by scheme and claim. The household in the `latest` run takes
    /// precedence over that in the run that quarantined the files. A claim that is in neither is a household by itself.
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
            Claims::read(&path, |ClaimRow { claim_ref, scheme, household, .. }, _| {
                let known = households.get_mut(&(scheme.to_owned(), claim_ref.to_owned()));
                if let Some(known) = known.filter(|_| !household.is_empty()) {
                    household.clone_into(known);
                }
                Ok(())
            })?;
        }
        Ok(households)
    }

    /// Writes `claims.csv`: the `latest` run's rows, but for claims with a rebate in `before` or `now`, whose rows are
    /// made from `now`.
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
        Claims::read(&path, |ClaimRow { claim_ref, scheme, outcome, household, .. }, _| {
            // A claim has a row for each of its rebates.
            let key = (scheme.to_owned(), claim_ref.to_owned());
            let had_one = before.contains_key(&key);
            if had_one && !met.insert(key.clone()) {
                return Ok(());
            }
            let own = now.remove(&key).unwrap_or_default();
            let outcome = match own.first() {
                Some(rebate) => rebate.state.outcome(),
                None if had_one => Outcome::Unmatched,
                None => outcome,
            };
            let row = |rebate| ClaimRow::new(claim_ref, scheme, household, outcome, rebate);
            own.iter().try_for_each(|rebate| file.write(&row(Some(*rebate))))?;
            if own.is_empty() { file.write(&row(None)) } else { Ok(()) }
        })?;
        for ((scheme, claim_ref), own) in &now {
            for rebate in own {
                let (household, outcome) = (rebate.household(), rebate.state.outcome());
                file.write(&ClaimRow::new(claim_ref, scheme, household, outcome, Some(rebate)))?;
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
        let mut file = staging.rows::<DecisionsTable>()?;
        DecisionsTable::read(&latest.folder().join(ADMINISTRATOR).join(DecisionsTable::FILE), |row, _| {
            if row.supplier == self.supplier { Ok(()) } else { file.write(&row) }
        })?;
        DecisionsTable::read(&self.folder.join(DecisionsTable::FILE), |row, _| {
            let is_withdrawn = withdrawn.get(row.scheme).is_some_and(|accounts| accounts.contains(row.customer_ref));
            match is_withdrawn {
                true => file.write(&DecisionRow { flag: Flag::N, reason: "claim-used", ..row }),
                false => file.write(&row),
            }
        })?;
        file.finish()
    }

    /// Writes the review: this supplier's rows from the run that quarantined it, merged with all others' from the
    /// latest run. Only this supplier's are held in memory.
    fn write_review(&self, staging: &Staging, latest: &Published) -> Result<(), ReleaseError> {
        let path = |run: &Path| run.join(ADMINISTRATOR).join(Review::FILE);
        let mut own: Vec<OwnReview> = Vec::new();
        Review::read(&path(&self.run), |row, _| {
            own.extend((row.supplier == self.supplier).then(|| OwnReview::new(&row)));
            Ok(())
        })?;
        let mut own = own.iter().peekable();
        let mut file = staging.rows::<Review>()?;
        Review::read(&path(&latest.folder()), |other, _| {
            if other.supplier == self.supplier {
                return Ok(());
            }
            while let Some(own) = own.next_if(|own| own.row(&self.supplier).place() < other.place()) {
                file.write(&own.row(&self.supplier))?;
            }
            file.write(&other)
        })?;
        own.try_for_each(|own| file.write(&own.row(&self.supplier)))?;
        file.finish()
    }
}

/// The claim that names the household, by scheme and claim.
pub type Households = HashMap<(String, String), String>;

/// A row of `rejects.csv` that outlives its file.
struct OwnReject {
    file: String,
    line: u64,
    kind: RejectKind,
    column: String,
    reason: String,
    heading: String,
}

impl OwnReject {
    fn row(&self) -> Reject<'_> {
        let OwnReject { file, line, kind, column, reason, heading } = self;
        Reject { file, line: *line, kind: *kind, column, reason, heading }
    }
}

/// A row of `receipts.csv` that outlives its file.
struct OwnReceipt {
    file: String,
    outcome: ReceiptOutcome,
    rows: Tally,
    lines: String,
    cause: String,
}

impl OwnReceipt {
    fn row(&self) -> ReceiptRow<'_> {
        let OwnReceipt { file, outcome, rows, lines, cause } = self;
        ReceiptRow { file, outcome: *outcome, rows: *rows, lines, cause }
    }
}

/// A row of `review.csv` that outlives its file.
struct OwnReview {
    texts: [Box<str>; 6],
    adds_rebate: Option<Chance>,
}

impl OwnReview {
    fn new(row: &ReviewRow<'_>) -> OwnReview {
        let ReviewRow { customer_ref, scheme, reason, adds_rebate, claim_ref, person_ref, posterior_band, .. } = *row;
        let texts = [customer_ref.0, scheme, reason, claim_ref.0, person_ref.0, posterior_band];
        OwnReview { texts: texts.map(Box::from), adds_rebate }
    }

    fn row<'r>(&'r self, supplier: &'r str) -> ReviewRow<'r> {
        let [customer_ref, scheme, reason, claim_ref, person_ref, posterior_band] =
            self.texts.each_ref().map(|text| &**text);
        ReviewRow {
            supplier,
            customer_ref: Marked(customer_ref),
            scheme,
            reason,
            adds_rebate: self.adds_rebate,
            claim_ref: Marked(claim_ref),
            person_ref: Marked(person_ref),
            posterior_band,
        }
    }
}

/// Copies the rejects of the shared inputs from the latest run. Manual releases of earlier versions have none.
fn carry_rejects(staging: &Staging, latest: &Published) -> Result<(), ReleaseError> {
    let path = latest.folder().join(ADMINISTRATOR).join(Rejects::FILE);
    let mut file = staging.rows::<Rejects>()?;
    if folder::is_there(&path)? {
        Rejects::read(&path, |row, _| file.write(&row))?;
    }
    file.finish()
}
