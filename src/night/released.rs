//! What earlier runs have a say in while accounts are judged: the rebates of accounts that objections and
//! exceptions name, and on whom staff decided.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::error::NightError;
use crate::job::Job;
use crate::release::{DecisionRecord, DecisionRecords, Published, Rebate, RebateState};

/// Suppliers and their accounts.
pub(super) type AccountSet = HashSet<(String, String)>;

/// What the newest deliveries released and recorded, of few accounts.
#[derive(Default)]
pub(crate) struct Released {
    rebates: HashMap<(String, String), Vec<Rebate>>,
    records: DecisionRecords,
    /// The day that the night is of, as far as it is known without a clock: the one that was said, else that of
    /// the newest run.
    today: Option<Date>,
}

impl Released {
    /// Reads it from the published runs, for the accounts `named` by objections and exceptions and those that
    /// were `decided`.
    pub(super) fn read(
        job: &Job,
        published: Option<&Published>,
        night_of: Option<Date>,
        named: &AccountSet,
        decided: &AccountSet,
    ) -> Result<Released, NightError> {
        let Some(published) = published else {
            return Ok(Released { today: night_of, ..Released::default() });
        };
        fn is_in(accounts: &AccountSet) -> impl Fn(&str, &str) -> bool {
            |supplier, customer_ref| accounts.contains(&(supplier.to_owned(), customer_ref.to_owned()))
        }
        let suppliers: Vec<&str> = job.suppliers.iter().map(|supplier| supplier.id.as_str()).collect();
        let read = if named.is_empty() { Vec::new() } else { published.rebates(is_in(named))? };
        let mut rebates: HashMap<_, Vec<Rebate>> = HashMap::new();
        for rebate in read {
            rebates.entry((rebate.supplier().to_owned(), rebate.customer_ref().to_owned())).or_default().push(rebate);
        }
        let records = match decided.is_empty() {
            true => DecisionRecords::new(),
            false => published.decision_records(&suppliers, is_in(decided))?,
        };
        let last = published.run_id().date()?;
        Ok(Released { rebates, records, today: Some(night_of.unwrap_or(last)) })
    }

    /// The day that the night is of, as far as it is known without a clock.
    pub(super) fn today(&self) -> Option<Date> {
        self.today
    }

    /// An account that an exception names has a rebate in a scheme.
    pub(super) fn has_rebate(&self, supplier: &str, customer_ref: &str, scheme: &str) -> bool {
        self.of_account(supplier, customer_ref).any(|rebate| rebate.scheme() == scheme)
    }

    /// The claims on which rebates of an account that an objection names were released last.
    pub(super) fn claims_of_account<'s>(&'s self, supplier: &str, customer_ref: &str) -> Vec<&'s str> {
        let was_out = |rebate: &&Rebate| rebate.state != RebateState::Waits;
        let is_gone = |rebate: &Rebate| rebate.state == RebateState::Gone;
        let own: Vec<&Rebate> = self.of_account(supplier, customer_ref).filter(was_out).collect();
        // A reference that has a new holder is theirs, and not that of who had it before.
        let has_holder = own.iter().any(|rebate| !is_gone(rebate));
        own.into_iter().filter(|own| !has_holder || !is_gone(own)).map(|own| own.claim_ref()).collect()
    }

    fn of_account<'s>(&'s self, supplier: &str, customer_ref: &str) -> impl Iterator<Item = &'s Rebate> {
        let own = (!self.rebates.is_empty()).then(|| (supplier.to_owned(), customer_ref.to_owned()));
        own.and_then(|own| self.rebates.get(&own)).into_iter().flatten()
    }

    /// What the supplier's newest delivery has of the decision on an account.
    pub(super) fn record(&self, supplier: &str, customer_ref: &str, scheme: &str) -> Option<&DecisionRecord> {
        if self.records.is_empty() {
            return None;
        }
        self.records.get(&(supplier.to_owned(), customer_ref.to_owned(), scheme.to_owned()))
    }
}
