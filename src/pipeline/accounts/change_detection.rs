//! Compares a supplier's rows with its last delivery.
//!
//! It finds accounts that are new or edited, counts signs of probing, and makes the edit fingerprints that the
//! next run compares with.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use foldhash::quality::FixedState;
use rayon::prelude::*;

use crate::job::{Job, Probing};
use crate::normalise::View;
use crate::pipeline::accounts::duplicate_holders::{DuplicateHolders, Seen};
use crate::pipeline::accounts::grouping::Accounts;
use crate::pipeline::accounts::row_fingerprint::mark;
use crate::pipeline::error::PipelineError;
use crate::release::run_record::{NewLine, ProbingLine, SinceLine};
use crate::release::{EditFingerprints, Published};

/// What to detect, and the published runs to compare with.
#[derive(Clone, Copy)]
pub(crate) struct DetectionInputs<'a> {
    /// Settings for probing, if the job asks.
    pub(crate) probing: Option<&'a Probing>,
    pub(crate) published: Option<&'a Published>,
}

/// Detects changes in one supplier's rows.
pub(crate) struct ChangeDetector<'a> {
    /// Settings for probing, if the job asks.
    probing: Option<&'a Probing>,
    supplier: &'a str,
    published: Option<&'a Published>,
    last: Option<EditFingerprints>,
    seed: u64,
    marks: FixedState,
    /// For hashes that never leave the process.
    hasher: RandomState,
}

/// What was detected for a supplier.
pub(crate) struct DetectedChanges {
    /// `None` if the job does not look for probing.
    seen: Option<Seen>,
    since: Option<Since>,
    /// Fingerprints for the next run to compare with.
    pub(crate) marks: EditFingerprints,
}

/// Differences from the last delivery.
struct Since {
    compared: u64,
    edited: u64,
    edited_again: u64,
    /// Accounts that the last delivery does not have, in order.
    new: Vec<u32>,
    /// New accounts, and accounts whose rows visibly changed, in order.
    fresh: Vec<u32>,
}

impl<'a> ChangeDetector<'a> {
    pub(crate) fn new(
        DetectionInputs { probing, published }: DetectionInputs<'a>,
        supplier: &'a str,
    ) -> Result<ChangeDetector<'a>, PipelineError> {
        let last = published.map(|published| published.edit_fingerprints(supplier)).transpose()?.flatten();
        let seed = match &last {
            Some(marks) => marks.seed,
            None => getrandom::u64().map_err(PipelineError::NoKey)?,
        };
        let marks = FixedState::with_seed(seed);
        Ok(ChangeDetector { probing, supplier, published, last, seed, marks, hasher: RandomState::default() })
    }

    /// Takes in a row that is on supply, and returns its fingerprint.
    pub(crate) fn see(&self, customer_ref: &str, holders: &[View<'_>], duplicates: &mut DuplicateHolders) -> u8 {
        if self.probing.is_some() {
            duplicates.push(&self.hasher, customer_ref, holders);
        }
        mark(&self.marks, customer_ref, holders)
    }

    /// Compares tonight's accounts with those of the last delivery.
    pub(crate) fn look(
        self,
        accounts: &Accounts,
        duplicates: DuplicateHolders,
    ) -> Result<DetectedChanges, PipelineError> {
        let seen = self.probing.map(|settings| duplicates.count(settings.surnames));
        let hash = |customer_ref: &str| self.hasher.hash_one(customer_ref);
        let mut known: HashMap<u64, u8, RandomState> = HashMap::default();
        let mut remembered = self.last.iter().flat_map(|marks| &marks.of_accounts);
        let take = |customer_ref: &str| {
            known.insert(hash(customer_ref), remembered.next().copied().unwrap_or(0));
        };
        let before = self.published.map(|published| published.accounts(self.supplier, take)).transpose()?.flatten();
        let comparable = self.last.as_ref().is_some_and(|marks| !marks.is_of_other_version);
        let looked: Vec<Account> = (0..accounts.count())
            .into_par_iter()
            .map(|number| {
                let account = accounts.at(number);
                let before = known.get(&hash(account.reference())).copied();
                Account::compare(account.mark(), before, comparable)
            })
            .collect();
        let since = before.map(|_| {
            let count =
                |which: &dyn Fn(&Account) -> bool| looked.iter().filter(|account| which(account)).count() as u64;
            let nights = self.probing.map_or(u32::MAX, |settings| settings.edited_nights);
            let again = |account: &Account| account.edited && account.edits >= nights;
            let which = |which: fn(&Account) -> bool| {
                (0..).zip(&looked).filter(|(_, account)| which(account)).map(|(number, _)| number).collect()
            };
            Since {
                compared: count(&|account| account.compared),
                edited: count(&|account| account.edited),
                edited_again: count(&again),
                new: which(|account| account.is_new),
                fresh: which(|account| account.is_fresh),
            }
        });
        let of_accounts = looked.into_iter().map(|account| account.remembered).collect();
        let marks = EditFingerprints { seed: self.seed, is_of_other_version: false, of_accounts };
        Ok(DetectedChanges { seen, since, marks })
    }
}

/// What was detected for one account.
struct Account {
    is_new: bool,
    /// It is new, or its rows visibly changed since the last delivery.
    is_fresh: bool,
    compared: bool,
    /// Its rows changed, or it is back on supply after a few runs.
    edited: bool,
    /// In how many of the last five runs, tonight included, it was edited or went off supply.
    edits: u32,
    remembered: u8,
}

impl Account {
    fn compare(mark: u8, before: Option<u8>, comparable: bool) -> Account {
        let last = before.unwrap_or(0);
        let (mark_before, history) = (last & 15, last >> 4);
        let is_other = comparable && mark > 0 && mark_before > 0 && mark != mark_before;
        // The account was off supply then and is on supply now. If that took few runs, somebody may have set
        // supply dates to and fro to see what becomes of the flag: such an account does not get its flag any
        // sooner.
        let came = comparable && mark > 0 && before.is_some() && mark_before == 0;
        let came_back = came && history > 0;
        let left = comparable && mark == 0 && mark_before > 0;
        let nights = if comparable { history << 1 | u8::from(is_other || came_back || left) } else { 0 };
        Account {
            is_new: before.is_none(),
            is_fresh: before.is_none() || is_other || came && !came_back,
            compared: comparable && mark > 0 && (mark_before > 0 || came_back),
            edited: is_other || came_back,
            edits: nights.count_ones(),
            remembered: (nights & 15) << 4 | mark,
        }
    }
}

impl DetectedChanges {
    /// Takes out the accounts that are new or visibly changed since the last delivery, in order. `None` if
    /// there is no last delivery.
    pub(crate) fn fresh(&mut self) -> Option<Vec<u32>> {
        self.since.as_mut().map(|since| std::mem::take(&mut since.fresh))
    }

    /// The figures for detecting probing, once the accounts are judged.
    /// `flagged` has the accounts that the match flags, in order, by scheme; `None` if the supplier does not take part.
    pub(crate) fn figures(&self, job: &Job, accounts: &Accounts, flagged: &[Option<Vec<u32>>]) -> Option<ProbingLine> {
        let Seen { holders, same_birth_date, same_home, crowded } = self.seen?;
        let on_supply = |some: &[u32]| {
            some.iter().filter(|account| accounts.at(**account as usize).on_supply() != 0).count() as u64
        };
        let since = self.since.as_ref().map(|since| {
            let schemes = job.schemes.iter().zip(flagged).enumerate();
            let new = schemes.filter_map(|(place, (scheme, flagged))| {
                let flagged = flagged.as_ref()?;
                let on_supply = since.new.iter().filter(|account| accounts.at(**account as usize).is_on_supply(place));
                let matched = flagged.iter().filter(|account| since.new.binary_search(account).is_ok());
                let (on_supply, matched) = (on_supply.count() as u64, matched.count() as u64);
                Some(NewLine { scheme: scheme.id.clone(), on_supply, matched })
            });
            SinceLine {
                new_accounts: on_supply(&since.new),
                compared: since.compared,
                edited: since.edited,
                edited_again: since.edited_again,
                new: new.collect(),
            }
        });
        Some(ProbingLine { holders, same_birth_date, same_home, crowded, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::Date;
    use crate::normalise::Identity;
    use crate::pipeline::accounts::row_fingerprint::mark_of_rows;
    use crate::text::Word;

    fn holder(surname: &str, day: u32) -> Identity {
        let mut holder = Identity { birth_date: Date::new(1950, 1, day), ..Identity::default() };
        holder.name.family.push(Word::new(surname));
        holder
    }

    /// There are fifteen fingerprints, each about as frequent as any other. A change of any field changes
    /// nearly all of them, and two accounts of one person have the same one only by chance.
    #[test]
    fn a_mark_shows_an_edit_and_next_to_nothing_of_what_it_is_of() {
        let hasher = FixedState::with_seed(7);
        let mut often = [0; 16];
        let (mut edits_seen, mut alike) = (0, 0);
        for number in 0..3_000 {
            let reference = format!("REF-{number}");
            let before = mark(&hasher, &reference, &[holder("YARBOROUGH", 1).view()]);
            often[usize::from(before)] += 1;
            assert_eq!(before, mark(&hasher, &reference, &[holder("YARBOROUGH", 1).view()]));
            edits_seen += usize::from(before != mark(&hasher, &reference, &[holder("YARBOROUGH", 2).view()]));
            alike += usize::from(before == mark(&hasher, &format!("REF+{number}"), &[holder("YARBOROUGH", 1).view()]));
        }
        assert_eq!(often[0], 0);
        // 200 of 3,000 each, give or take five standard deviations.
        assert!(often[1..].iter().all(|often| (130..=270).contains(often)), "{often:?}");
        assert!(edits_seen > 2_700, "14 of 15 are 2,800: {edits_seen}");
        assert!((130..=270).contains(&alike), "one of 15 by chance: {alike}");
    }

    #[test]
    fn rows_make_one_mark_in_any_order_and_none_on_supply_make_none() {
        assert_eq!(mark_of_rows([3, 0, 9].into_iter()), mark_of_rows([9, 3].into_iter()));
        assert_eq!(mark_of_rows([4].into_iter()), 4);
        assert_eq!(mark_of_rows([0, 0].into_iter()), 0);
        let [lee, ray] = [holder("LEE", 1), holder("RAY", 2)];
        let two_people = [lee.view(), ray.view()];
        let turned = [ray.view(), lee.view()];
        let hasher = FixedState::with_seed(1);
        assert_eq!(mark(&hasher, "A", &two_people), mark(&hasher, "A", &turned));
    }

    /// The fingerprints of consecutive runs, 0 if the account is not on supply.
    #[test]
    fn edits_are_counted_over_five_nights() {
        for (marks, edits) in [
            (&[1, 1, 1, 1][..], 0),
            (&[1, 2, 3, 4], 3),
            (&[1, 2, 2, 3], 2),
            (&[1, 0], 1),
            (&[1, 0, 1], 2),
            (&[1, 0, 1, 0, 1], 4),
            (&[1, 2, 0, 3], 3),
            // Back after more than four runs: the holder moved out and in again.
            (&[1, 0, 0, 0, 0, 0, 1], 0),
            (&[0, 0, 1], 0),
            (&[1, 2, 3, 4, 5, 6, 7, 8], 5),
            (&[1, 2, 2, 2, 2, 2, 3], 1),
        ] {
            let mut state = None;
            let mut last = None;
            for mark in marks {
                let account = Account::compare(*mark, state, true);
                assert_eq!(account.is_new, state.is_none());
                state = Some(account.remembered);
                last = Some(account);
            }
            assert_eq!(last.unwrap().edits, edits, "{marks:?}");
        }
        let other_version = Account::compare(2, Some(1), false);
        assert!(!other_version.edited && !other_version.compared && !other_version.is_new);
    }

    /// Tonight's fingerprint, and that of the last delivery.
    #[test]
    fn an_account_is_fresh_if_it_is_new_or_its_rows_are_seen_to_be_others() {
        for (mark, before, comparable, is_fresh) in [
            (5, None, true, true),
            (0, None, true, true),
            (5, Some(5), true, false),
            (5, Some(6), true, true),
            (5, Some(0), true, true),
            (5, Some(1 << 4), true, false),
            (0, Some(5), true, false),
            (0, Some(0), true, false),
            // If the fingerprints cannot be compared, the account counts as unchanged.
            (5, Some(6), false, false),
            (5, Some(0), false, false),
            (5, None, false, true),
        ] {
            assert_eq!(Account::compare(mark, before, comparable).is_fresh, is_fresh, "{mark} {before:?} {comparable}");
        }
    }
}
