//! The members of each group, by the group's number, and the group of each member.
//!
//! Most groups have one member, and a nation has ten million of them: such a group is its member's number, and if all are
//! so, groups and members have the same numbers.

use std::sync::Arc;

use crate::memory;

/// Groups, numbered by their first members.
#[derive(Clone)]
pub(super) struct Groups {
    /// By member. Shared, since a nation in which each row is a person and a claim has the same list twice.
    group_of: Arc<Vec<u32>>,
    /// By group: its only member, or [`LISTED`] and where it is in the lists. `None` if each member is a group.
    groups: Option<Vec<u32>>,
    /// The number of members and the members, in order, of each group of several.
    lists: Vec<u32>,
}

/// Added to the place of a list. There are fewer members than this, and fewer entries of lists.
const LISTED: u32 = 1 << 31;

impl Groups {
    /// Lists the members of so many groups.
    pub(super) fn new(group_of: Vec<u32>, groups: usize) -> Groups {
        if groups == group_of.len() {
            return Groups { group_of: Arc::new(group_of), groups: None, lists: Vec::new() };
        }
        let mut by_group = memory::untouched_zeros::<u32>(groups);
        for &group in &group_of {
            by_group[group as usize] += 1;
        }
        let mut room = 0;
        for entry in by_group.iter_mut().filter(|count| **count > 1) {
            let members = *entry;
            *entry = LISTED | room;
            room += 1 + members;
        }
        let mut lists = memory::untouched_zeros::<u32>(room as usize);
        for (member, &group) in (0..).zip(&group_of) {
            let entry = &mut by_group[group as usize];
            if *entry & LISTED == 0 {
                *entry = member;
            } else {
                let list = &mut lists[(*entry & !LISTED) as usize..];
                list[0] += 1;
                list[list[0] as usize] = member;
            }
        }
        Groups { group_of: Arc::new(group_of), groups: Some(by_group), lists }
    }

    /// How many groups there are.
    pub(super) fn count(&self) -> usize {
        self.by_group().len()
    }

    /// Whether each member is a group, of the same number.
    pub(super) fn are_alone(&self) -> bool {
        self.groups.is_none()
    }

    /// The group of a member.
    pub(super) fn group_of(&self, member: u32) -> u32 {
        self.group_of[member as usize]
    }

    /// The members of a group, in order.
    pub(super) fn of_group(&self, group: usize) -> &[u32] {
        let entry = &self.by_group()[group..=group];
        if entry[0] & LISTED == 0 {
            return entry;
        }
        let place = (entry[0] & !LISTED) as usize;
        &self.lists[place + 1..][..self.lists[place] as usize]
    }

    fn by_group(&self) -> &[u32] {
        self.groups.as_deref().unwrap_or(&self.group_of)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sets::tests::joined_plainly;
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        /// Few pairs leave most members alone, none all of them.
        #[test]
        fn each_group_has_its_members_in_order(pairs in vec((0_u32..40, 0_u32..40), 0..12)) {
            let group_of = joined_plainly(40, &pairs);
            let count = *group_of.iter().max().unwrap() as usize + 1;
            let groups = Groups::new(group_of.clone(), count);
            prop_assert_eq!(groups.count(), count);
            for group in 0..count {
                let members = (0_u32..40).filter(|member| group_of[*member as usize] as usize == group);
                prop_assert_eq!(groups.of_group(group), members.collect::<Vec<_>>());
            }
            prop_assert!((0..40).all(|member| groups.group_of(member) == group_of[member as usize]));
        }
    }
}
