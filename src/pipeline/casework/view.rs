//! Shows one account that staff are asked about: its rows, who its holders may be, and what is known of it.

use super::records::{Neighbour, Record};
use super::{Casework, Question};
use crate::job::Scheme;
use crate::matching::Hypotheses;
use crate::pipeline::explain::account::{CandidateExplanation, RivalExplanation, candidate, rivals};
use crate::pipeline::explain::rebate::{self, HeldBy, RebateExplanation};
use crate::pipeline::inputs::shared_inputs::SharedInputs;
use crate::scheme::{AccountEvidence, Ruling, judge, standing_of};

/// How many candidates of a holder are shown.
const MOST_SHOWN: usize = 5;

/// The least likelihood of a candidate who is shown.
pub(super) const LEAST_SHOWN: f64 = 0.000_1;

/// How many kinds of people in no record are shown as who a holder may be, be they likely or not.
const MOST_RIVALS: usize = 4;

/// One account. No `Debug`: it holds personal data.
pub(crate) struct AccountView<'c> {
    pub(crate) supplier: &'c str,
    pub(crate) customer_ref: &'c str,
    pub(crate) scheme: &'c Scheme,
    /// Its different rows.
    pub(crate) rows: &'c [Record],
    /// The holders on supply on the qualifying date.
    pub(crate) holders: Vec<HolderView<'c>>,
    /// Other accounts at the same address.
    pub(crate) neighbours: Vec<&'c Neighbour>,
    /// The household's rebate.
    pub(crate) rebate: Option<RebateExplanation>,
    /// The earlier decision: what was decided and when.
    pub(crate) decided: Option<(Option<bool>, String)>,
}

/// A holder, and who they may be.
pub(crate) struct HolderView<'c> {
    /// The row, by its place among the account's, and whether its joint columns name the holder.
    pub(crate) row: usize,
    pub(crate) is_joint: bool,
    /// How likely it is that the holder is anybody in the benefit records.
    pub(crate) found: f64,
    /// The likeliest people whom no record has, whether they are likely or not.
    pub(crate) rivals: Vec<RivalExplanation>,
    pub(crate) candidates: Vec<CandidateView<'c>>,
}

/// A person of the benefit records who may be a holder.
pub(crate) struct CandidateView<'c> {
    pub(crate) explained: CandidateExplanation,
    /// The person, by their number in the match.
    pub(crate) person: u32,
    /// The row that agrees best.
    pub(crate) record: Option<&'c Record>,
    /// The claim through which the person is eligible, or their first.
    pub(crate) claim_ref: &'c str,
    /// The person's reference; empty if it identifies nobody.
    pub(crate) person_ref: &'c str,
    /// The other persons on that claim, each with a row.
    pub(crate) others: Vec<&'c Record>,
    /// The awards of the claim: a row for each, and whether it is open on the scheme's qualifying date.
    pub(crate) awards: Vec<(&'c Record, bool)>,
    /// The account from which a Yes on this person takes the rebate.
    pub(crate) taken_from: Option<HeldBy<'c>>,
}

/// The person and claim that a decision names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) claim_ref: String,
    pub(crate) person_ref: String,
    /// The account from which a decision `Y` takes the rebate: its supplier and reference.
    pub(crate) taken_from: Option<[String; 2]>,
    /// Whether the decision may be `Y`.
    pub(crate) may_be_yes: bool,
}

impl<'c> AccountView<'c> {
    /// Whether a decision may be `Y`: it rests on a person who can get the rebate, or, where the account is gone, on the
    /// claim of the earlier decision.
    pub(crate) fn may_be_yes(&self, chosen: Option<&CandidateView<'_>>) -> bool {
        match chosen {
            Some(one) => !matches!(one.explained.standing, "not-eligible" | "objected"),
            None => self.rows.is_empty(),
        }
    }

    /// The other accounts that have the rebate of a candidate's household.
    pub(crate) fn rebates_elsewhere(&self) -> Vec<HeldBy<'c>> {
        let candidates = self.holders.iter().flat_map(|holder| &holder.candidates);
        let mut all: Vec<HeldBy<'c>> = candidates.filter_map(|one| one.taken_from).collect();
        all.sort_by_key(|own| (own.supplier, own.customer_ref));
        all.dedup_by_key(|own| (own.supplier, own.customer_ref));
        all
    }
}

impl Casework {
    /// Looks at an account.
    pub(crate) fn view(&self, question: &Question) -> AccountView<'_> {
        let own = self.supplier(question.supplier);
        let customer_ref = self.reference(question);
        let job = self.job();
        let scheme = &job.schemes[question.scheme];
        let shared = &self.matched.shared;
        let verdicts = own.verdicts[question.scheme].as_ref();
        let row = question.account.zip(verdicts).and_then(|(account, verdicts)| verdicts.rows().find(account));
        let ruling = shared.decisions.on(&own.supplier.id, customer_ref, &scheme.id);
        AccountView {
            supplier: &own.supplier.id,
            customer_ref,
            scheme,
            rows: self.records.account(question.supplier, customer_ref),
            holders: question.account.map_or(Vec::new(), |account| self.holders(question, account as usize)),
            neighbours: self.records.neighbours(question.supplier, customer_ref),
            rebate: rebate::of_account(
                &self.matched,
                &self.rebates,
                question.scheme,
                (&own.supplier.id, customer_ref),
                row.and_then(|row| row.verdict.claim),
            ),
            decided: ruling.map(|ruling| (ruling.decision().map(|own| own.eligible), ruling.moment().to_string())),
        }
    }

    fn holders(&self, question: &Question, account: usize) -> Vec<HolderView<'_>> {
        let own = self.supplier(question.supplier);
        let shared = &self.matched.shared;
        let account = own.read.accounts.at(account);
        let holders = account.holders(question.scheme);
        let evidence = AccountEvidence {
            holders: &holders,
            energy_score: account.energy_score(question.scheme),
            cut_off: account.standing(question.scheme).cut_off,
            objected: shared.objections.bars_account(&own.supplier.id, account.reference()),
        };
        let view = shared.view(self.job(), question.scheme);
        let judged = judge(&evidence, &view);
        let rows = self.records.account(question.supplier, account.reference());
        let of_holder = |(all, (row, number)): (&Hypotheses<'_>, (usize, u8))| {
            let shown = all.candidates().iter().map(|one| {
                let explained = candidate(all, one, Some(&judged.verdict), view.model, &evidence, &view);
                (explained, one.candidate.person, one.candidate.row)
            });
            let shown = shown.filter(|(explained, ..)| explained.likelihood >= LEAST_SHOWN).take(MOST_SHOWN);
            let candidates = shown.map(|(explained, person, row)| {
                let (_, claim) = standing_of(person, &evidence, &view);
                self.candidate(question, explained, person, row, claim)
            });
            let names_joint = |record: &Record| {
                use crate::intake::Column::{JointForename, JointSurname};
                !record.get(JointForename).is_empty() || !record.get(JointSurname).is_empty()
            };
            HolderView {
                row,
                is_joint: number > 0 && rows.get(row).is_some_and(names_joint),
                found: all.posterior(|_| true),
                rivals: rivals(all, f64::MIN_POSITIVE).into_iter().take(MOST_RIVALS).collect(),
                candidates: candidates.collect(),
            }
        };
        judged.holders().iter().zip(account.holder_places(question.scheme)).map(of_holder).collect()
    }

    fn candidate(
        &self,
        question: &Question,
        explained: CandidateExplanation,
        person: u32,
        row: u32,
        claim: Option<u32>,
    ) -> CandidateView<'_> {
        let persons = self.matched.shared.matcher.persons();
        let claim = claim.or_else(|| persons.claims_of(person).min_by_key(|claim| persons.claim_ref(*claim)));
        let others = claim.into_iter().flat_map(|claim| persons.people_of(claim)).filter(|other| *other != person);
        let rows = claim.into_iter().flat_map(|claim| persons.rows_of_claim(claim));
        let awards = rows.filter(|row| persons.person_of(**row) == person);
        let is_open = |row| self.matched.shared.current_rows.is_open(question.scheme, row);
        let account = (self.supplier_id(question.supplier), self.reference(question));
        // An answer on a clear case is no decision, and moves no rebate.
        let taken_from = claim
            .filter(|_| question.clear.is_none())
            .and_then(|claim| rebate::taken_from(&self.matched, &self.rebates, question.scheme, account, claim));
        CandidateView {
            explained,
            person,
            record: self.records.benefit(row),
            claim_ref: claim.map_or("", |claim| persons.claim_ref(claim)),
            person_ref: persons.first_person_ref(person),
            others: others.filter_map(|other| self.records.benefit(persons.first_row(other))).collect(),
            awards: awards.filter_map(|row| Some((self.records.benefit(*row)?, is_open(*row)))).collect(),
            taken_from,
        }
    }

    /// What a decision binds: the candidate that was shown, or else the one on whom the verdict rests. A reference that
    /// identifies nobody is left out.
    pub(crate) fn bound(&self, question: &Question, person: Option<u32>) -> Bound {
        let view = self.view(question);
        let all = || view.holders.iter().flat_map(|holder| &holder.candidates);
        let chosen = all().find(|one| Some(one.person) == person);
        let chosen = chosen.or_else(|| all().find(|one| one.explained.decides)).or_else(|| all().next());
        let persons = self.matched.shared.matcher.persons();
        let may_be_yes = view.may_be_yes(chosen);
        match chosen {
            Some(one) => Bound {
                claim_ref: Some(one.claim_ref).filter(|own| persons.identifies_claim(own)).unwrap_or("").to_owned(),
                person_ref: one.person_ref.to_owned(),
                taken_from: one.taken_from.map(|own| [own.supplier, own.customer_ref].map(str::to_owned)),
                may_be_yes,
            },
            None => Bound { claim_ref: self.gone_claim(question), may_be_yes, ..Bound::default() },
        }
    }

    /// The claim of a decision on an account that is gone.
    fn gone_claim(&self, question: &Question) -> String {
        let verdicts = self.supplier(question.supplier).verdicts[question.scheme].as_ref();
        let gone = verdicts.filter(|_| question.account.is_none()).and_then(|own| own.gone.get(question.gone as usize));
        gone.map_or(String::new(), |gone| gone.claim_ref.clone())
    }

    /// The number of the last decision's moment on an account, which a new decision has to be later than.
    pub(crate) fn last_moment(&self, question: &Question) -> Option<String> {
        let shared: &SharedInputs = &self.matched.shared;
        let scheme = &self.job().schemes[question.scheme].id;
        let supplier = self.supplier_id(question.supplier);
        let ruling = shared.decisions.on(supplier, self.reference(question), scheme);
        ruling.map(Ruling::moment).map(|moment| moment.to_string())
    }
}
