//! The verdict on one account in one scheme: in go its holders' candidates and what is known of their
//! claims, out comes `Y` or `N`, and for the administrator alone the reason.

use std::cmp::Ordering;
use std::num::NonZeroU64;

use super::exceptions::ExceptionKind;
use super::objections::Objections;
use super::standing::{Eligibility, Standings};
use crate::matching::{Bar, Holder, Household, Persons, Weighed, posterior};

/// Why an account has its flag. Only the administrator ever sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// Found, on a qualifying claim.
    Matched,
    /// The administrator's staff decided.
    Decided,
    /// Several people fit, and not all are eligible.
    Ambiguous,
    /// An initial is all there is of a forename, there is no date of birth, and nothing else supports it.
    InitialOnly,
    /// Likely, but not as likely as the threshold asks.
    Uncertain,
    /// All fits but for the dates of birth, which contradict each other.
    BirthDateContradicts,
    /// All fits but for the forename, which looks like the other.
    ForenameDiffers,
    /// All fits but for the middle names, and there is no date of birth.
    MiddleNameDiffers,
    /// All fits but for the surname.
    SurnameDiffers,
    /// All fits but for the flat or house number, and there is no date of birth.
    DwellingDiffers,
    /// A match key that too many share left candidates out.
    CutOff,
    /// Found, but an income or energy score that the scheme asks for is not known.
    NotDecidable,
    /// The household's one rebate goes to another account.
    ClaimUsed,
    /// The account that has the household's one rebate is gone, and the rebate is not free yet.
    ClaimFreed,
    /// It keeps its released flag, though it is under the threshold.
    Weakened,
    /// Staff decided, and the account does not look any more as it did then.
    DecisionOutdated,
    /// Staff decided twice at one moment, and the two contradict each other.
    DecisionVoid,
    /// The scheme's limit is reached.
    Limit,
    /// Due, but the supplier reported that it cannot act on it.
    Excepted(ExceptionKind),
    /// Found, on a qualifying claim, but the person or claim or account objected.
    Objected,
    /// Found, but on no qualifying claim.
    NotEligible,
    /// Somebody resembles a holder, but too little.
    Improbable,
    /// Nobody resembles a holder.
    NotFound,
    /// No holder is on supply on the qualifying date.
    NotInPlay,
}

impl Reason {
    /// The reason as `decisions.csv` and `review.csv` name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Reason::Matched => "matched",
            Reason::Decided => "decided",
            Reason::Ambiguous => "ambiguous",
            Reason::InitialOnly => "initial-only",
            Reason::Uncertain => "uncertain",
            Reason::BirthDateContradicts => "birth-date-contradicts",
            Reason::ForenameDiffers => "forename-differs",
            Reason::MiddleNameDiffers => "middle-name-differs",
            Reason::SurnameDiffers => "surname-differs",
            Reason::DwellingDiffers => "dwelling-differs",
            Reason::CutOff => "cut-off",
            Reason::NotDecidable => "not-decidable",
            Reason::ClaimUsed => "claim-used",
            Reason::ClaimFreed => "claim-freed",
            Reason::Weakened => "weakened",
            Reason::DecisionOutdated => "decision-outdated",
            Reason::DecisionVoid => "decision-void",
            Reason::Limit => "limit",
            Reason::Excepted(kind) => kind.reason(),
            Reason::Objected => "objected",
            Reason::NotEligible => "not-eligible",
            Reason::Improbable => "improbable",
            Reason::NotFound => "not-found",
            Reason::NotInPlay => "not-in-play",
        }
    }

    /// The reasons of accounts that are in play and not flagged, except that nobody was found.
    pub(crate) const OF_UNFLAGGED: [Reason; 24] = [
        Reason::Decided,
        Reason::Ambiguous,
        Reason::InitialOnly,
        Reason::Uncertain,
        Reason::BirthDateContradicts,
        Reason::ForenameDiffers,
        Reason::MiddleNameDiffers,
        Reason::SurnameDiffers,
        Reason::DwellingDiffers,
        Reason::CutOff,
        Reason::NotDecidable,
        Reason::ClaimUsed,
        Reason::ClaimFreed,
        Reason::DecisionOutdated,
        Reason::DecisionVoid,
        Reason::Limit,
        Reason::Objected,
        Reason::NotEligible,
        Reason::Improbable,
        Reason::Excepted(ExceptionKind::NotOurCustomer),
        Reason::Excepted(ExceptionKind::UnableToIdentify),
        Reason::Excepted(ExceptionKind::Closed),
        Reason::Excepted(ExceptionKind::Deceased),
        Reason::Excepted(ExceptionKind::Other),
    ];

    /// A person has to decide.
    pub(crate) fn is_for_review(self) -> bool {
        matches!(
            self,
            Reason::Ambiguous
                | Reason::InitialOnly
                | Reason::Uncertain
                | Reason::BirthDateContradicts
                | Reason::ForenameDiffers
                | Reason::MiddleNameDiffers
                | Reason::SurnameDiffers
                | Reason::DwellingDiffers
                | Reason::CutOff
                | Reason::NotDecidable
                | Reason::ClaimUsed
                | Reason::ClaimFreed
                | Reason::Weakened
                | Reason::DecisionOutdated
                | Reason::DecisionVoid
                | Reason::Excepted(_)
        )
    }
}

/// The verdict on one account in one scheme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict {
    /// Why.
    pub(crate) reason: Reason,
    /// Through which group of the scheme, by its place.
    pub(crate) group: Option<u8>,
    /// The claim that the verdict rests on.
    pub(crate) claim: Option<u32>,
    /// The person that it rests on; none where nobody is like enough to a holder.
    pub(crate) person: Option<u32>,
    /// How likely it is that a holder is an eligible person; where an objection or an unknown value decides,
    /// that it would be one.
    pub(crate) posterior: f32,
    /// How likely it is that a holder is a person who is eligible for certain, as a released flag needs it.
    pub(crate) certain: f32,
    /// The odds of the best candidate in bits (log2), by which accounts of one claim are compared: a
    /// posterior is too near to 1 to tell them apart.
    pub(crate) support: f32,
    /// How many bits the best candidate is ahead of the next.
    pub(crate) lead: f32,
    /// Some candidate is eligible, or would be if nobody objected and all were known.
    pub(crate) eligible_candidate: bool,
    /// The best candidate's evidence.
    pub(crate) levels: Option<NonZeroU64>,
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

    /// The flag that the match gives, before accounts are settled against each other.
    pub(crate) fn is_eligible(&self) -> bool {
        self.reason == Reason::Matched
    }
}

/// What is known of one account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AccountEvidence<'a> {
    /// The holders who are in play.
    pub(crate) holders: &'a [Holder<'a>],
    /// The energy-cost score at the account's UPRN.
    pub(crate) energy_score: Option<f32>,
    /// Candidates of a holder were left out, since too many rows share a match key.
    pub(crate) cut_off: bool,
    /// The account itself objected.
    pub(crate) objected: bool,
}

/// What an account is judged against.
#[derive(Clone, Copy)]
pub(crate) struct SchemeView<'a> {
    pub(crate) persons: &'a Persons,
    pub(crate) standings: &'a Standings,
    pub(crate) objections: &'a Objections,
    /// The scheme, by its place in the job.
    pub(crate) scheme: usize,
    /// The posterior from which on an account is flagged.
    pub(crate) threshold: f64,
    /// The posterior from which on a person has a look.
    pub(crate) review: f64,
}

impl SchemeView<'_> {
    /// Loads what verdicts on these persons will ask for, and says nothing that means anything. A person's claim
    /// is asked for of all before any claim's standing is: each is a wait for memory, and many wait together.
    pub(crate) fn touch(&self, persons: &[u32]) -> u32 {
        let claims: Vec<u32> = persons.iter().filter_map(|&person| self.persons.only_claim(person)).collect();
        let loads =
            claims.iter().map(|&claim| self.standings.touch(claim, self.scheme) ^ self.persons.touch_claim(claim));
        loads.fold(0, |sum, load| sum ^ load)
    }
}

/// The odds from which on a reviewer sees a candidate.
const LIKELY: f64 = 0.20;

/// The posterior from which on an account probably is a person's.
const PROBABLE: f64 = 0.5;

/// What a candidate's claims come to in a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claims {
    /// Eligible, through this claim and group.
    Eligible(u32, u8),
    /// Eligible but for an objection, with this claim.
    Objected(u32),
    /// Not decidable, with this claim.
    NotDecidable(u32),
    /// Not eligible.
    None,
}

/// Somebody a reviewer needs to see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LikelyPerson {
    /// The person's row that agrees best.
    pub(crate) row: u32,
    /// How likely it is that a holder is that person.
    pub(crate) likelihood: f32,
}

/// A verdict, and what it came from.
pub(crate) struct Judgement<'a> {
    pub(crate) verdict: Verdict,
    /// The account objected, or somebody who objected probably is a holder.
    pub(crate) objected: bool,
    /// By holder.
    weighed: Vec<Vec<Weighed<'a>>>,
}

/// Judges an account: `Y` if any of its holders is an eligible person.
pub(crate) fn judge<'a>(account: &AccountEvidence<'a>, view: &SchemeView<'_>) -> Judgement<'a> {
    let household = Household::new(account.holders, view.persons);
    let holders = 0..account.holders.len();
    let weighed: Vec<_> = holders.map(|holder| in_order(household.weigh(holder, view.persons), view.persons)).collect();
    let mut account = *account;
    account.objected |= view.objections.bar_persons()
        && weighed
            .iter()
            .any(|weighed| posterior(weighed, |one| view.objections.bars_person(one.candidate.person)) >= PROBABLE);
    let verdict = weighed
        .iter()
        .map(|weighed| judge_holder(weighed, &account, view))
        .min_by(|one, other| says_more(one, other, view.persons))
        .unwrap_or_else(|| Verdict::without_candidate(Reason::NotFound));
    Judgement { verdict, objected: account.objected, weighed }
}

impl Judgement<'_> {
    /// A judgement without anybody found.
    pub(crate) fn without_candidate(reason: Reason) -> Judgement<'static> {
        Judgement { verdict: Verdict::without_candidate(reason), objected: false, weighed: Vec::new() }
    }

    /// The candidates of each holder, the likeliest first.
    pub(crate) fn holders(&self) -> &[Vec<Weighed<'_>>] {
        &self.weighed
    }

    /// The candidate of any holder that agrees best, among the persons that are wanted.
    pub(crate) fn best_of(&self, wanted: impl Fn(u32) -> bool) -> Option<&Weighed<'_>> {
        let all = self.weighed.iter().flatten().filter(|one| wanted(one.candidate.person));
        all.max_by(|one, other| {
            one.odds.total_cmp(&other.odds).then_with(|| other.candidate.levels.cmp(&one.candidate.levels))
        })
    }

    /// Those whom a reviewer of the account needs to see, by holder, the likeliest first.
    pub(crate) fn likely(&self) -> impl Iterator<Item = LikelyPerson> {
        const MOST: usize = 5;
        self.weighed.iter().flat_map(|weighed| {
            weighed.iter().filter(|one| one.odds >= LIKELY).take(MOST).map(|one| {
                let is_this = |other: &Weighed<'_>| std::ptr::eq(other.candidate, one.candidate);
                LikelyPerson { row: one.candidate.row, likelihood: posterior(weighed, is_this) as f32 }
            })
        })
    }
}

/// Of two holders' verdicts the one that says more of the account comes first, in whatever order the holders
/// stand. Of two flags it is the one whose candidate has the higher odds.
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

fn judge_holder(weighed: &[Weighed<'_>], account: &AccountEvidence<'_>, view: &SchemeView<'_>) -> Verdict {
    let Some(best) = likeliest(weighed, view.persons, &is_open).or_else(|| likeliest(weighed, view.persons, &|_| true))
    else {
        let reason = if account.cut_off { Reason::CutOff } else { Reason::NotFound };
        return Verdict::without_candidate(reason);
    };
    let claims: Vec<Claims> = weighed.iter().map(|one| claims_of(one.candidate.person, account, view)).collect();
    let place = |one: &Weighed<'_>| weighed.iter().position(|other| std::ptr::eq(other.candidate, one.candidate));
    let claims_at = |one: &Weighed<'_>| place(one).map_or(Claims::None, |place| claims[place]);
    let eligible = |one: &Weighed<'_>| matches!(claims_at(one), Claims::Eligible(..));
    let may_be = |one: &Weighed<'_>| claims_at(one) != Claims::None;

    let due = posterior(weighed, |one| eligible(one) && !one.initial_only);
    let due_with_initials = posterior(weighed, eligible);
    let due_if_known = posterior(weighed, may_be);
    let found = posterior(weighed, |_| true);

    let verdict = |reason: Reason, chosen: &Weighed<'_>| {
        let (claim, group) = match claims_at(chosen) {
            Claims::Eligible(claim, group) => (Some(claim), Some(group)),
            Claims::Objected(claim) | Claims::NotDecidable(claim) => (Some(claim), None),
            Claims::None => (None, None),
        };
        let posterior = match reason {
            Reason::Objected | Reason::NotDecidable => due_if_known,
            _ => due_with_initials,
        } as f32;
        Verdict {
            reason,
            group,
            claim,
            person: (reason != Reason::Improbable).then_some(chosen.candidate.person),
            posterior,
            certain: due_with_initials as f32,
            support: chosen.odds.log2() as f32,
            lead: lead(weighed, chosen),
            eligible_candidate: claims.iter().any(|claims| *claims != Claims::None),
            levels: Some(chosen.candidate.levels),
            keys: chosen.candidate.keys,
        }
    };
    let chosen_among = |wanted: &dyn Fn(&Weighed<'_>) -> bool| {
        likeliest(weighed, view.persons, &|one| is_open(one) && wanted(one)).unwrap_or(best)
    };

    if account.cut_off && due_if_known >= view.review {
        return verdict(Reason::CutOff, chosen_among(&may_be));
    }
    if due >= view.threshold {
        return verdict(Reason::Matched, chosen_among(&|one| eligible(one) && !one.initial_only));
    }
    if due_if_known >= view.threshold {
        let chosen = chosen_among(&may_be);
        let reason = match claims_at(chosen) {
            Claims::Objected(_) => Reason::Objected,
            Claims::NotDecidable(_) => Reason::NotDecidable,
            _ if chosen.initial_only => Reason::InitialOnly,
            _ if due_with_initials >= view.threshold => Reason::InitialOnly,
            _ => Reason::NotDecidable,
        };
        return verdict(reason, chosen);
    }
    if due_if_known >= view.review {
        let chosen = chosen_among(&may_be);
        let reason = match claims_at(chosen) {
            Claims::Objected(_) => Reason::Objected,
            _ if chosen.initial_only => Reason::InitialOnly,
            _ if found >= view.threshold || found - due_if_known > due_if_known / 4.0 => Reason::Ambiguous,
            _ => Reason::Uncertain,
        };
        return verdict(reason, chosen);
    }
    if let Some((reason, chosen)) = barred_but_likely(weighed, &may_be) {
        return verdict(reason, chosen);
    }
    let reason = if found >= 0.5 && best.candidate.bar.is_none() { Reason::NotEligible } else { Reason::Improbable };
    verdict(reason, best)
}

/// A candidate that all but one fact speaks for, where the fact may be a fault in a file.
fn barred_but_likely<'w, 'a>(
    weighed: &'w [Weighed<'a>],
    may_be: &dyn Fn(&Weighed<'_>) -> bool,
) -> Option<(Reason, &'w Weighed<'a>)> {
    let unbarred: f64 = weighed.iter().filter(|one| one.candidate.bar.is_none()).map(|one| one.odds).sum();
    weighed.iter().filter(|one| may_be(one)).find_map(|one| {
        let reason = match one.candidate.bar? {
            Bar::BirthDate => Reason::BirthDateContradicts,
            Bar::ForenameAlike => Reason::ForenameDiffers,
            Bar::MiddleName => Reason::MiddleNameDiffers,
            Bar::Surname => Reason::SurnameDiffers,
            Bar::OtherDwelling => Reason::DwellingDiffers,
            Bar::Thin => Reason::Uncertain,
            Bar::Forename | Bar::NoName | Bar::Generation => return None,
        };
        (one.odds >= 1.0 + unbarred).then_some((reason, one))
    })
}

/// What the claims of a person come to, in a word.
pub(crate) fn standing_of(person: u32, account: &AccountEvidence<'_>, view: &SchemeView<'_>) -> &'static str {
    match claims_of(person, account, view) {
        Claims::Eligible(..) => "eligible",
        Claims::Objected(_) => "objected",
        Claims::NotDecidable(_) => "not-decidable",
        Claims::None => "not-eligible",
    }
}

/// What the claims of a person come to. Of several eligible claims the one with most people on it is
/// taken, so that partners' accounts meet in one claim; then the first by reference.
fn claims_of(person: u32, account: &AccountEvidence<'_>, view: &SchemeView<'_>) -> Claims {
    let persons = view.persons;
    let mut best: Option<(u8, Claims, u32)> = None;
    for claim in persons.claims_of(person) {
        let objected = account.objected || view.objections.bars_person(person) || view.objections.bars_claim(claim);
        let (rank, claims) = match view.standings.of_claim(claim, view.scheme, account.energy_score) {
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

/// Puts those whom a reviewer may see, where they are equally likely, in the order of their claims'
/// references, so that the order of the benefit rows changes nothing.
fn in_order<'a>(mut weighed: Vec<Weighed<'a>>, persons: &Persons) -> Vec<Weighed<'a>> {
    let to_be_seen = weighed.iter().take_while(|one| one.odds >= LIKELY).count();
    for equal in weighed[..to_be_seen].chunk_by_mut(|one, other| are_equal(one, other)) {
        if equal.len() > 1 {
            // References lie far apart in memory: each is looked at once.
            equal.sort_by_cached_key(|one| first_claim_ref(one, persons));
        }
    }
    weighed
}

/// The likeliest of the candidates that are wanted; of equally likely ones the first by their claims'
/// references. Most equals are too unlikely for anybody to see, so that they are told apart only here.
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

/// Nothing speaks so clearly against the candidate that it is not to be weighed.
fn is_open(one: &Weighed<'_>) -> bool {
    one.candidate.bar.is_none()
}

fn are_equal(one: &Weighed<'_>, other: &Weighed<'_>) -> bool {
    one.odds.total_cmp(&other.odds).is_eq()
}

fn first_claim_ref<'p>(one: &Weighed<'_>, persons: &'p Persons) -> Option<&'p str> {
    persons.claims_of(one.candidate.person).map(|claim| persons.claim_ref(claim)).min()
}

/// How many bits the chosen candidate is ahead of the best other one, or of nobody.
fn lead(weighed: &[Weighed<'_>], chosen: &Weighed<'_>) -> f32 {
    let others = weighed
        .iter()
        .filter(|one| one.candidate.bar.is_none() && !std::ptr::eq(one.candidate, chosen.candidate))
        .map(|one| one.odds);
    let next = others.fold(1.0, f64::max);
    (chosen.odds / next).log2() as f32
}
