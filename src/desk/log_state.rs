//! Keeps what the rows of the log come to: the answers that stand on each account, and how many a day has.

use std::collections::HashMap;

use super::book::Key;
use crate::report::{EventKind, LogRow};

/// What the rows that were read so far say.
#[derive(Default)]
pub(super) struct LogState {
    accounts: HashMap<Key, Account>,
    /// By reviewer and day, how many answers stand.
    answered: HashMap<(String, String), u64>,
}

/// An answer that stands.
pub(super) struct Standing {
    pub(super) reviewer: String,
    pub(super) answer: String,
    pub(super) claim_ref: String,
    pub(super) at: String,
}

#[derive(Default)]
pub(super) struct Account {
    pub(super) answers: Vec<Standing>,
    /// It was decided since the job was matched.
    pub(super) is_decided: bool,
    /// The reviewers who answered it as a clear case.
    pub(super) clear: Vec<String>,
    pub(super) last_moment: Option<String>,
}

impl Account {
    /// Whether it waits for an answer of this reviewer.
    pub(super) fn is_open(&self, reviewer: &str, four_eyes: bool, today: &str) -> bool {
        if self.is_decided || self.clear.iter().any(|own| own == reviewer) {
            return false;
        }
        !self.answers.iter().any(|own| {
            own.reviewer == reviewer
                && (four_eyes && own.answer != "?" || own.answer == "?" && own.at.starts_with(today))
        })
    }

    /// The decided case is over, and the answers with it.
    fn begin_anew(&mut self) {
        (self.is_decided, self.answers) = (false, Vec::new());
    }
}

impl LogState {
    pub(super) fn get(&self, key: &Key) -> Option<&Account> {
        self.accounts.get(key)
    }

    pub(super) fn entry(&mut self, key: &Key) -> &mut Account {
        self.accounts.entry(key.clone()).or_default()
    }

    /// How many answers of a day stand: this reviewer's, and everybody's.
    pub(super) fn answered_on(&self, day: &str, reviewer: &str) -> (u64, u64) {
        let own = self.answered.get(&(reviewer.to_owned(), day.to_owned())).copied().unwrap_or(0);
        (own, self.answered.iter().filter(|((_, own), _)| own == day).map(|(_, count)| count).sum())
    }

    /// Every decided case is over.
    pub(super) fn begin_decided_anew(&mut self) {
        self.accounts.values_mut().filter(|account| account.is_decided).for_each(Account::begin_anew);
    }

    /// Enters a row. `is_live`: it was written after the job was matched.
    pub(super) fn note(&mut self, row: &LogRow, is_live: bool) {
        let account = self.accounts.entry(row.key_of().map(str::to_owned)).or_default();
        let day = row.at.get(..10).unwrap_or_default().to_owned();
        let count = self.answered.entry((row.reviewer.clone(), day)).or_default();
        match row.event {
            EventKind::Answer => {
                *count += 1;
                if account.is_decided && !is_live {
                    account.begin_anew();
                }
                account.answers.retain(|own| own.reviewer != row.reviewer);
                account.answers.push(Standing {
                    reviewer: row.reviewer.clone(),
                    answer: row.answer.clone(),
                    claim_ref: row.claim_ref.clone(),
                    at: row.at.clone(),
                });
            }
            EventKind::Clear => {
                *count += 1;
                account.clear.push(row.reviewer.clone());
            }
            EventKind::Decided => {
                account.last_moment = Some(row.at.clone());
                account.is_decided = true;
            }
            EventKind::Undo => {
                *count = count.saturating_sub(1);
                account.is_decided = false;
                account.answers.retain(|own| own.reviewer != row.reviewer);
                account.clear.retain(|own| own != &row.reviewer);
            }
        }
    }
}
