//! Releases a quarantined delivery by hand: a new run delivers it, with the reason that staff give.
//!
//! Nothing is matched again. What may have changed since is checked: a newer delivery, objections and
//! exceptions, which have the last word, and the claims' rebates, which may have gone to other suppliers.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;

use crate::intake::{IntakeError, input_sum};
use crate::job::{AgeRecipient, FilesError, Job, Scheme};
use crate::ledger::{self, Ledger, LedgerError};
use crate::pipeline::gates::settings::later_nights;
use crate::release::run_record::{
    InputRecord, ManualReleaseRecord, QuarantineRecord, RunRecord, SchemeRecord, SettingsRecord, Summary,
    SupplierSummary,
};
use crate::release::{
    Households, Published, Quarantined, Rebate, RebateNames, RebateState, ReleaseError, ReleasedFlag, RunId, Signer,
    Staging,
};
use crate::text::shown;

/// Why nothing was released by hand. No message holds a field's value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManualReleaseError {
    /// The path is not the folder of a published run.
    #[error("{}: this is not the folder of a published run", shown(path))]
    NotARun {
        /// The path.
        path: PathBuf,
    },
    /// The run quarantined nothing of that supplier.
    #[error("run {run} has no quarantined delivery of {supplier:?}{}", known_quarantined(known, of.as_deref()))]
    NothingHeld {
        /// The run.
        run: RunId,
        /// The supplier asked for.
        supplier: String,
        /// The suppliers that it quarantined.
        known: Vec<String>,
        /// The run whose delivery it released, if it is a manual release.
        of: Option<String>,
    },
    /// The supplier has had a newer delivery.
    #[error("{supplier} has had a newer delivery, of run {newer}; the one that run {run} quarantined is out of date")]
    NewerIsOut {
        /// The supplier.
        supplier: String,
        /// The run that quarantined the delivery.
        run: RunId,
        /// The run of the newer delivery.
        newer: RunId,
    },
    /// Objections or exceptions have changed since the run.
    #[error("the {input} have changed since run {run}: run the job again, and release the delivery of the new run")]
    HaveChanged {
        /// Which input.
        input: &'static str,
        /// The run that quarantined the delivery.
        run: RunId,
    },
    /// The files of objections or exceptions cannot be found.
    #[error("{input}: {source}")]
    NotFound {
        /// Which input.
        input: &'static str,
        /// Why.
        source: FilesError,
    },
    /// The objections or exceptions cannot be read.
    #[error("{input}: {source}")]
    Unreadable {
        /// Which input.
        input: &'static str,
        /// Why.
        source: IntakeError,
    },
    /// There would be more rebates than the scheme's limit.
    #[error(
        "{scheme}: other suppliers have had flags since run {run}; with this delivery there would be {flags} flags, \
         and the limit is {limit}: run the job again, and release the delivery of the new run"
    )]
    NoneLeft {
        /// The scheme.
        scheme: String,
        /// The run that quarantined the delivery.
        run: RunId,
        /// How many flags there would be.
        flags: u64,
        /// How many there may be.
        limit: u64,
    },
    /// The delivery has to be signed, and the caller gave no opened key.
    #[error("deliveries of run {run} are signed, and the secret key was not opened")]
    NoSigner {
        /// The run.
        run: RunId,
    },
    /// The run's record is not as flagmatch writes it.
    #[error("{}, line {line}: not the record of a run as flagmatch writes it", shown(path))]
    NotARecord {
        /// The record.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The ledger cannot be read or brought up to date.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The run cannot be read or written.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

fn known_quarantined(known: &[String], of: Option<&str>) -> String {
    match of {
        Some(of) => format!("; it is a manual release of what run {of} quarantined: name that run"),
        None if known.is_empty() => String::new(),
        None => format!("; it quarantined {}", known.join(", ")),
    }
}

/// A delivery that a run quarantined.
pub struct QuarantinedDelivery {
    output: PathBuf,
    run: RunId,
    held: QuarantineRecord,
    recipient: Option<AgeRecipient>,
    schemes: Vec<Scheme>,
    inputs: Vec<InputRecord>,
    /// The supplier's figures in the run's summary.
    figures: SupplierSummary,
    /// The gates that quarantined it.
    gates: BTreeSet<String>,
}

/// The result of a manual release.
#[derive(Debug, Serialize)]
pub struct ManualRelease {
    /// The new run.
    pub run: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The supplier.
    pub supplier: String,
    /// The delivery's number among those to this supplier.
    pub sequence: Option<u64>,
    /// The run that quarantined the delivery.
    pub held_by: String,
    /// Why it was released.
    pub reason: String,
    /// Accounts that would have been `Y`, and whose claims' rebates went elsewhere meanwhile.
    pub withdrawn: u64,
    /// Sentences that say what these gates will do in later runs, and what to set.
    pub later_nights: Vec<String>,
    /// Why the ledger does not have this run yet; the next run adds it.
    pub ledger_behind: Option<String>,
}

impl QuarantinedDelivery {
    /// Finds a supplier's quarantined delivery in a published run, given by its folder.
    ///
    /// # Errors
    /// [`ManualReleaseError`] if there is no such run, or it quarantined nothing of that supplier.
    pub fn find(folder: &Path, supplier: &str) -> Result<QuarantinedDelivery, ManualReleaseError> {
        let not_a_run = || ManualReleaseError::NotARun { path: folder.to_owned() };
        // Only a missing path means that there is no run. A path that cannot be read may be a run.
        let not_there = |error: &Error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
        let cannot = |action, path: &Path, source: Error| match not_there(&source) {
            true => not_a_run(),
            false => ReleaseError::Io { action, path: path.to_owned(), source }.into(),
        };
        let place = folder.canonicalize().map_err(|error| cannot("look at this run", folder, error))?;
        let run = place.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<RunId>().ok());
        let (Some(run), Some(output)) = (run, place.parent()) else { return Err(not_a_run()) };
        let published = Published::latest(output)?.filter(|latest| run <= *latest.run_id()).ok_or_else(not_a_run)?;
        let path = published.record(&run);
        let text = std::fs::read(&path).map_err(|error| cannot("read this file", &path, error))?;
        let not_a_record = |line| ManualReleaseError::NotARecord { path: path.clone(), line };
        let damaged = |error: serde_json::Error| not_a_record(error.line());
        let RunRecord { held, release, settings, summary, inputs, .. } =
            serde_json::from_slice(&text).map_err(damaged)?;
        let known = held.iter().map(|held| held.supplier.clone()).collect();
        let Some(held) = held.into_iter().find(|held| held.supplier == supplier) else {
            let of = release.map(|release| release.of);
            return Err(ManualReleaseError::NothingHeld { run, supplier: supplier.to_owned(), known, of });
        };
        let recipient = held.age_recipient.as_ref().map(|text| text.parse()).transpose();
        let schemes: Option<Vec<Scheme>> = settings.schemes.into_iter().map(SchemeRecord::scheme).collect();
        let of_supplier = summary.held_back.iter().filter(|held| held.id == supplier);
        let gates = of_supplier.flat_map(|held| &held.findings).map(|finding| finding.gate.clone()).collect();
        let figures = summary.suppliers.into_iter().find(|figures| figures.id == supplier);
        Ok(QuarantinedDelivery {
            recipient: recipient.map_err(|_| not_a_record(1))?,
            schemes: schemes.ok_or_else(|| not_a_record(1))?,
            figures: figures.ok_or_else(|| not_a_record(1))?,
            gates,
            inputs,
            output: output.to_owned(),
            run,
            held,
        })
    }

    /// The secret key that signs deliveries of its run.
    pub fn secret_key(&self) -> Option<&Path> {
        self.held.secret_key.as_deref()
    }

    /// Publishes it as a new run.
    ///
    /// # Errors
    /// [`ManualReleaseError`] if it is out of date, or cannot be written; nothing is published then.
    pub fn release(mut self, reason: &str, signer: Option<Signer>) -> Result<ManualRelease, ManualReleaseError> {
        let supplier = self.held.supplier.clone();
        if signer.is_none() && self.held.secret_key.is_some() {
            return Err(ManualReleaseError::NoSigner { run: self.run });
        }
        let now = SystemTime::now();
        let known = || Ok::<_, ManualReleaseError>(Ledger::newest_known(&self.output)?);
        let mut staging = Staging::begin_after(&self.output, now, known)?;
        if let Some(signer) = signer {
            staging = staging.signed_by(signer, &self.job());
        }
        let ledger_head = ledger::begin(&self.output, now)?;
        let Some(published) = Published::latest(&self.output)? else {
            return Err(ManualReleaseError::NotARun { path: self.output });
        };
        ledger::check_published(&self.output, Some(&published))?;
        let held_in = std::slice::from_ref(&self.run);
        ledger::check_files(&self.output, held_in, |file| file.starts_with("administrator/"))?;
        if let Some(newer) = published.delivering_run(&supplier)?.filter(|newer| *newer > self.run) {
            return Err(ManualReleaseError::NewerIsOut { supplier, run: self.run, newer });
        }
        self.check_words()?;
        let held = Quarantined::open(&published, &self.run, &supplier, &self.held.files)?;
        let mut flags = held.flagged()?;
        let households = held.households(&published, &flags)?;
        let before = published.rebates(|_, _| true)?;
        let withdrawn = self.withdraw(&mut flags, &households, &before);
        let rebates = self.rebates(&flags, &households, before.clone());
        self.check_limits(&rebates)?;

        let days = self.held.exception_days;
        held.deliver(&staging, &published, self.recipient.as_ref(), &self.schemes, days, &withdrawn)?;
        held.write_claims(&staging, &published, &before, &rebates)?;
        staging.carry_on(&published)?;
        self.count_withdrawn(&withdrawn);
        let schemes = self.scheme_records(&published)?;
        let record = RunRecord {
            format: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ledger_head: Some(ledger_head),
            release: Some(ManualReleaseRecord {
                supplier: supplier.clone(),
                of: self.run.to_string(),
                reason: reason.to_owned(),
            }),
            settings: SettingsRecord { schemes, ..SettingsRecord::default() },
            // The reports count as answered: their receipts are in the delivery.
            inputs: self
                .inputs
                .iter()
                .filter(|input| input.input == supplier || self.is_report(input))
                .cloned()
                .collect(),
            keys: BTreeMap::new(),
            summary: Summary::of_manual_release(self.figures.clone()),
            weights: None,
            held: Vec::new(),
        };
        staging.run_record(&record)?;
        let (run, notices) = (staging.run_id().clone(), staging.notices());
        let publication = staging.publish()?;
        if let Err(error) = notices.remove(&supplier) {
            tracing::warn!("the notice to {supplier} cannot be removed: {error}");
        }
        // The run is published. From here on, the next run puts right what is wrong with the ledger.
        let ledger_behind = Ledger::catch_up(&self.output).err().map(|error| error.to_string());
        Ok(ManualRelease {
            // The delivery is published even if its number cannot be read back.
            sequence: published.sequence(&run, &supplier).ok().flatten(),
            run: run.to_string(),
            folder: publication.folder,
            supplier,
            held_by: self.run.to_string(),
            reason: reason.to_owned(),
            withdrawn: withdrawn.values().map(|accounts| accounts.len() as u64).sum(),
            later_nights: later_nights(&self.gates),
            ledger_behind,
        })
    }

    /// The job that its signature names. Records of older versions name none; then it is made from their
    /// schemes.
    fn job(&self) -> String {
        let of_schemes = || Job::signed_as(self.schemes.iter());
        self.held.job.clone().unwrap_or_else(of_schemes)
    }

    /// The schemes of all rows in the new run, for a purge: those of the delivery, and those of other
    /// suppliers' rows.
    fn scheme_records(&self, latest: &Published) -> Result<Vec<SchemeRecord>, ManualReleaseError> {
        let path = latest.record(latest.run_id());
        let io = |source| ReleaseError::Io { action: "read this file", path: path.clone(), source };
        let text = std::fs::read(&path).map_err(io)?;
        let damaged =
            |error: serde_json::Error| ManualReleaseError::NotARecord { path: path.clone(), line: error.line() };
        let record: RunRecord = serde_json::from_slice(&text).map_err(damaged)?;
        let own = self.schemes.iter().map(SchemeRecord::from);
        let is_other = |other: &SchemeRecord| self.schemes.iter().all(|scheme| other.id != scheme.id);
        Ok(own.chain(record.settings.schemes.into_iter().filter(is_other)).collect())
    }

    /// Checks that objections and the supplier's exceptions are those that the run had: its flags do not
    /// reflect any later ones.
    fn check_words(&self) -> Result<(), ManualReleaseError> {
        let QuarantineRecord { supplier, objections, exceptions, .. } = &self.held;
        if let Some(patterns) = objections {
            let files =
                patterns.source().files().map_or_else(|why| vec![Err(why)], |all| all.into_iter().map(Ok).collect());
            self.check_same(crate::pipeline::inputs::input_file::OBJECTIONS_INPUT, files, "")?;
        }
        if let Some(patterns) = exceptions {
            self.check_same(crate::pipeline::inputs::exceptions::INPUT, patterns.source().each(), supplier)?;
        }
        Ok(())
    }

    /// Whether a file that its run read is a report of the supplier, or of one whose id begins with the supplier's.
    fn is_report(&self, input: &InputRecord) -> bool {
        input.input == crate::pipeline::inputs::exceptions::INPUT && begins_with(&input.path, &self.held.supplier)
    }

    /// Checks that the files of an input whose names start with `beginning` are those that the run had.
    fn check_same(
        &self,
        input: &'static str,
        files: Vec<Result<PathBuf, FilesError>>,
        beginning: &str,
    ) -> Result<(), ManualReleaseError> {
        let own = |found: &Result<PathBuf, FilesError>| {
            begins_with(found.as_ref().map_or_else(FilesError::path, PathBuf::as_path), beginning)
        };
        let files: Result<Vec<PathBuf>, FilesError> = files.into_iter().filter(own).collect();
        let files = files.map_err(|source| ManualReleaseError::NotFound { input, source })?;
        let now = files.iter().map(|path| input_sum(path));
        let now: Result<Vec<String>, IntakeError> = now.collect();
        let mut now = now.map_err(|source| ManualReleaseError::Unreadable { input, source })?;
        let then = self.inputs.iter().filter(|other| other.input == input && begins_with(&other.path, beginning));
        let mut then: Vec<String> = then.map(|input| input.blake3.clone()).collect();
        now.sort_unstable();
        then.sort_unstable();
        if now == then { Ok(()) } else { Err(ManualReleaseError::HaveChanged { input, run: self.run.clone() }) }
    }

    /// Removes flags whose household's one rebate is elsewhere by now, and returns their accounts by scheme.
    fn withdraw(
        &self,
        flags: &mut Vec<ReleasedFlag>,
        households: &Households,
        rebates: &[Rebate],
    ) -> HashMap<String, HashSet<String>> {
        let elsewhere = rebates.iter().filter(|rebate| rebate.supplier() != self.held.supplier);
        let taken: HashSet<(&str, &str)> = elsewhere
            .flat_map(|rebate| [rebate.claim_ref(), rebate.household()].map(|claim| (rebate.scheme(), claim)))
            .filter(|(_, claim)| !claim.is_empty())
            .collect();
        let one_each = |id: &str| self.schemes.iter().any(|scheme| scheme.id == id && scheme.one_rebate_per_claim);
        let mut withdrawn: HashMap<String, HashSet<String>> = HashMap::new();
        flags.retain(|flag| {
            let household = household_of(flag, households);
            let is_taken =
                [flag.claim_ref.as_str(), household].iter().any(|claim| taken.contains(&(&*flag.scheme, *claim)));
            let stays = !one_each(&flag.scheme) || !is_taken;
            if !stays {
                withdrawn.entry(flag.scheme.clone()).or_default().insert(flag.customer_ref.clone());
            }
            stays
        });
        withdrawn
    }

    /// The rebates once these flags are delivered. Each flag's rebate rests on its account. The supplier's
    /// rebates without a flag wait for its next account of the household.
    fn rebates(&self, flags: &[ReleasedFlag], households: &Households, before: Vec<Rebate>) -> Vec<Rebate> {
        let own = |rebate: &Rebate| rebate.supplier() == self.held.supplier;
        let (own, mut rebates): (Vec<Rebate>, Vec<Rebate>) = before.into_iter().partition(own);
        let mut by_name: HashMap<(String, Name), Vec<usize>> = HashMap::new();
        for (at, rebate) in own.iter().enumerate() {
            let unknown = rebate.claim_ref().is_empty().then(|| Name::Account(rebate.customer_ref().to_owned()));
            let claims = [rebate.claim_ref(), rebate.household()].into_iter().filter(|claim| !claim.is_empty());
            for name in claims.map(|claim| Name::Claim(claim.to_owned())).chain(unknown) {
                by_name.entry((rebate.scheme().to_owned(), name)).or_default().push(at);
            }
        }
        let mut own: Vec<Option<Rebate>> = own.into_iter().map(Some).collect();
        for flag in flags {
            let household = household_of(flag, households);
            let names = [
                Name::Claim(flag.claim_ref.clone()),
                Name::Claim(household.to_owned()),
                Name::Account(flag.customer_ref.clone()),
            ];
            let same = names.into_iter().filter_map(|name| by_name.get(&(flag.scheme.clone(), name))).flatten();
            let left = same.filter_map(|&at| Some((own[at].as_ref()?.customer_ref() != flag.customer_ref, at)));
            let then = left.min().and_then(|(_, at)| own[at].take());
            let names = RebateNames {
                scheme: &flag.scheme,
                supplier: &flag.supplier,
                customer_ref: &flag.customer_ref,
                claim_ref: &flag.claim_ref,
                household,
                person_ref: then.as_ref().map_or("", |then| then.person_ref()),
            };
            let was_out = then.as_ref().filter(|then| then.state != RebateState::Waits);
            rebates.push(Rebate::new(&names, RebateState::Released, was_out.and_then(|then| then.released_on)));
        }
        for rebate in own.into_iter().flatten() {
            let (released_on, gone_since) = (rebate.released_on, rebate.gone_since);
            let state = match rebate.state {
                RebateState::Released => RebateState::Gone,
                other => other,
            };
            rebates.extend((state != RebateState::Waits).then(|| rebate.now(state, released_on, gone_since)));
        }
        fn key(rebate: &Rebate) -> [&str; 3] {
            [rebate.claim_ref(), rebate.supplier(), rebate.customer_ref()]
        }
        rebates.sort_unstable_by(|one, other| key(one).cmp(&key(other)));
        rebates
    }

    fn check_limits(&self, rebates: &[Rebate]) -> Result<(), ManualReleaseError> {
        for Scheme { id, limit, .. } in &self.schemes {
            let Some(limit) = *limit else { continue };
            let all = rebates.iter().filter(|rebate| rebate.scheme() == *id).count() as u64;
            if all > limit {
                return Err(ManualReleaseError::NoneLeft {
                    scheme: id.clone(),
                    run: self.run.clone(),
                    flags: all,
                    limit,
                });
            }
        }
        Ok(())
    }

    /// Subtracts the withdrawn flags from the figures.
    fn count_withdrawn(&mut self, withdrawn: &HashMap<String, HashSet<String>>) {
        for scheme in &mut self.figures.schemes {
            let fewer = withdrawn.get(&scheme.id).map_or(0, HashSet::len) as u64;
            scheme.flagged = scheme.flagged.saturating_sub(fewer);
        }
    }
}

/// Whether the name of a file begins so.
fn begins_with(path: &Path, beginning: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(beginning))
}

/// The name by which a rebate is found.
#[derive(PartialEq, Eq, Hash)]
enum Name {
    /// The claim that it rests on, or the one that names its household.
    Claim(String),
    /// The account, if its claim is not known.
    Account(String),
}

/// The claim that names the household of a flag's claim.
fn household_of<'f>(flag: &'f ReleasedFlag, households: &'f Households) -> &'f str {
    let known = households.get(&(flag.scheme.clone(), flag.claim_ref.clone()));
    known.map_or(flag.claim_ref.as_str(), String::as_str)
}
