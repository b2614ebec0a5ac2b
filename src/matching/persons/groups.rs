//! The members of each group, by the group's number.

use crate::memory;

/// The numbers of each group's members, in order.
pub(super) struct Groups {
    members: Vec<u32>,
    ends: Vec<u32>,
}

impl Groups {
    pub(super) fn new(group_of: &[u32], groups: usize) -> Groups {
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

    pub(super) fn count(&self) -> usize {
        self.ends.len() - 1
    }

    pub(super) fn of_group(&self, group: usize) -> &[u32] {
        &self.members[self.ends[group] as usize..self.ends[group + 1] as usize]
    }
}
