//! Reads what earlier runs released and recorded, as far as it counts while accounts are judged: for accounts
//! that objections or exceptions name, or that staff decided.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use crate::job::Job;
use crate::pipeline::error::PipelineError;
use crate::release::{DecisionRecord, DecisionRecords, Published, Rebate, RebateState};

/// Accounts, by supplier and account reference.
pub(crate) type AccountSet = HashSet<(String, String)>;

/// What the newest deliveries released and recorded, for a few accounts.
#[derive(Default)]
pub(crate) struct Released {
    rebates: HashMap<(String, String), Vec<Rebate>>,
    records: DecisionRecords,
    /// The run's date, as far as it is known without a clock: the stated one, else that of the newest run.
    today: Option<Date>,
}

impl Released {
    /// Reads the published runs, for the accounts `named` by objections and exceptions and those that staff
    /// `decided`.
    pub(crate) fn read(
        job: &Job,
        published: Option<&Published>,
        night_of: Option<Date>,
        named: &AccountSet,
        decided: &AccountSet,
    ) -> Result<Released, PipelineError> {
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

    /// The run's date, as far as it is known without a clock.
    pub(crate) fn today(&self) -> Option<Date> {
        self.today
    }

    /// Whether an account that an exception names has a rebate in a scheme.
    pub(crate) fn has_rebate(&self, supplier: &str, customer_ref: &str, scheme: &str) -> bool {
        self.of_account(supplier, customer_ref).any(|rebate| rebate.scheme() == scheme)
    }

    /// The claims on which the rebates of an account were last released. Only accounts that objections or
    /// exceptions name are known here.
    pub(crate) fn claims_of_account<'s>(&'s self, supplier: &str, customer_ref: &str) -> Vec<&'s str> {
        let was_out = |rebate: &&Rebate| rebate.state != RebateState::Waits;
        let is_gone = |rebate: &Rebate| rebate.state == RebateState::Gone;
        let own: Vec<&Rebate> = self.of_account(supplier, customer_ref).filter(was_out).collect();
        // If the reference has a new holder, rebates of its former holder do not count.
        let has_holder = own.iter().any(|rebate| !is_gone(rebate));
        own.into_iter().filter(|own| !has_holder || !is_gone(own)).map(|own| own.claim_ref()).collect()
    }

    fn of_account<'s>(&'s self, supplier: &str, customer_ref: &str) -> impl Iterator<Item = &'s Rebate> {
        let own = (!self.rebates.is_empty()).then(|| (supplier.to_owned(), customer_ref.to_owned()));
        own.and_then(|own| self.rebates.get(&own)).into_iter().flatten()
    }

    /// The record of the decision on an account, in the supplier's newest delivery.
    pub(crate) fn record(&self, supplier: &str, customer_ref: &str, scheme: &str) -> Option<&DecisionRecord> {
        if self.records.is_empty() {
            return None;
        }
        self.records.get(&(supplier.to_owned(), customer_ref.to_owned(), scheme.to_owned()))
    }
}
