//! Writes a block's claims as rows of the benefit file, and its homes as rows of the property file.
//!
//! Choices: half of the people with middle names have them here; accents are lost in half the rows; a
//! council's record of a claim is in capitals, without middle names, and in one row of thirty-three has a
//! slip in the forename.

use std::collections::BTreeSet;

use super::block::{Block, Plan, purpose};
use super::claims::{Award, Claim};
use super::customer_rows::{address, without_accents};
use super::draw::{Draw, hidden};
use super::homes::{Home, Person};
use super::rows::{Rows, digits};
use super::slips::typing_slip;
use crate::text::Phrase;

/// The columns of the benefit file.
pub(crate) const COLUMNS: &str = "claim_ref,person_ref,role,forename,middle_names,surname,date_of_birth,\
    address_line_1,address_line_2,address_line_3,town,postcode,uprn,benefit,award_start,award_end,income\n";

const MIDDLE_NAMES: f64 = 0.5;
const ACCENTS_LOST: f64 = 0.5;
const COUNCIL_SLIP: f64 = 0.03;
const JOINED_LINES: f64 = 0.3;

/// One block's rows.
#[derive(Default)]
pub(crate) struct BenefitRows {
    pub(crate) bytes: Vec<u8>,
    /// Where each row ends in `bytes`.
    pub(crate) ends: Vec<u32>,
    pub(crate) properties: Vec<u8>,
    /// The benefits that occur.
    pub(crate) benefits: BTreeSet<&'static str>,
}

/// Writes the rows of a block.
pub(crate) fn write(plan: &Plan, number: u64, block: &Block) -> BenefitRows {
    let mut draw = Draw::new(plan.nation.seed, number, purpose::BENEFITS);
    let mut written = BenefitRows::default();
    for claim in &block.claims {
        let home = &block.homes[claim.home as usize];
        for (place, &member) in claim.members.iter().enumerate() {
            let person = &home.people[usize::from(member)];
            let awards = if place == 0 { claim.awards.len() } else { 1 };
            for award in &claim.awards[..awards] {
                row(plan, home, claim, (member, person, person.surname), award, &mut written, &mut draw);
            }
            if claim.renamed.contains(&member) {
                let award = &claim.awards[0];
                row(plan, home, claim, (member, person, person.other_surname), award, &mut written, &mut draw);
            }
        }
    }
    let mut rows = Rows::new(&mut written.properties);
    let mut order: Vec<usize> = (0..block.homes.len()).collect();
    draw.shuffle(&mut order);
    for home in order {
        let home = &block.homes[home];
        rows.number(home.place.uprn, 1);
        rows.number(home.energy_cost_score.into(), 1);
        rows.end();
    }
    written
}

fn row(
    plan: &Plan,
    home: &Home,
    claim: &Claim,
    (member, person, surname): (u8, &Person, Phrase),
    award: &Award,
    written: &mut BenefitRows,
    draw: &mut Draw,
) {
    let mut rows = Rows::new(&mut written.bytes);
    let council = u64::from(claim.council);
    rows.text(&reference(if claim.council { "HB" } else { "C" }, home.number * 2 + council));
    let number = (home.number * 8 + u64::from(member)) * 2 + council;
    rows.text(&reference(if claim.council { "T" } else { "P" }, number));
    rows.text(if claim.members[0] == member { "claimant" } else { "partner" });
    let accents_lost = draw.chance(ACCENTS_LOST);
    let mut forename = person.forename;
    if claim.council && draw.chance(COUNCIL_SLIP) {
        forename = typing_slip(&forename, draw);
    }
    rows.capitals(claim.council);
    rows.text(&if accents_lost { without_accents(&forename) } else { forename });
    let middle = if accents_lost { without_accents(&person.middle) } else { person.middle };
    rows.text(if !claim.council && draw.chance(MIDDLE_NAMES) { &middle } else { "" });
    rows.text(&if accents_lost { without_accents(&surname) } else { surname });
    rows.date(Some(person.born), false);
    let place = claim.former_place.as_ref().unwrap_or(&home.place);
    address(&mut rows, &place.usual_lines(draw.chance(JOINED_LINES)), place.town());
    rows.capitals(false);
    rows.text(&place.postcode());
    if draw.chance(plan.nation.noise.benefit_no_uprn) {
        rows.nothing();
    } else {
        rows.number(place.uprn, 1);
    }
    rows.text(award.benefit);
    written.benefits.insert(award.benefit);
    rows.date(Some(award.start), false);
    rows.date(award.end, false);
    rows.number(claim.income.into(), 1);
    rows.end();
    written.ends.push(written.bytes.len() as u32);
}

/// An opaque reference: letters, then ten digits that hide the number.
pub(crate) fn reference(letters: &str, number: u64) -> crate::text::Text<16> {
    let mut text = crate::text::Text::new(letters);
    let mut bytes = Vec::with_capacity(10);
    digits(&mut bytes, hidden(number, 31_415_927, 10), 10);
    bytes.into_iter().for_each(|digit| text.push(char::from(digit)));
    text
}
