//! Keeps the award of each benefit row: its dates and income, and the groups of schemes that its benefit counts
//! for.

use super::conditions;
use crate::date::Date;
use crate::job::Job;
use crate::parts::Parts;

/// A set of groups of all schemes of a job, one bit each.
pub(crate) type GroupSet = u64;

/// Gives each group of each scheme of a job its bit.
pub(crate) struct GroupIndex {
    /// Benefit codes in capitals, with the groups they count for.
    benefits: Vec<(String, GroupSet)>,
    /// The first bit of each scheme.
    first: Vec<u32>,
    /// Some group has a condition on the income.
    asks_for_income: bool,
}

impl GroupIndex {
    pub(crate) fn new(job: &Job) -> GroupIndex {
        let mut benefits: Vec<(String, GroupSet)> = Vec::new();
        let mut first = Vec::new();
        let mut bit = 0;
        for scheme in &job.schemes {
            first.push(bit);
            for group in &scheme.groups {
                for benefit in &group.benefits {
                    let code = benefit.trim().to_uppercase();
                    match benefits.iter_mut().find(|(other, _)| *other == code) {
                        Some((_, set)) => *set |= 1 << bit,
                        None => benefits.push((code, 1 << bit)),
                    }
                }
                bit += 1;
            }
        }
        let mut groups = job.schemes.iter().flat_map(|scheme| &scheme.groups);
        GroupIndex { benefits, first, asks_for_income: groups.any(conditions::asks_for_income) }
    }

    /// Some group has a condition on the income; if none has, no income is kept.
    pub(crate) fn asks_for_income(&self) -> bool {
        self.asks_for_income
    }

    /// The place of a benefit among those that groups name; upper and lower case are the same.
    pub(crate) fn place_of(&self, benefit: &str) -> Option<usize> {
        let benefit = benefit.trim();
        self.benefits.iter().position(|(code, _)| code.eq_ignore_ascii_case(benefit))
    }

    /// The groups that the benefit of a place counts for.
    pub(crate) fn groups_at(&self, place: usize) -> GroupSet {
        self.benefits[place].1
    }

    /// The benefits that groups name, in capitals, in the order of their places.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        self.benefits.iter().map(|(code, _)| code.as_str())
    }

    /// The bit of a group, by the places of the scheme in the job and of the group in the scheme.
    pub(super) fn bit(&self, scheme: usize, group: usize) -> GroupSet {
        1 << (self.first[scheme] + group as u32)
    }
}

/// The award that one benefit row states.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Award {
    /// The groups that the benefit counts for.
    pub(crate) groups: GroupSet,
    /// The first day; `None` if it is unbounded.
    pub(crate) start: Option<Date>,
    /// The last day; `None` if the award is still open.
    pub(crate) end: Option<Date>,
    /// Pounds a year; `None` if not stated.
    pub(crate) income: Option<f64>,
}

impl Award {
    /// The award is open on a day; both its first and its last day count.
    pub(crate) fn is_open_on(&self, day: Date) -> bool {
        self.start.is_none_or(|start| start <= day) && self.end.is_none_or(|end| day <= end)
    }
}

/// The awards of all benefit rows, in the rows' order.
pub(crate) struct Awards {
    awards: Parts<Vec<Award>>,
}

impl Awards {
    /// The awards of several parts of files, in order.
    pub(crate) fn new(parts: Vec<Vec<Award>>) -> Awards {
        Awards { awards: Parts::of_lists(parts) }
    }

    pub(crate) fn of_row(&self, row: u32) -> &Award {
        self.awards.get(row)
    }
}
