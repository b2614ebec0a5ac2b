//! Groups benefit rows into persons, each with their rows and claims.
//!
//! Rows belong to one person if
//!
//! - they have the same `person_ref`;
//! - they have no `person_ref`, and are rows of one claim with the same name and birth date; or
//! - they agree in full name, known birth date and home, across claims and feeds: people on several
//!   benefits have several references.
//!
//! Links are transitive, so the order of the rows does not matter.
//!
//! A placeholder reference identifies nobody and joins no rows. A reference is a placeholder if its text
//! says so (`0`, `N/A`), or if more different people share it than one household has.

use std::collections::HashSet;
use std::hash::Hash;

use rayon::prelude::*;

use super::hash::RunKey;
use super::link::{Link, Linker, Links, NO_LINK, says_something};
use super::store::{Facts, RowRates, Store};
use super::text_list::TextList;
use crate::date::Date;
use crate::fingerprint::fingerprint;
use crate::memory;
use crate::normalise::postcode::{BritishPostcode, Postcode};
use crate::normalise::uprn::Uprn;
use crate::normalise::{Identity, NameView, View};

/// Whether a row is of the claimant or the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The person who made the claim.
    Claimant,
    /// The claimant's partner.
    Partner,
}

/// The part of a benefit row that identifies a person.
pub(crate) struct BenefitPerson<'a> {
    pub(crate) claim_ref: &'a str,
    pub(crate) person_ref: &'a str,
    pub(crate) role: Role,
    pub(crate) identity: &'a Identity,
}

/// Rows of one part of a file, before they are grouped into persons.
#[derive(Default)]
pub(crate) struct BenefitPersons {
    identities: Store,
    claim_refs: TextList,
    person_refs: TextList,
    roles: Vec<Role>,
    linker: Linker,
    links: Vec<Links>,
}

/// The rows of all files.
struct Rows {
    identities: Store,
    claim_refs: TextList,
    person_refs: TextList,
    roles: Vec<Role>,
    /// By part of a file: they are read in order only, and freed after that, so joining them would gain nothing.
    links: Vec<Vec<Links>>,
}

impl BenefitPersons {
    /// Adds a row.
    pub(crate) fn push(&mut self, key: &RunKey, row: &BenefitPerson<'_>) {
        self.linker.push(key, row);
        self.identities.push(&row.identity.view());
        self.claim_refs.push(row.claim_ref);
        self.person_refs.push(row.person_ref);
        self.roles.push(row.role);
    }

    /// Ends the part, and hashes the links of its rows.
    pub(crate) fn finish(&mut self, key: &RunKey) {
        self.links = std::mem::take(&mut self.linker).finish(key);
    }

    /// Joins the rows of the parts of files, in order.
    fn joined(parts: Vec<BenefitPersons>) -> Rows {
        let (mut identities, mut claim_refs, mut person_refs) = (Vec::new(), Vec::new(), Vec::new());
        let (mut roles, mut links) = (Vec::new(), Vec::new());
        for part in parts {
            identities.push(part.identities);
            claim_refs.push(part.claim_refs);
            person_refs.push(part.person_refs);
            roles.push(part.roles);
            links.push(part.links);
        }
        // The kernel takes most of the time, to zero the new pages: so use two cores.
        let (identities, (claim_refs, person_refs, roles)) = rayon::join(
            || Store::joined(identities.into_iter()),
            || {
                let claim_refs = TextList::joined(claim_refs.into_iter());
                let person_refs = TextList::joined(person_refs.into_iter());
                (claim_refs, person_refs, memory::joined(roles))
            },
        );
        Rows { identities, claim_refs, person_refs, roles, links }
    }
}

/// The most rows that one reference, or one name, birth date and home, may join. More rows are not one
/// person's, and joining them would give each person the claims of the others.
const MOST_ROWS: usize = 200;

/// The most different people, by name and birth date, that may share one reference. A claim has two; slips
/// in names and former names add some. (Choice.)
const MOST_PEOPLE: usize = 12;

/// Stands for a person's only claim if they have several.
const SEVERAL: u32 = u32::MAX;

/// Added to a person's only claim if another person is on it. There are fewer claims than this.
const SHARED: u32 = 1 << 31;

/// All persons of the benefit files.
pub(crate) struct Persons {
    identities: Store,
    /// By row: an earlier row of the same person states the same identity.
    repeats: Vec<bool>,
    person_of: Vec<u32>,
    rows: Groups,
    claim_of: Vec<u32>,
    /// By person: their only claim, perhaps with [`SHARED`], or [`SEVERAL`].
    only_claims: Vec<u32>,
    claim_rows: Groups,
    /// By claim: the reference as the file of its first row states it.
    claim_refs: TextList,
    /// By row: the reference as its file states it.
    person_refs: TextList,
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
    /// Groups rows into persons. The parts must be in the order of their files.
    pub(crate) fn gather(parts: Vec<BenefitPersons>) -> Persons {
        let mut all = BenefitPersons::joined(parts);
        let count = all.roles.len();
        // Neither the claims nor the persons need the other, unless a claim's reference is a placeholder.
        let (in_claims, in_persons) = rayon::join(|| all.in_claims(), || all.in_persons());
        let Gathered { group_of: claim_of, rows: claim_rows, crowded: crowded_claims } = in_claims;
        let in_persons = match crowded_claims.is_empty() {
            true => in_persons,
            false => {
                all.take_out_claims(&crowded_claims);
                all.in_persons()
            }
        };
        let Gathered { group_of: person_of, rows, crowded: crowded_persons } = in_persons;
        let (persons, claims) = (rows.count(), claim_rows.count());
        let named = |list: &TextList, rows: Vec<(Link, u32)>| {
            rows.into_iter()
                .map(|(_, row)| list.get(row as usize).to_owned())
                .filter(|name| says_something(name))
                .collect()
        };
        let crowded = Crowded {
            claim_refs: named(&all.claim_refs, crowded_claims),
            person_refs: named(&all.person_refs, crowded_persons),
        };
        drop(all.links);
        let claim_refs = all.claim_refs.chosen((0..claims).map(|claim| claim_rows.of_group(claim)[0]));
        drop(all.claim_refs);
        let only_claim = |person| match rows.of_group(person) {
            [first, others @ ..] => {
                let claim = claim_of[*first as usize];
                let is_other = |row: &u32| person_of[*row as usize] != person as u32;
                match others.iter().all(|&row| claim_of[row as usize] == claim) {
                    true if claim_rows.of_group(claim as usize).iter().any(is_other) => claim | SHARED,
                    true => claim,
                    false => SEVERAL,
                }
            }
            [] => SEVERAL,
        };
        let only_claims = memory::on_large_pages((0..persons).into_par_iter().map(only_claim).collect());
        let repeated = (0..persons).into_par_iter().flat_map_iter(|person| {
            let own = rows.of_group(person);
            let is_later = earlier_equal(own, |row| all.identities.packed(row as usize));
            own.iter().copied().zip(is_later).filter(|(_, is_later)| *is_later).map(|(row, _)| row)
        });
        let repeated: Vec<u32> = repeated.collect();
        let mut repeats = vec![false; count];
        repeated.into_iter().for_each(|row| repeats[row as usize] = true);
        Persons {
            identities: all.identities,
            repeats,
            person_of,
            rows,
            claim_of,
            only_claims,
            claim_rows,
            claim_refs,
            person_refs: all.person_refs,
            roles: all.roles,
            crowded,
        }
    }

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

    /// Prefetches the claims and the first reference of persons. The returned number only keeps the compiler from
    /// dropping the loads.
    pub(crate) fn prefetch_references(&self, persons: &[u32]) -> u32 {
        let claims = persons.iter().fold(0, |sum, &person| sum ^ self.only_claims[person as usize]);
        let rows: Vec<u32> = persons.iter().map(|&person| self.rows_of(person)[0]).collect();
        rows.iter().fold(claims, |sum, &row| sum ^ u32::from(self.person_refs.prefetch(row as usize)))
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
        self.rows.count()
    }

    pub(crate) fn claim_count(&self) -> usize {
        self.claim_rows.count()
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

    /// Stores each row's person and how common its names are.
    pub(crate) fn note_rates(&mut self, rates: impl Fn(&NameView<'_>) -> RowRates + Sync) {
        let person_of = &self.person_of;
        self.identities.note(|row, name| Facts { person: person_of[row], rates: rates(name) });
    }

    /// Prefetches the row. The returned byte only keeps the compiler from dropping the load.
    pub(crate) fn prefetch(&self, row: u32) -> u8 {
        self.identities.prefetch(row as usize)
    }

    /// The UPRN that a row states.
    pub(crate) fn uprn(&self, row: u32) -> Option<Uprn> {
        self.identities.uprn(row as usize)
    }

    /// An earlier row of the same person states the same identity.
    pub(crate) fn is_repeat(&self, row: u32) -> bool {
        self.repeats[row as usize]
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
        self.person_of[row as usize]
    }

    pub(crate) fn rows_of(&self, person: u32) -> &[u32] {
        self.rows.of_group(person as usize)
    }

    /// The person's first row by content, so that the order of the rows does not matter.
    pub(crate) fn first_row(&self, person: u32) -> u32 {
        let rows = self.rows_of(person);
        let first = rows.iter().copied().min_by_key(|&row| self.identities.packed(row as usize));
        first.expect("a person has a row")
    }

    /// The person's only claim; `None` if they have several.
    pub(crate) fn only_claim(&self, person: u32) -> Option<u32> {
        Some(self.only_claims[person as usize]).filter(|claim| *claim != SEVERAL).map(|claim| claim & !SHARED)
    }

    /// The claims of a person, each once.
    pub(crate) fn claims_of(&self, person: u32) -> impl Iterator<Item = u32> {
        let only = self.only_claim(person);
        let rows = if only.is_some() { &[] } else { self.rows_of(person) };
        let claim_of = |row: u32| self.claim_of[row as usize];
        let each = rows.iter().zip(earlier_equal(rows, claim_of)).filter(|(_, is_later)| !is_later);
        only.into_iter().chain(each.map(move |(&row, _)| claim_of(row)))
    }

    pub(crate) fn rows_of_claim(&self, claim: u32) -> &[u32] {
        self.claim_rows.of_group(claim as usize)
    }

    /// The claim's reference, as its file states it.
    pub(crate) fn claim_ref(&self, claim: u32) -> &str {
        self.claim_refs.get(claim as usize)
    }

    /// The person's reference, as the file of that row states it; empty if it states none.
    pub(crate) fn person_ref(&self, row: u32) -> &str {
        self.person_refs.get(row as usize)
    }

    /// The role that a row states.
    pub(crate) fn role(&self, row: u32) -> Role {
        self.roles[row as usize]
    }

    /// Another person is on one of this person's claims.
    pub(crate) fn has_partner(&self, person: u32) -> bool {
        let only = self.only_claims[person as usize];
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

/// The numbers of each group's members, in order.
struct Groups {
    members: Vec<u32>,
    ends: Vec<u32>,
}

impl Groups {
    fn new(group_of: &[u32], groups: usize) -> Groups {
        let mut ends = memory::zeroed::<u32>(groups + 1);
        for &group in group_of {
            ends[group as usize + 1] += 1;
        }
        for group in 0..groups {
            ends[group + 1] += ends[group];
        }
        let mut next = ends.clone();
        let mut members = memory::zeroed(group_of.len());
        for (member, &group) in group_of.iter().enumerate() {
            members[next[group as usize] as usize] = member as u32;
            next[group as usize] += 1;
        }
        Groups { members, ends }
    }

    fn count(&self) -> usize {
        self.ends.len() - 1
    }

    fn of_group(&self, group: usize) -> &[u32] {
        &self.members[self.ends[group] as usize..self.ends[group + 1] as usize]
    }
}

/// The number of parts in which digests are sorted; a power of two.
const PARTS: usize = 256;

/// Disjoint sets of rows (Tarjan's union–find with path halving); each set is led by its first row.
struct Sets {
    parent: Vec<u32>,
}

/// Pairs of rows to be joined.
type Pairs = Vec<(u32, u32)>;

impl Sets {
    fn new(count: usize) -> Sets {
        let mut parent = memory::with_room(count);
        parent.extend(0..count as u32);
        Sets { parent }
    }

    fn leader(&mut self, mut row: u32) -> u32 {
        while self.parent[row as usize] != row {
            let next = self.parent[self.parent[row as usize] as usize];
            self.parent[row as usize] = next;
            row = next;
        }
        row
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.leader(one), self.leader(other));
        self.parent[one.max(other) as usize] = one.min(other);
    }

    /// Joins the rows that share a digest if `joins` accepts them. Returns one row of each group that it rejects.
    fn join_equal(
        &mut self,
        rows: impl Iterator<Item = (Link, u32)>,
        joins: impl Fn(&[(Link, u32)]) -> bool + Sync,
    ) -> Vec<(Link, u32)> {
        // Equal digests have equal first bits, so each part is sorted by itself: on all cores, and in cache.
        let room = self.parent.len() / PARTS + self.parent.len() / PARTS / 8;
        let mut parts: Vec<Vec<(Link, u32)>> = (0..PARTS).map(|_| Vec::with_capacity(room)).collect();
        for (link, row) in rows.filter(|(link, _)| *link != NO_LINK) {
            parts[(link[0] >> (u64::BITS - PARTS.ilog2())) as usize].push((link, row));
        }
        let (pairs, apart): (Vec<Pairs>, Vec<Vec<(Link, u32)>>) = parts
            .into_par_iter()
            .map(|mut part| {
                part.sort_unstable();
                let (mut pairs, mut apart) = (Pairs::new(), Vec::new());
                for same in part.chunk_by(|one, other| one.0 == other.0).filter(|same| same.len() > 1) {
                    if joins(same) {
                        pairs.extend(same.windows(2).map(|pair| (pair[0].1, pair[1].1)));
                    } else {
                        apart.push(same[0]);
                    }
                }
                (pairs, apart)
            })
            .unzip();
        pairs.into_iter().flatten().for_each(|(one, other)| self.join(one, other));
        apart.into_iter().flatten().collect()
    }

    fn numbered(mut self) -> (Vec<u32>, usize) {
        let mut numbers = memory::zeroed(self.parent.len());
        let mut count = 0;
        for row in 0..numbers.len() {
            let leader = self.leader(row as u32) as usize;
            if leader == row {
                numbers[row] = count;
                count += 1;
            } else {
                numbers[row] = numbers[leader];
            }
        }
        (numbers, count as usize)
    }
}

/// Rows in groups.
struct Gathered {
    group_of: Vec<u32>,
    rows: Groups,
    /// A row of each reference that is a placeholder.
    crowded: Vec<(Link, u32)>,
}

impl Gathered {
    fn new(sets: Sets, crowded: Vec<(Link, u32)>) -> Gathered {
        let (group_of, groups) = sets.numbered();
        Gathered { rows: Groups::new(&group_of, groups), group_of, crowded }
    }
}

impl Rows {
    /// The rows by claim.
    fn in_claims(&self) -> Gathered {
        let mut sets = Sets::new(self.roles.len());
        let claims = self.links.iter().flatten().map(|links| links.claim).zip(0..);
        let crowded = sets.join_equal(claims, |same| !self.is_crowded(same));
        Gathered::new(sets, crowded)
    }

    /// The rows by person.
    fn in_persons(&self) -> Gathered {
        let (mut sets, mut crowded) = (Sets::new(self.roles.len()), Vec::new());
        for link in 0..3 {
            let keyed = self.links.iter().flatten().map(|links| links.person[link]).zip(0..);
            // Only a reference (link 0) can be a placeholder: the other links are of name, birth date and home.
            let joins = |same: &[(Link, u32)]| same.len() <= MOST_ROWS && (link > 0 || !self.is_crowded(same));
            let apart = sets.join_equal(keyed, joins);
            crowded.extend(apart.into_iter().filter(|_| link == 0));
        }
        Gathered::new(sets, crowded)
    }

    /// More different people share the reference than a household has.
    fn is_crowded(&self, same: &[(Link, u32)]) -> bool {
        if same.len() <= MOST_PEOPLE {
            return false;
        }
        let mut seen = HashSet::new();
        same.iter().any(|(_, row)| {
            let View { name, birth_date, .. } = self.identities.identity(*row as usize);
            let given = name.given.first().map(|given| (*given).to_owned());
            seen.insert((given, name.family.join(" "), birth_date)) && seen.len() > MOST_PEOPLE
        })
    }

    /// Removes the links by claim, name and birth date of rows whose claim reference is a placeholder.
    fn take_out_claims(&mut self, crowded: &[(Link, u32)]) {
        let crowded: HashSet<Link> = crowded.iter().map(|(link, _)| *link).collect();
        if crowded.is_empty() {
            return;
        }
        for (row, links) in self.links.iter_mut().flatten().enumerate() {
            if crowded.contains(&links.claim) && !says_something(self.person_refs.get(row)) {
                links.person[0] = NO_LINK;
            }
        }
    }
}
