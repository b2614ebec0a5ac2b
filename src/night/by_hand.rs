//! What a gate held back, released by hand: in go a run, a supplier and somebody's reason, out comes a new
//! run that delivers it.
//!
//! Nothing is matched again. What may have changed since is looked at: a newer delivery, the objections,
//! which have the last word, and the claims' rebates, which may have gone to other suppliers meanwhile.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::gate_settings::later_nights;
use super::held::HeldRecord;
use crate::date::Date;
use crate::intake::{IntakeError, input_sum};
use crate::job::{AgeRecipient, FilesError, Group, Job, Scheme};
use crate::ledger::{self, Ledger, LedgerError};
use crate::release::{
    Held, Households, Published, Rebate, RebateNames, RebateState, ReleaseError, ReleasedFlag, RunId, Signer, Staging,
};
use crate::text::shown;

/// Why nothing was released by hand. No message holds a field's value.
#[derive(Debug, thiserror::Error)]
pub enum ByHandError {
    /// The path is that of no published run.
    #[error("{}: this is not the folder of a published run", shown(path))]
    NotARun {
        /// The path.
        path: PathBuf,
    },
    /// The run held nothing of that supplier.
    #[error("the run {run} holds nothing of {supplier:?} that could be released{}", held(known, of.as_deref()))]
    NothingHeld {
        /// The run.
        run: RunId,
        /// The supplier asked for.
        supplier: String,
        /// The suppliers of which it holds something.
        known: Vec<String>,
        /// The run whose delivery it released, where it is a release by hand.
        of: Option<String>,
    },
    /// The supplier has something newer.
    #[error("{supplier} has had a newer delivery, of run {newer}; what run {run} held is out of date")]
    NewerIsOut {
        /// The supplier.
        supplier: String,
        /// The run that held.
        run: RunId,
        /// The run of the newer delivery.
        newer: RunId,
    },
    /// Somebody may have objected since, or the supplier reported back.
    #[error("the {input} have changed since run {run}: run the job again, and release what that run holds")]
    HaveChanged {
        /// Which input.
        input: &'static str,
        /// The run that held.
        run: RunId,
    },
    /// The objections or exceptions cannot be looked at.
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
    /// Too many rebates would be out.
    #[error(
        "{scheme}: other suppliers have had flags since run {run}, and with these there would be {flags} of {limit}: run the job again, and release what that run holds"
    )]
    NoneLeft {
        /// The scheme.
        scheme: String,
        /// The run that held.
        run: RunId,
        /// How many flags there would be.
        flags: u64,
        /// How many there may be.
        limit: u64,
    },
    /// It was to be signed, and there is nothing to sign with.
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

fn held(known: &[String], of: Option<&str>) -> String {
    match of {
        Some(of) => format!("; it is itself a release by hand, of what run {of} held: name that run"),
        None if known.is_empty() => String::new(),
        None => format!("; it holds {}", known.join(", ")),
    }
}

/// What a run's record has of suppliers that were held back; nothing in that of a release by hand.
#[derive(Deserialize)]
struct Holding {
    #[serde(default)]
    held: Vec<HeldRecord>,
    release: Option<ReleaseRecord>,
}

#[derive(Deserialize)]
struct ReleaseRecord {
    of: String,
}

/// Of a record that holds something, what a release by hand needs beside it.
#[derive(Deserialize)]
struct Record {
    settings: Settings,
    inputs: Vec<Input>,
    summary: Summary,
}

#[derive(Deserialize)]
struct Settings {
    schemes: Vec<SchemeRecord>,
}

#[derive(Deserialize)]
struct SchemeRecord {
    id: String,
    name: String,
    qualifying_date: String,
    one_rebate_per_claim: bool,
    #[serde(default = "free_after_days")]
    free_after_days: u32,
    limit: Option<u64>,
    groups: Vec<GroupRecord>,
    purpose: Option<String>,
    legal_power: Option<String>,
    retention_days: Option<u32>,
}

fn free_after_days() -> u32 {
    Scheme::FREE_AFTER_DAYS
}

#[derive(Deserialize)]
struct GroupRecord {
    id: String,
    benefits: Vec<String>,
    max_income: Option<f64>,
    min_energy_cost_score: Option<f64>,
}

impl SchemeRecord {
    fn scheme(self) -> Option<Scheme> {
        let mut parts = self.qualifying_date.split('-').map(|part| part.parse().ok());
        let qualifying_date = Date::new(parts.next()??, parts.next()??, parts.next()??)?;
        let groups = self.groups.into_iter().map(|GroupRecord { id, benefits, max_income, min_energy_cost_score }| {
            Group { id, benefits, max_income, min_energy_cost_score }
        });
        Some(Scheme {
            id: self.id,
            name: self.name,
            qualifying_date,
            groups: groups.collect(),
            one_rebate_per_claim: self.one_rebate_per_claim,
            free_after_days: self.free_after_days,
            limit: self.limit,
            purpose: self.purpose,
            legal_power: self.legal_power,
            retention_days: self.retention_days,
        })
    }
}

#[derive(Deserialize, Serialize)]
struct Input {
    input: String,
    path: PathBuf,
    bytes: u64,
    blake3: String,
    rows: u64,
    rejected: u64,
    noted: u64,
}

#[derive(Deserialize)]
struct Summary {
    suppliers: Vec<Value>,
    #[serde(default)]
    held_back: Vec<HeldBackRecord>,
}

/// Which gates held a supplier back.
#[derive(Deserialize)]
struct HeldBackRecord {
    id: String,
    #[serde(default)]
    findings: Vec<FindingRecord>,
}

#[derive(Deserialize)]
struct FindingRecord {
    gate: String,
}

/// What a run holds of a supplier.
pub struct HeldDelivery {
    output: PathBuf,
    run: RunId,
    held: HeldRecord,
    recipient: Option<AgeRecipient>,
    schemes: Vec<Scheme>,
    inputs: Vec<Input>,
    /// The supplier's figures, as its run has them.
    figures: Value,
    /// The gates that held it back.
    gates: BTreeSet<String>,
}

/// What was released by hand.
#[derive(Debug, Serialize)]
pub struct ReleasedByHand {
    /// The new run.
    pub run: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The supplier.
    pub supplier: String,
    /// The delivery's place among those to this supplier.
    pub sequence: Option<u64>,
    /// The run that held it.
    pub held_by: String,
    /// Why it was released.
    pub reason: String,
    /// Accounts that were to be `Y`, and whose claims' rebates went elsewhere in the meantime.
    pub withdrawn: u64,
    /// What the gates that held it will do in later nights, and what to set, in sentences.
    pub later_nights: Vec<String>,
    /// Why the ledger does not have this run yet; the next run adds it.
    pub ledger_behind: Option<String>,
}

impl HeldDelivery {
    /// Finds what a published run, named by its folder, holds of a supplier.
    ///
    /// # Errors
    /// [`ByHandError`] if there is no such run, or nothing of that supplier in it.
    pub fn find(folder: &Path, supplier: &str) -> Result<HeldDelivery, ByHandError> {
        let not_a_run = || ByHandError::NotARun { path: folder.to_owned() };
        // Only what is not there is no run: what cannot be looked at may be one.
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
        let not_a_record = |line| ByHandError::NotARecord { path: path.clone(), line };
        let damaged = |error: serde_json::Error| not_a_record(error.line());
        let Holding { held, release } = serde_json::from_slice(&text).map_err(damaged)?;
        let known = held.iter().map(|held| held.supplier.clone()).collect();
        let Some(held) = held.into_iter().find(|held| held.supplier == supplier) else {
            let of = release.map(|release| release.of);
            return Err(ByHandError::NothingHeld { run, supplier: supplier.to_owned(), known, of });
        };
        let record: Record = serde_json::from_slice(&text).map_err(damaged)?;
        let recipient = held.age_recipient.as_ref().map(|text| text.parse()).transpose();
        let schemes: Option<Vec<Scheme>> = record.settings.schemes.into_iter().map(SchemeRecord::scheme).collect();
        let of_supplier = record.summary.held_back.iter().filter(|held| held.id == supplier);
        let gates = of_supplier.flat_map(|held| &held.findings).map(|finding| finding.gate.clone()).collect();
        let figures = record.summary.suppliers.into_iter().find(|figures| figures["id"] == supplier);
        Ok(HeldDelivery {
            recipient: recipient.map_err(|_| not_a_record(1))?,
            schemes: schemes.ok_or_else(|| not_a_record(1))?,
            figures: figures.ok_or_else(|| not_a_record(1))?,
            gates,
            inputs: record.inputs,
            output: output.to_owned(),
            run,
            held,
        })
    }

    /// The secret key that deliveries of its run are signed with.
    pub fn secret_key(&self) -> Option<&Path> {
        self.held.secret_key.as_deref()
    }

    /// Publishes it as a new run.
    ///
    /// # Errors
    /// [`ByHandError`] if it is out of date, or cannot be written; nothing is published then.
    pub fn release(mut self, reason: &str, signer: Option<Signer>) -> Result<ReleasedByHand, ByHandError> {
        let supplier = self.held.supplier.clone();
        if signer.is_none() && self.held.secret_key.is_some() {
            return Err(ByHandError::NoSigner { run: self.run });
        }
        let now = SystemTime::now();
        let known = || Ok::<_, ByHandError>(Ledger::newest_known(&self.output)?);
        let mut staging = Staging::begin_after(&self.output, now, known)?;
        if let Some(signer) = signer {
            staging = staging.signed_by(signer, &self.job());
        }
        let ledger_head = ledger::begin(&self.output, now)?;
        let Some(published) = Published::latest(&self.output)? else {
            return Err(ByHandError::NotARun { path: self.output });
        };
        ledger::check_published(&self.output, Some(&published))?;
        let held_in = std::slice::from_ref(&self.run);
        ledger::check_files(&self.output, held_in, |file| file.starts_with("administrator/"))?;
        if let Some(newer) = published.delivering_run(&supplier)?.filter(|newer| *newer > self.run) {
            return Err(ByHandError::NewerIsOut { supplier, run: self.run, newer });
        }
        self.check_words()?;
        let held = Held::open(&published, &self.run, &supplier, &self.held.files)?;
        let mut flags = held.flagged()?;
        let households = held.households(&published, &flags)?;
        let before = published.rebates(|_, _| true)?;
        let withdrawn = self.withdraw(&mut flags, &households, &before);
        let rebates = self.rebates(&flags, &households, before.clone());
        self.check_limits(&rebates)?;

        held.deliver(&staging, &published, self.recipient.as_ref(), &self.schemes, &withdrawn)?;
        held.write_claims(&staging, &published, &before, &rebates)?;
        staging.carry_on(&published)?;
        self.count_withdrawn(&withdrawn);
        let schemes = self.scheme_records(&published)?;
        let record = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "ledger_head": ledger_head,
            "release": { "supplier": supplier, "of": self.run.to_string(), "reason": reason },
            "settings": { "schemes": schemes },
            "inputs": self.inputs.iter().filter(|input| input.input == supplier).collect::<Vec<_>>(),
            "keys": {},
            "summary": {
                "held_back": [],
                "suppliers": [self.figures],
                "benefit_rows": 0,
                "persons": 0,
                "claims": 0,
            },
        });
        staging.run_record(&record)?;
        let run = staging.run_id().clone();
        let publication = staging.publish()?;
        // The run is out: what is wrong with the ledger from here on is for the next run to put right.
        let ledger_behind = Ledger::catch_up(&self.output).err().map(|error| error.to_string());
        Ok(ReleasedByHand {
            // It is out, whether or not its number can be read back.
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

    /// The job that its signature names. A run of a version that named none has its schemes.
    fn job(&self) -> String {
        let of_schemes = || Job::signed_as(self.schemes.iter());
        self.held.job.clone().unwrap_or_else(of_schemes)
    }

    /// The schemes of all rows in the new run, for a purge: those of the delivery, and those that only rows of
    /// other suppliers are of.
    fn scheme_records(&self, latest: &Published) -> Result<Vec<Value>, ByHandError> {
        let path = latest.record(latest.run_id());
        let io = |source| ReleaseError::Io { action: "read this file", path: path.clone(), source };
        let text = std::fs::read(&path).map_err(io)?;
        let damaged = |error: serde_json::Error| ByHandError::NotARecord { path: path.clone(), line: error.line() };
        let record: Value = serde_json::from_slice(&text).map_err(damaged)?;
        let own = self.schemes.iter();
        let mut all: Vec<Value> = own
            .map(|scheme| json!({ "id": scheme.id, "name": scheme.name, "retention_days": scheme.retention_days }))
            .collect();
        for other in record["settings"]["schemes"].as_array().into_iter().flatten() {
            if self.schemes.iter().all(|scheme| other["id"] != scheme.id) {
                let kept = ["id", "name", "retention_days"].map(|key| (key.to_owned(), other[key].clone()));
                all.push(Value::Object(kept.into_iter().collect()));
            }
        }
        Ok(all)
    }

    /// Objections and the supplier's exceptions have to be those that the run had: what has been said since
    /// is not in its flags.
    fn check_words(&self) -> Result<(), ByHandError> {
        let HeldRecord { supplier, objections, exceptions, .. } = &self.held;
        if let Some(patterns) = objections {
            let files =
                patterns.source().files().map_or_else(|why| vec![Err(why)], |all| all.into_iter().map(Ok).collect());
            self.check_same(super::shared::OBJECTIONS_INPUT, files, "")?;
        }
        if let Some(patterns) = exceptions {
            self.check_same(super::exceptions::INPUT, patterns.source().each(), supplier)?;
        }
        Ok(())
    }

    /// The files of an input whose names begin so are those that the run had.
    fn check_same(
        &self,
        input: &'static str,
        files: Vec<Result<PathBuf, FilesError>>,
        beginning: &str,
    ) -> Result<(), ByHandError> {
        let begins = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(beginning));
        let own = |found: &Result<PathBuf, FilesError>| {
            begins(found.as_ref().map_or_else(FilesError::path, PathBuf::as_path))
        };
        let files: Result<Vec<PathBuf>, FilesError> = files.into_iter().filter(own).collect();
        let files = files.map_err(|source| ByHandError::NotFound { input, source })?;
        let now = files.iter().map(|path| input_sum(path));
        let now: Result<Vec<String>, IntakeError> = now.collect();
        let mut now = now.map_err(|source| ByHandError::Unreadable { input, source })?;
        let then = self.inputs.iter().filter(|other| other.input == input && begins(&other.path));
        let mut then: Vec<String> = then.map(|input| input.blake3.clone()).collect();
        now.sort_unstable();
        then.sort_unstable();
        if now == then { Ok(()) } else { Err(ByHandError::HaveChanged { input, run: self.run.clone() }) }
    }

    /// Takes out the flags whose household's one rebate is elsewhere by now, and gives their accounts by scheme.
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

    /// The rebates once these flags are delivered: each rests on its account, and those that the supplier has and
    /// does not flag any more wait for its next account of the household.
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

    fn check_limits(&self, rebates: &[Rebate]) -> Result<(), ByHandError> {
        for Scheme { id, limit, .. } in &self.schemes {
            let Some(limit) = *limit else { continue };
            let all = rebates.iter().filter(|rebate| rebate.scheme() == *id).count() as u64;
            if all > limit {
                return Err(ByHandError::NoneLeft { scheme: id.clone(), run: self.run.clone(), flags: all, limit });
            }
        }
        Ok(())
    }

    /// Lets the figures tell what is delivered.
    fn count_withdrawn(&mut self, withdrawn: &HashMap<String, HashSet<String>>) {
        let schemes = self.figures["schemes"].as_array_mut().into_iter().flatten();
        for scheme in schemes {
            let fewer = scheme["id"].as_str().and_then(|id| withdrawn.get(id)).map_or(0, HashSet::len) as u64;
            if let Some(flagged) = scheme["flagged"].as_u64() {
                scheme["flagged"] = json!(flagged.saturating_sub(fewer));
            }
        }
    }
}

/// What a rebate is found by.
#[derive(PartialEq, Eq, Hash)]
enum Name {
    /// The claim that it rests on, or the one that names its household.
    Claim(String),
    /// The account, where its claim is not known.
    Account(String),
}

/// The claim that names the household of a flag's claim.
fn household_of<'f>(flag: &'f ReleasedFlag, households: &'f Households) -> &'f str {
    let known = households.get(&(flag.scheme.clone(), flag.claim_ref.clone()));
    known.map_or(flag.claim_ref.as_str(), String::as_str)
}
