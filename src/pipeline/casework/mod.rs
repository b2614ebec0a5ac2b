//! Gives the page on which staff decide its cases: a job is matched as a run does, and each account that staff are
//! asked about can be looked at, with its candidates and their records.
//!
//! Everything stays in memory. A case is judged anew when it is opened, from the candidates that the match found.

mod clear;
mod past_runs;
pub(crate) mod records;
pub(crate) mod view;

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use jiff::civil::Date;

use crate::date;
use crate::job::Job;
use crate::pipeline::allocation::apply::Changes;
use crate::pipeline::error::PipelineError;
use crate::pipeline::explain::rebate_index::RebateIndex;
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::inputs::shared_inputs::Keep;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdict_rows::AccountVerdict;
use crate::pipeline::publishing::score_bands;
use crate::pipeline::review::{ForReview, ReviewAccount, by_id};
use crate::pipeline::stage_timer::StageTimer;
use crate::pipeline::{Options, Tonight};
use crate::progress::Progress;
use crate::release::{Chance, Published, RunId};
use crate::scheme::Reason;
pub(crate) use clear::Clear;
use past_runs::PastRuns;
use records::Records;

/// A job, matched, with the accounts that staff are asked about.
pub(crate) struct Casework {
    matched: Matched<'static>,
    /// The suppliers by id, as places in `matched.suppliers`.
    suppliers: Vec<usize>,
    /// Suppliers whose files are not those of the run that listed the cases.
    changed: HashSet<usize>,
    /// The accounts for review in the order of `review.csv`, then the clear ones.
    questions: Vec<Question>,
    records: Records,
    rebates: RebateIndex,
    /// The newest run when the job was matched.
    run: Option<RunId>,
    pub(crate) day: Date,
}

/// An account about which staff are asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// The supplier, by its place among the sorted.
    pub(crate) supplier: usize,
    pub(crate) scheme: usize,
    /// The account, by its place among the supplier's; `None` if a decision names one that is gone.
    account: Option<u32>,
    /// The place among the supplier's decisions on accounts that are gone.
    gone: u32,
    pub(crate) reason: Reason,
    /// How likely it is that a decision adds a rebate.
    pub(crate) chance: Chance,
    /// The household of its claim.
    pub(crate) household: Option<u32>,
    /// The posterior that a holder is an eligible person.
    pub(crate) posterior: f32,
    /// Until when the decision is of use, if that is known.
    pub(crate) until: Option<Date>,
    /// The first of the runs that are still there which listed it.
    pub(crate) since: Option<Date>,
    /// It is clear how the account is decided: the answer measures the reviewer.
    pub(crate) clear: Option<Clear>,
}

/// What cases are made of.
pub(crate) struct CaseworkOptions {
    /// The suppliers whose cases are listed; all if there are none.
    pub(crate) suppliers: Vec<String>,
    /// The scheme whose cases are listed; `None` for all.
    pub(crate) scheme: Option<usize>,
    /// The share of clear cases.
    pub(crate) clear_share: f64,
}

impl Casework {
    /// Matches a job, and reads the records of its cases.
    ///
    /// # Errors
    /// As for a run.
    pub(crate) fn prepare(
        job: &'static Job,
        options: &CaseworkOptions,
        progress: &dyn Progress,
    ) -> Result<Casework, PipelineError> {
        let timer = StageTimer::new(progress);
        let run_options = Options { suppliers: options.suppliers.clone(), dry_run: true, ..Options::default() };
        let tonight = Tonight::begin(job, &run_options, date::day(SystemTime::now()), &timer)?;
        let matched = tonight.allocated(job, Keep::Candidates, Changes::GoOut)?;
        let published = &tonight.published;
        let past = published.as_ref().map(PastRuns::read).transpose()?.unwrap_or_default();
        let changed = match published {
            Some(_) => past.changed(&matched),
            None => HashSet::new(),
        };
        let suppliers = sorted(&matched);
        let rebates = RebateIndex::new(&matched);
        let (questions, records) = (Vec::new(), Records::default());
        let run = published.as_ref().map(|published| published.run_id().clone());
        let mut casework =
            Casework { matched, suppliers, changed, questions, records, rebates, run, day: tonight.date };
        casework.list(options, &past);
        casework.read_records(progress)?;
        timer.log_stages();
        Ok(casework)
    }

    /// Lists the accounts for review, and draws the clear ones.
    fn list(&mut self, options: &CaseworkOptions, past: &PastRuns) {
        let matched = &self.matched;
        let wanted = |scheme: usize| options.scheme.is_none_or(|own| own == scheme);
        let mut questions = Vec::new();
        let sorted = by_id(matched);
        let gone_rebates: Vec<HashMap<&str, Date>> =
            (0..matched.job.schemes.len()).map(|scheme| free_on(matched, scheme)).collect();
        for one in matched.review.iter().filter(|one| wanted(usize::from(one.scheme))) {
            let (supplier, scheme) = (one.supplier as usize, usize::from(one.scheme));
            let mut question = question(sorted[supplier], one, scheme, matched);
            let customer_ref = reference(sorted[supplier], scheme, &question);
            question.since = past.since(&sorted[supplier].supplier.id, customer_ref, &matched.job.schemes[scheme].id);
            let persons = matched.shared.matcher.persons();
            let household = question.household.and_then(|household| persons.named_claim_ref(household));
            question.until = household.and_then(|name| gone_rebates[scheme].get(name).copied());
            questions.push(question);
        }
        let clear_wanted = (questions.len() as f64 * options.clear_share).ceil() as usize;
        questions.extend(clear::draw(matched, &sorted, &wanted, clear_wanted, self.day));
        self.questions = questions;
    }

    /// Reads the rows that the cases show.
    fn read_records(&mut self, progress: &dyn Progress) -> Result<(), PipelineError> {
        let mut records = Records::default();
        let shared = &self.matched.shared;
        let persons = shared.matcher.persons();
        let mut claims: HashSet<&str> = HashSet::new();
        for question in &self.questions {
            for person in self.people_of(question) {
                claims.extend(persons.claims_of(person).map(|claim| persons.claim_ref(claim)));
            }
        }
        let files: Vec<&InputFile> = shared.files.iter().filter(|file| file.input == "benefits").collect();
        records.read_benefits(&files, &claims, progress)?;
        let mut homes = HashSet::new();
        let mut unreadable = HashSet::new();
        for place in 0..self.suppliers.len() {
            let own = self.supplier(place);
            let asked = self.questions.iter().filter(|question| question.supplier == place);
            let accounts: HashSet<&str> = asked.map(|question| self.reference(question)).collect();
            match records.read_accounts(&own.read.files, &accounts, progress) {
                Ok(own) => homes.extend(own),
                Err(_) => drop(unreadable.insert(place)),
            }
        }
        for place in 0..self.suppliers.len() {
            if records.read_neighbours(place, &self.supplier(place).read.files, &homes, progress).is_err() {
                unreadable.insert(place);
            }
        }
        self.records = records;
        self.changed.extend(unreadable);
        Ok(())
    }

    /// The persons whom the case of an account shows.
    fn people_of(&self, question: &Question) -> Vec<u32> {
        let own = self.supplier(question.supplier);
        let Some(account) = question.account else { return Vec::new() };
        let holders = own.read.accounts.at(account as usize).holders(question.scheme);
        let mut people: Vec<u32> =
            holders.iter().flat_map(|holder| holder.candidates).map(|candidate| candidate.person).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Whether a run was published since the job was matched.
    pub(crate) fn has_newer_run(&self) -> bool {
        let newest = Published::latest(&self.job().output).ok().flatten();
        newest.is_some_and(|newest| Some(newest.run_id()) != self.run.as_ref())
    }

    /// The accounts about which staff are asked, in the order of `review.csv`, then clear ones.
    pub(crate) fn questions(&self) -> &[Question] {
        &self.questions
    }

    pub(crate) fn job(&self) -> &'static Job {
        self.matched.job
    }

    fn supplier(&self, place: usize) -> &SupplierMatch<'static> {
        &self.matched.suppliers[self.suppliers[place]]
    }

    /// The latest date of birth that is taken for valid.
    pub(crate) fn latest_birth(&self) -> date::Date {
        self.matched.shared.latest_birth
    }

    /// The id of a supplier.
    pub(crate) fn supplier_id(&self, place: usize) -> &str {
        &self.supplier(place).supplier.id
    }

    pub(crate) fn supplier_count(&self) -> usize {
        self.suppliers.len()
    }

    /// The supplier's reference of the account.
    pub(crate) fn reference(&self, question: &Question) -> &str {
        reference(self.supplier(question.supplier), question.scheme, question)
    }

    /// The band of a question's posterior, as tables name it.
    pub(crate) fn band(question: &Question) -> &'static str {
        score_bands::posterior(question.posterior)
    }

    /// The first row of the account, as its file has it.
    pub(crate) fn first_row(&self, question: &Question) -> Option<&records::Record> {
        self.records.account(question.supplier, self.reference(question)).first()
    }

    /// Whether a supplier's files, or the benefit records, are others than those of the run that listed the cases.
    pub(crate) fn is_changed(&self, supplier: usize) -> bool {
        let files = &self.supplier(supplier).read.files;
        let shared = self.matched.shared.files.iter().filter(|file| file.input == "benefits");
        self.changed.contains(&supplier) || files.iter().chain(shared).any(|file| file.is_unchanged().is_err())
    }

    /// The suppliers whose files cannot be used, each with why.
    pub(crate) fn rejected(&self) -> Vec<(String, String)> {
        let held = self.matched.held_back.iter();
        held.map(|(supplier, why)| (supplier.id.clone(), why.to_string())).collect()
    }

    /// The persons who may well be a holder: those whom two accounts share hang together.
    pub(crate) fn likely(&self, question: &Question) -> Vec<u32> {
        let persons = self.matched.shared.matcher.persons();
        let verdicts = self.supplier(question.supplier).verdicts[question.scheme].as_ref();
        let likely = verdicts.zip(question.account).into_iter().flat_map(|(own, account)| own.likely(account));
        likely.map(|likely| persons.person_of(likely.row)).collect()
    }
}

/// The places of the suppliers in the order of their ids.
fn sorted(matched: &Matched<'_>) -> Vec<usize> {
    let mut places: Vec<usize> = (0..matched.suppliers.len()).collect();
    places.sort_by_key(|place| &matched.suppliers[*place].supplier.id);
    places
}

fn reference<'m>(own: &'m SupplierMatch<'_>, scheme: usize, question: &Question) -> &'m str {
    match question.account {
        Some(account) => own.read.accounts.reference(account as usize),
        None => {
            let verdicts = own.verdicts[scheme].as_ref().expect("a question is of a scheme with verdicts");
            &verdicts.gone[question.gone as usize].customer_ref
        }
    }
}

fn question(own: &SupplierMatch<'_>, one: &ForReview, scheme: usize, matched: &Matched<'_>) -> Question {
    let verdicts = own.verdicts[scheme].as_ref().expect("an account is listed in a scheme with verdicts");
    let base = |reason| Question {
        supplier: one.supplier as usize,
        scheme,
        account: None,
        gone: 0,
        reason,
        chance: one.chance,
        household: None,
        posterior: 0.0,
        until: None,
        since: None,
        clear: None,
    };
    match one.account {
        ReviewAccount::Judged(at) => of_verdict(base(Reason::Uncertain), &verdicts.rows().at(at as usize), matched),
        ReviewAccount::Gone(at) => Question { gone: at, ..base(Reason::DecisionOutdated) },
    }
}

/// Fills in what a verdict says.
fn of_verdict(base: Question, row: &AccountVerdict, matched: &Matched<'_>) -> Question {
    let household = row.verdict.claim.map(|claim| matched.shared.households[base.scheme].of_claim(claim));
    let posterior = row.verdict.posterior;
    Question { account: Some(row.account), reason: row.verdict.reason, household, posterior, ..base }
}

/// By household, the day from which the rebate of an account that is gone goes to others by itself.
fn free_on<'m>(matched: &'m Matched<'_>, scheme: usize) -> HashMap<&'m str, Date> {
    let days = i64::from(matched.job.schemes[scheme].free_after_days);
    let gone = matched.rebates[scheme].iter().filter_map(|rebate| Some((rebate.household(), rebate.gone_since?)));
    gone.filter_map(|(name, since)| Some((name, since.checked_add(jiff::Span::new().days(days)).ok()?))).collect()
}
