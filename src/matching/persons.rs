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
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use super::hash::RunKey;
use super::link::{Kind, Link, Linker, Links, SHARDS, says_something};
use super::runs::BlockPool;
use super::store::{Facts, PartStore, RowRates, Store, ToNote};
use super::text_list::TextList;
use crate::date::Date;
use crate::fingerprint::fingerprint;
use crate::memory;
use crate::normalise::postcode::{BritishPostcode, Postcode};
use crate::normalise::uprn::Uprn;
use crate::normalise::{Identity, NameView, View};
use crate::parts::Parts;

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
    identities: PartStore,
    claim_refs: TextList,
    person_refs: TextList,
    roles: Vec<Role>,
    linker: Linker,
    links: Links,
}

/// The rows of all files.
struct Rows {
    identities: Store,
    claim_refs: Parts<TextList>,
    person_refs: Parts<TextList>,
    roles: Vec<Role>,
    /// By part of a file, with the number of its first row.
    links: Vec<(u32, Links)>,
}

impl BenefitPersons {
    /// A part without rows. Only parts of one pool can be gathered.
    pub(crate) fn new(pool: &Arc<BlockPool>) -> BenefitPersons {
        let rows = pool.likely_most();
        BenefitPersons {
            identities: PartStore::new(pool),
            claim_refs: TextList::with_room(rows),
            person_refs: TextList::with_room(rows),
            roles: Vec::with_capacity(rows),
            linker: Linker::with_room(rows),
            links: Links::default(),
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, key: &RunKey, row: &BenefitPerson<'_>) {
        let identity = row.identity.view();
        self.linker.push(key, row, &identity);
        self.identities.push(&identity);
        self.claim_refs.push(row.claim_ref);
        self.person_refs.push(row.person_ref);
        self.roles.push(row.role);
    }

    /// Ends the part, and hashes the links of its rows.
    pub(crate) fn finish(&mut self, key: &RunKey) {
        self.links = std::mem::take(&mut self.linker).finish(key);
        self.identities.finish();
        self.claim_refs.finish();
        self.person_refs.finish();
    }

    /// Joins the rows of the parts of files, in order.
    fn joined(parts: Vec<BenefitPersons>) -> Rows {
        let (mut identities, mut claim_refs, mut person_refs) = (Vec::new(), Vec::new(), Vec::new());
        let (mut roles, mut links, mut first) = (Vec::new(), Vec::new(), 0);
        for part in parts {
            links.push((first, part.links));
            first += part.roles.len() as u32;
            identities.push(part.identities);
            claim_refs.push(part.claim_refs);
            person_refs.push(part.person_refs);
            roles.push(part.roles);
        }
        let (identities, roles) = rayon::join(|| Store::joined(identities.into_iter()), || memory::joined(roles));
        let [claim_refs, person_refs] = [claim_refs, person_refs].map(|lists| Parts::new(lists, TextList::len));
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

/// An earlier row of the same person states the same identity.
const REPEAT: u8 = 1;

/// The row is its person's first by content. Only rows of persons with several have this flag.
const FIRST: u8 = 2;

/// How many claims' references are copied at a time.
const CLAIMS_AT_ONCE: usize = 1 << 12;

/// All persons of the benefit files.
pub(crate) struct Persons {
    identities: Store,
    /// By row: [`REPEAT`] and [`FIRST`].
    flags: Vec<u8>,
    person_of: Vec<u32>,
    rows: Groups,
    claim_of: Vec<u32>,
    /// By person: their only claim, perhaps with [`SHARED`], or [`SEVERAL`].
    only_claims: Vec<u32>,
    claim_rows: Groups,
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
    /// Groups rows into persons. The parts must be in the order of their files.
    pub(crate) fn gather(parts: Vec<BenefitPersons>) -> Persons {
        let all = BenefitPersons::joined(parts);
        let count = all.roles.len();
        // Neither the claims nor the persons need the other, unless a claim's reference is a placeholder.
        let (in_claims, in_persons) = rayon::join(|| all.in_claims(), || all.in_persons(&HashSet::new()));
        let Gathered { group_of: claim_of, rows: claim_rows, crowded: crowded_claims } = in_claims;
        let in_persons = match crowded_claims.is_empty() {
            true => in_persons,
            false => all.in_persons(&all.linked_by_claim(&crowded_claims)),
        };
        let Gathered { group_of: person_of, rows, crowded: crowded_persons } = in_persons;
        let (persons, claims) = (rows.count(), claim_rows.count());
        let named = |list: &Parts<TextList>, links: Vec<Link>| {
            let names = links.into_iter().map(|link| text(list, link.row()));
            names.filter(|name| says_something(name)).map(str::to_owned).collect()
        };
        let crowded = Crowded {
            claim_refs: named(&all.claim_refs, crowded_claims),
            person_refs: named(&all.person_refs, crowded_persons),
        };
        drop(all.links);
        let some_refs = |some: usize| {
            let mut refs = TextList::with_room(CLAIMS_AT_ONCE);
            let claims = some * CLAIMS_AT_ONCE..claims.min((some + 1) * CLAIMS_AT_ONCE);
            claims.for_each(|claim| refs.push(text(&all.claim_refs, claim_rows.of_group(claim)[0])));
            refs.finish();
            refs
        };
        let claim_refs = (0..claims.div_ceil(CLAIMS_AT_ONCE)).into_par_iter().map(some_refs).collect();
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
        let only_claims = memory::collected((0..persons).into_par_iter().map(only_claim));
        let of_several = (0..persons).into_par_iter().map(|person| rows.of_group(person)).filter(|own| own.len() > 1);
        let flagged = of_several.flat_map_iter(|own| {
            let is_later = earlier_equal(own, |row| all.identities.packed(row as usize));
            let repeats = own.iter().zip(is_later).filter(|(_, is_later)| *is_later).map(|(&row, _)| (row, REPEAT));
            repeats.chain([(first_by_content(&all.identities, own), FIRST)])
        });
        let flagged: Vec<(u32, u8)> = flagged.collect();
        let mut flags = vec![0; count];
        flagged.into_iter().for_each(|(row, flag)| flags[row as usize] |= flag);
        Persons {
            identities: all.identities,
            flags,
            person_of,
            rows,
            claim_of,
            only_claims,
            claim_rows,
            claim_refs: Parts::new(claim_refs, TextList::len),
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
        rows.iter().fold(claims, |sum, &row| {
            let (part, number) = self.person_refs.find(row);
            sum ^ u32::from(part.prefetch(number))
        })
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

    /// The rows in stretches of up to `most`, to note on all cores how common their names are.
    pub(crate) fn rows_to_note(&mut self, most: usize) -> impl IndexedParallelIterator<Item = RowsToNote<'_>> {
        let (person_of, flags) = (&self.person_of[..], &self.flags[..]);
        let identities = self.identities.identities_to_note(most).into_par_iter();
        identities.map(move |identities| RowsToNote { identities, person_of, flags })
    }

    /// Prefetches the row. The returned byte only keeps the compiler from dropping the load.
    pub(crate) fn prefetch(&self, row: u32) -> u8 {
        self.identities.prefetch(row as usize)
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
        self.person_of[row as usize]
    }

    pub(crate) fn rows_of(&self, person: u32) -> &[u32] {
        self.rows.of_group(person as usize)
    }

    /// The person's first row by content, so that the order of the rows does not matter.
    pub(crate) fn first_row(&self, person: u32) -> u32 {
        let rows = self.rows_of(person);
        let flagged = rows.iter().copied().find(|&row| self.flags[row as usize] & FIRST != 0);
        flagged.unwrap_or(rows[0])
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

/// Rows of which it is to be noted how common their names are.
pub(crate) struct RowsToNote<'a> {
    identities: ToNote<'a>,
    person_of: &'a [u32],
    flags: &'a [u8],
}

impl RowsToNote<'_> {
    /// Stores each row's person and how common its names are. `rates` gets the row, whether an earlier row of the same
    /// person states the same identity, and the identity.
    pub(crate) fn each(self, mut rates: impl FnMut(u32, bool, &View<'_>) -> RowRates) {
        self.identities.each(|row, identity| {
            let is_repeat = self.flags[row] & REPEAT != 0;
            Facts { person: self.person_of[row], rates: rates(row as u32, is_repeat, identity) }
        });
    }
}

/// The text of a row or claim.
fn text(list: &Parts<TextList>, number: u32) -> &str {
    let (part, number) = list.find(number);
    part.get(number)
}

/// The row that is first by content, so that the order of the rows does not matter; of equal rows, the first.
fn first_by_content(identities: &Store, rows: &[u32]) -> u32 {
    let first = rows.iter().copied().min_by_key(|&row| identities.packed(row as usize));
    first.expect("a person has a row")
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
        let mut ends = memory::untouched_zeros::<u32>(groups + 1);
        for &group in group_of {
            ends[group as usize + 1] += 1;
        }
        for group in 0..groups {
            ends[group + 1] += ends[group];
        }
        let mut next = ends.clone();
        let mut members = memory::untouched_zeros(group_of.len());
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

/// Disjoint sets of rows, which threads join side by side; each set is led by its first row (Jayanti and Tarjan 2016,
/// *A Randomized Concurrent Algorithm for Disjoint Set Union*, with the first row in place of a random one).
struct Sets {
    parent: Vec<AtomicU32>,
}

impl Sets {
    fn new(count: usize) -> Sets {
        let mut parent = memory::with_room(count);
        parent.extend((0..count as u32).map(AtomicU32::new));
        Sets { parent }
    }

    fn parent(&self, row: u32) -> u32 {
        self.parent[row as usize].load(Ordering::Relaxed)
    }

    fn leader(&self, mut row: u32) -> u32 {
        loop {
            let parent = self.parent(row);
            let next = self.parent(parent);
            if next == parent {
                return parent;
            }
            // Shortens the path for the next search; any ancestor may stand here, so that it does not matter who is last.
            self.parent[row as usize].store(next, Ordering::Relaxed);
            row = next;
        }
    }

    fn join(&self, one: u32, other: u32) {
        loop {
            let (one, other) = (self.leader(one), self.leader(other));
            let (first, later) = (one.min(other), one.max(other));
            // Fails if another thread has joined the later one to some row meanwhile.
            let joined =
                |parent: &AtomicU32| parent.compare_exchange(later, first, Ordering::Relaxed, Ordering::Relaxed);
            if first == later || joined(&self.parent[later as usize]).is_ok() {
                return;
            }
        }
    }

    fn numbered(self) -> (Vec<u32>, usize) {
        let mut numbers = memory::untouched_zeros(self.parent.len());
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
    /// A link of each reference that is a placeholder.
    crowded: Vec<Link>,
}

impl Gathered {
    fn new(sets: Sets, crowded: Vec<Link>) -> Gathered {
        let (group_of, groups) = sets.numbered();
        Gathered { rows: Groups::new(&group_of, groups), group_of, crowded }
    }
}

impl Rows {
    /// The rows by claim.
    fn in_claims(&self) -> Gathered {
        self.gathered(&[Kind::Claim], &HashSet::new())
    }

    /// The rows by person. The references of some rows do not count.
    fn in_persons(&self, without_reference: &HashSet<u32>) -> Gathered {
        self.gathered(&[Kind::Reference, Kind::Dwelling, Kind::Property], without_reference)
    }

    /// Joins the rows that share a digest of these kinds.
    fn gathered(&self, kinds: &[Kind], without_reference: &HashSet<u32>) -> Gathered {
        let sets = Sets::new(self.roles.len());
        // Equal digests are in the same shard, so each is sorted by itself: on all cores, and in cache.
        let in_shard = |place: usize| {
            let kind = kinds[place / SHARDS];
            let mut links = Links::gathered(&self.links, kind, place % SHARDS);
            if kind == Kind::Reference && !without_reference.is_empty() {
                links.retain(|link| !without_reference.contains(&link.row()));
            }
            links.sort_unstable();
            let mut crowded = Vec::new();
            for same in links.chunk_by(|one, other| one.digest() == other.digest()).filter(|same| same.len() > 1) {
                if self.belong_together(kind, same) {
                    same.windows(2).for_each(|pair| sets.join(pair[0].row(), pair[1].row()));
                } else if matches!(kind, Kind::Claim | Kind::Reference) {
                    crowded.push(same[0]);
                }
            }
            crowded
        };
        let crowded = (0..kinds.len() * SHARDS).into_par_iter().flat_map_iter(in_shard).collect();
        Gathered::new(sets, crowded)
    }

    /// The rows of one digest are of one claim or person. Only a reference can be a placeholder: the other links are of
    /// name, birth date and home.
    fn belong_together(&self, kind: Kind, same: &[Link]) -> bool {
        match kind {
            Kind::Claim => !self.is_crowded(same),
            Kind::Reference => same.len() <= MOST_ROWS && !self.is_crowded(same),
            Kind::Dwelling | Kind::Property => same.len() <= MOST_ROWS,
        }
    }

    /// More different people share the reference than a household has.
    fn is_crowded(&self, same: &[Link]) -> bool {
        if same.len() <= MOST_PEOPLE {
            return false;
        }
        let mut seen = HashSet::new();
        same.iter().any(|link| {
            let View { name, birth_date, .. } = self.identities.identity(link.row() as usize);
            let given = name.given.first().map(|given| (*given).to_owned());
            seen.insert((given, name.family.join(" "), birth_date)) && seen.len() > MOST_PEOPLE
        })
    }

    /// The rows that only a claim's reference, name and birth date would link, where that reference is a placeholder.
    fn linked_by_claim(&self, crowded: &[Link]) -> HashSet<u32> {
        let crowded: HashSet<u128> = crowded.iter().map(|link| link.digest()).collect();
        let claims = (0..SHARDS).flat_map(|shard| Links::gathered(&self.links, Kind::Claim, shard));
        let of_crowded = claims.filter(|link| crowded.contains(&link.digest())).map(Link::row);
        of_crowded.filter(|row| !says_something(text(&self.person_refs, *row))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Each row's set, numbered by first row: each pair gives all rows of one set the number of the other.
    fn joined_plainly(count: usize, pairs: &[(u32, u32)]) -> Vec<u32> {
        let mut sets: Vec<u32> = (0..count as u32).collect();
        for &(one, other) in pairs {
            let (one, other) = (sets[one as usize], sets[other as usize]);
            sets.iter_mut().filter(|set| **set == one.max(other)).for_each(|set| *set = one.min(other));
        }
        let mut leaders = sets.clone();
        leaders.sort_unstable();
        leaders.dedup();
        sets.iter().map(|set| leaders.binary_search(set).unwrap() as u32).collect()
    }

    proptest! {
        #[test]
        fn sets_that_threads_join_are_those_joined_one_by_one(pairs in vec((0_u32..300, 0_u32..300), 0..400)) {
            let sets = Sets::new(300);
            pairs.par_iter().with_max_len(1).for_each(|&(one, other)| sets.join(one, other));
            let expected = joined_plainly(300, &pairs);
            let count = expected.iter().max().unwrap() + 1;
            prop_assert_eq!(sets.numbered(), (expected, count as usize));
        }
    }

    proptest! {
        /// Rows of few persons, names and homes, in parts of a file.
        #[test]
        fn rows_are_gathered_as_by_comparing_all_with_all(rows in vec((0_u32..40, 0_u32..30, 0_u64..6), 1..80), cut in 0_usize..80) {
            let key = RunKey::from_bytes(&[7; 32]);
            let pool = Arc::default();
            let mut parts = [BenefitPersons::new(&pool), BenefitPersons::new(&pool)];
            for (number, (claim, person, home)) in rows.iter().enumerate() {
                let mut identity = Identity { birth_date: Date::new(1951, 3, 7), ..Identity::default() };
                identity.name.given.push(crate::text::Word::new("ADA"));
                identity.name.family.push(crate::text::Word::new("OXENBRIDGE"));
                // Home 0 is not known, and person 0 has no reference and another name.
                identity.home.uprn = Uprn::new(*home);
                if *person == 0 {
                    identity.name.family[0] = crate::text::Word::new("THRUPKIN");
                }
                let person_ref = if *person == 0 { String::new() } else { format!("P{person}") };
                let row = BenefitPerson {
                    claim_ref: &format!("C{claim}"),
                    person_ref: &person_ref,
                    role: Role::Claimant,
                    identity: &identity,
                };
                parts[usize::from(number >= cut)].push(&key, &row);
            }
            parts.iter_mut().for_each(|part| part.finish(&key));
            let persons = Persons::gather(parts.into());
            let mut pairs = Vec::new();
            let mut claims = Vec::new();
            for (one, (claim, person, home)) in (0..).zip(&rows) {
                for (other, (own_claim, own_person, own_home)) in (0..one).zip(&rows) {
                    let same_name = (*person == 0) == (*own_person == 0);
                    let same_reference = person == own_person && (*person > 0 || claim == own_claim);
                    if same_reference || same_name && home == own_home && *home > 0 {
                        pairs.push((one, other));
                    }
                    if claim == own_claim {
                        claims.push((one, other));
                    }
                }
            }
            // No reference has rows of more than two names.
            let expected = joined_plainly(rows.len(), &pairs);
            let found: Vec<u32> = (0..rows.len() as u32).map(|row| persons.person_of(row)).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(&persons.claim_of, &joined_plainly(rows.len(), &claims));
            for person in 0..persons.count() as u32 {
                let own = persons.rows_of(person);
                let first = own.iter().copied().min_by_key(|row| (persons.identities.packed(*row as usize), *row));
                prop_assert_eq!(Some(persons.first_row(person)), first);
            }
            for claim in 0..persons.claim_count() as u32 {
                let row = persons.rows_of_claim(claim)[0];
                prop_assert_eq!(persons.claim_ref(claim), format!("C{}", rows[row as usize].0));
            }
        }
    }
}
