//! Rows of benefit files to persons and awards.

use crate::date::Date;
use crate::intake::{Column, Consumer, Faults, Reason, Row};
use crate::matching::{BenefitPerson, BenefitPersons, Role, RunKey};
use crate::night::identity;
use crate::normalise::Identity;
use crate::scheme::{Award, Awards, GroupIndex};

/// The role of a row's person in the claim; none stated means claimant.
pub(super) fn role(row: &Row<'_>, faults: &mut Faults) -> Role {
    match row.get(Column::Role).trim() {
        "" => Role::Claimant,
        role if role.eq_ignore_ascii_case("claimant") => Role::Claimant,
        role if role.eq_ignore_ascii_case("partner") => Role::Partner,
        _ => {
            faults.note(Column::Role, Reason::UnknownRole);
            Role::Claimant
        }
    }
}

/// Takes the rows of a part of a benefit file.
pub(super) struct BenefitRows<'a> {
    key: &'a RunKey,
    groups: &'a GroupIndex,
    latest_birth: Date,
    pub(super) persons: BenefitPersons,
    pub(super) awards: Awards,
}

impl<'a> BenefitRows<'a> {
    pub(super) fn new(key: &'a RunKey, groups: &'a GroupIndex, latest_birth: Date) -> BenefitRows<'a> {
        BenefitRows { key, groups, latest_birth, persons: BenefitPersons::default(), awards: Awards::default() }
    }
}

impl Consumer for BenefitRows<'_> {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        let Some(claim_ref) = row.reference(Column::ClaimRef) else {
            faults.reject(Reason::NoReference);
            return;
        };
        let role = role(row, faults);
        let identity = Identity {
            name: identity::named(row).people.into_iter().next().unwrap_or_default(),
            birth_date: identity::born(row, Column::DateOfBirth, self.latest_birth, faults),
            home: identity::home(row, faults),
        };
        self.awards.push(Award {
            groups: self.groups.groups_of(row.get(Column::Benefit)),
            start: identity::date(row, Column::AwardStart, faults),
            end: identity::date(row, Column::AwardEnd, faults),
            income: identity::number(row, Column::Income, faults),
        });
        let person_ref = row.reference(Column::PersonRef).unwrap_or_default();
        self.persons.push(self.key, &BenefitPerson { claim_ref, person_ref, role, identity: &identity });
    }

    fn finish(&mut self) {
        self.persons.finish(self.key);
    }
}
