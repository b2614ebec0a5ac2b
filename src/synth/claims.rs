//! Makes the claims of a home: their people and awards.
//!
//! Choices: benefits are mixed as in the caseload of August 2024 (Universal Credit 7.0 million, Housing
//! Benefit 2.1, ESA 1.5, Pension Credit 1.4, JSA 0.09, Income Support 0.04), ignoring overlaps. Of the claims
//! that qualify, one in ten is also known to a council, as Housing Benefit under other references. Of those
//! that do not qualify, half are for other benefits, a quarter have ended, and a quarter begin later.

use arrayvec::ArrayVec;

use super::calendar::later;
use super::draw::Draw;
use super::homes::{Home, Kind, share};
use super::noise::Noise;
use super::places::{Place, Places};
use crate::date::Date;

/// A home's claim in one body's records.
pub(crate) struct Claim {
    /// The home's index in the block.
    pub(crate) home: u32,
    pub(crate) council: bool,
    /// Indices among the home's people: the claimant, then perhaps the partner.
    pub(crate) members: ArrayVec<u8, 2>,
    /// Members who also have a row under their other surname.
    pub(crate) renamed: ArrayVec<u8, 2>,
    /// The first is for all members; the others are for the claimant only.
    pub(crate) awards: ArrayVec<Award, 3>,
    /// The address on the claim, if it is out of date.
    pub(crate) former_place: Option<Place>,
    pub(crate) income: u32,
}

/// One award of a benefit.
#[derive(Clone, Copy)]
pub(crate) struct Award {
    pub(crate) benefit: &'static str,
    pub(crate) start: Date,
    pub(crate) end: Option<Date>,
}

/// Qualifying benefits of the first group of the job's scheme.
pub(crate) const CORE_1: &[&str] = &["PCGC"];
/// Qualifying benefits of the second group.
pub(crate) const CORE_2: &[&str] = &["UC", "ESA", "JSA", "IS", "HB"];

impl Award {
    /// Whether the benefit qualifies and the award is open on a day, both ends included.
    pub(crate) fn qualifies(&self, on: Date) -> bool {
        let open = self.start <= on && self.end.is_none_or(|end| on <= end);
        open && (CORE_1.contains(&self.benefit) || CORE_2.contains(&self.benefit))
    }
}

impl Claim {
    /// Number of its rows in the benefit file.
    pub(crate) fn rows(&self) -> u64 {
        (self.members.len() + self.renamed.len() + self.awards.len() - 1) as u64
    }

    /// Drops parts of the claim until it has at most `rows` rows. One row always stays.
    fn fit(&mut self, rows: u64) {
        while self.rows() > rows.max(1) {
            if self.renamed.pop().is_none() && (self.awards.len() == 1 || self.awards.pop().is_none()) {
                self.members.truncate(1);
            }
        }
    }
}

/// How often an adult other than the householder or partner claims, of homes with several adults.
const OTHER_CLAIMANT: f64 = 0.15;
const COUNCIL_TOO: f64 = 0.10;
const RENAMED: f64 = 0.02;
const FURTHER_BENEFIT: f64 = 0.15;
const EARLIER_AWARD: f64 = 0.10;
const PENSION_AGE: u32 = 66;

/// Makes claims.
pub(crate) struct Claims {
    qualifying: f64,
    other_claimant: f64,
    partner: f64,
    out_of_date: f64,
    qualifying_date: Date,
    /// Mean number of rows of a home on a benefit.
    pub(crate) rows_a_home: f64,
}

impl Claims {
    /// Claims at the rates of `noise`, as of the qualifying date.
    pub(crate) fn new(noise: &Noise, qualifying_date: Date) -> Self {
        let several = share(noise, |kind| kind != Kind::Single);
        let other_claimant = OTHER_CLAIMANT * several / share(noise, Kind::has_others);
        let by_couple = share(noise, |kind| kind.has_couple() && !kind.has_others())
            + share(noise, |kind| kind.has_couple() && kind.has_others()) * (1.0 - other_claimant);
        let qualifying = noise.homes_on_qualifying_benefit / noise.homes_on_benefit.max(f64::MIN_POSITIVE);
        let people = 1.0 + noise.partner_on_claim;
        let council = COUNCIL_TOO * qualifying * people;
        Claims {
            qualifying,
            other_claimant,
            partner: noise.partner_on_claim / by_couple,
            out_of_date: noise.address_out_of_date,
            qualifying_date,
            rows_a_home: people * (1.0 + RENAMED) + qualifying * (FURTHER_BENEFIT + EARLIER_AWARD) + council,
        }
    }

    /// Makes the claims of a home on a benefit: one, or one and a council's record of the same people.
    /// Together they have at most `rows` rows, and one if `rows` is 0.
    pub(crate) fn at_home(
        &self,
        home: &Home,
        at: u32,
        rows: u64,
        places: &Places,
        draw: &mut Draw,
    ) -> ArrayVec<Claim, 2> {
        let holders = if home.couple { 2 } else { 1 };
        let mut members = ArrayVec::new();
        if home.residents > holders && draw.chance(self.other_claimant) {
            members.push((holders + draw.below(home.residents - holders)) as u8);
        } else if home.couple {
            let claimant = draw.below(2) as u8;
            members.push(claimant);
            if draw.chance(self.partner) {
                members.push(1 - claimant);
            }
        } else {
            members.push(0);
        }
        let qualifies = draw.chance(self.qualifying);
        let claimant_born = home.people[usize::from(members[0])].born;
        let pensioner = claimant_born.year() + PENSION_AGE <= self.qualifying_date.year();
        let renamed = members.iter().copied().filter(|_| draw.chance(RENAMED)).collect();
        let mut claim = Claim {
            home: at,
            council: false,
            renamed,
            awards: self.awards(qualifies, pensioner, draw),
            former_place: self.former_place(home, places, draw),
            income: draw.between(5_000, 18_000) as u32 + draw.below(12_000) as u32,
            members,
        };
        claim.fit(rows);
        let mut claims = ArrayVec::new();
        let left = rows.saturating_sub(claim.rows());
        let members = claim.members.clone();
        let income = claim.income;
        claims.push(claim);
        if qualifies && draw.chance(COUNCIL_TOO) && left > 0 {
            let award = Award { benefit: "HB", start: self.start(20 * 365, draw), end: None };
            let mut council = Claim {
                home: at,
                council: true,
                members,
                renamed: ArrayVec::new(),
                awards: [award].into_iter().collect(),
                former_place: self.former_place(home, places, draw),
                income,
            };
            council.fit(left);
            claims.push(council);
        }
        claims
    }

    fn awards(&self, qualifies: bool, pensioner: bool, draw: &mut Draw) -> ArrayVec<Award, 3> {
        const FURTHER: [&str; 2] = ["DLA", "CA"];
        let benefit = main_benefit(pensioner, draw);
        let mut awards = ArrayVec::new();
        if !qualifies {
            let kind = draw.below(4);
            let start = self.start(10 * 365, draw);
            awards.push(match kind {
                0 | 1 => Award { benefit: FURTHER[kind], start, end: None },
                2 => {
                    let end = later(self.qualifying_date, -draw.between(1, 700));
                    Award { benefit, start: start.min(later(end, -30)), end: Some(end) }
                }
                _ => Award { benefit, start: later(self.qualifying_date, draw.between(1, 60)), end: None },
            });
            return awards;
        }
        let start = self.start(10 * 365, draw);
        // A few awards end soon after the qualifying date, or on it.
        let end = draw.chance(0.03).then(|| later(self.qualifying_date, draw.between(0, 60)));
        awards.push(Award { benefit, start, end });
        if draw.chance(FURTHER_BENEFIT) {
            let benefit = FURTHER[draw.below(2)];
            awards.push(Award { benefit, start: self.start(10 * 365, draw), end: None });
        }
        if draw.chance(EARLIER_AWARD) {
            let earlier = if pensioner { "ESA" } else { "JSA" };
            let end = later(start, -draw.between(1, 90));
            awards.push(Award { benefit: earlier, start: later(end, -draw.between(30, 2_000)), end: Some(end) });
        }
        awards
    }

    /// A day up to `days` before the qualifying date, or that date.
    fn start(&self, days: i64, draw: &mut Draw) -> Date {
        later(self.qualifying_date, -draw.between(0, days))
    }

    /// Former addresses: 45 % within the outward district, 20 % elsewhere in the post area, 35 %
    /// anywhere. A choice; in the census's migration tables short moves are the most common.
    fn former_place(&self, home: &Home, places: &Places, draw: &mut Draw) -> Option<Place> {
        if !draw.chance(self.out_of_date) {
            return None;
        }
        let kind = draw.unit();
        Some(if kind < 0.45 {
            places.nearby(home.number, draw)
        } else if kind < 0.65 {
            places.same_area(&home.place, draw)
        } else {
            places.home(draw.below(places.capacity() as usize) as u64)
        })
    }
}

fn main_benefit(pensioner: bool, draw: &mut Draw) -> &'static str {
    let kind = draw.unit();
    match (pensioner, kind) {
        (true, kind) if kind < 0.65 => "PCGC",
        (true, _) => "HB",
        (false, kind) if kind < 0.71 => "UC",
        (false, kind) if kind < 0.83 => "HB",
        (false, kind) if kind < 0.985 => "ESA",
        (false, kind) if kind < 0.995 => "JSA",
        (false, _) => "IS",
    }
}
