//! What a night came to, for a person to read in ten seconds or a program to read at all. Figures are
//! the administrator's: nothing of this is released.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rayon::prelude::*;
use serde::Serialize;

use super::accounts::Accounts;
use super::forecast::Forecast;
use super::matched::{Matched, SupplierMatch, held};
use super::supplier::HeldSupplier;
use super::usable_fields::UsableFields;
use super::watch::StageTime;
use crate::intake::Reason;
use crate::ledger::ProbingLine;

/// What a run came to.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The run's id; none for a dry run.
    pub run: Option<String>,
    /// The run's folder; none for a dry run.
    pub folder: Option<PathBuf>,
    /// Suppliers that get nothing tonight, with the reason.
    pub held_back: Vec<HeldSupplier>,
    /// Suppliers that were matched, those too that a gate holds back.
    pub suppliers: Vec<SupplierSummary>,
    /// What a dry run says would change; `None` where flags were published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Vec<Forecast>>,
    /// Benefit rows read.
    pub benefit_rows: u64,
    /// Rows of the shared inputs that cannot be used.
    pub shared_rejected: u64,
    /// Rows of the shared inputs that were kept with a field treated as absent.
    pub shared_noted: u64,
    /// References of objections and decisions that nothing in the run's inputs has.
    pub unknown_references: Vec<UnknownReference>,
    /// Persons they were gathered into.
    pub persons: u64,
    /// Claims.
    pub claims: u64,
    /// Match keys that found nobody, since too many benefit rows share them. Accounts that tried one are
    /// `N` and in review.
    pub keys_left_out: u64,
    /// Seconds from the first file to the last flag, without what follows.
    pub seconds: f64,
    /// Seconds spent on the sums of what suppliers receive.
    pub hashing_seconds: f64,
    /// Seconds spent making the files durable.
    pub syncing_seconds: f64,
    /// Why the ledger does not have this run yet, though it is published; the next run adds it.
    pub ledger_behind: Option<String>,
    /// Where the seconds went.
    pub stages: Vec<StageTime>,
    #[serde(skip)]
    pub(super) begun: SystemTime,
}

/// A supplier that was matched.
#[derive(Debug, Serialize)]
pub struct SupplierSummary {
    /// Its id.
    pub id: String,
    /// Rows read, good and bad.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows kept with a field treated as absent.
    pub noted: u64,
    /// Rows that repeat another exactly.
    pub exact_repeats: u64,
    /// Accounts.
    pub accounts: u64,
    /// Accounts on supply on some qualifying date.
    pub in_play: u64,
    /// Accounts on supply on no qualifying date: dropped before any match key was made of them.
    pub dropped: u64,
    /// Accounts on supply on some qualifying date whose first holder's date of birth is known.
    pub birth_dates: u64,
    /// Figures by scheme.
    pub schemes: Vec<SchemeSummary>,
    /// What was counted to see probing, where the job asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probing: Option<ProbingLine>,
}

/// A supplier's figures in one scheme.
#[derive(Debug, Serialize)]
pub struct SchemeSummary {
    /// The scheme's id.
    pub id: String,
    /// Accounts on supply on the qualifying date.
    pub in_play: u64,
    /// Accounts found due, before they were settled against each other.
    pub matched: u64,
    /// Accounts flagged `Y`; of a supplier that is held back, those that would be.
    pub flagged: u64,
    /// Accounts that a person has to decide.
    pub review: u64,
    /// Accounts whose flag is to change and waits for a release day.
    pub waiting: u64,
    /// Accounts by reason, for those with a candidate or a decision.
    pub reasons: BTreeMap<&'static str, u64>,
}

impl Summary {
    pub(super) fn of(matched: &Matched<'_>, begun: SystemTime) -> Summary {
        let persons = matched.shared.matcher.persons();
        Summary {
            run: None,
            folder: None,
            held_back: held(matched),
            suppliers: matched.suppliers.iter().map(|supplier| of_supplier(matched, supplier)).collect(),
            forecast: None,
            benefit_rows: persons.row_count() as u64,
            shared_rejected: matched.shared.files.iter().map(|file| file.rejected).sum(),
            shared_noted: matched.shared.files.iter().map(|file| file.noted).sum(),
            unknown_references: unknown_references(matched),
            persons: persons.count() as u64,
            claims: persons.claim_count() as u64,
            keys_left_out: matched.shared.matcher.keys_left_out(),
            seconds: begun.elapsed().unwrap_or_default().as_secs_f64(),
            hashing_seconds: 0.0,
            syncing_seconds: 0.0,
            ledger_behind: None,
            stages: Vec::new(),
            begun,
        }
    }

    /// Takes in where the time went.
    pub(super) fn timed(mut self, stages: Vec<StageTime>) -> Summary {
        self.stages = stages;
        self
    }

    /// Takes in that the run is published.
    pub(super) fn published(mut self, run: String, folder: PathBuf, hashing: Duration, syncing: Duration) -> Summary {
        let all = self.begun.elapsed().unwrap_or_default();
        self.run = Some(run);
        self.folder = Some(folder);
        self.seconds = all.saturating_sub(hashing).saturating_sub(syncing).as_secs_f64();
        self.hashing_seconds = hashing.as_secs_f64();
        self.syncing_seconds = syncing.as_secs_f64();
        self
    }

    /// The suppliers to which something is released.
    pub fn released(&self) -> impl Iterator<Item = &SupplierSummary> {
        let is_held = |id: &str| self.held_back.iter().any(|held| held.id == id);
        self.suppliers.iter().filter(move |supplier| !is_held(&supplier.id))
    }

    /// Accounts of all suppliers that were matched.
    pub fn accounts(&self) -> u64 {
        self.suppliers.iter().map(|supplier| supplier.accounts).sum()
    }
}

fn of_supplier(matched: &Matched<'_>, supplier: &SupplierMatch<'_>) -> SupplierSummary {
    let sum = |count: fn(&super::shared::InputFile) -> u64| supplier.read.files.iter().map(count).sum();
    let schemes = matched.job.schemes.iter().zip(&supplier.verdicts).filter_map(|(scheme, verdicts)| {
        let verdicts = verdicts.as_ref()?;
        let mut reasons: BTreeMap<&'static str, u64> = BTreeMap::new();
        for row in &verdicts.of_accounts {
            *reasons.entry(row.reason()).or_default() += 1;
        }
        let rows = || verdicts.of_accounts.iter();
        Some(SchemeSummary {
            id: scheme.id.clone(),
            in_play: verdicts.in_play,
            matched: verdicts.matched,
            flagged: rows().filter(|row| row.flag).count() as u64,
            review: rows().filter(|row| row.verdict.reason.is_for_review()).count() as u64,
            waiting: rows().filter(|row| row.waits).count() as u64,
            reasons,
        })
    });
    let in_play = InPlay::of(&supplier.read.accounts);
    SupplierSummary {
        id: supplier.supplier.id.clone(),
        rows: sum(|file| file.rows),
        rejected: sum(|file| file.rejected),
        noted: sum(|file| file.noted),
        exact_repeats: supplier.read.accounts.exact_repeats(),
        accounts: supplier.read.accounts.count() as u64,
        in_play: in_play.accounts,
        dropped: supplier.read.accounts.count() as u64 - in_play.accounts,
        birth_dates: in_play.usable.birth_dates,
        schemes: schemes.collect(),
        probing: supplier.probing.clone(),
    }
}

/// Accounts that one worker counts at a time.
const ACCOUNTS_A_CHUNK: usize = 1 << 16;

/// Accounts that are on supply in some scheme, and how many of them have each field that matching needs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct InPlay {
    pub(super) accounts: u64,
    /// Date of birth and name are the first holder's.
    pub(super) usable: UsableFields,
}

impl InPlay {
    pub(super) fn of(accounts: &Accounts) -> InPlay {
        let starts: Vec<usize> = (0..accounts.count()).step_by(ACCOUNTS_A_CHUNK).collect();
        let counts = starts.par_iter().map(|&start| {
            let some = accounts.each(start..accounts.count().min(start + ACCOUNTS_A_CHUNK));
            some.filter(|account| account.in_play() != 0).fold(InPlay::default(), |sum, account| {
                let traits = account.traits();
                let usable = UsableFields {
                    birth_dates: u64::from(traits.birth_date),
                    postcodes: u64::from(traits.postcode),
                    names: u64::from(traits.tokens > 1),
                };
                sum.and(InPlay { accounts: 1, usable })
            })
        });
        counts.reduce(InPlay::default, InPlay::and)
    }

    fn and(mut self, other: InPlay) -> InPlay {
        self.accounts += other.accounts;
        self.usable += other.usable;
        self
    }
}

/// A reference of an objection or a decision that nothing in the run's inputs has.
#[derive(Debug, Serialize)]
pub struct UnknownReference {
    /// `objections` or `decisions`.
    pub input: String,
    /// The file's base name.
    pub file: String,
    /// The line on which its row begins.
    pub line: u64,
    /// The column.
    pub column: &'static str,
    /// Exactly one reference equals it but for capitals or the spaces around it: it is probably meant.
    pub is_near: bool,
}

fn unknown_references(matched: &Matched<'_>) -> Vec<UnknownReference> {
    let faults = matched.shared.files.iter().flat_map(|file| file.faults.iter().map(move |fault| (file, fault)));
    let unknown = faults.filter_map(|(file, fault)| {
        let is_near = match fault.reason {
            Reason::UnknownReference => false,
            Reason::NearReference => true,
            _ => return None,
        };
        let (input, name) = (file.input.clone(), file.name.clone());
        Some(UnknownReference { input, file: name, line: fault.line, column: fault.column?.name(), is_near })
    });
    unknown.collect()
}
