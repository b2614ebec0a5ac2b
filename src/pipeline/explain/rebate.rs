//! Says where a household's rebate is, why, what would free it, and what a decision would do.
//!
//! References of accounts and claims stay out of it: `claims.csv` and `decisions.csv` have them.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::rebate_index::RebateIndex;
use crate::pipeline::judging::matched::{Matched, MovedRebate, SupplierMatch};
use crate::release::{Rebate, RebateState};
use crate::scheme::{Delivery, Moment, Ruling};

/// A household's rebate, beside one of its accounts.
#[derive(Debug, Serialize)]
pub struct RebateExplanation {
    /// The supplier that has it, or gets it with the next run.
    pub supplier: String,
    /// The supplier on whose account it was released, if the next run passes it to another account.
    pub moved_from: Option<String>,
    /// Its state, as `claims.csv` names it.
    pub state: &'static str,
    /// The day of its first release, if known. `None` if it goes out tonight.
    pub released_on: Option<String>,
    /// Since when its account is gone.
    pub gone_since: Option<String>,
    /// The day from which it is free for other suppliers' accounts.
    pub free_on: Option<String>,
    /// The household's other accounts.
    pub others: Vec<OtherAccount>,
    /// The same in sentences, with what would free it and what a decision would do.
    pub sentences: Vec<String>,
}

/// Another account of the household.
#[derive(Debug, Serialize)]
pub struct OtherAccount {
    /// Its supplier.
    pub supplier: String,
    /// The flag that it would get.
    pub flag: char,
    /// Why.
    pub reason: &'static str,
}

/// The rebate of the household of `claim`, as seen from an account.
pub(crate) fn of_account(
    matched: &Matched<'_>,
    index: &RebateIndex,
    scheme: usize,
    (supplier, customer_ref): (&str, &str),
    claim: Option<u32>,
) -> Option<RebateExplanation> {
    let shared = &matched.shared;
    let persons = shared.matcher.persons();
    let household = claim.map(|claim| shared.households[scheme].of_claim(claim));
    let name = household.and_then(|household| persons.named_claim_ref(household));
    let of_household = || index.of_household(matched, scheme, name?);
    let rebate = index.on_account(matched, scheme, (supplier, customer_ref)).or_else(of_household)?;
    let others = others(matched, index, scheme, (supplier, customer_ref), household);
    let days = i64::from(matched.job.schemes[scheme].free_after_days);
    let free_on = rebate.gone_since.filter(|_| rebate.state == RebateState::Gone);
    let free_on = free_on.and_then(|since| since.checked_add(jiff::Span::new().days(days)).ok());
    let seen = |of: &str, reference: &str| match (of == supplier, reference == customer_ref) {
        (true, true) => Seen::Here,
        (true, false) => Seen::SameSupplier,
        (false, _) => Seen::Of(of.to_owned()),
    };
    let is_this = |moved: &&MovedRebate| moved.to.0 == rebate.supplier() && moved.to.1 == rebate.customer_ref();
    let moved = matched.moved[scheme].iter().find(is_this);
    let place = seen(rebate.supplier(), rebate.customer_ref());
    let before = moved.map(|moved| (moved, seen(&moved.from.0, &moved.from.1)));
    let sentences = sentences(rebate, &place, before.as_ref(), free_on, days, &others);
    let text = |day: Option<Date>| day.map(|day| day.to_string());
    Some(RebateExplanation {
        supplier: rebate.supplier().to_owned(),
        moved_from: moved.map(|moved| moved.from.0.clone()),
        state: rebate.state.as_str(),
        released_on: text(rebate.released_on),
        gone_since: text(rebate.gone_since),
        free_on: text(free_on),
        others,
        sentences,
    })
}

/// The account that has a household's rebate.
#[derive(Clone, Copy)]
pub(crate) struct HeldBy<'m> {
    pub(crate) supplier: &'m str,
    pub(crate) customer_ref: &'m str,
    /// Whether its home is a current home of its person; `None` if the match does not find the person on it.
    pub(crate) home_agrees: Option<bool>,
    /// When staff decided that it gets the rebate, if they did.
    pub(crate) decided: Option<Moment>,
}

/// The account from which a decision `Y` takes the household's rebate if it names this claim. `None` if it takes nothing
/// from anybody.
pub(crate) fn taken_from<'m>(
    matched: &'m Matched<'_>,
    index: &RebateIndex,
    scheme: usize,
    account: (&str, &str),
    claim: u32,
) -> Option<HeldBy<'m>> {
    let shared = &matched.shared;
    let household = shared.households[scheme].of_claim(claim);
    let rebate = index.of_household(matched, scheme, shared.matcher.persons().named_claim_ref(household)?)?;
    let (supplier, customer_ref) = (rebate.supplier(), rebate.customer_ref());
    let is_held = matches!(rebate.state, RebateState::Released | RebateState::Waits);
    if !is_held || (supplier, customer_ref) == account {
        return None;
    }
    let suppliers: Vec<&SupplierMatch<'_>> = matched.all_suppliers().collect();
    let home_agrees = index.asking(scheme, household).find_map(|(place, verdict)| {
        let own = suppliers[place];
        let row = own.verdicts[scheme].as_ref()?.rows().at(verdict);
        let is_it = own.supplier.id == supplier && own.read.accounts.reference(row.account as usize) == customer_ref;
        (is_it && row.verdict.levels.is_some()).then(|| own.home_agrees(scheme, &row, shared))
    });
    let ruling = shared.decisions.on(supplier, customer_ref, &matched.job.schemes[scheme].id);
    let decided = ruling.and_then(Ruling::decision).filter(|own| own.eligible).map(|own| own.moment);
    Some(HeldBy { supplier, customer_ref, home_agrees, decided })
}

/// An account, as seen from the one that is explained.
#[derive(PartialEq, Eq)]
enum Seen {
    Here,
    SameSupplier,
    Of(String),
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seen::Here => f.write_str("here"),
            Seen::SameSupplier => f.write_str("to another account of this supplier"),
            Seen::Of(supplier) => write!(f, "to an account of {supplier}"),
        }
    }
}

/// The household's other accounts.
fn others(
    matched: &Matched<'_>,
    index: &RebateIndex,
    scheme: usize,
    own: (&str, &str),
    household: Option<u32>,
) -> Vec<OtherAccount> {
    let suppliers: Vec<&SupplierMatch<'_>> = matched.all_suppliers().collect();
    let asking = household.into_iter().flat_map(|household| index.asking(scheme, household));
    let other = |(supplier, verdict): (usize, usize)| {
        let supplier = suppliers[supplier];
        let row = supplier.verdicts[scheme].as_ref()?.rows().at(verdict);
        let customer_ref = supplier.read.accounts.reference(row.account as usize);
        let goes_out = matched.delivery(supplier) == Delivery::GoesOut;
        ((supplier.supplier.id.as_str(), customer_ref) != own).then(|| OtherAccount {
            supplier: supplier.supplier.id.clone(),
            flag: if row.flag && goes_out { 'Y' } else { 'N' },
            reason: row.reason(),
        })
    };
    asking.filter_map(other).collect()
}

/// `place` is the account that has the rebate or gets it with the next run; `before` the one that it was released on,
/// if that is another.
fn sentences(
    rebate: &Rebate,
    place: &Seen,
    before: Option<&(&MovedRebate, Seen)>,
    free_on: Option<Date>,
    days: i64,
    others: &[OtherAccount],
) -> Vec<String> {
    let in_words = |day: Date| day.strftime("%-d %B %Y").to_string();
    let released = before.map_or(place, |(_, before)| before);
    let mut said = vec![match (rebate.state, rebate.released_on) {
        (RebateState::Waits, _) => {
            format!("The household's rebate is reserved, and goes {place} on the next release day.")
        }
        (_, Some(day)) => format!("The household's rebate was released {released} on {}.", in_words(day)),
        (_, None) => format!("The household's rebate goes {place} with the next run."),
    }];
    said.extend(before.map(|(moved, before)| passes(moved, before, place)));
    let listed =
        others.iter().map(|other| format!("{} has an account of the household: {}", other.supplier, other.reason));
    let listed: Vec<String> = listed.collect();
    if !listed.is_empty() {
        said.push(format!("{}.", listed.join("; ")));
    }
    said.push(match rebate.state {
        RebateState::Released => format!(
            "If its account is gone, the next run passes it to {supplier}'s next account of the household that reaches \
             the threshold. It moves to another supplier's account if a decision names its claim there, if {supplier} \
             reports the account as closed, not its customer or not to be identified, or, if {supplier} has no next \
             account, {days} days after the account is gone.",
            supplier = rebate.supplier()
        ),
        RebateState::Gone => {
            let since = rebate.gone_since.map_or(String::new(), |day| format!(" since {}", in_words(day)));
            let free = free_on.map_or(String::new(), |day| format!(", and free from {} on", in_words(day)));
            let account = if *place == Seen::Here { "This account" } else { "Its account" };
            let gone = if *place == Seen::Here { "" } else { "gone, " };
            format!(
                "{account} is {gone}off supply or not likely enough any more{since}. It is kept for {}'s next account of \
                 the household that reaches the threshold{free}.",
                rebate.supplier()
            )
        }
        RebateState::AwaitsStaff => {
            "Its supplier reported the account. No account has the rebate until staff decide.".to_owned()
        }
        RebateState::Objected => "Somebody objected. No account has the rebate while the objection stands.".to_owned(),
        RebateState::Waits => "It is not released yet: nobody else gets it meanwhile.".to_owned(),
    });
    if *place != Seen::Here && rebate.state != RebateState::Objected {
        said.push("A decision Y on this account that names the household's claim moves the rebate here.".to_owned());
    } else if *place == Seen::Here && rebate.state == RebateState::Released && before.is_none() {
        said.push(
            "A decision N on this account takes it back, and frees it for the household's other accounts.".to_owned(),
        );
    }
    said
}

/// Says that the next run passes a rebate from the account that it was released on to another, and why.
fn passes(moved: &MovedRebate, before: &Seen, place: &Seen) -> String {
    if moved.is_decided {
        return format!("The next run moves it {place}, as staff decided.");
    }
    let why = match before {
        _ if moved.from.0 != moved.to.0 => format!("{} has ended", moved.from.0),
        Seen::Here => "This account is off supply or not likely enough any more".to_owned(),
        _ => "That account is gone, off supply or not likely enough any more".to_owned(),
    };
    let account = if *place == Seen::Here { "this account" } else { "that one" };
    format!("{why}: the next run passes it {place}, if {account} still reaches the threshold.")
}
