//! Reads rows of benefit files into persons and awards.

use std::collections::HashSet;
use std::sync::Arc;

use crate::date::Date;
use crate::intake::{Column, Consumer, FaultReason, Faults, Row};
use crate::matching::{BenefitPerson, BenefitPersons, BlockPool, Crowded, Role, RunKey, says_something};
use crate::normalise::Identity;
use crate::normalise::name::Named;
use crate::pipeline::inputs::benefit_counts::BenefitCounts;
use crate::pipeline::inputs::identity;
use crate::scheme::{Award, GroupIndex};

/// The role of a row's person in the claim; an empty field means claimant.
pub(crate) fn role(row: &Row<'_>, faults: &mut Faults) -> Role {
    match row.get(Column::Role).trim() {
        "" => Role::Claimant,
        role if role.eq_ignore_ascii_case("claimant") => Role::Claimant,
        role if role.eq_ignore_ascii_case("partner") => Role::Partner,
        _ => {
            faults.note(Column::Role, FaultReason::UnknownRole);
            Role::Claimant
        }
    }
}

/// The person that a row names.
pub(crate) fn identity(row: &Row<'_>, latest_birth: Date, faults: &mut Faults) -> Identity {
    let (mut named, mut identity) = (Named::default(), Identity::default());
    identity::named(row, &mut named);
    if let Some(first) = named.people.first() {
        identity.name.clone_from(first);
    }
    identity.birth_date = identity::born(row, Column::DateOfBirth, latest_birth, faults);
    identity::home(row, faults, &mut identity.home);
    identity
}

/// Takes the rows of a chunk of a benefit file.
pub(crate) struct BenefitRows<'a> {
    key: &'a RunKey,
    groups: &'a GroupIndex,
    latest_birth: Date,
    pub(crate) persons: BenefitPersons,
    pub(crate) awards: Vec<Award>,
    pub(crate) counts: BenefitCounts,
}

impl<'a> BenefitRows<'a> {
    /// Rows whose identities go to the pool's blocks.
    pub(crate) fn new(
        key: &'a RunKey,
        groups: &'a GroupIndex,
        latest_birth: Date,
        pool: &Arc<BlockPool>,
    ) -> BenefitRows<'a> {
        let (persons, counts) = (BenefitPersons::new(pool), BenefitCounts::default());
        let awards = Vec::with_capacity(pool.likely_most());
        BenefitRows { key, groups, latest_birth, persons, awards, counts }
    }
}

impl Consumer for BenefitRows<'_> {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        let Some(claim_ref) = row.reference(Column::ClaimRef) else {
            faults.reject(FaultReason::NoReference);
            return;
        };
        if !says_something(claim_ref) {
            faults.note(Column::ClaimRef, FaultReason::Placeholder);
        }
        let role = role(row, faults);
        let identity = identity(row, self.latest_birth, faults);
        let benefit = self.groups.place_of(row.get(Column::Benefit));
        self.counts.take(benefit, &identity);
        self.awards.push(Award {
            groups: benefit.map_or(0, |place| self.groups.groups_at(place)),
            start: identity::date(row, Column::AwardStart, faults),
            end: identity::date(row, Column::AwardEnd, faults),
            income: identity::number(row, Column::Income, faults).filter(|_| self.groups.asks_for_income()),
        });
        let person_ref = row.reference(Column::PersonRef).unwrap_or_default();
        if !person_ref.is_empty() && !says_something(person_ref) {
            faults.note(Column::PersonRef, FaultReason::Placeholder);
        }
        self.persons.push(self.key, &BenefitPerson { claim_ref, person_ref, role, identity: &identity });
    }

    fn finish(&mut self) {
        self.persons.finish(self.key);
        self.awards.shrink_to_fit();
    }
}

/// Adds notes to rows whose references are placeholders, since too many people share them. They are known only
/// once all rows are read, and are so rare that the files are read again for them.
pub(crate) struct PlaceholderNotes<'a>(pub(crate) &'a Crowded);

impl Consumer for PlaceholderNotes<'_> {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        let is_in = |column, references: &HashSet<String>| {
            row.reference(column).is_some_and(|reference| references.contains(reference))
        };
        for (column, references) in [(Column::ClaimRef, &self.0.claim_refs), (Column::PersonRef, &self.0.person_refs)] {
            if is_in(column, references) {
                faults.note(column, FaultReason::Placeholder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::intake::{self, BENEFITS, ColumnMap, ReadSettings};
    use crate::job::Job;
    use crate::progress::Unwatched;

    #[test]
    fn an_income_is_kept_where_a_group_asks_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("benefits.csv");
        std::fs::write(&file, "claim_ref,surname,benefit,income\nC1,Ellison,UC,8000\n").unwrap();
        for (limit, kept) in [("max_income = 17000", Some(8000.0)), ("", None)] {
            let text = format!(
                "[[scheme]]\nid = 's'\nname = 'S'\nqualifying_date = 2026-08-23\n\
                 [[scheme.group]]\nid = 'a'\nbenefits = ['PCGC']\n\
                 [[scheme.group]]\nid = 'b'\nbenefits = ['UC']\n{limit}\n\
                 [benefits]\nfiles = ['b.csv']\n[[supplier]]\nid = 'n'\nfiles = ['n.csv']\n"
            );
            let job = Job::parse(&text, Path::new("")).unwrap();
            let (key, groups) = (RunKey::generate().unwrap(), GroupIndex::new(&job));
            let rows = || BenefitRows::new(&key, &groups, job.schemes[0].qualifying_date, &Arc::default());
            let settings = ReadSettings::default();
            let mut read = intake::read(&file, &BENEFITS, &ColumnMap::default(), &settings, &Unwatched, rows).unwrap();
            assert_eq!(read.consumers.remove(0).awards[0].income, kept);
        }
    }
}
