//! Declares the summary in a run's record: what a run found, in counts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::release::figure_rows::EligibleOutcome;
use crate::release::rows::{Chance, ReceiptOutcome, ReceiptRow, Tally};

/// The summary of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Summary {
    /// The run's id. `None` for a dry run.
    pub run: Option<String>,
    /// The run's folder. `None` for a dry run.
    pub folder: Option<PathBuf>,
    /// Suppliers that get nothing from this run, with the reason.
    pub held_back: Vec<UndeliveredSupplier>,
    /// Suppliers that were matched, including quarantined ones.
    pub suppliers: Vec<SupplierSummary>,
    /// What would change, for a dry run. `None` if flags were published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Vec<Forecast>>,
    /// What became of eligible households and persons, by scheme. Empty in older records.
    #[serde(default)]
    pub match_rates: Vec<MatchRates>,
    /// What decisions on the accounts in `review.csv` are expected to add, by scheme, in the order of the table.
    #[serde(default)]
    pub review: Vec<ReviewBand>,
    /// Benefit rows read.
    pub benefit_rows: u64,
    /// Rows of the shared inputs that cannot be used.
    #[serde(default)]
    pub shared_rejected: u64,
    /// Rows of the shared inputs that were kept with a field treated as absent.
    #[serde(default)]
    pub shared_noted: u64,
    /// References that objections and decisions name and that the run's inputs do not have.
    #[serde(default)]
    pub unknown_references: Vec<UnknownReference>,
    /// What became of suppliers' reports of exceptions that came since their last deliveries.
    #[serde(default)]
    pub reports: Vec<ReportSummary>,
    /// Persons that the benefit rows were gathered into.
    pub persons: u64,
    /// Claims.
    pub claims: u64,
    /// Match keys that were left out, since too many benefit rows share them. Accounts that tried one are `N`
    /// and in review.
    #[serde(default)]
    pub keys_left_out: u64,
    /// How many pairs of a holder and a benefit row were compared, by kind of match key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparisons: Option<Comparisons>,
    /// Wrong flags as estimated without truth, by scheme. Empty if too few holders live in one postcode area.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decoys: Vec<DecoyFigures>,
    /// Seconds from the first file to the last flag, without hashing and syncing.
    #[serde(default)]
    pub seconds: f64,
    /// Seconds spent hashing what suppliers receive.
    #[serde(default)]
    pub hashing_seconds: f64,
    /// Seconds spent making the files durable.
    #[serde(default)]
    pub syncing_seconds: f64,
    /// Why the ledger does not have this run yet, though it is published; the next run adds it.
    pub ledger_behind: Option<String>,
    /// Seconds by kind of stage.
    #[serde(default)]
    pub stages: Vec<StageTime>,
    #[serde(skip, default = "SystemTime::now")]
    pub(crate) begun: SystemTime,
}

impl Summary {
    /// The summary of a manual release, which reads and matches nothing.
    pub(crate) fn of_manual_release(supplier: SupplierSummary) -> Summary {
        Summary {
            run: None,
            folder: None,
            held_back: Vec::new(),
            suppliers: vec![supplier],
            forecast: None,
            match_rates: Vec::new(),
            review: Vec::new(),
            benefit_rows: 0,
            shared_rejected: 0,
            shared_noted: 0,
            unknown_references: Vec::new(),
            reports: Vec::new(),
            persons: 0,
            claims: 0,
            keys_left_out: 0,
            comparisons: None,
            decoys: Vec::new(),
            seconds: 0.0,
            hashing_seconds: 0.0,
            syncing_seconds: 0.0,
            ledger_behind: None,
            stages: Vec::new(),
            begun: SystemTime::now(),
        }
    }
}

/// Wrong flags of a scheme as estimated without truth, before allocation, over all suppliers that were matched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecoyFigures {
    /// The scheme's id.
    pub scheme: String,
    /// Accounts on supply.
    pub accounts: u64,
    /// Accounts found eligible.
    pub flags: u64,
    /// Decoys: holders who do not exist.
    pub decoys: u64,
    /// Decoys that would be flagged.
    pub flagged: u64,
    /// The share of decoys that would be flagged: the rate of chance coincidences per account.
    pub per_account: Estimate,
    /// The share of flags that are chance coincidences. `None` if no account was found eligible.
    pub of_flags: Option<Estimate>,
    /// Unseen people, if the table's rates hold.
    pub unseen: Vec<UnseenFigures>,
}

/// How often people of a kind that no benefit record names would be flagged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnseenFigures {
    /// What they are to a person of the benefit records, as the table of unseen persons names it.
    pub kind: String,
    /// How many were invented.
    pub invented: u64,
    /// Those of them who would be flagged.
    pub flagged: u64,
    /// The share who would be flagged, where each counts at the table's rate.
    pub share: Estimate,
    /// How many people of the kind are named on accounts, by the table's rates.
    pub expected: f64,
    /// The share of flags that are theirs. `None` if no account was found eligible.
    pub of_flags: Option<Estimate>,
}

/// A share with its 95 % interval, by Wilson.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub share: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// A share and its interval, times a number but at most 1, in six digits.
    pub(crate) fn new(share: f64, (low, high): (f64, f64), factor: f64) -> Estimate {
        let [share, low, high] = [share, low, high].map(|share| six_digits((share * factor).min(1.0)));
        Estimate { share, low, high }
    }
}

/// A figure in six digits: more would say nothing.
pub(crate) fn six_digits(figure: f64) -> f64 {
    format!("{figure:.5e}").parse().unwrap_or(figure)
}

/// A supplier that was matched.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    #[serde(default)]
    pub exact_repeats: u64,
    /// Accounts.
    pub accounts: u64,
    /// Accounts on supply on some qualifying date. `None` if an older version did not count them.
    #[serde(alias = "in_play")]
    pub on_supply: Option<u64>,
    /// Accounts on supply on no qualifying date. They are dropped before any match key is made.
    #[serde(default)]
    pub dropped: u64,
    /// Accounts on supply on some qualifying date whose first holder's date of birth is known. `None` if an older
    /// version did not count them.
    pub birth_dates: Option<u64>,
    /// Figures by scheme.
    pub schemes: Vec<SchemeSummary>,
    /// Counts for detecting probing, if the job asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probing: Option<ProbingLine>,
}

/// A supplier's figures in one scheme.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SchemeSummary {
    /// The scheme's id.
    pub id: String,
    /// Accounts on supply on the qualifying date.
    #[serde(alias = "in_play")]
    pub on_supply: u64,
    /// Accounts found eligible, before allocation. `None` if an older version did not count them.
    pub matched: Option<u64>,
    /// Accounts flagged `Y`. For a quarantined supplier, accounts that would be.
    pub flagged: u64,
    /// Accounts that staff have to decide.
    pub review: u64,
    /// Accounts whose changed flag waits for a release day.
    #[serde(default)]
    pub waiting: u64,
    /// Accounts by reason, for those with a candidate or a decision.
    #[serde(default)]
    pub reasons: BTreeMap<String, u64>,
}

/// A supplier that is held back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UndeliveredSupplier {
    /// Its id.
    pub id: String,
    /// Why, in one sentence.
    pub reason: String,
    /// What gates found, if it was matched and quarantined. Empty if its files could not be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// What a gate saw, and what it would have let through. It contains no value of any field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The gate.
    pub gate: String,
    /// The scheme, if the gate looks at one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// What it saw.
    pub saw: String,
    /// What it expected.
    pub expected: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { gate, scheme, saw, expected } = self;
        match scheme {
            None => write!(f, "{gate}: {saw}; expected {expected}"),
            Some(scheme) => write!(f, "{gate} in {scheme}: {saw}; expected {expected}"),
        }
    }
}

/// A reference that an objection or a decision names and that nothing in the run's inputs has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnknownReference {
    /// `objections` or `decisions`.
    pub input: String,
    /// The file's base name.
    pub file: String,
    /// The line on which its row begins.
    pub line: u64,
    /// The column.
    pub column: String,
    /// Exactly one known reference differs from it only in capitals or the spaces around it, and is probably
    /// meant.
    pub is_near: bool,
}

/// What became of one file of exceptions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportSummary {
    /// The supplier that reported.
    pub supplier: String,
    /// The file's base name.
    pub file: String,
    /// Rows found, good and bad.
    pub rows: u64,
    /// What became of them. The first outcome counts the rows that were taken in, even if none was.
    pub outcomes: Vec<OutcomeSummary>,
    /// The supplier has had a delivery, and no row is about an account that was `Y`.
    pub changed_nothing: bool,
}

/// The rows of a file of exceptions that had one outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeSummary {
    /// The outcome.
    pub(crate) outcome: ReceiptOutcome,
    /// The rows.
    pub rows: u64,
    /// The lines on which they start.
    pub lines: String,
    /// What is wrong, or the likely cause.
    pub cause: String,
}

impl OutcomeSummary {
    /// The outcome, as `receipts.csv` names it.
    pub fn name(&self) -> &'static str {
        self.outcome.as_str()
    }
}

impl ReportSummary {
    /// The rows with an outcome.
    pub(crate) fn with(&self, outcome: ReceiptOutcome) -> u64 {
        self.outcomes.iter().filter(|own| own.outcome == outcome).map(|own| own.rows).sum()
    }

    /// Its rows of `receipts.csv`.
    pub(crate) fn receipt(&self) -> impl Iterator<Item = ReceiptRow<'_>> {
        self.outcomes.iter().map(|OutcomeSummary { outcome, rows, lines, cause }| ReceiptRow {
            file: &self.file,
            outcome: *outcome,
            rows: Tally(*rows),
            lines,
            cause,
        })
    }
}

/// How one supplier's flags in one scheme would differ from its newest delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// The supplier's id.
    pub supplier: String,
    /// The scheme's id.
    pub scheme: String,
    /// Accounts that are `Y` in the delivery and would be `N`, by the reason of the new flag.
    pub yes_to_no: BTreeMap<String, u64>,
    /// Accounts that are `N` in the delivery and would be `Y`, likewise.
    pub no_to_yes: BTreeMap<String, u64>,
    /// Accounts that are not in the delivery and would be `Y`, likewise.
    pub new_yes: BTreeMap<String, u64>,
    /// Accounts that are not in the delivery and would be `N`.
    pub new_no: u64,
    /// Accounts that are `Y` in the delivery, and not in the supplier's files any more.
    pub gone_yes: u64,
    /// Accounts that are `N` in the delivery, and not in the supplier's files any more.
    pub gone_no: u64,
    /// The supplier has had no flags of this scheme, so all its accounts are new.
    pub first: bool,
}

impl Forecast {
    /// How many of the supplier's present flags would change. An account that is gone loses its `Y`.
    pub fn changed(&self) -> u64 {
        self.yes_to_no.values().sum::<u64>() + self.no_to_yes.values().sum::<u64>() + self.gone_yes
    }
}

/// What became of the eligible in one scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRates {
    /// The scheme's id.
    pub scheme: String,
    /// Households, by outcome.
    pub households: BTreeMap<EligibleOutcome, u64>,
    /// Persons, by the outcome of their household.
    pub persons: BTreeMap<EligibleOutcome, u64>,
}

/// Accounts for review in one scheme, on which a decision is about equally likely to add a rebate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewBand {
    /// The scheme's id.
    pub scheme: String,
    /// The band of `adds_rebate` in `review.csv`.
    pub band: String,
    /// The accounts.
    pub accounts: u64,
    /// How many rebates decisions on them are expected to add.
    pub rebates: f64,
    /// How many decisions it takes to find one more eligible household. `None` if none is expected.
    pub decisions_per_rebate: Option<f64>,
}

impl ReviewBand {
    /// The band with these accounts, each with the chance that a decision adds a rebate.
    pub(crate) fn new(scheme: &str, band: &str, chances: &[Chance]) -> ReviewBand {
        let (accounts, rebates) = (chances.len() as u64, Chance::expected(chances.iter().copied()));
        let decisions_per_rebate = (rebates > 0.0).then(|| accounts as f64 / rebates);
        ReviewBand { scheme: scheme.to_owned(), band: band.to_owned(), accounts, rebates, decisions_per_rebate }
    }
}

/// The time of one kind of stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageTime {
    /// The stage's code.
    pub stage: String,
    /// Wall-clock seconds, over all stages of the kind.
    pub seconds: f64,
}

/// A supplier's counts for detecting probing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProbingLine {
    /// Holders of accounts on supply who have a name.
    pub holders: u64,
    /// Holders whose name and date of birth another account has too.
    pub same_birth_date: u64,
    /// Holders whose name and home another account has too.
    pub same_home: u64,
    /// Holders whose home has many surnames.
    pub crowded: u64,
    /// The differences from the last delivery; `None` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceLine>,
}

/// The differences from a supplier's last delivery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SinceLine {
    /// Accounts on supply that the last delivery does not have.
    pub new_accounts: u64,
    /// Accounts on supply then and now.
    pub compared: u64,
    /// Accounts on supply then and now whose matching fields were seen to be edited.
    pub edited: u64,
    /// Edited accounts that were edited repeatedly.
    pub edited_again: u64,
    /// New accounts by scheme.
    pub new: Vec<NewLine>,
}

/// New accounts in one scheme.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewLine {
    /// The scheme's id.
    pub scheme: String,
    /// Those on supply.
    #[serde(alias = "in_play")]
    pub on_supply: u64,
    /// Those found eligible.
    pub matched: u64,
}

/// How many pairs a run compared: what crowded data cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparisons {
    /// Accounts on supply.
    pub accounts: u64,
    /// Pairs, each counted once.
    pub pairs: u64,
    /// The kinds of match key in their order, each with the pairs that it led to. A pair counts under each kind that
    /// it shares.
    pub by_key: Vec<(String, u64)>,
}
