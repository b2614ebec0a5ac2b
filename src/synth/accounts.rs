//! Makes the accounts of a home: who holds them, with which supplier, and since when.
//!
//! Choices: 2.5 % of accounts have changed supplier near the qualifying date, so that two files have them and
//! one supplier has them on supply; 0.3 % have ended and 0.3 % begin later; at 0.2 % of homes an earlier
//! occupier's account is still on file; 0.3 % have a second meter. In all, about 96 % of rows are open. In a
//! home on a benefit, an adult who is not on the claim holds the second meter, so that it is never in doubt
//! which account has the claim's one rebate.

use arrayvec::ArrayVec;

use super::calendar::later;
use super::claims::Claim;
use super::draw::{Draw, Weighted};
use super::homes::{Home, Homes, Kind, share};
use super::names::Names;
use super::noise::Noise;
use crate::date::Date;

/// One account at one supplier.
pub(crate) struct Account {
    /// The home's index in the block.
    pub(crate) home: u32,
    pub(crate) supplier: u16,
    /// Its number, one to one with its reference.
    pub(crate) number: u64,
    /// The first holder's index among the home's people.
    pub(crate) holder: u8,
    pub(crate) joint: Option<Joint>,
    pub(crate) start: Option<Date>,
    pub(crate) end: Option<Date>,
}

/// A joint holder, and how the file writes them.
#[derive(Clone, Copy)]
pub(crate) struct Joint {
    pub(crate) holder: u8,
    pub(crate) form: JointForm,
}

/// The ways to write a joint holder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum JointForm {
    /// In columns of their own.
    Columns,
    /// In a second row with the same reference.
    SecondRow,
    /// As `Mr & Mrs A` before the surname.
    Together,
}

impl Account {
    /// Number of its rows in the customer file.
    pub(crate) fn rows(&self) -> u64 {
        if matches!(self.joint, Some(Joint { form: JointForm::SecondRow, .. })) { 2 } else { 1 }
    }

    /// Whether it is on supply on a day.
    pub(crate) fn on_supply(&self, on: Date) -> bool {
        self.start.is_none_or(|start| start <= on) && self.end.is_none_or(|end| on <= end)
    }

    /// Whether it is eligible: on supply, with a holder who is on a claim with a qualifying award.
    pub(crate) fn eligible(&self, claims: &[Claim], on: Date) -> bool {
        let holds = |member: &u8| *member == self.holder || self.joint.is_some_and(|joint| joint.holder == *member);
        self.on_supply(on)
            && claims.iter().any(|claim| {
                claim.home == self.home
                    && claim.members.iter().any(holds)
                    && claim.awards.iter().any(|award| award.qualifies(on))
            })
    }
}

/// Kinds of account that a home may have; each has its own number.
pub(crate) const ACCOUNTS_A_HOME: u64 = 4;
const OTHER_SUPPLIER: u64 = 1;
const SECOND_METER: u64 = 2;
const EARLIER_OCCUPIER: u64 = 3;

const CHANGED_SUPPLIER: f64 = 0.025;
const ENDED: f64 = 0.003;
const BEGINS_LATER: f64 = 0.003;
const EARLIER_OCCUPIERS: f64 = 0.002;
const SECOND_METERS: f64 = 0.003;
const SECOND_ROW: f64 = 0.15;
const TOGETHER: f64 = 0.05;

/// Makes accounts.
pub(crate) struct Accounts {
    market: Weighted,
    suppliers: usize,
    joint: f64,
    qualifying_date: Date,
    /// Mean number of rows of a home with an account.
    pub(crate) rows_a_home: f64,
}

impl Accounts {
    /// Accounts with `suppliers` suppliers, whose market shares fall as one over the rank.
    pub(crate) fn new(suppliers: u32, noise: &Noise, qualifying_date: Date) -> Self {
        let shares: Vec<f64> = (0..suppliers).map(|rank| 1.0 / (f64::from(rank) + 2.0)).collect();
        let extra = CHANGED_SUPPLIER + EARLIER_OCCUPIERS + SECOND_METERS;
        Accounts {
            market: Weighted::new(&shares),
            suppliers: suppliers as usize,
            // Earlier occupiers and second meters have no joint holder, so couples have one more often.
            joint: noise.joint_holder * (1.0 + EARLIER_OCCUPIERS + SECOND_METERS) / share(noise, Kind::has_couple),
            qualifying_date,
            rows_a_home: 1.0 + extra + noise.joint_holder * SECOND_ROW,
        }
    }

    /// Makes the accounts of a home: at most `rows` rows, and at least one row.
    pub(crate) fn at_home(
        &self,
        home: &mut Home,
        at: u32,
        claims: &[Claim],
        rows: u64,
        (names, homes): (&Names, &Homes),
        draw: &mut Draw,
    ) -> ArrayVec<Account, 4> {
        let number = home.number * ACCOUNTS_A_HOME;
        let joint =
            (home.couple && draw.chance(self.joint)).then(|| Joint { holder: 1, form: self.joint_form(home, draw) });
        let supplier = self.market.draw(draw) as u16;
        let mut first = Account { home: at, supplier, number, holder: 0, joint, start: self.start(draw), end: None };
        if first.rows() > rows {
            first.joint = first.joint.map(|joint| Joint { form: JointForm::Columns, ..joint });
        }
        let mut left = rows.saturating_sub(first.rows());
        let mut accounts = ArrayVec::new();
        let fate = draw.unit();
        if fate < CHANGED_SUPPLIER && left >= first.rows() {
            left -= first.rows();
            let changed = if draw.chance(0.7) { -draw.between(1, 300) } else { draw.between(0, 30) };
            let end = later(self.qualifying_date, changed);
            first.start = first.start.map(|start| start.min(later(end, -90)));
            first.end = Some(end);
            accounts.push(Account {
                supplier: self.another_supplier(supplier, draw),
                number: number + OTHER_SUPPLIER,
                start: Some(later(end, 1)),
                end: None,
                ..first
            });
        } else if fate < CHANGED_SUPPLIER + ENDED {
            let end = later(self.qualifying_date, -draw.between(1, 200));
            first.start = first.start.map(|start| start.min(later(end, -90)));
            first.end = Some(end);
        } else if fate < CHANGED_SUPPLIER + ENDED + BEGINS_LATER {
            first.start = Some(later(self.qualifying_date, draw.between(1, 40)));
        }
        accounts.push(first);
        if left > 0 && draw.chance(SECOND_METERS) {
            let on_claim = |adult: &u8| claims.iter().any(|claim| claim.home == at && claim.members.contains(adult));
            let holder = (0..home.residents as u8).find(|adult| !on_claim(adult));
            if let Some(holder) = holder {
                left -= 1;
                accounts.push(Account {
                    home: at,
                    supplier: self.market.draw(draw) as u16,
                    number: number + SECOND_METER,
                    holder,
                    joint: None,
                    start: self.start(draw),
                    end: None,
                });
            }
        }
        if left > 0 && draw.chance(EARLIER_OCCUPIERS) {
            let end = later(self.qualifying_date, -draw.between(1, 400));
            home.people.push(homes.stranger(names, draw));
            accounts.push(Account {
                home: at,
                supplier: self.market.draw(draw) as u16,
                number: number + EARLIER_OCCUPIER,
                holder: home.residents as u8,
                joint: None,
                start: Some(later(end, -draw.between(100, 3_000))),
                end: Some(end),
            });
        }
        accounts
    }

    fn joint_form(&self, home: &Home, draw: &mut Draw) -> JointForm {
        let form = draw.unit();
        if form < SECOND_ROW {
            JointForm::SecondRow
        } else if form < SECOND_ROW + TOGETHER && home.people[0].surname == home.people[1].surname {
            JointForm::Together
        } else {
            JointForm::Columns
        }
    }

    fn start(&self, draw: &mut Draw) -> Option<Date> {
        (!draw.chance(0.1)).then(|| later(self.qualifying_date, -draw.between(0, 7_000)))
    }

    fn another_supplier(&self, than: u16, draw: &mut Draw) -> u16 {
        if self.suppliers == 1 {
            return than;
        }
        loop {
            let supplier = self.market.draw(draw) as u16;
            if supplier != than {
                return supplier;
            }
        }
    }
}
