//! Decides the verdict on one account in one scheme: `Y` or `N`, and a reason that only the administrator sees.

use std::cmp::Ordering;

use super::claim_eligibility::{ClaimEligibilities, Eligibility};
use super::objections::Objections;
use super::reason::Reason;
use crate::matching::{Candidate, Holder, Household, Hypotheses, Levels, Model, Persons, Weighed, odds_alone};

/// The verdict on one account in one scheme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    /// Why.
    pub(crate) reason: Reason,
    /// Through which group of the scheme, by its place.
    pub(crate) group: Option<u8>,
    /// The claim that the verdict rests on.
    pub(crate) claim: Option<u32>,
    /// The person that it rests on; `None` if nobody is like enough to a holder.
    pub(crate) person: Option<u32>,
    /// The posterior that a holder is an eligible person. If an objection or an unknown value decides, the
    /// posterior that a holder would be eligible without it.
    pub(crate) posterior: f32,
    /// The posterior that a holder is a person who is certainly eligible; it decides whether a released flag stays.
    pub(crate) certain: f32,
    /// The odds of the best candidate in bits (log2), by which accounts of one claim are compared: a
    /// posterior is too near to 1 to tell them apart.
    pub(crate) support: f32,
    /// How many bits the best candidate is ahead of the next.
    pub(crate) lead: f32,
    /// Some candidate is eligible, or could be without objections and with every value known.
    pub(crate) eligible_candidate: bool,
    /// The best candidate's evidence.
    pub(crate) levels: Option<Levels>,
    /// The kinds of key by which the best candidate was found.
    pub(crate) keys: u16,
}

impl Verdict {
    pub(crate) fn without_candidate(reason: Reason) -> Verdict {
        Verdict {
            reason,
            group: None,
            claim: None,
            person: None,
            posterior: 0.0,
            certain: 0.0,
            support: f32::NEG_INFINITY,
            lead: 0.0,
            eligible_candidate: false,
            levels: None,
            keys: 0,
        }
    }

    /// The match gives the flag; allocation comes later.
    pub(crate) fn is_eligible(&self) -> bool {
        self.reason == Reason::Matched
    }
}

/// What is known of one account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AccountEvidence<'a> {
    /// The holders who are on supply.
    pub(crate) holders: &'a [Holder<'a>],
    /// The energy-cost score at the account's UPRN.
    pub(crate) energy_score: Option<f32>,
    /// Candidates of a holder were left out because too many rows share a match key.
    pub(crate) cut_off: bool,
    /// The account itself objected.
    pub(crate) objected: bool,
}

/// What an account is judged against.
#[derive(Clone, Copy)]
pub(crate) struct SchemeView<'a> {
    pub(crate) persons: &'a Persons,
    pub(crate) model: &'a Model,
    pub(crate) eligibilities: &'a ClaimEligibilities,
    pub(crate) objections: &'a Objections,
    /// The scheme, by its place in the job.
    pub(crate) scheme: usize,
    /// The posterior from which an account is flagged.
    pub(crate) threshold: f64,
    /// The posterior from which staff review an account.
    pub(crate) review: f64,
}

impl SchemeView<'_> {
    /// Prefetches the claims of a holder's candidates and where their rows are, for which [`prefetch`](Self::prefetch)
    /// waits.
    pub(crate) fn prefetch_places(&self, holder: &Holder<'_>) {
        for candidate in holder.candidates {
            self.persons.prefetch_claim(candidate.person);
            self.persons.prefetch_place(candidate.row);
        }
    }

    /// Prefetches what a verdict on a holder's candidates needs.
    pub(crate) fn prefetch(&self, holder: &Holder<'_>) {
        let best = holder.candidates.iter().map(|candidate| candidate.weight).fold(f32::NEG_INFINITY, f32::max);
        let is_best = |candidate: &&Candidate| candidate.weight >= best;
        // References decide between candidates of equal odds; most of these share a name alone.
        let several = holder.candidates.iter().filter(is_best).nth(1).is_some();
        // Without odds to speak of, nobody looks at a home.
        let at_homes = holder.candidates.iter().any(|candidate| self.model.log_odds(candidate) >= AT_HOMES);
        for candidate in holder.candidates {
            if at_homes {
                self.persons.prefetch(candidate.row);
            }
            if let Some(claim) = self.persons.only_claim(candidate.person) {
                self.eligibilities.prefetch(claim, self.scheme);
                if several && is_best(&candidate) {
                    self.persons.prefetch_claim_ref(claim);
                }
            }
        }
    }
}

/// The odds (log2) of the best candidate from which homes may be looked at: weighing a household does from a hundredth
/// for all candidates together. It decides what is prefetched, and so nothing but the time.
const AT_HOMES: f64 = -9.0;

/// The odds from which review shows a candidate.
const LIKELY: f64 = 0.20;

/// The posterior from which a person probably holds an account.
const PROBABLE: f64 = 0.5;

/// The best that a candidate's claims give in a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claims {
    /// Eligible, through this claim and group.
    Eligible(u32, u8),
    /// Eligible except for an objection, with this claim.
    Objected(u32),
    /// Not decidable, with this claim.
    NotDecidable(u32),
    /// Not eligible.
    None,
}

/// A person whom review shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LikelyPerson {
    /// The person's row that agrees best.
    pub(crate) row: u32,
    /// How likely it is that a holder is that person.
    pub(crate) likelihood: f32,
}

/// A verdict, and the candidates from which it came.
pub(crate) struct Judgement<'a> {
    pub(crate) verdict: Verdict,
    /// The account objected, or somebody who objected probably is a holder.
    pub(crate) objected: bool,
    /// By holder.
    holders: Vec<Hypotheses<'a>>,
}

/// Judges an account: `Y` if any of its holders is an eligible person.
pub(crate) fn judge<'a>(account: &AccountEvidence<'a>, view: &SchemeView<'a>) -> Judgement<'a> {
    let household = Household::new(account.holders, view.persons, view.model);
    let holders: Vec<Hypotheses<'a>> =
        (0..account.holders.len()).map(|holder| in_order(household.weigh(holder), view.persons)).collect();
    let mut account = *account;
    account.objected |= view.objections.bar_persons()
        && holders.iter().any(|all| all.posterior(|one| view.objections.bars_person(one.candidate.person)) >= PROBABLE);
    let verdict = holders
        .iter()
        .map(|all| judge_holder(all, &account, view))
        .min_by(|one, other| says_more(one, other, view.persons))
        .unwrap_or_else(|| Verdict::without_candidate(Reason::NotFound));
    Judgement { verdict, objected: account.objected, holders }
}

/// What [`judge`] says of an account if these candidates of one holder are all that it has, and improbable: the odds of
/// the best one in bits, and the group that the account's energy score gives. `None` if the account has to be judged.
pub(crate) fn improbable<'c>(
    candidates: impl Iterator<Item = &'c Candidate>,
    couple: bool,
    account: &AccountEvidence<'_>,
    view: &SchemeView<'_>,
) -> Option<(f32, Option<u8>)> {
    let (mut all, mut best) = (0.0, (f64::NEG_INFINITY, None));
    for candidate in candidates {
        let odds = odds_alone(candidate, couple, view.persons, view.model);
        all += odds;
        match odds.total_cmp(&best.0) {
            Ordering::Less => {}
            // Which of the two comes first decides about the group.
            Ordering::Equal => best.1 = None,
            Ordering::Greater => best = (odds, Some(candidate.person)),
        }
    }
    // Where candidates were left out, a holder without any says more.
    if account.cut_off || !are_improbable(all, view) {
        return None;
    }
    let group = match account.energy_score {
        None => None,
        Some(_) => match claims_of(best.1?, account, view) {
            Claims::Eligible(_, group) => Some(group),
            _ => None,
        },
    };
    Some((best.0.log2() as f32, group))
}

/// Whether the candidates of one holder are [`improbable`] whichever of them are all that an account has: one of which no
/// energy score is known and no candidate was left out. If so, their odds in bits replace what `supports` has.
pub(crate) fn improbable_each(
    candidates: &[Candidate],
    couple: bool,
    view: &SchemeView<'_>,
    supports: &mut Vec<f32>,
) -> bool {
    supports.clear();
    // Of some, added up in the same order, the sum is not higher: rounding keeps the order of sums.
    let all = candidates.iter().fold(0.0, |all, candidate| {
        let odds = odds_alone(candidate, couple, view.persons, view.model);
        supports.push(odds.log2() as f32);
        all + odds
    });
    are_improbable(all, view)
}

/// Whether candidates are improbable whose odds add up to `all`: no posterior is higher.
fn are_improbable(all: f64, view: &SchemeView<'_>) -> bool {
    all < f64::min(view.review, PROBABLE)
}

impl Judgement<'_> {
    /// A judgement without candidates.
    pub(crate) fn without_candidate(reason: Reason) -> Judgement<'static> {
        Judgement { verdict: Verdict::without_candidate(reason), objected: false, holders: Vec::new() }
    }

    /// Who each holder may be.
    pub(crate) fn holders(&self) -> &[Hypotheses<'_>] {
        &self.holders
    }

    /// The candidate who agrees best, of any holder, among the persons that `wanted` accepts.
    pub(crate) fn best_of(&self, wanted: impl Fn(u32) -> bool) -> Option<&Weighed<'_>> {
        let all = self.holders.iter().flat_map(Hypotheses::candidates).filter(|one| wanted(one.candidate.person));
        all.max_by(|one, other| {
            one.odds.total_cmp(&other.odds).then_with(|| other.candidate.levels.cmp(&one.candidate.levels))
        })
    }

    /// The persons whom review of the account shows, by holder, the likeliest first.
    pub(crate) fn likely(&self) -> impl Iterator<Item = LikelyPerson> {
        const MOST: usize = 5;
        self.holders.iter().flat_map(|all| {
            all.candidates().iter().filter(|one| one.odds >= LIKELY).take(MOST).map(|one| {
                let is_this = |other: &Weighed<'_>| std::ptr::eq(other.candidate, one.candidate);
                LikelyPerson { row: one.candidate.row, likelihood: all.posterior(is_this) as f32 }
            })
        })
    }
}

/// Orders the verdicts of holders: the one that says more about the account comes first, whatever the order of
/// the holders. Of two flags, the one whose candidate has the higher odds comes first.
fn says_more(one: &Verdict, other: &Verdict, persons: &Persons) -> Ordering {
    let claim_ref = |verdict: &Verdict| verdict.claim.map(|claim| persons.claim_ref(claim));
    let by_likelihood = || match one.reason {
        Reason::Matched => other.support.total_cmp(&one.support).then(other.posterior.total_cmp(&one.posterior)),
        _ => other.posterior.total_cmp(&one.posterior).then(other.support.total_cmp(&one.support)),
    };
    rank(one.reason)
        .cmp(&rank(other.reason))
        .then_with(by_likelihood)
        .then_with(|| claim_ref(one).cmp(&claim_ref(other)))
        .then_with(|| (one.reason, one.levels, one.keys).cmp(&(other.reason, other.levels, other.keys)))
}

fn rank(reason: Reason) -> u8 {
    match reason {
        Reason::Matched => 0,
        Reason::Objected => 1,
        reason if reason.is_for_review() => 2,
        Reason::NotEligible => 3,
        Reason::Improbable => 4,
        _ => 5,
    }
}

fn judge_holder(all: &Hypotheses<'_>, account: &AccountEvidence<'_>, view: &SchemeView<'_>) -> Verdict {
    let candidates = all.candidates();
    let Some(best) = likeliest(candidates, view.persons, &|_| true) else {
        let reason = if account.cut_off { Reason::CutOff } else { Reason::NotFound };
        return Verdict::without_candidate(reason);
    };
    let claims: Vec<Claims> = candidates.iter().map(|one| claims_of(one.candidate.person, account, view)).collect();
    let place = |one: &Weighed<'_>| candidates.iter().position(|other| std::ptr::eq(other.candidate, one.candidate));
    let claims_at = |one: &Weighed<'_>| place(one).map_or(Claims::None, |place| claims[place]);
    let is_eligible = |one: &Weighed<'_>| matches!(claims_at(one), Claims::Eligible(..));
    let may_be = |one: &Weighed<'_>| claims_at(one) != Claims::None;

    let eligible = all.posterior(is_eligible);
    let eligible_or_unknown =
        all.posterior(|one| is_eligible(one) || matches!(claims_at(one), Claims::NotDecidable(_)));
    let eligible_if_known = all.posterior(may_be);
    let found = all.posterior(|_| true);

    let verdict = |reason: Reason, chosen: &Weighed<'_>| {
        let (claim, group) = match claims_at(chosen) {
            Claims::Eligible(claim, group) => (Some(claim), Some(group)),
            Claims::Objected(claim) | Claims::NotDecidable(claim) => (Some(claim), None),
            Claims::None => (None, None),
        };
        let posterior = match reason {
            Reason::Objected | Reason::NotDecidable => eligible_if_known,
            _ => eligible,
        } as f32;
        Verdict {
            reason,
            group,
            claim,
            person: (reason != Reason::Improbable).then_some(chosen.candidate.person),
            posterior,
            certain: eligible as f32,
            support: chosen.odds.log2() as f32,
            lead: lead(candidates, chosen),
            eligible_candidate: claims.iter().any(|claims| *claims != Claims::None),
            levels: Some(chosen.candidate.levels),
            keys: chosen.candidate.keys,
        }
    };
    let chosen_among =
        |wanted: &dyn Fn(&Weighed<'_>) -> bool| likeliest(candidates, view.persons, wanted).unwrap_or(best);

    if account.cut_off && eligible_if_known >= view.review {
        return verdict(Reason::CutOff, chosen_among(&may_be));
    }
    if eligible >= view.threshold {
        return verdict(Reason::Matched, chosen_among(&is_eligible));
    }
    if eligible_if_known >= view.review {
        let chosen = chosen_among(&may_be);
        let reason = match claims_at(chosen) {
            Claims::Objected(_) => Reason::Objected,
            Claims::NotDecidable(_) if eligible_if_known >= view.threshold => Reason::NotDecidable,
            // What the eligible lack, people have of whom a value is not known, or who objected.
            _ if eligible_or_unknown >= view.threshold => Reason::NotDecidable,
            _ if found >= view.threshold || found - eligible_if_known > eligible_if_known / 4.0 => Reason::Ambiguous,
            _ => Reason::from(chosen.candidate.evidence().doubt()),
        };
        return verdict(reason, chosen);
    }
    verdict(if found >= PROBABLE { Reason::NotEligible } else { Reason::Improbable }, best)
}

/// The best that the claims of a person give, as a word, and the claim that gives it.
pub(crate) fn standing_of(
    person: u32,
    account: &AccountEvidence<'_>,
    view: &SchemeView<'_>,
) -> (&'static str, Option<u32>) {
    match claims_of(person, account, view) {
        Claims::Eligible(claim, _) => ("eligible", Some(claim)),
        Claims::Objected(claim) => ("objected", Some(claim)),
        Claims::NotDecidable(claim) => ("not-decidable", Some(claim)),
        Claims::None => ("not-eligible", None),
    }
}

/// The best that the claims of a person give. Of several eligible claims, the one with most people on it
/// is taken, so that partners' accounts meet in one claim; then the first by reference.
fn claims_of(person: u32, account: &AccountEvidence<'_>, view: &SchemeView<'_>) -> Claims {
    let persons = view.persons;
    let mut best: Option<(u8, Claims, u32)> = None;
    for claim in persons.claims_of(person) {
        let objected = account.objected || view.objections.bars_person(person) || view.objections.bars_claim(claim);
        let (rank, claims) = match view.eligibilities.of_claim(claim, view.scheme, account.energy_score) {
            Eligibility::Through(group) if !objected => (0, Claims::Eligible(claim, group)),
            Eligibility::Through(_) => (1, Claims::Objected(claim)),
            Eligibility::NotDecidable if objected => (1, Claims::Objected(claim)),
            Eligibility::NotDecidable => (2, Claims::NotDecidable(claim)),
            Eligibility::No => continue,
        };
        let better = best.is_none_or(|(best_rank, _, best_claim)| {
            let order = |rank: u8, claim: u32| (rank, std::cmp::Reverse(persons.people_on(claim)));
            order(rank, claim)
                .cmp(&order(best_rank, best_claim))
                .then_with(|| persons.claim_ref(claim).cmp(persons.claim_ref(best_claim)))
                == Ordering::Less
        });
        if better {
            best = Some((rank, claims, claim));
        }
    }
    best.map_or(Claims::None, |(_, claims, _)| claims)
}

/// Sorts equally likely candidates that review may show by their claims' references, so that the order of
/// the benefit rows does not matter.
fn in_order<'a>(mut all: Hypotheses<'a>, persons: &Persons) -> Hypotheses<'a> {
    let to_be_seen = all.candidates().iter().take_while(|one| one.odds >= LIKELY).count();
    for equal in all.candidates_mut()[..to_be_seen].chunk_by_mut(|one, other| are_equal(one, other)) {
        if equal.len() > 1 {
            // References lie far apart in memory: read each once.
            equal.sort_by_cached_key(|one| first_claim_ref(one, persons));
        }
    }
    all
}

/// The likeliest of the candidates that `wanted` accepts; of equally likely ones, the first by their claims'
/// references. Most of these are too unlikely for review, so [`in_order`] has not sorted them.
fn likeliest<'w, 'a>(
    weighed: &'w [Weighed<'a>],
    persons: &Persons,
    wanted: &dyn Fn(&Weighed<'_>) -> bool,
) -> Option<&'w Weighed<'a>> {
    let mut wanted = weighed.iter().filter(|one| wanted(one));
    let first = wanted.next()?;
    let mut equals = wanted.take_while(|other| are_equal(first, other)).peekable();
    if equals.peek().is_none() {
        return Some(first);
    }
    std::iter::once(first).chain(equals).min_by_key(|one| first_claim_ref(one, persons))
}

fn are_equal(one: &Weighed<'_>, other: &Weighed<'_>) -> bool {
    one.odds.total_cmp(&other.odds).is_eq()
}

fn first_claim_ref<'p>(one: &Weighed<'_>, persons: &'p Persons) -> Option<&'p str> {
    persons.claims_of(one.candidate.person).map(|claim| persons.claim_ref(claim)).min()
}

/// How many bits the chosen candidate is ahead of the best other one, or of somebody unknown (odds of 1).
fn lead(weighed: &[Weighed<'_>], chosen: &Weighed<'_>) -> f32 {
    let others = weighed.iter().filter(|one| !std::ptr::eq(one.candidate, chosen.candidate)).map(|one| one.odds);
    let next = others.fold(1.0, f64::max);
    (chosen.odds / next).log2() as f32
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
