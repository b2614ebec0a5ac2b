//! Keeps the verdicts on all accounts until flags are written, packed into half the bytes.
//!
//! A nation has ten million accounts and more that resemble somebody, nearly all of them in nothing but a name. No person
//! stands behind such a verdict, the posterior that the holder is eligible is the certain one, and the best candidate is
//! as far ahead of somebody unknown as it is likely. So these have no room in a row, but in a list of the others.

use std::ops::Range;

use rayon::prelude::*;

use crate::matching::Levels;
use crate::scheme::{Reason, Verdict};

/// The verdict on one account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AccountVerdict {
    /// The account, by its place.
    pub(crate) account: u32,
    pub(crate) verdict: Verdict,
    /// The flag. It is final only after allocation.
    pub(crate) flag: bool,
    /// Its changed flag waits for a release day.
    pub(crate) waits: bool,
    /// Why the match alone flags it or not, before decisions, reports and allocation.
    pub(crate) by_match: Reason,
}

impl AccountVerdict {
    /// A row without a flag, of an account on which nothing but the match decided.
    pub(crate) fn unflagged(account: u32, verdict: Verdict) -> AccountVerdict {
        AccountVerdict { account, verdict, flag: false, waits: false, by_match: verdict.reason }
    }

    /// The verdict of the match alone, if no decision changed its claim.
    pub(crate) fn of_match(&self) -> Verdict {
        Verdict { reason: self.by_match, ..self.verdict }
    }

    /// Why the account has its flag, as `decisions.csv` names it.
    pub(crate) fn reason(&self) -> &'static str {
        if self.waits { "waits" } else { self.verdict.reason.name() }
    }
}

/// Verdicts on accounts, in the accounts' order.
#[derive(Debug, Default)]
pub(crate) struct VerdictRows {
    packed: Vec<Packed>,
    further: Vec<Further>,
}

/// Some verdicts on consecutive accounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'v> {
    packed: &'v [Packed],
    further: &'v [Further],
}

/// A row.
#[derive(Debug, Clone, Copy)]
struct Packed {
    account: u32,
    /// The claim or [`NONE`]; in a row with [`MORE`], the place of what there is more.
    claim: u32,
    posterior: f32,
    support: f32,
    levels: Levels,
    keys: u16,
    reason: Reason,
    by_match: Reason,
    group: u8,
    marks: u8,
}

const _: () = assert!(size_of::<Packed>() == 28, "at ten million rows a byte is ten megabytes");

/// What a row has no room for.
#[derive(Debug, Clone, Copy)]
struct Further {
    claim: u32,
    person: u32,
    certain: f32,
    lead: f32,
}

/// No claim, or no person: there are fewer than this.
const NONE: u32 = u32::MAX;

/// The marks of a row.
const FLAG: u8 = 1;
const WAITS: u8 = 1 << 1;
const ELIGIBLE_CANDIDATE: u8 = 1 << 2;
const GROUP: u8 = 1 << 3;
const LEVELS: u8 = 1 << 4;
const MORE: u8 = 1 << 5;

impl Packed {
    /// Packs a row that has nothing further; `None` if it has.
    fn new(row: &AccountVerdict) -> (Packed, Option<Further>) {
        let AccountVerdict { account, ref verdict, flag, waits, by_match } = *row;
        let Verdict {
            reason,
            group,
            claim,
            person,
            posterior,
            certain,
            support,
            lead,
            eligible_candidate,
            levels,
            keys,
        } = *verdict;
        let is_short = person.is_none() && same(certain, posterior) && same(lead, lead_alone(support));
        let marks = [
            (flag, FLAG),
            (waits, WAITS),
            (eligible_candidate, ELIGIBLE_CANDIDATE),
            (group.is_some(), GROUP),
            (levels.is_some(), LEVELS),
            (!is_short, MORE),
        ];
        let packed = Packed {
            account,
            claim: claim.unwrap_or(NONE),
            posterior,
            support,
            levels: levels.unwrap_or_default(),
            keys,
            reason,
            by_match,
            group: group.unwrap_or_default(),
            marks: marks.iter().filter(|(holds, _)| *holds).fold(0, |all, (_, mark)| all | mark),
        };
        let further = Further { claim: packed.claim, person: person.unwrap_or(NONE), certain, lead };
        (packed, (!is_short).then_some(further))
    }

    fn has(&self, mark: u8) -> bool {
        self.marks & mark != 0
    }

    fn unpacked(&self, further: &[Further]) -> AccountVerdict {
        let Packed { account, claim, posterior, support, levels, keys, reason, by_match, group, .. } = *self;
        let further = match self.has(MORE) {
            true => further[claim as usize],
            false => Further { claim, person: NONE, certain: posterior, lead: lead_alone(support) },
        };
        let some = |number: u32| (number != NONE).then_some(number);
        let verdict = Verdict {
            reason,
            group: self.has(GROUP).then_some(group),
            claim: some(further.claim),
            person: some(further.person),
            posterior,
            certain: further.certain,
            support,
            lead: further.lead,
            eligible_candidate: self.has(ELIGIBLE_CANDIDATE),
            levels: self.has(LEVELS).then_some(levels),
            keys,
        };
        AccountVerdict { account, verdict, flag: self.has(FLAG), waits: self.has(WAITS), by_match }
    }
}

/// How far the best candidate is ahead of somebody unknown, whose odds are 1; 0 if there is none.
fn lead_alone(support: f32) -> f32 {
    if support == f32::NEG_INFINITY { 0.0 } else { support }
}

/// Equal to the last bit.
fn same(one: f32, other: f32) -> bool {
    one.to_bits() == other.to_bits()
}

impl VerdictRows {
    /// Adds the row of an account that comes after all others.
    pub(crate) fn push(&mut self, row: &AccountVerdict) {
        let (packed, further) = Packed::new(row);
        self.packed.push(self.with_place(packed, further.is_some()));
        self.further.extend(further);
    }

    /// The row, with the place at which the next further entry will be, if it has one.
    fn with_place(&self, packed: Packed, has_further: bool) -> Packed {
        let claim = if has_further { self.further.len() as u32 } else { packed.claim };
        Packed { claim, ..packed }
    }

    /// Joins the rows of accounts in order.
    pub(crate) fn joined(parts: Vec<VerdictRows>) -> VerdictRows {
        let mut all = VerdictRows {
            packed: Vec::with_capacity(parts.iter().map(|part| part.packed.len()).sum()),
            further: Vec::with_capacity(parts.iter().map(|part| part.further.len()).sum()),
        };
        for VerdictRows { packed, further } in parts {
            let before = all.further.len() as u32;
            all.packed.extend(packed.into_iter().map(|mut row| {
                row.claim += if row.has(MORE) { before } else { 0 };
                row
            }));
            all.further.extend(further);
        }
        all
    }

    /// Adds rows of accounts that have none.
    pub(crate) fn add(&mut self, rows: impl Iterator<Item = AccountVerdict>) {
        rows.for_each(|row| self.push(&row));
        self.packed.sort_by_key(|row| row.account);
    }

    /// All rows.
    pub(crate) fn all(&self) -> Rows<'_> {
        Rows { packed: &self.packed, further: &self.further }
    }

    /// Replaces the row at a place by another of the same account.
    pub(crate) fn set(&mut self, place: usize, row: &AccountVerdict) {
        let old = self.packed[place];
        debug_assert_eq!(old.account, row.account);
        self.packed[place] = match Packed::new(row) {
            (packed, Some(further)) if old.has(MORE) => {
                self.further[old.claim as usize] = further;
                Packed { claim: old.claim, ..packed }
            }
            (packed, further) => {
                let packed = self.with_place(packed, further.is_some());
                self.further.extend(further);
                packed
            }
        };
    }
}

impl<'v> Rows<'v> {
    pub(crate) fn len(self) -> usize {
        self.packed.len()
    }

    /// The row at a place.
    pub(crate) fn at(self, place: usize) -> AccountVerdict {
        self.packed[place].unpacked(self.further)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = AccountVerdict> + Clone + use<'v> {
        self.packed.iter().map(move |row| row.unpacked(self.further))
    }

    pub(crate) fn par_iter(self) -> impl IndexedParallelIterator<Item = AccountVerdict> + use<'v> {
        self.packed.par_iter().map(move |row| row.unpacked(self.further))
    }

    /// The rows in pieces of so many.
    pub(crate) fn par_chunks(self, most: usize) -> impl IndexedParallelIterator<Item = Rows<'v>> + use<'v> {
        self.packed.par_chunks(most).map(move |packed| Rows { packed, ..self })
    }

    /// The rows of consecutive accounts.
    pub(crate) fn among(self, accounts: Range<usize>) -> Rows<'v> {
        let place = |account: usize| self.packed.partition_point(|row| (row.account as usize) < account);
        Rows { packed: &self.packed[place(accounts.start)..place(accounts.end)], ..self }
    }

    /// The row of an account, if it has one.
    pub(crate) fn find(self, account: u32) -> Option<AccountVerdict> {
        self.packed.binary_search_by_key(&account, |row| row.account).ok().map(|place| self.at(place))
    }

    /// The account of the row at a place.
    pub(crate) fn account(self, place: usize) -> u32 {
        self.packed[place].account
    }

    /// The accounts of the rows.
    pub(crate) fn accounts(self) -> impl Iterator<Item = u32> + Clone + use<'v> {
        self.packed.iter().map(|row| row.account)
    }

    /// The accounts that are flagged, in order.
    pub(crate) fn flagged(self) -> impl Iterator<Item = u32> + use<'v> {
        self.packed.iter().filter(|row| row.has(FLAG)).map(|row| row.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_odds() -> impl Strategy<Value = f32> {
        prop::sample::select(vec![f32::NEG_INFINITY, -31.5, -0.0, 0.0, 0.25, 0.5, 17.0])
    }

    prop_compose! {
        fn any_row()(
            reasons in prop::array::uniform2(prop::sample::select(Reason::ALL)),
            marks in any::<[bool; 3]>(),
            odds in prop::array::uniform4(any_odds()),
            (group, claim, person) in any::<(Option<u8>, Option<u32>, Option<u32>)>(),
            bits in prop::option::of(any::<u64>()),
            keys in any::<u16>(),
        ) -> AccountVerdict {
            let [posterior, certain, support, lead] = odds;
            let [flag, waits, eligible_candidate] = marks;
            let some = |number: Option<u32>| number.map(|number| number / 2);
            let verdict = Verdict {
                reason: reasons[0],
                group,
                claim: some(claim),
                person: some(person),
                posterior,
                certain,
                support,
                lead,
                eligible_candidate,
                levels: bits.map(Levels::from_bits),
                keys,
            };
            AccountVerdict { account: 0, verdict, flag, waits, by_match: reasons[1] }
        }
    }

    /// Rows of accounts that leave gaps.
    fn numbered(rows: Vec<AccountVerdict>) -> Vec<AccountVerdict> {
        (0..).step_by(3).zip(rows).map(|(account, row)| AccountVerdict { account, ..row }).collect()
    }

    proptest! {
        #[test]
        fn rows_come_out_as_they_went_in_joined_replaced_or_added(
            rows in prop::collection::vec(any_row(), 0..40),
            others in prop::collection::vec(any_row(), 40),
            cut in 0_usize..40,
        ) {
            let mut rows = numbered(rows);
            let parts = rows.chunks(cut + 1).map(|some| {
                let mut part = VerdictRows::default();
                some.iter().for_each(|row| part.push(row));
                part
            });
            let mut kept = VerdictRows::joined(parts.collect());
            // To the last bit: -0.0 equals 0.0.
            prop_assert_eq!(format!("{:?}", kept.all().iter().collect::<Vec<_>>()), format!("{rows:?}"));
            for (place, (row, other)) in rows.iter_mut().zip(others).enumerate().skip(cut / 2) {
                *row = AccountVerdict { account: row.account, ..other };
                kept.set(place, row);
            }
            prop_assert!(kept.all().iter().eq(rows.iter().copied()));
            let more = numbered(rows.clone()).into_iter().map(|row| AccountVerdict { account: row.account + 1, ..row });
            rows.extend(more.clone());
            rows.sort_by_key(|row| row.account);
            kept.add(more);
            let all = kept.all();
            prop_assert!(all.iter().eq(rows.iter().copied()));
            prop_assert_eq!(all.par_iter().collect::<Vec<_>>(), rows.clone());
            let chunks: Vec<Vec<AccountVerdict>> = all.par_chunks(cut + 1).map(|some| some.iter().collect()).collect();
            prop_assert_eq!(chunks.concat(), rows.clone());
            prop_assert!(all.accounts().eq(rows.iter().map(|row| row.account)));
            prop_assert!(all.flagged().eq(rows.iter().filter(|row| row.flag).map(|row| row.account)));
            for (place, row) in rows.iter().enumerate() {
                prop_assert_eq!((all.find(row.account), all.at(place)), (Some(*row), *row));
                prop_assert_eq!(all.account(place), row.account);
            }
            let of_some = rows.iter().filter(|row| (cut..2 * cut).contains(&(row.account as usize)));
            prop_assert!(all.among(cut..2 * cut).iter().eq(of_some.copied()));
        }
    }

    /// What most accounts with a candidate are takes no entry beside its row.
    #[test]
    fn an_improbable_account_has_nothing_further() {
        let levels = Some(Levels::from_bits(7));
        let improbable = Verdict {
            levels,
            support: -9.5,
            lead: -9.5,
            posterior: 0.01,
            certain: 0.01,
            ..Verdict::without_candidate(Reason::Improbable)
        };
        for (verdict, is_short) in [
            (improbable, true),
            (Verdict { claim: Some(5), group: Some(0), ..improbable }, true),
            (Verdict::without_candidate(Reason::NotFound), true),
            (Verdict { person: Some(5), ..improbable }, false),
            (Verdict { certain: 0.0, ..improbable }, false),
            (Verdict { lead: -9.0, ..improbable }, false),
        ] {
            let mut kept = VerdictRows::default();
            kept.push(&AccountVerdict::unflagged(3, verdict));
            assert_eq!(kept.further.is_empty(), is_short, "{verdict:?}");
        }
    }
}
