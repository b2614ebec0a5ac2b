//! The persons of the benefit files, each with their rows and claims.

mod gather;
mod groups;
mod link;
mod rows;
mod sets;
mod text_list;

use std::collections::HashSet;
use std::hash::Hash;

use rayon::prelude::*;

use super::store::{Facts, RowRates, Store, ToNote};
use crate::date::Date;
use crate::fingerprint::fingerprint;
use crate::memory;
use crate::normalise::postcode::{BritishPostcode, Postcode};
use crate::normalise::uprn::Uprn;
use crate::normalise::{NameView, View};
use crate::parts::Parts;
use groups::Groups;
pub(crate) use link::says_something;
pub(crate) use rows::{BenefitPerson, BenefitPersons};
use text_list::{TextList, text};

/// Whether a row is of the claimant or the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The person who made the claim.
    Claimant,
    /// The claimant's partner.
    Partner,
}

/// Stands for a person's only claim if they have several.
const SEVERAL: u32 = u32::MAX;

/// Added to a person's only claim if another person is on it. There are fewer claims than this.
const SHARED: u32 = 1 << 31;

/// An earlier row of the same person states the same identity.
const REPEAT: u8 = 1;

/// The row is its person's first by content. Only rows of persons with several have this flag.
const FIRST: u8 = 2;

/// All persons of the benefit files.
pub(crate) struct Persons {
    identities: Store,
    /// By row: [`REPEAT`] and [`FIRST`].
    flags: Vec<u8>,
    /// The rows by person.
    by_person: Groups,
    /// The rows by claim.
    by_claim: Groups,
    /// By person: their only claim, perhaps with [`SHARED`], or [`SEVERAL`]. `None` if each row is a person and a claim,
    /// whose numbers are then the same.
    only_claims: Option<Vec<u32>>,
    /// By claim: the reference as the file of its first row states it.
    claim_refs: Parts<TextList>,
    /// By row: the reference as its file states it.
    person_refs: Parts<TextList>,
    roles: Vec<Role>,
    /// References that more people share than a household has.
    crowded: Crowded,
}

/// References that are placeholders because too many people share them. No `Debug`: they are personal data.
#[derive(Default)]
pub(crate) struct Crowded {
    pub(crate) claim_refs: HashSet<String>,
    pub(crate) person_refs: HashSet<String>,
}

impl Crowded {
    /// No reference is crowded.
    pub(crate) fn is_empty(&self) -> bool {
        self.claim_refs.is_empty() && self.person_refs.is_empty()
    }
}

impl Persons {
    /// References that more people share than a household has.
    pub(crate) fn crowded(&self) -> &Crowded {
        &self.crowded
    }

    /// The claim's reference; `None` if it is a placeholder.
    pub(crate) fn named_claim_ref(&self, claim: u32) -> Option<&str> {
        Some(self.claim_ref(claim)).filter(|claim_ref| self.identifies_claim(claim_ref))
    }

    /// The reference is not a placeholder.
    pub(crate) fn identifies_claim(&self, claim_ref: &str) -> bool {
        says_something(claim_ref) && !self.crowded.claim_refs.contains(claim_ref)
    }

    /// The reference is not a placeholder.
    pub(crate) fn identifies_person(&self, person_ref: &str) -> bool {
        says_something(person_ref) && !self.crowded.person_refs.contains(person_ref)
    }

    /// The person's first reference in text order that is not a placeholder; empty if there is none.
    pub(crate) fn first_person_ref(&self, person: u32) -> &str {
        let of_rows = self.rows_of(person).iter().map(|&row| self.person_ref(row));
        of_rows.filter(|own| self.identifies_person(own)).min().unwrap_or_default()
    }

    /// Prefetches the claim of a person.
    pub(crate) fn prefetch_claim(&self, person: u32) {
        self.only_claims.iter().for_each(|claims| memory::prefetch(&claims[person as usize..][..1]));
    }

    /// Prefetches the reference of a claim.
    pub(crate) fn prefetch_claim_ref(&self, claim: u32) {
        let (part, number) = self.claim_refs.find(claim);
        part.prefetch(number);
    }

    /// Prefetches the claim and the first reference of a person.
    pub(crate) fn prefetch_references(&self, person: u32) {
        self.prefetch_claim(person);
        let (part, number) = self.person_refs.find(self.rows_of(person)[0]);
        part.prefetch(number);
    }

    /// The reference identifies this person.
    pub(crate) fn is_known_as(&self, person: u32, person_ref: &str) -> bool {
        self.rows_of(person).iter().any(|&row| self.person_ref(row) == person_ref) && self.identifies_person(person_ref)
    }

    /// Whether keys for sparse records pay: the records are few, or at least one row in fifty lacks a forename, a
    /// surname, a date of birth or a postcode.
    pub(crate) fn are_sparse(&self) -> bool {
        const FEW: usize = 10_000;
        const ONE_IN: usize = 50;
        let rows = self.row_count();
        let lacks = |view: View<'_>| {
            view.name.given.is_empty()
                || view.name.family.is_empty()
                || view.birth_date.is_none()
                || view.postcode == Postcode::Absent
        };
        // A nation's rows are many: a thousand of them, taken at regular distances, tell enough.
        rows <= FEW || {
            let sampled = (0..rows as u32).step_by(rows / 1000);
            let lacking = sampled.clone().filter(|&row| lacks(self.identity(row))).count();
            lacking * ONE_IN >= sampled.count()
        }
    }

    pub(crate) fn row_count(&self) -> usize {
        self.roles.len()
    }

    pub(crate) fn count(&self) -> usize {
        self.by_person.count()
    }

    pub(crate) fn claim_count(&self) -> usize {
        self.by_claim.count()
    }

    /// The identity that a row states.
    pub(crate) fn identity(&self, row: u32) -> View<'_> {
        self.identities.identity(row as usize)
    }

    /// The birth date and the British postcode that a row states.
    pub(crate) fn birth_date_and_postcode(&self, row: u32) -> (Option<Date>, Option<BritishPostcode>) {
        self.identities.birth_date_and_postcode(row as usize)
    }

    /// The name that a row states.
    pub(crate) fn name(&self, row: u32) -> NameView<'_> {
        self.identities.name(row as usize)
    }

    /// The identity that a row states, with its person and how common its names are.
    pub(crate) fn row(&self, row: u32) -> (Facts, View<'_>) {
        self.identities.get(row as usize)
    }

    /// The rows in stretches of up to `most`, to note on all cores how common their names are.
    pub(crate) fn rows_to_note(&mut self, most: usize) -> impl IndexedParallelIterator<Item = RowsToNote<'_>> {
        let (by_person, flags) = (&self.by_person, &self.flags[..]);
        let identities = self.identities.identities_to_note(most).into_par_iter();
        identities.map(move |identities| RowsToNote { identities, by_person, flags })
    }

    /// Prefetches where the row is, for which [`prefetch`](Self::prefetch) waits.
    pub(crate) fn prefetch_place(&self, row: u32) {
        self.identities.prefetch_place(row as usize);
    }

    /// Prefetches the row.
    pub(crate) fn prefetch(&self, row: u32) {
        self.identities.prefetch(row as usize);
    }

    /// The UPRN that a row states.
    pub(crate) fn uprn(&self, row: u32) -> Option<Uprn> {
        self.identities.uprn(row as usize)
    }

    /// A number that equal identities share, home included.
    pub(crate) fn fingerprint(&self, row: u32) -> u64 {
        fingerprint(self.identities.packed(row as usize))
    }

    /// Two rows state the same identity, home included.
    pub(crate) fn say_the_same(&self, one: u32, other: u32) -> bool {
        self.identities.packed(one as usize) == self.identities.packed(other as usize)
    }

    pub(crate) fn person_of(&self, row: u32) -> u32 {
        self.by_person.group_of(row)
    }

    pub(crate) fn rows_of(&self, person: u32) -> &[u32] {
        self.by_person.of_group(person as usize)
    }

    /// The person's first row by content, so that the order of the rows does not matter.
    pub(crate) fn first_row(&self, person: u32) -> u32 {
        let rows = self.rows_of(person);
        let flagged = rows.iter().copied().find(|&row| self.flags[row as usize] & FIRST != 0);
        flagged.unwrap_or(rows[0])
    }

    /// The person's only claim; `None` if they have several.
    pub(crate) fn only_claim(&self, person: u32) -> Option<u32> {
        Some(self.marked_claim(person)).filter(|claim| *claim != SEVERAL).map(|claim| claim & !SHARED)
    }

    /// The person's only claim, perhaps with [`SHARED`], or [`SEVERAL`].
    fn marked_claim(&self, person: u32) -> u32 {
        self.only_claims.as_ref().map_or(person, |claims| claims[person as usize])
    }

    /// The claims of a person, each once.
    pub(crate) fn claims_of(&self, person: u32) -> impl Iterator<Item = u32> {
        let only = self.only_claim(person);
        let rows = if only.is_some() { &[] } else { self.rows_of(person) };
        let claim_of = |row: u32| self.by_claim.group_of(row);
        let each = rows.iter().zip(earlier_equal(rows, claim_of)).filter(|(_, is_later)| !is_later);
        only.into_iter().chain(each.map(move |(&row, _)| claim_of(row)))
    }

    pub(crate) fn rows_of_claim(&self, claim: u32) -> &[u32] {
        self.by_claim.of_group(claim as usize)
    }

    /// The claim's reference, as its file states it.
    pub(crate) fn claim_ref(&self, claim: u32) -> &str {
        text(&self.claim_refs, claim)
    }

    /// The person's reference, as the file of that row states it; empty if it states none.
    pub(crate) fn person_ref(&self, row: u32) -> &str {
        text(&self.person_refs, row)
    }

    /// The role that a row states.
    pub(crate) fn role(&self, row: u32) -> Role {
        self.roles[row as usize]
    }

    /// Another person is on one of this person's claims.
    pub(crate) fn has_partner(&self, person: u32) -> bool {
        let only = self.marked_claim(person);
        if only != SEVERAL {
            return only & SHARED != 0;
        }
        self.claims_of(person).any(|claim| self.rows_of_claim(claim).iter().any(|&row| self.person_of(row) != person))
    }

    /// The persons on a claim, each once, in the order of the claim's rows.
    pub(crate) fn people_of(&self, claim: u32) -> impl Iterator<Item = u32> {
        let rows = self.rows_of_claim(claim);
        let each = rows.iter().zip(earlier_equal(rows, |row| self.person_of(row)));
        each.filter(|(_, is_later)| !is_later).map(|(&row, _)| self.person_of(row))
    }

    /// How many persons are on a claim.
    pub(crate) fn people_on(&self, claim: u32) -> usize {
        self.people_of(claim).count()
    }

    /// Two different persons are on one claim.
    pub(crate) fn share_a_claim(&self, one: u32, other: u32) -> bool {
        one != other && self.claims_of(one).any(|claim| self.claims_of(other).any(|theirs| theirs == claim))
    }
}

/// Rows of which it is to be noted how common their names are.
pub(crate) struct RowsToNote<'a> {
    identities: ToNote<'a>,
    by_person: &'a Groups,
    flags: &'a [u8],
}

impl RowsToNote<'_> {
    /// Stores each row's person and how common its names are. `rates` gets the row, whether an earlier row of the same
    /// person states the same identity, and the identity.
    pub(crate) fn each(self, mut rates: impl FnMut(u32, bool, &View<'_>) -> RowRates) {
        self.identities.each(|row, identity| {
            let is_repeat = self.flags[row] & REPEAT != 0;
            Facts { person: self.by_person.group_of(row as u32), rates: rates(row as u32, is_repeat, identity) }
        });
    }
}

/// Up to so many rows, each is compared with those before it. More go into a set, so that the time stays
/// linear in the rows of one person or claim.
const FEW: usize = 16;

/// Says for each row whether an earlier one has the same value.
fn earlier_equal<'r, T: Eq + Hash + 'r>(
    rows: &'r [u32],
    value: impl Fn(u32) -> T + 'r,
) -> impl Iterator<Item = bool> + 'r {
    let mut seen = (rows.len() > FEW).then(|| HashSet::with_capacity(rows.len()));
    rows.iter().enumerate().map(move |(at, &row)| match &mut seen {
        Some(seen) => !seen.insert(value(row)),
        None => {
            let own = value(row);
            rows[..at].iter().any(|&earlier| value(earlier) == own)
        }
    })
}
