//! Holds everything that a run found: each supplier with its accounts and verdicts.

use jiff::civil::Date;

use crate::job::{Job, Supplier};
use crate::matching::Evidence;
use crate::memory;
use crate::pipeline::accounts::dropped::Dropped;
use crate::pipeline::accounts::supplier_files::SupplierAccounts;
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::inputs::shared_inputs::SharedInputs;
use crate::pipeline::judging::verdict_rows::AccountVerdict;
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::rejected_supplier::RejectedSupplier;
use crate::pipeline::review::ForReview;
use crate::release::run_record::{DecoyFigures, Finding, ProbingLine, ReportSummary, UndeliveredSupplier};
use crate::release::{EditFingerprints, Outcome, Rebate, ReceiptRow};
use crate::scheme::{Delivery, Households};

/// A supplier that was matched.
pub(crate) struct SupplierMatch<'a> {
    pub(crate) supplier: &'a Supplier,
    pub(crate) read: SupplierAccounts,
    /// Verdicts by scheme. `None` if the supplier does not take part.
    pub(crate) verdicts: Vec<Option<Verdicts>>,
    /// What tables need of accounts whose candidates were dropped; empty where none are due.
    pub(crate) dropped: Dropped,
    /// What gates found. With any finding, the supplier is quarantined.
    pub(crate) findings: Vec<Finding>,
    /// Accounts that are new or visibly changed since its last delivery, in order. `None` if it has had no
    /// delivery, or the job does not ask.
    pub(crate) fresh: Option<Vec<u32>>,
    /// Counts for detecting probing, if the job asks; `marks` are the fingerprints for the next run.
    pub(crate) probing: Option<ProbingLine>,
    pub(crate) marks: Option<EditFingerprints>,
}

impl SupplierMatch<'_> {
    /// Whether a gate quarantines it.
    pub(crate) fn is_held(&self) -> bool {
        !self.findings.is_empty()
    }

    /// Whether the home of an account is a current home of the person on whom its verdict rests.
    pub(crate) fn home_agrees(&self, scheme: usize, row: &AccountVerdict, shared: &SharedInputs) -> bool {
        if !row.verdict.levels.is_some_and(|levels| Evidence::unpack(levels).home_agrees()) {
            return false;
        }
        let persons = shared.matcher.persons();
        let mut likely = self.verdicts[scheme].iter().flat_map(|verdicts| verdicts.likely(row.account));
        let found = likely.find(|one| Some(persons.person_of(one.row)) == row.verdict.person);
        found.is_none_or(|one| shared.current_rows.is_current(scheme, one.row, persons))
    }
}

/// A released rebate that goes to another account.
pub(crate) struct MovedRebate {
    /// Supplier and reference of the account that it was released on.
    pub(crate) from: (String, String),
    /// Supplier and reference of the account that it goes to.
    pub(crate) to: (String, String),
    /// Staff decided so.
    pub(crate) is_decided: bool,
}

/// Everything that a run found.
pub(crate) struct Matched<'a> {
    pub(crate) job: &'a Job,
    pub(crate) shared: SharedInputs,
    pub(crate) suppliers: Vec<SupplierMatch<'a>>,
    /// Suppliers that the run is not for. Their accounts count in allocation, but are neither delivered nor
    /// listed.
    pub(crate) others: Vec<SupplierMatch<'a>>,
    pub(crate) held_back: Vec<(&'a Supplier, RejectedSupplier)>,
    /// All claims that share a person, eligible or not, as households: the unit that tables for analysts protect. Only
    /// where tables are due.
    pub(crate) own_households: Option<Households>,
    /// Wrong flags as estimated without truth, by scheme.
    pub(crate) decoys: Vec<DecoyFigures>,
    /// By scheme, the rebates that the next run starts from.
    pub(crate) rebates: Vec<Vec<Rebate>>,
    /// By scheme, the rebates among these that go to another account.
    pub(crate) moved: Vec<Vec<MovedRebate>>,
    /// By scheme, the outcome of each claim. `None` if the claim may not carry a rebate and has none.
    pub(crate) outcomes: Vec<Vec<Option<Outcome>>>,
    /// What became of the reports that came since their suppliers' last deliveries.
    pub(crate) receipts: Vec<ReportSummary>,
    /// The accounts that staff have to decide, in the order of `review.csv`.
    pub(crate) review: Vec<ForReview>,
    /// The run's date, if stated.
    pub(crate) night_of: Option<Date>,
}

/// The suppliers that are held back, with the reason in one sentence.
pub(crate) fn undelivered(matched: &Matched<'_>) -> Vec<UndeliveredSupplier> {
    let unusable = matched.held_back.iter().map(|(supplier, why)| UndeliveredSupplier::unusable(supplier, why));
    let gated = matched.suppliers.iter().filter(|matched| matched.is_held());
    unusable.chain(gated.map(|matched| UndeliveredSupplier::gated(matched.supplier, &matched.findings))).collect()
}

impl Matched<'_> {
    /// Keeps the suppliers whose files can be used, and rejects the others. Before allocation no supplier
    /// affects another, so each can be rejected alone.
    pub(crate) fn keep_if(
        &mut self,
        mut can_be_used: impl FnMut(&Supplier, &[InputFile]) -> Result<(), RejectedSupplier>,
    ) -> Result<(), PipelineError> {
        let held_back = &mut self.held_back;
        self.suppliers.retain(|matched| {
            let why = can_be_used(matched.supplier, &matched.read.files).err();
            let is_kept = why.is_none();
            held_back.extend(why.map(|why| (matched.supplier, why)));
            is_kept
        });
        self.others.retain(|matched| can_be_used(matched.supplier, &matched.read.files).is_ok());
        if self.suppliers.is_empty() {
            let all = self.held_back.drain(..).map(|(supplier, why)| (supplier.id.clone(), why));
            return Err(PipelineError::NothingReleased(all.collect()));
        }
        Ok(())
    }

    /// The rows of `receipts.csv` for a supplier, and for how many days it may report; `None` if the job takes no
    /// reports.
    pub(crate) fn receipts<'m>(
        &'m self,
        supplier: &'m Supplier,
    ) -> Option<(u32, impl Iterator<Item = ReceiptRow<'m>>)> {
        let days = self.job.exceptions.as_ref()?.days;
        let own = self.receipts.iter().filter(|report| report.supplier == supplier.id);
        Some((days, own.flat_map(ReportSummary::receipt)))
    }

    /// Drops the candidates of all accounts, and what was kept of those dropped before.
    pub(crate) fn forget_candidates(&mut self) {
        self.suppliers.iter_mut().chain(&mut self.others).for_each(|own| {
            own.read.accounts.forget_candidates();
            own.dropped = Dropped::default();
        });
        memory::give_back();
    }

    /// All suppliers that were matched: those that the run is for, then the others.
    pub(crate) fn all_suppliers(&self) -> impl Iterator<Item = &SupplierMatch<'_>> {
        self.suppliers.iter().chain(&self.others)
    }

    /// Whether a supplier's flags go out tonight.
    pub(crate) fn delivery(&self, supplier: &SupplierMatch<'_>) -> Delivery {
        let is_asked = self.suppliers.iter().any(|own| own.supplier.id == supplier.supplier.id);
        match is_asked {
            _ if supplier.is_held() => Delivery::Withheld,
            false => Delivery::NotAsked,
            true => Delivery::GoesOut,
        }
    }
}
