//! The rebates of one scheme and night: brings accounts, households and released rebates together, lets
//! [`allocate`] decide, and says what the next night has to know.

use std::collections::HashSet;

use foldhash::{HashMap, HashMapExt};
use jiff::civil::Date;
use rayon::prelude::*;

use super::error::NightError;
use super::matched::{Matched, SupplierMatch};
use super::verdicts::{AccountVerdict, Verdicts};
use super::waiting::Kept;
use crate::matching::{Evidence, Persons};
use crate::release::{Published, Rebate as Carried, RebateState};
use crate::scheme::{
    Basis, Contender, Delivery, Eligibility, ExceptionKind, Fate, Outcome, Position, Reason, Rebate, Rules, allocate,
};

/// A supplier that was matched, and a row of its verdicts.
pub(super) type Place = (usize, usize);

/// What becomes of a scheme's accounts and rebates.
pub(super) struct Allocated {
    /// What becomes of each account that asks for a rebate, in the order of suppliers and of their verdicts.
    pub(super) accounts: Vec<(Place, AccountOutcome)>,
    /// The rebates that the next night starts from, in the order of their claims' references.
    pub(super) rebates: Vec<Carried>,
}

/// What becomes of one account.
#[derive(Debug, Clone, Copy)]
pub(super) struct AccountOutcome {
    pub(super) outcome: Outcome,
    /// It is under the threshold.
    pub(super) is_weak: bool,
    /// The claim that its rebate rests on, where that is known.
    pub(super) claim: Option<u32>,
}

/// An account that asks for a rebate, with what a contender does not have.
struct Account<'a> {
    place: Place,
    contender: Contender<'a>,
    claim: Option<u32>,
    claim_ref: &'a str,
    person: Option<u32>,
    /// It keeps the `Y` that it has, whatever tonight's match says.
    keeps: bool,
}

/// Allocates the rebates of a scheme. `kept` has the flags that stay until a release day; it is empty where all
/// flags go out.
pub(super) fn allocate_scheme(
    matched: &Matched<'_>,
    scheme: usize,
    carried: &[Carried],
    kept: &[Kept],
    published: Option<&Published>,
) -> Result<Allocated, NightError> {
    let night = Night::new(matched, scheme);
    let carried: Vec<Out<'_>> = night.out(carried);
    let by_account = night.by_account(&carried);
    let mut names = Names::new(night.persons());
    let mut accounts = night.accounts(&by_account, kept, &mut names);
    let rows = night.rows_of(&by_account, carried.len());
    let accounts_of: Vec<Option<usize>> = rows.iter().map(|row| place_among(&accounts, (*row)?)).collect();
    let (households, found) = night.households_of(&carried, &accounts_of, &accounts, &mut names);
    let holders = night.holders(&carried, &accounts_of, &households, &mut accounts, &names);

    let mut rebates = Vec::new();
    let mut alive = Vec::new();
    for (number, out) in carried.iter().enumerate() {
        let holder = holders[number];
        let Some((position, gone_since)) = night.position(out, holder, rows[number], &found) else { continue };
        let household = match holder {
            Some(holder) => accounts[holder].contender.household,
            None => households[number].unwrap_or_else(|| names.of_nobody(&out.rebate.household)),
        };
        rebates.push(Rebate {
            household,
            supplier: out.supplier.unwrap_or(&out.rebate.supplier),
            customer_ref: &out.rebate.customer_ref,
            released_on: out.rebate.released_on.map(days),
            position,
        });
        alive.push((number, gone_since));
    }
    night.compare(&mut accounts, &names, published)?;
    let contenders: Vec<Contender<'_>> = accounts.iter().map(|account| account.contender).collect();
    let allocation = allocate(&contenders, &rebates, night.rules());

    let accounts_with = || accounts.iter().zip(&allocation.outcomes);
    let mut next: Vec<Carried> = Vec::new();
    let mut has_rebate = vec![false; accounts.len()];
    for (((number, gone_since), fate), rebate) in alive.into_iter().zip(&allocation.fates).zip(&rebates) {
        let then = carried[number].rebate;
        let holder = match (fate, rebate.position) {
            (Fate::Ends, _) => continue,
            (Fate::MovesTo(at), _) => Some(*at),
            (Fate::Stays, Position::Held(at)) => Some(at),
            (Fate::Stays, _) => None,
        };
        next.push(match holder {
            // Whose flag stays until a release day is not told by tonight's match.
            Some(at) if accounts[at].keeps && matches!(fate, Fate::Stays) => {
                has_rebate[at] = true;
                Carried { state: RebateState::Released, gone_since: None, ..then.clone() }
            }
            // It was out already, and its next account's flag waits for a release day: it is kept for that one.
            Some(at) if accounts[at].contender.basis == Basis::Waits && then.state != RebateState::Waits => {
                has_rebate[at] = true;
                Carried { state: RebateState::Gone, gone_since: None, ..then.clone() }
            }
            Some(at) => {
                has_rebate[at] = true;
                night.held(&accounts[at], then.released_on.filter(|_| then.state != RebateState::Waits), &names)
            }
            None => Carried { state: state_of(rebate.position, then.state), gone_since, ..then.clone() },
        });
        if let (Fate::Stays, Position::Stands(Some(at)) | Position::VacantUnseen(Some(at))) = (fate, rebate.position) {
            has_rebate[at] = true;
        }
    }
    let new = accounts_with().zip(&has_rebate).filter(|((account, outcome), has_rebate)| {
        **outcome == Outcome::Flagged && !**has_rebate && account.contender.delivery == Delivery::GoesOut
    });
    next.extend(new.map(|((account, _), _)| night.held(account, None, &names)));
    next.par_sort_unstable_by(|one, other| by_claim(one).cmp(&by_claim(other)));
    let outcomes = accounts_with().map(|(account, outcome)| {
        let is_weak = account.contender.basis == Basis::MayKeep && !account.keeps;
        let claim = account.claim.filter(|_| !account.keeps);
        (account.place, AccountOutcome { outcome: *outcome, is_weak, claim })
    });
    let mut outcomes: Vec<(Place, AccountOutcome)> = outcomes.collect();
    outcomes.sort_unstable_by_key(|(place, _)| *place);
    Ok(Allocated { accounts: outcomes, rebates: next })
}

/// A rebate that an earlier night released, or that waits.
struct Out<'c> {
    rebate: &'c Carried,
    /// The supplier that has it now: a supplier that ended passes it to its successor. None if there is none.
    supplier: Option<&'c str>,
}

/// Which rebates rest on which account.
struct ByAccount<'c> {
    /// By supplier and reference, the last of them.
    last: Vec<HashMap<&'c str, usize>>,
    /// By rebate, the one before it on the same account. There are several where a reference has had several
    /// holders.
    before: Vec<Option<usize>>,
}

impl ByAccount<'_> {
    fn of(&self, supplier: usize, customer_ref: &str) -> impl Iterator<Item = usize> {
        let last = self.last[supplier].get(customer_ref).copied();
        std::iter::successors(last, |number| self.before[*number])
    }

    fn has(&self, supplier: usize, customer_ref: &str) -> bool {
        self.last[supplier].contains_key(customer_ref)
    }

    fn is_without(&self, supplier: usize) -> bool {
        self.last[supplier].is_empty()
    }
}

/// The place of a row's account among accounts, which are in the order of their rows.
fn place_among(accounts: &[Account<'_>], row: Place) -> Option<usize> {
    accounts.binary_search_by_key(&row, |account| account.place).ok()
}

/// What rebates are in order of.
fn by_claim(rebate: &Carried) -> (&str, &str, &str) {
    (&rebate.claim_ref, &rebate.supplier, &rebate.customer_ref)
}

/// What a rebate without an account is carried as.
fn state_of(position: Position, before: RebateState) -> RebateState {
    match position {
        Position::Stands(_) | Position::Held(_) | Position::VacantUnseen(_) => before,
        Position::Vacant => RebateState::Gone,
        Position::AwaitsStaff => RebateState::AwaitsStaff,
        Position::Objected => RebateState::Objected,
    }
}

/// Days since the first of January of the year 1, so that days order as numbers do.
fn days(date: Date) -> u32 {
    u32::try_from((date - Date::constant(1, 1, 1)).get_days()).unwrap_or(0)
}

/// Numbers for households: a claim's own number where a claim names it, numbers behind these for all others.
struct Names<'a> {
    persons: &'a Persons,
    by_reference: HashMap<String, u32>,
    next: u32,
}

impl<'a> Names<'a> {
    fn new(persons: &'a Persons) -> Names<'a> {
        Names { persons, by_reference: HashMap::new(), next: persons.claim_count() as u32 }
    }

    /// The household of a claim that the records do not have.
    fn of_unknown_claim(&mut self, claim_ref: &str) -> u32 {
        if claim_ref.is_empty() {
            return self.of_nobody("");
        }
        if let Some(known) = self.by_reference.get(claim_ref) {
            return *known;
        }
        self.next += 1;
        self.by_reference.insert(claim_ref.to_owned(), self.next - 1);
        self.next - 1
    }

    /// A household that no other account or rebate has, unless it has a name.
    fn of_nobody(&mut self, name: &str) -> u32 {
        if !name.is_empty() {
            return self.of_unknown_claim(name);
        }
        self.next += 1;
        self.next - 1
    }

    /// What a household is called on every night; empty where only its account tells it.
    fn reference(&self, household: u32) -> &'a str {
        if household as usize >= self.persons.claim_count() {
            return "";
        }
        self.persons.named_claim_ref(household).unwrap_or_else(|| {
            let first = self.persons.rows_of_claim(household)[0];
            self.persons.first_person_ref(self.persons.person_of(first))
        })
    }
}

/// One scheme on one night.
struct Night<'a> {
    matched: &'a Matched<'a>,
    scheme: usize,
    suppliers: Vec<&'a SupplierMatch<'a>>,
    /// By supplier.
    deliveries: Vec<Delivery>,
    /// By id.
    places: HashMap<&'a str, usize>,
}

impl<'a> Night<'a> {
    fn new(matched: &'a Matched<'_>, scheme: usize) -> Night<'a> {
        let suppliers: Vec<&SupplierMatch<'_>> = matched.all_suppliers().collect();
        let places = suppliers.iter().zip(0..).map(|(own, place)| (own.supplier.id.as_str(), place)).collect();
        let deliveries = suppliers.iter().map(|own| matched.delivery(own)).collect();
        Night { matched, scheme, suppliers, deliveries, places }
    }

    fn persons(&self) -> &'a Persons {
        self.matched.shared.matcher.persons()
    }

    fn rules(&self) -> Rules<'a> {
        let scheme = &self.matched.job.schemes[self.scheme];
        Rules { scheme: &scheme.id, one_rebate_per_claim: scheme.one_rebate_per_claim, limit: scheme.limit }
    }

    fn scheme_id(&self) -> &'a str {
        &self.matched.job.schemes[self.scheme].id
    }

    fn verdicts(&self, supplier: usize) -> Option<&'a Verdicts> {
        self.suppliers[supplier].verdicts[self.scheme].as_ref()
    }

    fn row(&self, (supplier, row): Place) -> &'a AccountVerdict {
        let verdicts = self.verdicts(supplier).expect("a place is in a scheme that its supplier takes part in");
        &verdicts.of_accounts[row]
    }

    fn reference(&self, (supplier, row): Place) -> &'a str {
        let account = self.row((supplier, row)).account;
        self.suppliers[supplier].read.accounts.reference(account as usize)
    }

    /// The scheme's rebates, with the suppliers that have them now.
    fn out<'c>(&self, carried: &'c [Carried]) -> Vec<Out<'c>>
    where
        'a: 'c,
    {
        let present = |rebate: &'c Carried| {
            let mut id = rebate.supplier.as_str();
            while let Some(supplier) = self.matched.job.supplier(id).filter(|own| own.former) {
                id = supplier.successor.as_deref()?;
            }
            Some(id)
        };
        let own = carried.iter().filter(|rebate| rebate.scheme == self.scheme_id());
        own.map(|rebate| Out { rebate, supplier: present(rebate) }).collect()
    }

    fn by_account<'c>(&self, carried: &[Out<'c>]) -> ByAccount<'c> {
        let mut last = vec![HashMap::new(); self.suppliers.len()];
        let mut before = vec![None; carried.len()];
        for (number, out) in carried.iter().enumerate() {
            // A successor's references are its own.
            let own = out.supplier.filter(|supplier| *supplier == out.rebate.supplier);
            if let Some(place) = own.and_then(|own| self.places.get(own)) {
                before[number] = last[*place].insert(out.rebate.customer_ref.as_str(), number);
            }
        }
        ByAccount { last, before }
    }

    /// The rows of the accounts that rebates rest on, by rebate.
    fn rows_of(&self, by_account: &ByAccount<'_>, count: usize) -> Vec<Option<Place>> {
        let mut rows = vec![None; count];
        for supplier in (0..self.suppliers.len()).filter(|supplier| !by_account.is_without(*supplier)) {
            let Some(verdicts) = self.verdicts(supplier) else { continue };
            for row in 0..verdicts.of_accounts.len() {
                for number in by_account.of(supplier, self.reference((supplier, row))) {
                    rows[number] = Some((supplier, row));
                }
            }
        }
        rows
    }

    /// The accounts that ask for a rebate.
    fn accounts(&self, by_account: &ByAccount<'_>, kept: &[Kept], names: &mut Names<'a>) -> Vec<Account<'a>> {
        let keep = self.matched.job.matching.keep;
        let mut accounts = Vec::new();
        for (supplier, own) in self.suppliers.iter().enumerate() {
            let Some(verdicts) = self.verdicts(supplier) else { continue };
            for (at, row) in verdicts.of_accounts.iter().enumerate() {
                let stays = kept.get(supplier).and_then(|kept| kept.flag(row.account));
                let decided = verdicts.decided(row.account);
                let may_keep = reaches(row.verdict.certain, keep) && is_of_match(row.verdict.reason);
                let basis = match (stays, decided) {
                    (Some(true), _) => Basis::MayKeep,
                    (Some(false), _) => Basis::Waits,
                    (None, Some(decided)) if row.flag && decided.is_named => Basis::DecidedClaim(decided.moment),
                    (None, Some(decided)) if row.flag => Basis::Decided(decided.moment),
                    (None, None) if row.flag => Basis::Matched,
                    (None, None) if may_keep && !by_account.is_without(supplier) => Basis::MayKeep,
                    _ => continue,
                };
                let customer_ref = own.read.accounts.reference(row.account as usize);
                let has_rebate = by_account.has(supplier, customer_ref);
                if basis == Basis::MayKeep && !has_rebate && stays.is_none() {
                    continue;
                }
                let claim = row.verdict.claim;
                let named = decided.map_or("", |decided| decided.claim_ref.as_str());
                let household = match claim {
                    Some(claim) => self.matched.shared.households[self.scheme].of_claim(claim),
                    None => names.of_unknown_claim(named),
                };
                accounts.push(Account {
                    place: (supplier, at),
                    contender: Contender {
                        supplier: &own.supplier.id,
                        customer_ref,
                        household,
                        household_ref: if claim.is_some() { names.reference(household) } else { named },
                        // A `Y` that stays without a rebate on record asks like any other.
                        basis: if basis == Basis::MayKeep && !has_rebate { Basis::Matched } else { basis },
                        home_agrees: false,
                        support: row.verdict.support,
                        was_delivered: false,
                        delivery: self.deliveries[supplier],
                        energy_score: self.energy_score(own, row, claim),
                    },
                    claim,
                    claim_ref: claim.map_or(named, |claim| self.persons().claim_ref(claim)),
                    person: row.verdict.person,
                    keeps: stays == Some(true),
                });
            }
        }
        accounts
    }

    /// The household of each rebate, as far as tonight's records tell it.
    fn households_of(
        &self,
        carried: &[Out<'_>],
        accounts_of: &[Option<usize>],
        accounts: &[Account<'_>],
        names: &mut Names<'a>,
    ) -> (Vec<Option<u32>>, Found<'a>) {
        let persons = self.persons();
        // Nearly every rebate is where it was, on the same claim or person.
        let at_once = |number: usize| {
            let account = &accounts[accounts_of[number]?];
            let rebate = carried[number].rebate;
            let is_person =
                || account.person.is_some_and(|person| persons.first_person_ref(person) == rebate.person_ref);
            let is_same =
                if rebate.person_ref.is_empty() { account.claim_ref == rebate.claim_ref } else { is_person() };
            (is_same && account.claim.is_some()).then_some(account.contender.household)
        };
        let mut households: Vec<Option<u32>> = (0..carried.len()).map(at_once).collect();
        let open: Vec<usize> = (0..carried.len()).filter(|number| households[*number].is_none()).collect();
        let found = Found::look_up(persons, open.iter().map(|number| carried[*number].rebate));
        for number in open {
            let rebate = carried[number].rebate;
            households[number] = self.household_of(rebate, &found).or_else(|| {
                let is_named = names.by_reference.contains_key(&rebate.claim_ref);
                is_named.then(|| names.of_unknown_claim(&rebate.claim_ref))
            });
        }
        (households, found)
    }

    /// The household of the rebate's person, else of its claim, else the one that it was in last.
    fn household_of(&self, rebate: &Carried, found: &Found<'_>) -> Option<u32> {
        let (persons, shared) = (self.persons(), &self.matched.shared);
        let households = &shared.households[self.scheme];
        let carrying = |claims: &mut dyn Iterator<Item = u32>| {
            let claims = claims.filter(|claim| shared.standings.may_carry(*claim, self.scheme));
            claims.min_by_key(|claim| persons.claim_ref(*claim))
        };
        let person = found.persons.get(rebate.person_ref.as_str()).copied();
        let of_person = |person: u32| {
            let own = found.claims.get(rebate.claim_ref.as_str()).copied();
            let own = own.filter(|own| persons.claims_of(person).any(|claim| claim == *own));
            own.filter(|own| shared.standings.may_carry(*own, self.scheme))
                .or_else(|| carrying(&mut persons.claims_of(person)))
        };
        let of_claim = |claim: u32| {
            let people = persons.rows_of_claim(claim).iter().map(|&row| persons.person_of(row));
            let mut all = std::iter::once(claim).filter(|claim| shared.standings.may_carry(*claim, self.scheme));
            all.next().or_else(|| carrying(&mut people.flat_map(|person| persons.claims_of(person)))).unwrap_or(claim)
        };
        let named = [&rebate.claim_ref, &rebate.household].map(|name| found.claims.get(name.as_str()).copied());
        let claim = person.and_then(of_person).or_else(|| named.into_iter().flatten().map(of_claim).next());
        claim.map(|claim| households.of_claim(claim))
    }

    /// The account that holds each rebate tonight, among those that ask for one. An account holds one rebate at
    /// most: that of its household, else the one that was out last.
    fn holders(
        &self,
        carried: &[Out<'_>],
        accounts_of: &[Option<usize>],
        households: &[Option<u32>],
        accounts: &mut [Account<'a>],
        names: &Names<'a>,
    ) -> Vec<Option<usize>> {
        let known: HashSet<u32> = households.iter().copied().flatten().collect();
        let mut holders = vec![None; carried.len()];
        let mut holds_one = vec![false; accounts.len()];
        let mut late = Vec::new();
        for (number, at) in accounts_of.iter().enumerate() {
            let Some(at) = *at else { continue };
            if households[number] == Some(accounts[at].contender.household) && !holds_one[at] {
                (holders[number], holds_one[at]) = (Some(at), true);
            } else {
                late.push((number, at));
            }
        }
        late.sort_by_key(|(number, _)| {
            let rebate = carried[*number].rebate;
            (rebate.state == RebateState::Gone, std::cmp::Reverse(rebate.released_on), *number)
        });
        for (number, at) in late {
            let rebate = carried[number].rebate;
            let holds = !holds_one[at]
                && match households[number] {
                    Some(household) => self.holds(&mut accounts[at], household, names),
                    None => self.follows(rebate, &accounts[at], &known),
                };
            if holds {
                (holders[number], holds_one[at]) = (Some(at), true);
            }
        }
        holders
    }

    /// The account, whose match is of another household, names somebody of the rebate's household as well, who
    /// is likely enough. Then it stays with the rebate's.
    fn holds(&self, account: &mut Account<'a>, household: u32, names: &Names<'a>) -> bool {
        let claim = self.likely_claim(account, household);
        if claim.is_none() && !account.keeps || matches!(account.contender.basis, Basis::DecidedClaim(_)) {
            return false;
        }
        account.claim = claim.or(account.claim);
        account.contender.household = household;
        account.contender.household_ref = names.reference(household);
        if let Some(claim) = account.claim {
            account.claim_ref = self.persons().claim_ref(claim);
        }
        true
    }

    /// The records do not know the rebate's household any more, and the account may still be of it: neither is
    /// its person another one by reference, nor has its household, which is one of the `known`, a rebate.
    fn follows(&self, rebate: &Carried, account: &Account<'_>, known: &HashSet<u32>) -> bool {
        let person_ref = account.person.map_or("", |person| self.persons().first_person_ref(person));
        let is_another = !rebate.person_ref.is_empty() && !person_ref.is_empty();
        account.keeps || !is_another && !known.contains(&account.contender.household)
    }

    /// A claim of that household whose person, who is eligible, the account names with a likelihood that a
    /// released flag needs.
    fn likely_claim(&self, account: &Account<'_>, household: u32) -> Option<u32> {
        let keep = self.matched.job.matching.keep;
        let shared = &self.matched.shared;
        let persons = self.persons();
        let verdicts = self.verdicts(account.place.0)?;
        let number = self.row(account.place).account;
        let likely = verdicts.likely(number).filter(|one| reaches(one.likelihood, keep));
        let people = likely.map(|one| persons.person_of(one.row)).filter(|one| !shared.objections.bars_person(*one));
        let claims = people.flat_map(|person| persons.claims_of(person));
        let score = self.suppliers[account.place.0].read.accounts.at(number as usize).energy_score(self.scheme);
        let is_eligible = |claim: &u32| {
            matches!(shared.standings.of_claim(*claim, self.scheme, score), Eligibility::Through(_))
                && !shared.objections.bars_claim(*claim)
        };
        claims
            .filter(|claim| shared.households[self.scheme].of_claim(*claim) == household && is_eligible(claim))
            .min_by_key(|claim| persons.claim_ref(*claim))
    }

    /// Where a rebate is, and since when its account is gone. None if it is free.
    fn position(
        &self,
        out: &Out<'_>,
        holder: Option<usize>,
        row: Option<Place>,
        found: &Found<'_>,
    ) -> Option<(Position, Option<Date>)> {
        let shared = &self.matched.shared;
        let rebate = out.rebate;
        let (supplier, customer_ref) = (rebate.supplier.as_str(), rebate.customer_ref.as_str());
        let own = out.supplier.and_then(|id| self.places.get(id)).copied();
        let goes_out = own.is_some_and(|own| self.deliveries[own] == Delivery::GoesOut && self.verdicts(own).is_some());
        let stands = !goes_out && out.supplier.is_some() && rebate.state == RebateState::Released;
        let reason = row.filter(|_| goes_out).map(|row| self.row(row).verdict.reason);

        // An objection comes first: whatever else is said, the rebate is nobody's.
        let objected = || {
            shared.objections.bars_account(supplier, customer_ref)
                || reason == Some(Reason::Objected)
                || self.is_barred(rebate, found)
        };
        if holder.is_none() && objected() {
            return Some(match stands {
                true => (Position::Stands(None), rebate.gone_since),
                false => (Position::Objected, None),
            });
        }
        // The supplier's own word counts whether a file of customers came with it or not.
        let exception = shared.exception(supplier, customer_ref, self.scheme_id());
        if out.supplier.is_none() || exception.is_some_and(ExceptionKind::frees_rebate) {
            return None;
        }
        if exception.is_some() || reason == Some(Reason::DecisionVoid) {
            return Some((Position::AwaitsStaff, None));
        }
        if !goes_out {
            let position = if stands { Position::Stands(holder) } else { Position::VacantUnseen(holder) };
            return Some((position, rebate.gone_since));
        }
        if let Some(holder) = holder {
            return Some((Position::Held(holder), None));
        }
        if reason == Some(Reason::Decided) || rebate.state == RebateState::Waits {
            // Staff decided `N`; or it never went out, and its account is not eligible any more.
            return None;
        }
        let today = shared.released.today();
        let gone_since = rebate.gone_since.or(today);
        let is_free = gone_since.zip(today).is_some_and(|(since, today)| {
            let days = self.matched.job.schemes[self.scheme].free_after_days;
            i64::from((today - since).get_days()) >= i64::from(days)
        });
        (!is_free).then_some((Position::Vacant, gone_since))
    }

    /// The claim or the person of a rebate is barred.
    fn is_barred(&self, rebate: &Carried, found: &Found<'_>) -> bool {
        let objections = &self.matched.shared.objections;
        let claim = found.claims.get(rebate.claim_ref.as_str());
        let person = found.persons.get(rebate.person_ref.as_str());
        claim.is_some_and(|claim| objections.bars_claim(*claim))
            || person.is_some_and(|person| objections.bars_person(*person))
    }

    /// Works out, for households that several accounts ask for, what counts between them.
    fn compare(
        &self,
        accounts: &mut [Account<'a>],
        names: &Names<'_>,
        published: Option<&Published>,
    ) -> Result<(), NightError> {
        let mut of_household = vec![0_u8; names.next as usize];
        for account in accounts.iter() {
            let count = &mut of_household[account.contender.household as usize];
            *count = count.saturating_add(1);
        }
        let is_contested = |account: &Account<'_>| of_household[account.contender.household as usize] > 1;
        let mut asked: Vec<HashSet<&str>> = vec![HashSet::new(); self.suppliers.len()];
        for account in accounts.iter().filter(|account| is_contested(account)) {
            asked[account.place.0].insert(account.contender.customer_ref);
        }
        let mut delivered: Vec<HashSet<&str>> = vec![HashSet::new(); self.suppliers.len()];
        for (place, asked) in asked.iter().enumerate().filter(|(_, asked)| !asked.is_empty()) {
            let Some(published) = published else { break };
            let own = &mut delivered[place];
            published.accounts(&self.suppliers[place].supplier.id, |customer_ref| {
                own.extend(asked.get(customer_ref).copied());
            })?;
        }
        for account in accounts.iter_mut().filter(|account| is_contested(account)) {
            account.contender.home_agrees = self.home_agrees(account);
            account.contender.was_delivered = delivered[account.place.0].contains(account.contender.customer_ref);
        }
        Ok(())
    }

    /// The account's home is a current home of its person.
    fn home_agrees(&self, account: &Account<'_>) -> bool {
        let row = self.row(account.place);
        if !row.verdict.levels.is_some_and(|levels| Evidence::unpack(levels).home_agrees()) {
            return false;
        }
        let persons = self.persons();
        let verdicts = self.verdicts(account.place.0);
        let mut likely = verdicts.into_iter().flat_map(|verdicts| verdicts.likely(row.account));
        let found = likely.find(|one| Some(persons.person_of(one.row)) == row.verdict.person);
        found.is_none_or(|one| self.matched.shared.current_rows.is_current(self.scheme, one.row, persons))
    }

    /// A rebate with the account that has it tonight.
    fn held(&self, account: &Account<'_>, released_on: Option<Date>, names: &Names<'_>) -> Carried {
        let persons = self.persons();
        let waits = account.contender.basis == Basis::Waits;
        let own = |text: &str| text.to_owned();
        let person = account
            .person
            .filter(|person| account.claim.is_none_or(|claim| persons.claims_of(*person).any(|own| own == claim)));
        Carried {
            scheme: own(self.scheme_id()),
            supplier: own(account.contender.supplier),
            customer_ref: own(account.contender.customer_ref),
            claim_ref: own(account.claim_ref),
            household: own(match account.claim {
                Some(_) => names.reference(account.contender.household),
                None => account.contender.household_ref,
            }),
            person_ref: person.map_or(String::new(), |person| own(persons.first_person_ref(person))),
            state: if waits { RebateState::Waits } else { RebateState::Released },
            released_on: released_on.or(self.matched.night_of).filter(|_| !waits),
            gone_since: None,
        }
    }

    /// The score at the claimant's UPRN, else at the account's.
    fn energy_score(&self, own: &SupplierMatch<'_>, row: &AccountVerdict, claim: Option<u32>) -> Option<f32> {
        self.matched.job.schemes[self.scheme].limit?;
        let at_claim = claim.and_then(|claim| self.matched.shared.scores.of_claim(claim, self.persons()));
        at_claim.or_else(|| own.read.accounts.at(row.account as usize).energy_score(self.scheme))
    }
}

/// The match under the threshold gives this reason.
fn is_of_match(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Uncertain | Reason::Ambiguous | Reason::InitialOnly | Reason::CutOff | Reason::NotDecidable
    )
}

/// Compares in whole hundredths: somebody with the same name, as likely as the person, leaves one half less a
/// hair to each.
fn reaches(likelihood: f32, least: f64) -> bool {
    (f64::from(likelihood) * 100.0).round() >= (least * 100.0).round()
}

/// Claims and persons of the records, by references that rebates name.
struct Found<'a> {
    claims: HashMap<&'a str, u32>,
    persons: HashMap<&'a str, u32>,
}

impl<'a> Found<'a> {
    fn look_up<'r>(persons: &'a Persons, rebates: impl Iterator<Item = &'r Carried> + Clone) -> Found<'a> {
        let named = rebates.clone().flat_map(|rebate| [rebate.claim_ref.as_str(), rebate.household.as_str()]);
        let claims: HashSet<&str> = named.filter(|name| !name.is_empty()).collect();
        let people: HashSet<&str> =
            rebates.map(|rebate| rebate.person_ref.as_str()).filter(|name| !name.is_empty()).collect();
        let claim_count = if claims.is_empty() { 0 } else { persons.claim_count() as u32 };
        let row_count = if people.is_empty() { 0 } else { persons.row_count() as u32 };
        let found = (0..claim_count).into_par_iter().filter_map(|claim| Some((persons.named_claim_ref(claim)?, claim)));
        let found: Vec<(&str, u32)> = found.filter(|(name, _)| claims.contains(name)).collect();
        let found_people = (0..row_count).into_par_iter().map(|row| (persons.person_ref(row), persons.person_of(row)));
        let found_people = found_people.filter(|(name, _)| people.contains(name) && persons.identifies_person(name));
        let found_people: Vec<(&str, u32)> = found_people.collect();
        Found { claims: found.into_iter().collect(), persons: found_people.into_iter().collect() }
    }
}
