//! Keeps what the rows of the log come to: the answers that stand on each account, and how many a day has.

use std::collections::{BTreeSet, HashMap};

use super::book::Key;
use super::error::NotTaken;
use crate::report::{EventKind, LogRow};

/// What the rows that were read so far say.
#[derive(Default)]
pub(super) struct LogState {
    accounts: HashMap<Key, Account>,
    /// By reviewer and day, the accounts on which answers stand.
    answered: HashMap<(String, String), BTreeSet<Key>>,
}

/// An answer that stands.
pub(super) struct Standing {
    pub(super) reviewer: String,
    pub(super) answer: String,
    pub(super) claim_ref: String,
    /// The reason's code.
    pub(super) reason: String,
    pub(super) at: String,
}

impl Standing {
    fn new(row: &LogRow) -> Standing {
        let LogRow { reviewer, answer, claim_ref, reason, at, .. } = row.clone();
        Standing { reviewer, answer, claim_ref, reason, at }
    }
}

#[derive(Default)]
pub(super) struct Account {
    pub(super) answers: Vec<Standing>,
    /// It was decided since the job was matched.
    pub(super) is_decided: bool,
    /// The answers to it as a clear case.
    clear: Vec<Standing>,
    pub(super) last_moment: Option<String>,
}

impl Account {
    /// Whether it waits for an answer of this reviewer.
    pub(super) fn is_open(&self, reviewer: &str, four_eyes: bool, today: &str) -> bool {
        if self.is_decided || self.clear.iter().any(|own| own.reviewer == reviewer) {
            return false;
        }
        !self.answers.iter().any(|own| {
            own.reviewer == reviewer
                && (four_eyes && own.answer != "?" || own.answer == "?" && own.at.starts_with(today))
        })
    }

    /// Refuses an answer, where it is a first one: the account is answered, also if this reviewer did so in another tab.
    pub(super) fn takes(&self, reviewer: &str, is_clear: bool, four_eyes: bool, today: &str) -> Result<(), NotTaken> {
        let own = self.answers.iter().find(|own| own.reviewer == reviewer);
        let own = own.map(|own| (&*own.answer, self.is_decided, own.at.starts_with(today)));
        // A clear case says what any other would.
        let clear = self.clear.iter().find(|own| own.reviewer == reviewer);
        let clear = clear.map(|own| (&*own.answer, !four_eyes, true));
        match if is_clear { clear } else { own } {
            Some(("?", false, true)) => Err(NotTaken::PutAside),
            Some(("?", true, true)) if is_clear => Err(NotTaken::PutAside),
            Some(("Y" | "N", true, _)) => Err(NotTaken::OwnDecision),
            Some(("Y" | "N", false, _)) if four_eyes => Err(NotTaken::AnsweredAlready),
            _ if self.is_decided => Err(NotTaken::DecidedMeanwhile),
            _ => Ok(()),
        }
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

    /// The accounts on which answers of a day stand: this reviewer's, and everybody's.
    pub(super) fn answered_on(&self, day: &str, reviewer: &str) -> (Vec<&Key>, Vec<&Key>) {
        let of_day = self.answered.iter().filter(|((_, own), _)| own == day);
        let own = of_day.clone().filter(|((own, _), _)| own == reviewer).flat_map(|(_, keys)| keys);
        (own.collect(), of_day.flat_map(|(_, keys)| keys).collect())
    }

    /// The answers of a day that decided nothing yet, each with its account and whether it is on a clear case.
    pub(super) fn waiting(&self, day: &str) -> impl Iterator<Item = (&Key, &Standing, bool)> {
        self.accounts.iter().filter(|(_, account)| !account.is_decided).flat_map(move |(key, account)| {
            let answers =
                account.answers.iter().map(|own| (own, false)).chain(account.clear.iter().map(|own| (own, true)));
            answers.filter(move |(own, _)| own.at.starts_with(day)).map(move |(own, is_clear)| (key, own, is_clear))
        })
    }

    /// Every decided case is over.
    pub(super) fn begin_decided_anew(&mut self) {
        self.accounts.values_mut().filter(|account| account.is_decided).for_each(Account::begin_anew);
    }

    /// Enters a row. `is_live`: it was written after the job was matched.
    pub(super) fn note(&mut self, row: &LogRow, is_live: bool) {
        let account = self.accounts.entry(row.key_of().map(str::to_owned)).or_default();
        let day = row.at.get(..10).unwrap_or_default().to_owned();
        let answered = self.answered.entry((row.reviewer.clone(), day)).or_default();
        let key = row.key_of().map(str::to_owned);
        match row.event {
            EventKind::Answer => {
                answered.insert(key);
                if account.is_decided && !is_live {
                    account.begin_anew();
                }
                account.answers.retain(|own| own.reviewer != row.reviewer);
                account.answers.push(Standing::new(row));
            }
            EventKind::Clear => {
                answered.insert(key);
                account.clear.push(Standing::new(row));
            }
            EventKind::Decided => {
                account.last_moment = Some(row.at.clone());
                account.is_decided = true;
            }
            EventKind::Undo => {
                answered.remove(&key);
                account.is_decided = false;
                account.answers.retain(|own| own.reviewer != row.reviewer);
                account.clear.retain(|own| own.reviewer != row.reviewer);
            }
        }
    }
}
