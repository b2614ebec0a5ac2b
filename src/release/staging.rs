//! Takes a run's folder from its beginning to its publication.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::current::{self, Newest};
use super::data_package::{self, MANIFEST};
use super::error::ReleaseError;
use super::figure_rows::{FiguresTable, PublishedTable};
use super::folder;
use super::layout::{ADMINISTRATOR, ANALYST, LATEST, NIGHT, PLAIN, RECORD, REPORT, STAGING_PREFIX, SUPPLIERS};
use super::lock::Lock;
use super::notice_folder::NoticeFolders;
use super::published::{self, Published};
use super::quarantine::QuarantinedFolder;
use super::record::SealedRecord;
use super::recovery::recover;
use super::run_id::RunId;
use super::signature::Signer;
use super::staged_file::{OpenFiles, StagedFile};
use super::supplier_folder::{FinishedFolder, SupplierFolder};
use super::table::{RowFile, Table};
use crate::date;
use crate::job::AgeRecipient;

/// A run that is being written, in a folder beside its final place. While it exists, no other run can begin in the same
/// output directory. Dropping it removes everything it wrote.
///
/// ```
/// use std::time::SystemTime;
/// use flagmatch::release::{Flag, Published, Staging};
/// # use std::path::Path;
/// # let job = flagmatch::job::Job::parse("
/// # [[scheme]]
/// # id = 'whd-2026'
/// # name = 'Warm Home Discount'
/// # qualifying_date = 2026-08-23
/// # [[scheme.group]]
/// # id = 'core-1'
/// # benefits = ['PCGC']
/// # [benefits]
/// # files = ['benefits.csv']
/// # [[supplier]]
/// # id = 'northern-power'
/// # files = ['northern-power.csv']
/// # ", Path::new(""))?;
/// # let folder = tempfile::tempdir()?;
/// # let output = folder.path();
/// let staging = Staging::begin(output, SystemTime::now())?;
/// let mut delivery = staging.supplier("northern-power", None)?;
/// let mut flags = delivery.flags(&job.schemes[0])?;
/// flags.write("A-1001", Flag::Y)?;
/// flags.finish()?;
/// delivery.seal([])?;
/// assert!(Published::latest(output)?.is_none());
///
/// let publication = staging.publish()?;
/// assert_eq!(Published::latest(output)?.expect("it is published").folder(), publication.folder);
/// let flags = std::fs::read_to_string(output.join("current/northern-power/whd-2026.flags.csv"))?;
/// assert_eq!(flags, "customer_ref,eligible\nA-1001,Y\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Staging {
    output: PathBuf,
    run_id: RunId,
    begun: SystemTime,
    /// The run's folder; `None` once it is published.
    folder: Option<PathBuf>,
    open: OpenFiles,
    /// The newest deliveries before this run.
    newest: Newest,
    signer: Option<(Signer, String)>,
    hashing_nanoseconds: AtomicU64,
    _lock: Lock,
}

/// A published run, with the time spent on checksums and durability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The run's folder.
    pub folder: PathBuf,
    /// Time spent on sums of deliveries and of all files of the run.
    pub hashing: Duration,
    /// Time spent waiting for files to be durable.
    pub syncing: Duration,
}

impl Staging {
    /// Locks the output directory (and creates it if needed), cleans up after a killed run, and begins a run named
    /// after `now`.
    ///
    /// # Errors
    /// [`ReleaseError::Locked`] if another run is at work there, [`ReleaseError::Inconsistent`] if the directory is in
    /// a state that no run leaves, [`ReleaseError::Ahead`] if the latest run is dated more than a day after `now`,
    /// [`ReleaseError::Io`] if something cannot be written.
    pub fn begin(output: &Path, now: SystemTime) -> Result<Staging, ReleaseError> {
        Staging::begin_after(output, now, || Ok(None))
    }

    /// Begins a run as [`begin`](Self::begin) does. `known` is called once the directory is locked, and returns the
    /// newest run that is known to be published. If that is newer than `latest`, nothing is changed.
    ///
    /// # Errors
    /// Those of [`begin`](Self::begin), [`ReleaseError::NotTheNewest`], and the errors of `known`.
    pub fn begin_after<E: From<ReleaseError>>(
        output: &Path,
        now: SystemTime,
        known: impl FnOnce() -> Result<Option<RunId>, E>,
    ) -> Result<Staging, E> {
        folder::ensure(output)?;
        let lock = Lock::take(output)?;
        let published = recover(output, known()?.as_ref())?;
        let newest =
            published.as_ref().map(|published| published.is_not_ahead_of(now).and_then(|()| published.newest()));
        let newest = newest.transpose()?.unwrap_or_default();
        let run_id = RunId::next(now, published.as_ref().map(Published::run_id));
        let staging = output.join(format!("{STAGING_PREFIX}{run_id}"));
        folder::create(&staging)?;
        let begun = Staging {
            output: output.to_owned(),
            run_id,
            begun: now,
            folder: Some(staging.clone()),
            open: OpenFiles::default(),
            newest,
            signer: None,
            hashing_nanoseconds: AtomicU64::new(0),
            _lock: lock,
        };
        for part in [SUPPLIERS, ADMINISTRATOR, ANALYST] {
            folder::create(&staging.join(part))?;
        }
        Ok(begun)
    }

    /// Signs every delivery of this run with a key; the signature names `job`.
    #[must_use]
    pub fn signed_by(mut self, signer: Signer, job: &str) -> Staging {
        self.signer = Some((signer, job.to_owned()));
        self
    }

    /// The run's id.
    pub fn run_id(&self) -> &RunId {
        &self.run_id
    }

    /// Begins a supplier's delivery, encrypted if it has a recipient. A supplier that is held back gets no folder and
    /// keeps its newest delivery.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the folder cannot be created.
    pub fn supplier(
        &self,
        supplier: &str,
        recipient: Option<&AgeRecipient>,
    ) -> Result<SupplierFolder<'_>, ReleaseError> {
        let plain = self.part(ADMINISTRATOR).join(PLAIN);
        let recipient = recipient.map(|recipient| (recipient, plain.as_path()));
        SupplierFolder::begin(self, &self.part(SUPPLIERS), supplier, recipient)
    }

    /// Begins the folder of a quarantined supplier's files.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the folder cannot be created.
    pub fn quarantine(&self, supplier: &str) -> Result<QuarantinedFolder, ReleaseError> {
        QuarantinedFolder::begin(&self.part(ADMINISTRATOR), supplier)
    }

    /// Begins an administrator's table: [`DecisionsTable`](super::DecisionsTable), [`Review`](super::Review) or
    /// [`Claims`](super::Claims).
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the file cannot be created, or was begun before.
    pub fn rows<T: Table>(&self) -> Result<RowFile<T>, ReleaseError> {
        RowFile::begin(self.administrator_file(T::FILE)?)
    }

    /// Begins another administrator's file.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the file cannot be created, or was begun before.
    pub fn administrator_file(&self, name: &str) -> Result<StagedFile, ReleaseError> {
        self.open.create(&self.part(ADMINISTRATOR), name)
    }

    /// Begins an analyst's file.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the file cannot be created, or was begun before.
    pub fn analyst_file(&self, name: &str) -> Result<StagedFile, ReleaseError> {
        self.open.create(&self.part(ANALYST), name)
    }

    /// Begins `analyst/published.csv`.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the file cannot be created, or was begun before.
    pub(crate) fn published_figures(&self) -> Result<RowFile<PublishedTable>, ReleaseError> {
        self.dictionary::<PublishedTable>(ANALYST)?;
        RowFile::begin(self.analyst_file(PublishedTable::FILE)?)
    }

    /// Begins `administrator/figures.csv`.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the file cannot be created, or was begun before.
    pub(crate) fn exact_figures(&self) -> Result<RowFile<FiguresTable>, ReleaseError> {
        self.dictionary::<FiguresTable>(ADMINISTRATOR)?;
        self.rows()
    }

    /// Writes the manifest of a table of figures: what each column means.
    fn dictionary<T: Table>(&self, part: &str) -> Result<(), ReleaseError> {
        let file = self.open.create(&self.part(part), MANIFEST)?;
        write(file, data_package::dictionary::<T>(&self.run_id).as_bytes())
    }

    /// Writes `analyst/night.json`, which describes the run that the figures are of.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written, or was written before.
    pub fn night(&self, record: &impl Serialize) -> Result<(), ReleaseError> {
        let text = json(record, &self.part(ANALYST).join(NIGHT))?;
        write(self.analyst_file(NIGHT)?, &text)
    }

    /// Writes `analyst/report.html`.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written, or was written before.
    pub fn report(&self, page: &str) -> Result<(), ReleaseError> {
        write(self.analyst_file(REPORT)?, page.as_bytes())
    }

    /// Writes `administrator/report.html`.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written, or was written before.
    pub fn administrator_report(&self, page: &str) -> Result<(), ReleaseError> {
        write(self.administrator_file(REPORT)?, page.as_bytes())
    }

    /// The run's folder until it is published.
    pub fn run_folder(&self) -> PathBuf {
        self.folder().to_owned()
    }

    /// Copies the latest run's analyst files into this run, which has no new figures for analysts.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if the latest run's files cannot be read, [`ReleaseError::Io`]
    /// if the copies cannot be written.
    pub fn carry_on(&self, published: &Published) -> Result<(), ReleaseError> {
        let latest = published.analyst_folder(published.run_id());
        if let Some(figures) = read_if_any(&latest.join(PublishedTable::FILE))? {
            self.dictionary::<PublishedTable>(ANALYST)?;
            write(self.analyst_file(PublishedTable::FILE)?, &figures)?;
        }
        if let Some(mut night) = published.night::<Value>()? {
            night["run"] = self.run_id.to_string().into();
            night["day"] = self.run_id.date()?.to_string().into();
            self.night(&night)?;
        }
        if let Some(page) = read_if_any(&latest.join(REPORT))? {
            write(self.analyst_file(REPORT)?, &page)?;
        }
        Ok(())
    }

    /// The folder of the analyst's files until they are published.
    pub fn analyst_folder(&self) -> PathBuf {
        self.part(ANALYST)
    }

    /// Writes `administrator/run.json` with the sum of every other file of the run. Finish all of them first.
    ///
    /// # Errors
    /// [`ReleaseError::Unfinished`] if a file is not finished, [`ReleaseError::Io`] if the record cannot be written, or
    /// was written before.
    pub fn run_record(&self, record: &impl Serialize) -> Result<(), ReleaseError> {
        let begun = Instant::now();
        self.open.all_finished(self.folder())?;
        let sealed = SealedRecord::new(record, self.folder(), &self.newest)?;
        self.add_hashing(begun.elapsed());
        let text = json(&sealed, &self.part(ADMINISTRATOR).join(RECORD))?;
        write(self.administrator_file(RECORD)?, &text)
    }

    /// Does a piece of work, such as summing the files, while the large files that are written already become durable:
    /// a disk and a processor can work at the same time. Publication makes the rest durable.
    ///
    /// # Errors
    /// Those of `work`, and [`ReleaseError::Io`] if the system refuses. The system reports a failed write only once, so
    /// publication would not hear of it.
    pub(crate) fn sync_while<T, E: From<ReleaseError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let files = folder::large_files(self.folder())?;
        std::thread::scope(|scope| {
            let syncing = std::thread::Builder::new()
                .spawn_scoped(scope, || files.iter().try_for_each(|(path, file)| folder::sync_file(file, path)));
            let done = work()?;
            // Without a thread, publication makes them durable.
            match syncing.map(|syncing| syncing.join()) {
                Ok(Ok(synced)) => synced?,
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(_) => {}
            }
            Ok(done)
        })
    }

    /// Makes everything durable and publishes it as a whole: all of it counts from the instant at which `latest` points
    /// to this run, and none of it before.
    ///
    /// # Errors
    /// [`ReleaseError::Unfinished`] if a file was dropped and not finished, [`ReleaseError::Io`] if
    /// the system refuses: nothing is published then. [`ReleaseError::Published`] if the system refuses to
    /// make the switch durable: the run is published.
    pub fn publish(self) -> Result<Publication, ReleaseError> {
        let published = self.publish_if(|| true)?;
        Ok(published.expect("`may` always allows it"))
    }

    /// Publishes as [`publish`](Self::publish) does, but calls `may` once everything is durable. If `may` returns
    /// false, nothing is published, and the result is `None`.
    ///
    /// # Errors
    /// Those of [`publish`](Self::publish).
    pub fn publish_if(mut self, may: impl FnOnce() -> bool) -> Result<Option<Publication>, ReleaseError> {
        let staging = self.folder().to_owned();
        self.open.all_finished(&staging)?;
        let run = self.run_id.to_string();
        let place = self.output.join(&run);
        let mut newest = self.newest.clone();
        newest.extend(folder::names(&staging.join(SUPPLIERS))?.into_iter().map(|own| (own, self.run_id.clone())));
        let mut syncing = Duration::ZERO;
        let mut timed = |sync: fn(&Path) -> Result<(), ReleaseError>, path: &Path| {
            let begun = Instant::now();
            let result = sync(path);
            syncing += begun.elapsed();
            result
        };

        timed(folder::sync_all, &staging)?;
        current::write(&staging, &newest)?;
        if !may() {
            return Ok(None);
        }
        fs::rename(&staging, &place).map_err(ReleaseError::io("create this folder", &place))?;
        self.folder = Some(place.clone());
        current::ensure_link(&self.output)?;
        timed(folder::sync, &self.output)?;
        folder::switch_link(&self.output, LATEST, &run)?;
        self.folder = None;
        let published = |source| ReleaseError::Published { run, source: Box::new(source) };
        timed(folder::sync, &self.output).map_err(published)?;
        let hashing = Duration::from_nanos(self.hashing_nanoseconds.load(Ordering::Relaxed));
        Ok(Some(Publication { folder: place, hashing, syncing }))
    }

    /// Writes notices to suppliers, also once the run is published.
    pub(crate) fn notices(&self) -> NoticeFolders {
        NoticeFolders::new(&self.output, &self.run_id, self.begun, self.signer.as_ref())
    }

    /// When the run began.
    pub(super) fn begun(&self) -> SystemTime {
        self.begun
    }

    /// When the run began, in UTC, as manifests write it.
    pub(super) fn created(&self) -> String {
        date::second(self.begun)
    }

    /// The signer of deliveries, and the job that signatures name.
    pub(super) fn signer(&self) -> Option<(&Signer, &str)> {
        self.signer.as_ref().map(|(signer, job)| (signer, job.as_str()))
    }

    /// The folder of the plain-text tables of a supplier's newest delivery, if there is one.
    pub(super) fn last_tables(&self, supplier: &str) -> Result<Option<PathBuf>, ReleaseError> {
        self.newest.get(supplier).map(|run| published::tables(&self.output, run, supplier)).transpose()
    }

    /// The folder of a supplier's newest delivery, if there is one.
    pub(super) fn last_delivery(&self, supplier: &str) -> Option<PathBuf> {
        Some(current::delivery(&self.output, self.newest.get(supplier)?, supplier))
    }

    /// Sums and signs deliveries whose tables are complete, and moves them to their final places.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if something cannot be written, [`ReleaseError::NotSigned`] if the system gives
    /// no random bytes to sign with.
    pub fn seal(&self, deliveries: Vec<FinishedFolder<'_>>) -> Result<(), ReleaseError> {
        let begun = Instant::now();
        deliveries.into_par_iter().try_for_each(FinishedFolder::seal)?;
        self.add_hashing(begun.elapsed());
        Ok(())
    }

    fn add_hashing(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.hashing_nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// The files of the run that belong to no supplier.
    pub(super) fn open_files(&self) -> &OpenFiles {
        &self.open
    }

    pub(super) fn part(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The staging folder, which exists until `publish` consumes `self`.
    fn folder(&self) -> &Path {
        self.folder.as_deref().unwrap_or(&self.output)
    }
}

/// The bytes of a file; `None` if there is no such file.
fn read_if_any(path: &Path) -> Result<Option<Vec<u8>>, ReleaseError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ReleaseError::io("read this file", path)(error)),
    }
}

fn write(mut file: StagedFile, bytes: &[u8]) -> Result<(), ReleaseError> {
    file.append(bytes)?;
    file.finish()
}

fn json(record: &impl Serialize, path: &Path) -> Result<Vec<u8>, ReleaseError> {
    let mut text =
        serde_json::to_vec_pretty(record).map_err(|error| ReleaseError::io("write this file", path)(error.into()))?;
    text.push(b'\n');
    Ok(text)
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // If it cannot be removed now, the next run removes it.
            let _gone = fs::remove_dir_all(folder);
        }
    }
}
