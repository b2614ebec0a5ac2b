//! Reads the released rebates that `claims.csv` carries from run to run, and what staff decided when.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use jiff::civil::Date;

use super::error::ReleaseError;
use super::layout::ADMINISTRATOR;
use super::published::Published;
use super::rows::{ClaimRow, Claims, DecisionRow, DecisionsTable, Outcome};
use super::run_id::RunId;
use super::table::{Table, has_column};
use super::values::values;

values! {
    /// The state of a rebate.
    pub enum RebateState {
        /// Its account is `Y`.
        Released = "released",
        /// Its account is gone, and no other account has the rebate.
        Gone = "gone",
        /// Its supplier reported its account, and staff have to decide.
        AwaitsStaff = "awaits-staff",
        /// Somebody objected.
        Objected = "objected",
        /// It is not released yet: its flag waits for a release day.
        Waits = "waits",
    }
}

impl RebateState {
    /// The outcome of the claim that it rests on.
    pub fn outcome(self) -> Outcome {
        match self {
            RebateState::Released => Outcome::Matched,
            RebateState::Gone => Outcome::Reserved,
            RebateState::AwaitsStaff => Outcome::Review,
            RebateState::Objected => Outcome::Objected,
            RebateState::Waits => Outcome::MatchedPending,
        }
    }
}

/// The references of a rebate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RebateNames<'a> {
    /// The scheme's id.
    pub scheme: &'a str,
    /// The supplier of its account.
    pub supplier: &'a str,
    /// The account that it was released on last.
    pub customer_ref: &'a str,
    /// The claim that it rests on.
    pub claim_ref: &'a str,
    /// The claim that names the household.
    pub household: &'a str,
    /// The person that it rests on; empty if the person's records have no reference.
    pub person_ref: &'a str,
}

/// A rebate. `Debug` shows no reference.
///
/// There are as many rebates as flags, so all references share one text to save memory.
#[derive(Clone, PartialEq, Eq)]
pub struct Rebate {
    /// Scheme, supplier, account, claim, person and household; the household is left out if it is the claim.
    text: Box<str>,
    /// Where each of the first five ends.
    ends: [u32; 5],
    is_own_household: bool,
    /// Its state.
    pub state: RebateState,
    /// The day of its first release, if it is known.
    pub released_on: Option<Date>,
    /// The first day on which its account was gone, if it is gone.
    pub gone_since: Option<Date>,
}

impl Rebate {
    /// A rebate in this state.
    pub fn new(names: &RebateNames<'_>, state: RebateState, released_on: Option<Date>) -> Rebate {
        let RebateNames { scheme, supplier, customer_ref, claim_ref, household, person_ref } = *names;
        let is_own_household = household == claim_ref;
        let household = if is_own_household { "" } else { household };
        let parts = [scheme, supplier, customer_ref, claim_ref, person_ref, household];
        let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        let ends = parts.map(|part| {
            text.push_str(part);
            // Fields of files are far shorter than four gigabytes.
            text.len() as u32
        });
        let [ends @ .., _] = ends;
        Rebate { text: text.into_boxed_str(), ends, is_own_household, state, released_on, gone_since: None }
    }

    /// Its references.
    pub fn names(&self) -> RebateNames<'_> {
        RebateNames {
            scheme: self.scheme(),
            supplier: self.supplier(),
            customer_ref: self.customer_ref(),
            claim_ref: self.claim_ref(),
            household: self.household(),
            person_ref: self.person_ref(),
        }
    }

    /// The same rebate in another state.
    #[must_use]
    pub fn now(self, state: RebateState, released_on: Option<Date>, gone_since: Option<Date>) -> Rebate {
        Rebate { state, released_on, gone_since, ..self }
    }

    /// See [`RebateNames::scheme`].
    pub fn scheme(&self) -> &str {
        &self.text[..self.ends[0] as usize]
    }

    /// See [`RebateNames::supplier`].
    pub fn supplier(&self) -> &str {
        self.part(1)
    }

    /// See [`RebateNames::customer_ref`].
    pub fn customer_ref(&self) -> &str {
        self.part(2)
    }

    /// See [`RebateNames::claim_ref`].
    pub fn claim_ref(&self) -> &str {
        self.part(3)
    }

    /// See [`RebateNames::person_ref`].
    pub fn person_ref(&self) -> &str {
        self.part(4)
    }

    /// See [`RebateNames::household`].
    pub fn household(&self) -> &str {
        if self.is_own_household { self.claim_ref() } else { &self.text[self.ends[4] as usize..] }
    }

    fn part(&self, number: usize) -> &str {
        &self.text[self.ends[number - 1] as usize..self.ends[number] as usize]
    }
}

impl fmt::Debug for Rebate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// What an account looked like in the run that first applied a decision. `Debug` shows no reference.
#[derive(Clone, PartialEq, Eq)]
pub struct DecisionRecord {
    /// The time of the decision, as it is displayed; `None` if an older version did not record it.
    pub decided_on: Option<String>,
    /// The claim that it is bound to.
    pub claim_ref: String,
    /// The comparison levels of the candidate it is bound to; empty if there was none, or an older version did not
    /// record them.
    pub levels: String,
}

impl fmt::Debug for DecisionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// Decision records by supplier, account and scheme.
pub type DecisionRecords = HashMap<(String, String, String), DecisionRecord>;

impl Published {
    /// The rebates that the latest run carries, of accounts that are `wanted` (by supplier and account). A day that is
    /// missing is the day of the latest run.
    ///
    /// If the latest run's version kept no rebates, they are made from the flags of each supplier's newest delivery.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if the tables cannot be read.
    pub fn rebates(&self, wanted: impl Fn(&str, &str) -> bool) -> Result<Vec<Rebate>, ReleaseError> {
        let path = self.folder().join(ADMINISTRATOR).join(Claims::FILE);
        if let Some(rebates) = read_rebates(&path, self.run_id(), &wanted)? {
            return Ok(rebates);
        }
        let mut rebates = self.rebates_by_flags()?;
        rebates.retain(|rebate| wanted(rebate.supplier(), rebate.customer_ref()));
        Ok(rebates)
    }

    fn rebates_by_flags(&self) -> Result<Vec<Rebate>, ReleaseError> {
        let suppliers = self.suppliers()?;
        let suppliers: Vec<&str> = suppliers.iter().map(String::as_str).collect();
        let mut days = HashMap::new();
        for (run, suppliers) in self.by_delivering_run(&suppliers)? {
            let day = run.date()?;
            days.extend(suppliers.into_iter().map(|supplier| (supplier, day)));
        }
        let flags = self.released_flags(&suppliers)?;
        let rebates = flags.iter().map(|flag| {
            let names = RebateNames {
                scheme: &flag.scheme,
                supplier: &flag.supplier,
                customer_ref: &flag.customer_ref,
                claim_ref: &flag.claim_ref,
                household: &flag.claim_ref,
                person_ref: "",
            };
            Rebate::new(&names, RebateState::Released, days.get(flag.supplier.as_str()).copied())
        });
        Ok(rebates.collect())
    }

    /// The decisions in each supplier's newest delivery on accounts that are `wanted`.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] or [`ReleaseError::Damaged`] if a run's decisions cannot be read.
    pub fn decision_records(
        &self,
        suppliers: &[&str],
        wanted: impl Fn(&str, &str) -> bool,
    ) -> Result<DecisionRecords, ReleaseError> {
        let mut records = DecisionRecords::new();
        for (run, suppliers) in self.by_delivering_run(suppliers)? {
            let path = self.run_folder(&run).join(ADMINISTRATOR).join(DecisionsTable::FILE);
            DecisionsTable::read(&path, |row, _| {
                let DecisionRow { supplier, customer_ref, scheme, .. } = row;
                if !suppliers.contains(&supplier) || !wanted(supplier, customer_ref) {
                    return Ok(());
                }
                let record = match (row.decided_on, row.reason) {
                    // An older version wrote neither the time nor what the account looked like then.
                    ("", "decided") => (None, row.claim_ref, ""),
                    ("", _) => return Ok(()),
                    (moment, _) => (Some(moment.to_owned()), row.decided_claim_ref, row.decided_levels),
                };
                let (decided_on, claim_ref, levels) = record;
                let record = DecisionRecord { decided_on, claim_ref: claim_ref.to_owned(), levels: levels.to_owned() };
                records.insert((supplier.to_owned(), customer_ref.to_owned(), scheme.to_owned()), record);
                Ok(())
            })?;
        }
        Ok(records)
    }
}

/// The rebates of a table of claims; `None` if there is no table, or it is of a version that kept none.
pub(super) fn read_rebates(
    path: &Path,
    run: &RunId,
    wanted: &dyn Fn(&str, &str) -> bool,
) -> Result<Option<Vec<Rebate>>, ReleaseError> {
    if !path.exists() {
        return Ok(None);
    }
    let day = run.date()?;
    if !has_column(path, "rebate")? {
        return Ok(None);
    }
    let mut rebates = Vec::new();
    Claims::read(path, |row, _| {
        let ClaimRow { claim_ref, scheme, household, supplier, customer_ref, person_ref, rebate, .. } = row;
        let Some(state) = rebate.filter(|_| wanted(supplier, customer_ref)) else { return Ok(()) };
        let names = RebateNames { scheme, supplier, customer_ref, claim_ref, household, person_ref };
        let released_on = row.released_on.or((state != RebateState::Waits).then_some(day));
        let gone_since = row.gone_since.or((state == RebateState::Gone).then_some(day));
        rebates.push(Rebate { gone_since, ..Rebate::new(&names, state, released_on) });
        Ok(())
    })?;
    Ok(Some(rebates))
}
