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

use rayon::prelude::*;

use super::groups::Groups;
use super::link::{Kind, Link, Links, SHARDS};
use super::rows::{BenefitPersons, Rows};
use super::sets::Sets;
use super::text_list::{TextList, text};
use super::{Crowded, FIRST, Persons, REPEAT, SEVERAL, SHARED, earlier_equal, says_something};
use crate::matching::store::Store;
use crate::memory;
use crate::normalise::View;
use crate::parts::Parts;

/// The most rows that one reference, or one name, birth date and home, may join. More rows are not one
/// person's, and joining them would give each person the claims of the others.
const MOST_ROWS: usize = 200;

/// The most different people, by name and birth date, that may share one reference. A claim has two; slips
/// in names and former names add some. (Choice.)
const MOST_PEOPLE: usize = 12;

/// How many claims' references are copied at a time.
const CLAIMS_AT_ONCE: usize = 1 << 12;

impl Persons {
    /// Groups rows into persons. The parts must be in the order of their files.
    pub(crate) fn gather(parts: Vec<BenefitPersons>) -> Persons {
        let all = BenefitPersons::joined(parts);
        let count = all.roles.len();
        // Neither the claims nor the persons need the other, unless a claim's reference is a placeholder.
        let (in_claims, in_persons) = rayon::join(|| all.in_claims(), || all.in_persons(&HashSet::new()));
        let Gathered { rows: by_claim, crowded: crowded_claims } = in_claims;
        let in_persons = match crowded_claims.is_empty() {
            true => in_persons,
            false => all.in_persons(&all.linked_by_claim(&crowded_claims)),
        };
        let Gathered { rows: by_person, crowded: crowded_persons } = in_persons;
        let (persons, claims) = (by_person.count(), by_claim.count());
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
            claims.for_each(|claim| refs.push(text(&all.claim_refs, by_claim.of_group(claim)[0])));
            refs.finish();
            refs
        };
        let claim_refs = (0..claims.div_ceil(CLAIMS_AT_ONCE)).into_par_iter().map(some_refs).collect();
        drop(all.claim_refs);
        let only_claim = |person| match by_person.of_group(person) {
            [first, others @ ..] => {
                let claim = by_claim.group_of(*first);
                let is_other = |row: &u32| by_person.group_of(*row) != person as u32;
                match others.iter().all(|&row| by_claim.group_of(row) == claim) {
                    true if by_claim.of_group(claim as usize).iter().any(is_other) => claim | SHARED,
                    true => claim,
                    false => SEVERAL,
                }
            }
            [] => SEVERAL,
        };
        let only_claims = || memory::collected((0..persons).into_par_iter().map(only_claim));
        let are_alone = by_person.are_alone() && by_claim.are_alone();
        let only_claims = (!are_alone).then(only_claims);
        let by_claim = if are_alone { by_person.clone() } else { by_claim };
        let of_several =
            (0..persons).into_par_iter().map(|person| by_person.of_group(person)).filter(|own| own.len() > 1);
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
            by_person,
            by_claim,
            only_claims,
            claim_refs: Parts::new(claim_refs, TextList::len),
            person_refs: all.person_refs,
            roles: all.roles,
            crowded,
        }
    }
}

/// The row that is first by content, so that the order of the rows does not matter; of equal rows, the first.
fn first_by_content(identities: &Store, rows: &[u32]) -> u32 {
    let first = rows.iter().copied().min_by_key(|&row| identities.packed(row as usize));
    first.expect("a person has a row")
}

/// Rows in groups.
struct Gathered {
    rows: Groups,
    /// A link of each reference that is a placeholder.
    crowded: Vec<Link>,
}

impl Gathered {
    fn new(sets: Sets, crowded: Vec<Link>) -> Gathered {
        let (group_of, groups) = sets.numbered();
        Gathered { rows: Groups::new(group_of, groups), crowded }
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
    use std::sync::Arc;

    use super::super::{BenefitPerson, Role};
    use super::*;
    use crate::date::Date;
    use crate::matching::hash::RunKey;
    use crate::matching::persons::sets::tests::joined_plainly;
    use crate::normalise::Identity;
    use crate::normalise::uprn::Uprn;
    use proptest::collection::vec;
    use proptest::prelude::*;

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
            let found: Vec<u32> = (0..rows.len() as u32).map(|row| persons.by_claim.group_of(row)).collect();
            prop_assert_eq!(found, joined_plainly(rows.len(), &claims));
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
