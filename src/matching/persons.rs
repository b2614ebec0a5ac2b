//! Persons: in go the rows of the benefit files, out come persons, each with their rows and claims.
//!
//! Rows belong to one person when they bear the same `person_ref`; without one, when they are rows of
//! one claim with the same name and birth date; and, across claims and feeds, when they agree in full
//! name, known birth date and home, since people on several benefits come under several references.
//! Membership is carried from row to row: the order of the rows changes nothing.

use rayon::prelude::*;

use super::hash::{Digest, RunKey};
use super::store::Store;
use super::text_list::TextList;
use crate::normalise::postcode::Postcode;
use crate::normalise::uprn::Uprn;
use crate::normalise::{Address, Identity};

/// Whether a row is of the claimant or the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Who made the claim.
    Claimant,
    /// The claimant's partner.
    Partner,
}

/// One row of a benefit file, as far as it says who somebody is.
pub(crate) struct BenefitPerson<'a> {
    pub(crate) claim_ref: &'a str,
    pub(crate) person_ref: &'a str,
    pub(crate) role: Role,
    pub(crate) identity: &'a Identity,
}

/// Rows on their way to becoming persons: those of one part of a file.
#[derive(Default)]
pub(crate) struct BenefitPersons {
    identities: Store,
    claim_refs: TextList,
    person_refs: TextList,
    roles: Vec<Role>,
    claims: Vec<Link>,
    links: Vec<[Link; 3]>,
}

impl BenefitPersons {
    /// Keeps a row.
    pub(crate) fn push(&mut self, key: &RunKey, row: &BenefitPerson<'_>) {
        let claim = key.digest_text(&tagged(b'C', &[row.claim_ref.as_bytes()]));
        self.links.push(links(key, row, claim));
        self.claims.push(halves(claim));
        self.identities.push(row.identity);
        self.claim_refs.push(row.claim_ref);
        self.person_refs.push(row.person_ref);
        self.roles.push(row.role);
    }

    /// Joins the rows of the parts of files, in order.
    fn joined(parts: Vec<BenefitPersons>) -> BenefitPersons {
        let count = parts.iter().map(|part| part.roles.len()).sum();
        let mut all = BenefitPersons {
            roles: Vec::with_capacity(count),
            claims: Vec::with_capacity(count),
            links: Vec::with_capacity(count),
            ..BenefitPersons::default()
        };
        let (mut identities, mut claim_refs, mut person_refs) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            identities.push(part.identities);
            claim_refs.push(part.claim_refs);
            person_refs.push(part.person_refs);
            all.roles.extend(part.roles);
            all.claims.extend(part.claims);
            all.links.extend(part.links);
        }
        all.identities = Store::joined(identities.into_iter(), count);
        all.claim_refs = TextList::joined(claim_refs.into_iter(), count);
        all.person_refs = TextList::joined(person_refs.into_iter(), count);
        all
    }
}

/// The halves of a digest under which rows are one person; zeros where there is none.
type Link = [u64; 2];

fn halves(digest: Digest) -> Link {
    [(digest >> 64) as u64, digest as u64]
}

/// The digests under which a row is one person with others: its reference (or its claim, name and birth
/// date), and its full name and birth date at its postcode and number, and at its UPRN.
fn links(key: &RunKey, row: &BenefitPerson<'_>, claim: Digest) -> [Link; 3] {
    let Identity { name, birth_date, home } = row.identity;
    let date = birth_date.map_or([0; 4], |date| date.packed().to_le_bytes());
    let given = name.given.first().map_or("", |word| word.as_str());
    let mut full_name = Vec::from(given.as_bytes());
    for part in &name.family {
        full_name.push(b' ');
        full_name.extend_from_slice(part.as_bytes());
    }
    let known = given.len() > 1 && !name.family.is_empty() && birth_date.is_some();
    let reference = if says_a_person(row.person_ref) {
        Some(tagged(b'P', &[row.person_ref.as_bytes()]))
    } else {
        (!full_name.is_empty()).then(|| tagged(b'N', &[&claim.to_le_bytes(), &full_name, &date]))
    };
    let postcode = match &home.postcode {
        Postcode::Absent => None,
        Postcode::British(code) => Some(code.as_str()),
        Postcode::Opaque(text) => Some(text.as_str()),
    };
    let at_postcode = postcode.filter(|_| known && says_a_dwelling(&home.address)).map(|postcode| {
        let number = home.address.number.map_or([0; 2], |number| number.first.to_le_bytes());
        let place = [postcode.as_bytes(), &number, home.address.flat.as_bytes(), home.address.building.as_bytes()];
        tagged(b'H', &[&full_name[..], &date, place[0], place[1], place[2], place[3]])
    });
    let at_uprn =
        home.uprn.filter(|_| known).map(|uprn| tagged(b'U', &[&full_name, &date, &uprn.number().to_le_bytes()]));
    [reference, at_postcode, at_uprn].map(|link| link.map_or([0; 2], |bytes| halves(key.digest_text(&bytes))))
}

/// The reference is not a sign that there is none.
fn says_a_person(reference: &str) -> bool {
    const NONE: [&str; 8] = ["N/A", "NA", "NONE", "NULL", "NIL", "UNKNOWN", "NOT KNOWN", "TBC"];
    let reference = reference.trim();
    let marks = |letter: char| letter == '0' || !letter.is_alphanumeric();
    !reference.chars().all(marks) && !NONE.iter().any(|none| reference.eq_ignore_ascii_case(none))
}

fn says_a_dwelling(address: &Address) -> bool {
    address.number.is_some() || !address.building.is_empty()
}

/// A tag and fields with their lengths, so that no two lists of fields have the same bytes.
fn tagged(tag: u8, fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![tag];
    for field in fields {
        bytes.extend((field.len() as u32).to_le_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

/// Rows that one reference, or one name, birth date and home, may have. More are not one person's: they
/// share a placeholder, and to make one person of them would lend each the others' claims.
const MOST_ROWS: usize = 200;

/// All persons of the benefit files.
pub(crate) struct Persons {
    identities: Store,
    /// Rows whose identity another row of the same person has already.
    repeats: Vec<bool>,
    person_of: Vec<u32>,
    rows: Groups,
    claim_of: Vec<u32>,
    claim_rows: Groups,
    /// By row, as its file has it.
    claim_refs: TextList,
    person_refs: TextList,
    roles: Vec<Role>,
}

impl Persons {
    /// Gathers rows into persons. The parts stand in the order of their files.
    pub(crate) fn gather(parts: Vec<BenefitPersons>) -> Persons {
        let all = BenefitPersons::joined(parts);
        let count = all.roles.len();
        let mut sets = Sets::new(count);
        for link in 0..3 {
            let keyed = (0..).zip(&all.links).map(|(row, links)| (links[link], row));
            sets.join_equal(keyed.filter(|(link, _)| *link != [0; 2]).collect(), MOST_ROWS);
        }
        let (person_of, persons) = sets.numbered();
        let rows = Groups::of(&person_of, persons);
        let (claim_of, claims) = numbered(&all.claims);
        let claim_rows = Groups::of(&claim_of, claims);
        let is_repeat = |own: &[u32], at: usize| {
            let bytes = all.identities.packed(own[at] as usize);
            own[..at].iter().any(|&earlier| all.identities.packed(earlier as usize) == bytes)
        };
        let repeated = (0..persons).into_par_iter().flat_map_iter(|person| {
            let own = rows.of_group(person);
            (1..own.len()).filter(|at| is_repeat(own, *at)).map(|at| own[at])
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
            claim_rows,
            claim_refs: all.claim_refs,
            person_refs: all.person_refs,
            roles: all.roles,
        }
    }

    /// How many rows there are.
    pub(crate) fn row_count(&self) -> usize {
        self.roles.len()
    }

    /// How many persons there are.
    pub(crate) fn count(&self) -> usize {
        self.rows.count()
    }

    /// How many claims there are.
    pub(crate) fn claim_count(&self) -> usize {
        self.claim_rows.count()
    }

    /// The identity that a row states.
    pub(crate) fn identity(&self, row: u32) -> Identity {
        self.identities.get(row as usize)
    }

    /// Loads the beginning of what is kept of a row, and says nothing of it that means anything.
    pub(crate) fn touch(&self, row: u32) -> u8 {
        self.identities.touch(row as usize)
    }

    /// The UPRN that a row states.
    pub(crate) fn uprn(&self, row: u32) -> Option<Uprn> {
        self.identities.uprn(row as usize)
    }

    /// The row says nothing of its person that an earlier row does not say.
    pub(crate) fn is_repeat(&self, row: u32) -> bool {
        self.repeats[row as usize]
    }

    /// The person of a row.
    pub(crate) fn person_of(&self, row: u32) -> u32 {
        self.person_of[row as usize]
    }

    /// The rows of a person.
    pub(crate) fn rows_of(&self, person: u32) -> &[u32] {
        self.rows.of_group(person as usize)
    }

    /// One of the rows of a person, whichever order they came in: the first by what it says.
    pub(crate) fn first_row(&self, person: u32) -> u32 {
        let rows = self.rows_of(person);
        let first = rows.iter().copied().min_by_key(|&row| self.identities.packed(row as usize));
        first.expect("a person has a row")
    }

    /// The claims of a person, each once.
    pub(crate) fn claims_of(&self, person: u32) -> impl Iterator<Item = u32> {
        let rows = self.rows_of(person);
        rows.iter().enumerate().filter_map(move |(at, &row)| {
            let claim = self.claim_of[row as usize];
            let seen = rows[..at].iter().any(|&earlier| self.claim_of[earlier as usize] == claim);
            (!seen).then_some(claim)
        })
    }

    /// The rows of a claim.
    pub(crate) fn rows_of_claim(&self, claim: u32) -> &[u32] {
        self.claim_rows.of_group(claim as usize)
    }

    /// The claim's reference, as its file has it.
    pub(crate) fn claim_ref(&self, claim: u32) -> &str {
        self.claim_refs.get(self.claim_rows.of_group(claim as usize)[0] as usize)
    }

    /// The person's reference, as the file of that row has it; empty where it has none.
    pub(crate) fn person_ref(&self, row: u32) -> &str {
        self.person_refs.get(row as usize)
    }

    /// The role that a row states.
    pub(crate) fn role(&self, row: u32) -> Role {
        self.roles[row as usize]
    }

    /// Somebody else is on one claim with this person.
    pub(crate) fn has_partner(&self, person: u32) -> bool {
        self.claims_of(person).any(|claim| self.rows_of_claim(claim).iter().any(|&row| self.person_of(row) != person))
    }

    /// How many persons are on a claim.
    pub(crate) fn people_on(&self, claim: u32) -> usize {
        let rows = self.rows_of_claim(claim);
        let first = |at: usize| !rows[..at].iter().any(|&row| self.person_of(row) == self.person_of(rows[at]));
        (0..rows.len()).filter(|at| first(*at)).count()
    }

    /// Two different persons are on one claim.
    pub(crate) fn share_a_claim(&self, one: u32, other: u32) -> bool {
        one != other && self.claims_of(one).any(|claim| self.claims_of(other).any(|theirs| theirs == claim))
    }
}

/// Members by group: for each group the numbers of its members, in order.
struct Groups {
    members: Vec<u32>,
    ends: Vec<u32>,
}

impl Groups {
    fn of(group_of: &[u32], groups: usize) -> Groups {
        let mut ends = vec![0_u32; groups + 1];
        for &group in group_of {
            ends[group as usize + 1] += 1;
        }
        for group in 0..groups {
            ends[group + 1] += ends[group];
        }
        let mut next = ends.clone();
        let mut members = vec![0; group_of.len()];
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

/// Gives equal digests one number, in the order in which they first appear.
fn numbered(digests: &[Link]) -> (Vec<u32>, usize) {
    let mut sets = Sets::new(digests.len());
    sets.join_equal(digests.iter().copied().zip(0..).collect(), usize::MAX);
    sets.numbered()
}

/// Disjoint sets of rows (Tarjan's union–find with path halving); each set is led by its first row.
struct Sets {
    parent: Vec<u32>,
}

impl Sets {
    fn new(count: usize) -> Sets {
        Sets { parent: (0..count as u32).collect() }
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

    /// Joins the rows that share a digest, unless more than `most` do.
    fn join_equal(&mut self, mut rows: Vec<(Link, u32)>, most: usize) {
        rows.par_sort_unstable();
        for same in rows.chunk_by(|one, other| one.0 == other.0).filter(|same| same.len() <= most) {
            for pair in same.windows(2) {
                self.join(pair[0].1, pair[1].1);
            }
        }
    }

    fn numbered(mut self) -> (Vec<u32>, usize) {
        let mut numbers = vec![0; self.parent.len()];
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
