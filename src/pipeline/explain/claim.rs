//! Explains one claim, for the helpline and for subject access: who is on it, what they are eligible for and
//! why, which accounts were found for them, and which account has the rebate.
//!
//! It shows references and levels, and no other value of any field.

use std::collections::BTreeSet;
use std::time::SystemTime;

use rayon::prelude::*;
use serde::Serialize;

use crate::date;
use crate::job::{Group, Job};
use crate::matching::Role;
use crate::pipeline::allocation::apply::Changes;
use crate::pipeline::error::PipelineError;
use crate::pipeline::explain::account::{CandidateExplanation, candidate};
use crate::pipeline::inputs::shared_inputs::Keep;
use crate::pipeline::judging::matched::{Matched, SupplierMatch, undelivered};
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::stage_timer::StageTimer;
use crate::pipeline::{Options, Tonight, UndeliveredSupplier};
use crate::progress::Progress;
use crate::release::{Rebate, ReleasedFlag};
use crate::scheme::{AccountEvidence, BenefitCondition, Eligibility, Reason, Ruling, conditions, judge};

/// The explanation of one claim.
#[derive(Debug, Serialize)]
pub struct ClaimExplanation {
    /// Its reference.
    pub claim: String,
    /// An objection names the claim, or somebody on it: nobody is eligible through it.
    pub objected: bool,
    /// The people on it.
    pub people: Vec<PersonOnClaim>,
    /// One for each scheme of the job.
    pub schemes: Vec<ClaimInScheme>,
    /// Suppliers whose files cannot be used, or that a gate would quarantine now.
    pub held_back: Vec<UndeliveredSupplier>,
    /// Changed flags of unchanged accounts wait for a release day; the flags here are those of a release day.
    pub waits_for_release_day: bool,
}

/// A person on a claim.
#[derive(Debug, Serialize)]
pub struct PersonOnClaim {
    /// The person's references in the benefit files; empty if there are none.
    pub person_refs: Vec<String>,
    /// `claimant`, `partner`, or both if the files differ.
    pub roles: Vec<&'static str>,
    /// The references of other claims that this person is on.
    pub other_claims: Vec<String>,
    /// The person objected.
    pub objected: bool,
}

/// A claim in one scheme.
#[derive(Debug, Serialize)]
pub struct ClaimInScheme {
    /// The scheme's id.
    pub scheme: String,
    /// `eligible`, `not-eligible` or `not-decidable`, by the claim alone and before any objection.
    pub eligibility: &'static str,
    /// The group through which it is eligible.
    pub group: Option<String>,
    /// The conditions of each group.
    pub groups: Vec<GroupConditions>,
    /// The accounts for which people of the claim were found, or that a flag or decision ties to the claim.
    pub accounts: Vec<AccountOnClaim>,
}

/// The conditions of one group.
#[derive(Debug, Serialize)]
pub struct GroupConditions {
    /// The group's id.
    pub group: String,
    /// `open`: a qualifying award is open on the qualifying date; `not-open`: there is one, but not on that
    /// date; `none`: there is none.
    pub benefit: &'static str,
    /// `holds`, `fails` or `unknown`. `None` if the group does not ask for it.
    pub income: Option<&'static str>,
    /// Likewise, by the energy-cost score at the claimant's UPRN. If it is unknown, the account's decides.
    pub energy_cost_score: Option<&'static str>,
}

/// An account that has to do with the claim.
#[derive(Debug, Serialize)]
pub struct AccountOnClaim {
    /// The supplier's id.
    pub supplier: String,
    /// Its reference of the account.
    pub customer_ref: String,
    /// The flag that the account would get now. `None` if the supplier's files do not have the account, or
    /// could not be used.
    pub flag: Option<char>,
    /// The reason for that flag, as `decisions.csv` names it. `None` if the flag is `None`.
    pub reason: Option<&'static str>,
    /// The flag in the supplier's newest delivery. `None` if it has had none. An account that is not in it
    /// counts as `N`.
    pub delivered: Option<char>,
    /// This account has the rebate of the claim's household, had it last, or gets it with the next run.
    pub has_rebate: bool,
    /// The account that the rebate was released on, if the next run passes it to this one.
    pub rebate_from: Option<FormerAccount>,
    /// The state of that rebate, as `claims.csv` names it.
    pub rebate_state: Option<&'static str>,
    /// The day of its first release, if known.
    pub released_on: Option<String>,
    /// An objection names the account.
    pub objected: bool,
    /// The decision of staff on the account: `Y` or `N`.
    pub decision: Option<char>,
    /// The moment of that decision, or of two that contradict each other.
    pub decided_on: Option<String>,
    /// The exception that the supplier reported, if it still holds.
    pub exception: Option<&'static str>,
    /// How likely it is that a holder is an eligible person.
    pub posterior: Option<f64>,
    /// The people of the claim who were found as candidates.
    pub found: Vec<FoundPerson>,
}

/// The account that a rebate was released on.
#[derive(Debug, Serialize)]
pub struct FormerAccount {
    /// The supplier's id.
    pub supplier: String,
    /// Its reference of the account.
    pub customer_ref: String,
}

/// A person of the claim who is a candidate for a holder of an account.
#[derive(Debug, Serialize)]
pub struct FoundPerson {
    /// The person's place among the people of the claim, from 1.
    pub person: usize,
    /// The holder's place on the account, from 1.
    pub holder: usize,
    /// How likely it is that the holder is anybody in the benefit records.
    pub holder_found: f64,
    /// The candidate, with comparison levels and match weights.
    pub candidate: CandidateExplanation,
}

/// The result of explaining a claim.
#[derive(Debug)]
pub enum ClaimExplained {
    /// The claim, explained.
    Claim(Box<ClaimExplanation>),
    /// The benefit files have no claim with that reference.
    NoSuchClaim,
}

/// Explains one claim as a run for all suppliers would judge it now, on a release day if the job has any. All
/// suppliers are matched once. Nothing is written.
///
/// # Errors
/// As for a [run](crate::pipeline::run).
pub fn explain_claim(job: &Job, claim_ref: &str, progress: &dyn Progress) -> Result<ClaimExplained, PipelineError> {
    let options = Options { dry_run: true, ..Options::default() };
    let timer = StageTimer::new(progress);
    let tonight = Tonight::begin(job, &options, date::day(SystemTime::now()), &timer)?;
    let matched = tonight.allocated(job, Keep::Awards, Changes::GoOut)?;
    let persons = matched.shared.matcher.persons();
    let Some(claim) = (0..persons.claim_count() as u32).find(|claim| persons.claim_ref(*claim) == claim_ref) else {
        return Ok(ClaimExplained::NoSuchClaim);
    };
    let (mut delivered_to, mut released) = (Vec::new(), Vec::new());
    if let Some(published) = &tonight.published {
        delivered_to = published.suppliers()?;
        released = published.released_flags(&delivered_to.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    let asked = Asked {
        matched: &matched,
        claim,
        claim_ref,
        people: persons.people_of(claim).collect(),
        released,
        delivered_to,
    };
    Ok(ClaimExplained::Claim(Box::new(ClaimExplanation {
        claim: claim_ref.to_owned(),
        objected: matched.shared.objections.bars_claim(claim),
        people: asked.people.iter().map(|person| asked.person(*person)).collect(),
        schemes: (0..job.schemes.len()).map(|scheme| asked.scheme(scheme)).collect(),
        held_back: undelivered(&matched),
        waits_for_release_day: job.changes.is_some(),
    })))
}

/// The claim that was asked for, and where it is looked up.
struct Asked<'a> {
    matched: &'a Matched<'a>,
    claim: u32,
    claim_ref: &'a str,
    people: Vec<u32>,
    /// The flags of all newest deliveries.
    released: Vec<ReleasedFlag>,
    /// The suppliers that have had a delivery.
    delivered_to: Vec<String>,
}

impl Asked<'_> {
    fn person(&self, person: u32) -> PersonOnClaim {
        let persons = self.matched.shared.matcher.persons();
        let mut person_refs = BTreeSet::new();
        let mut roles = BTreeSet::new();
        for &row in persons.rows_of(person) {
            let person_ref = persons.person_ref(row);
            person_refs.extend((!person_ref.is_empty()).then(|| person_ref.to_owned()));
        }
        for &row in persons.rows_of_claim(self.claim).iter().filter(|row| persons.person_of(**row) == person) {
            roles.insert(match persons.role(row) {
                Role::Claimant => "claimant",
                Role::Partner => "partner",
            });
        }
        let others = persons.claims_of(person).filter(|claim| *claim != self.claim);
        let other_claims: BTreeSet<String> = others.map(|claim| persons.claim_ref(claim).to_owned()).collect();
        PersonOnClaim {
            person_refs: person_refs.into_iter().collect(),
            roles: roles.into_iter().collect(),
            other_claims: other_claims.into_iter().collect(),
            objected: self.matched.shared.objections.bars_person(person),
        }
    }

    fn scheme(&self, scheme: usize) -> ClaimInScheme {
        let Matched { job, shared, .. } = self.matched;
        let rules = &job.schemes[scheme];
        let (eligibility, group) = match shared.eligibilities.of_claim(self.claim, scheme, None) {
            Eligibility::Through(group) => ("eligible", rules.groups.get(usize::from(group))),
            Eligibility::NotDecidable => ("not-decidable", None),
            Eligibility::No => ("not-eligible", None),
        };
        let all = shared
            .awards
            .iter()
            .flat_map(|awards| conditions(job, awards, shared.matcher.persons(), &shared.scores, scheme, self.claim));
        let of_group = |(group, own): (&Group, crate::scheme::ClaimConditions)| GroupConditions {
            group: group.id.clone(),
            benefit: match own.benefit {
                BenefitCondition::Open => "open",
                BenefitCondition::NotOpen => "not-open",
                BenefitCondition::None => "none",
            },
            income: own.income.word(),
            energy_cost_score: own.score.word(),
        };
        ClaimInScheme {
            scheme: rules.id.clone(),
            eligibility,
            group: group.map(|group| group.id.clone()),
            groups: rules.groups.iter().zip(all).map(of_group).collect(),
            accounts: self.accounts(scheme),
        }
    }

    /// The accounts that have to do with the claim: those of matched suppliers in the order of the job, then
    /// those that only a released flag or a decision names.
    fn accounts(&self, scheme: usize) -> Vec<AccountOnClaim> {
        let id = &self.matched.job.schemes[scheme].id;
        let tied = self.released.iter().filter(|flag| flag.scheme == *id && flag.claim_ref == self.claim_ref);
        let mut tied: BTreeSet<(&str, &str)> = tied.map(|flag| (&*flag.supplier, &*flag.customer_ref)).collect();
        let rebates = self.matched.rebates[scheme].iter().filter(|rebate| self.is_of_household(scheme, rebate));
        tied.extend(rebates.map(|rebate| (rebate.supplier(), rebate.customer_ref())));
        let named = self.matched.shared.decisions.naming(self.claim_ref);
        let named = named.filter(|((_, _, scheme), _)| scheme == id);
        tied.extend(named.map(|((supplier, customer_ref, _), _)| (&**supplier, &**customer_ref)));
        let mut all = Vec::new();
        for own in &self.matched.suppliers {
            let Some(verdicts) = &own.verdicts[scheme] else { continue };
            let accounts = &own.read.accounts;
            let is_meant = |account: &usize| {
                let is_tied = || tied.contains(&(&*own.supplier.id, accounts.reference(*account)));
                let holders = accounts.at(*account).holders(scheme);
                let mut candidates = holders.iter().flat_map(|holder| holder.candidates);
                candidates.any(|candidate| self.people.contains(&candidate.person)) || is_tied()
            };
            let found: Vec<usize> = (0..accounts.count()).into_par_iter().filter(is_meant).collect();
            for account in found {
                tied.remove(&(&*own.supplier.id, accounts.reference(account)));
                all.push(self.account(own, verdicts, scheme, account));
            }
        }
        all.extend(
            tied.into_iter()
                .map(|(supplier, customer_ref)| self.account_on_claim(supplier, customer_ref, scheme, None)),
        );
        all
    }

    /// Whether the rebate is that of the claim's household.
    fn is_of_household(&self, scheme: usize, rebate: &Rebate) -> bool {
        let shared = &self.matched.shared;
        let household = shared.households[scheme].of_claim(self.claim);
        let name = shared.matcher.persons().named_claim_ref(household);
        rebate.claim_ref() == self.claim_ref || name == Some(rebate.household())
    }

    /// What is known of an account without its supplier's files. `flag` is tonight's.
    fn account_on_claim(
        &self,
        supplier: &str,
        customer_ref: &str,
        scheme: usize,
        flag: Option<bool>,
    ) -> AccountOnClaim {
        let Matched { job, shared, .. } = self.matched;
        let id = &job.schemes[scheme].id;
        let is_same =
            |flag: &&ReleasedFlag| flag.scheme == *id && flag.supplier == supplier && flag.customer_ref == customer_ref;
        let released = self.released.iter().find(is_same);
        let rebate = self.matched.rebates[scheme].iter().find(|rebate| {
            rebate.supplier() == supplier
                && rebate.customer_ref() == customer_ref
                && self.is_of_household(scheme, rebate)
        });
        let ruling = shared.decisions.on(supplier, customer_ref, id);
        AccountOnClaim {
            supplier: supplier.to_owned(),
            customer_ref: customer_ref.to_owned(),
            flag: flag.map(|is_yes| if is_yes { 'Y' } else { 'N' }),
            reason: None,
            delivered: self
                .delivered_to
                .iter()
                .any(|id| id == supplier)
                .then(|| if released.is_some() { 'Y' } else { 'N' }),
            has_rebate: rebate.is_some(),
            rebate_from: rebate.and_then(|_| {
                let moved = self.matched.moved[scheme].iter();
                let mut to_this = moved.filter(|moved| moved.to.0 == supplier && moved.to.1 == customer_ref);
                let (supplier, customer_ref) = to_this.next()?.from.clone();
                Some(FormerAccount { supplier, customer_ref })
            }),
            rebate_state: rebate.map(|rebate| rebate.state.as_str()),
            released_on: rebate.and_then(|rebate| rebate.released_on).map(|day| day.to_string()),
            objected: shared.objections.bars_account(supplier, customer_ref),
            decision: ruling.and_then(Ruling::decision).map(|decision| if decision.eligible { 'Y' } else { 'N' }),
            decided_on: ruling.map(|ruling| ruling.moment().to_string()),
            exception: shared.exception(supplier, customer_ref, id).map(|kind| kind.name()),
            posterior: None,
            found: Vec::new(),
        }
    }

    fn account(&self, own: &SupplierMatch<'_>, verdicts: &Verdicts, scheme: usize, number: usize) -> AccountOnClaim {
        let Matched { job, shared, .. } = self.matched;
        let account = own.read.accounts.at(number);
        let row = verdicts.rows().find(number as u32);
        let flag = row.is_some_and(|row| row.flag);
        let on_claim = self.account_on_claim(&own.supplier.id, account.reference(), scheme, Some(flag));
        let reason = match &row {
            Some(row) => row.reason(),
            None if account.is_on_supply(scheme) => Reason::NotFound.name(),
            None => Reason::NotOnSupply.name(),
        };
        let holders = account.holders(scheme);
        let evidence = AccountEvidence {
            holders: &holders,
            energy_score: account.energy_score(scheme),
            cut_off: account.standing(scheme).cut_off,
            objected: on_claim.objected,
        };
        let view = shared.view(job, scheme);
        let judged = judge(&evidence, &view);
        let verdict = row.as_ref().map(|row| &row.verdict).filter(|verdict| verdict.levels.is_some());
        let mut found = Vec::new();
        for (all, holder) in judged.holders().iter().zip(1..) {
            for one in all.candidates() {
                let place = self.people.iter().position(|person| *person == one.candidate.person);
                found.extend(place.map(|place| FoundPerson {
                    person: place + 1,
                    holder,
                    holder_found: all.posterior(|_| true),
                    candidate: candidate(all, one, verdict, shared.matcher.model(), &evidence, &view),
                }));
            }
        }
        let posterior = verdict.map(|verdict| f64::from(verdict.posterior));
        AccountOnClaim { reason: Some(reason), posterior, found, ..on_claim }
    }
}
