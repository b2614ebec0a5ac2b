//! The holders of an account weighed together: in go each holder's candidates, out comes how likely it
//! is that a holder is one of a set of persons.
//!
//! The posterior that a holder is an eligible person is Σ odds of eligible candidates ÷ (1 + h + Σ odds
//! of all candidates). The 1 stands for everybody who is in no benefit record; h for those of them who
//! live in the same home and bear the same name or initial, who are far likelier than a stranger to be
//! on the account.

use super::evidence::{BirthDate, Evidence, Given, Middle};
use super::matcher::{Candidate, PRIOR};
use super::persons::Persons;
use super::rules::Bar;

/// How often, for each person found at home by full name, there is another adult of that name at home
/// who is the holder instead, and in no benefit record. Two adults of one name live in about 0.7 % of
/// homes, and in about one of seven of these the one who claims is not the holder: mostly a grown child
/// with a parent's name, so that it depends on the age of the person found.
fn namesake_rate(age: Option<u8>) -> f64 {
    match age {
        Some(..35) => 0.006,
        Some(35..45) => 0.002,
        Some(45..) => 0.0003,
        None => 0.001,
    }
}

/// The same for an initial: a brother, a daughter, a wife with the same first letter.
const SAME_INITIAL: f64 = 0.06;

/// The same for no forename at all.
const SAME_SURNAME: f64 = 0.5;

/// People of one name at home who were also born in one year are rarer than any other year would have
/// it: they are mostly father and son.
const SAME_YEAR: f64 = 0.2;

/// An initial with a second fact beside it (a partner found, a middle initial) leaves less room for
/// somebody else.
const SAME_INITIAL_SUPPORTED: f64 = 0.0015;

/// The share of couples' accounts whose second holder is on the claim, if the first is.
const PARTNER_ON_CLAIM: f64 = 0.6;

/// What a couple named on the account is worth where the claim has a partner: such a form is used for
/// couples only, and about a third of claims are a couple's.
const COUPLE_FORM: f64 = 2.5;

/// Support is bounded: two agreeing partners do not make up for nothing else agreeing.
const MOST_SUPPORT: f64 = 1_048_576.0;

/// One holder of an account, with what was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    /// The holder's candidates.
    pub(crate) candidates: &'a [Candidate],
    /// The holder was named together with a partner ("Mr & Mrs A").
    pub(crate) couple: bool,
}

/// All holders of an account.
#[derive(Debug)]
pub(crate) struct Household<'a> {
    holders: &'a [Holder<'a>],
}

/// A candidate's odds once the whole household is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighed<'a> {
    /// The candidate.
    pub(crate) candidate: &'a Candidate,
    /// Odds against nobody known.
    pub(crate) odds: f64,
    /// The holder gives an initial only, and nothing else supports it.
    pub(crate) initial_only: bool,
    namesakes: f64,
}

impl<'a> Household<'a> {
    pub(crate) fn new(holders: &'a [Holder<'a>]) -> Household<'a> {
        Household { holders }
    }

    /// The candidates of one holder, the likeliest first. Equally likely ones stand so that sums over all come
    /// to the same bits whatever the order of the benefit rows.
    pub(crate) fn weigh(&self, holder: usize, persons: &Persons) -> Vec<Weighed<'a>> {
        let own = &self.holders[holder];
        let mut weighed: Vec<Weighed<'a>> =
            own.candidates.iter().map(|candidate| self.weigh_one(holder, candidate, persons)).collect();
        weighed.sort_by(|one, other| {
            let by_odds = other.odds.total_cmp(&one.odds);
            let rest = |one: &Weighed<'_>| (one.candidate.bar.is_some(), one.namesakes.to_bits());
            by_odds.then_with(|| rest(one).cmp(&rest(other)))
        });
        weighed
    }

    fn weigh_one(&self, holder: usize, candidate: &'a Candidate, persons: &Persons) -> Weighed<'a> {
        let evidence = candidate.evidence();
        let partner = self.partner_support(holder, candidate, persons);
        let couple = self.holders[holder].couple && persons.has_partner(candidate.person);
        let mut support = 1.0;
        if let Some(partner) = partner {
            support = partner;
        } else if couple {
            support = COUPLE_FORM;
        }
        let middle = matches!(evidence.middle, Middle::Exact | Middle::Initial);
        let supported = partner.is_some() || couple || middle;
        let odds = candidate.log_odds().exp2() * support;
        let initial_only = evidence.given == Given::Initial && !evidence.birth_date_agrees() && !supported;
        Weighed { candidate, odds, initial_only, namesakes: namesakes(candidate, &evidence, supported) * support }
    }

    /// How much likelier a candidate is made by another holder of the account, if that one is found to be
    /// another person on the same claim or in the same home.
    fn partner_support(&self, holder: usize, candidate: &Candidate, persons: &Persons) -> Option<f64> {
        let mut best: Option<f64> = None;
        for (other, theirs) in self.holders.iter().enumerate() {
            if other == holder {
                continue;
            }
            for partner in theirs.candidates {
                let named = matches!(partner.bar, None | Some(Bar::Thin | Bar::OtherDwelling));
                if !named || !persons.share_a_claim(candidate.person, partner.person) {
                    continue;
                }
                let likelihood = f64::from(partner.own_weight).exp2();
                let support = (1.0 - PARTNER_ON_CLAIM + PARTNER_ON_CLAIM * likelihood).min(MOST_SUPPORT);
                best = Some(best.map_or(support, |best| best.max(support)));
            }
        }
        best.filter(|support| *support > 1.0)
    }
}

/// The odds that stand for unseen people of the same name at home: the candidate's own, as they would
/// be if no date of birth had been compared, times how often there are such people.
fn namesakes(candidate: &Candidate, evidence: &Evidence, supported: bool) -> f64 {
    if !evidence.home_agrees() {
        return 0.0;
    }
    let rate = match evidence.given {
        Given::Exact | Given::Variant | Given::Close | Given::Middle => namesake_rate(candidate.age),
        Given::Initial if supported => SAME_INITIAL_SUPPORTED,
        Given::Initial => SAME_INITIAL,
        Given::Absent => SAME_SURNAME,
        Given::Loose | Given::Different => return 0.0,
    };
    let rate = match evidence.birth_date {
        BirthDate::Year | BirthDate::YearOnly => rate * SAME_YEAR,
        _ => rate,
    };
    let without_birth_date = f64::from(candidate.weight) - f64::from(candidate.birth_date_weight) + PRIOR;
    rate * without_birth_date.exp2()
}

/// How likely it is that a holder is one of the persons that `counts`: the sum of their odds over all
/// odds. Barred candidates take no part.
pub(crate) fn posterior(weighed: &[Weighed<'_>], counts: impl Fn(&Weighed<'_>) -> bool) -> f64 {
    let (mut counted, mut all) = (0.0, 1.0);
    // From the least odds to the greatest, always in one order: sums of floating-point numbers depend on it.
    for one in weighed.iter().rev() {
        all += one.namesakes;
        if one.candidate.bar.is_none() {
            all += one.odds;
            if counts(one) {
                counted += one.odds;
            }
        }
    }
    counted / all
}
