//! Takes answers: writes decisions and the log, and knows what is decided, confirmed, put aside and undone.
//!
//! A decision is written into the decisions file first and into the log second, both durably, and only then confirmed to
//! the reviewer. Killed between the two, the next start finds the decision in the decisions file, as a run does.

use std::path::Path;

use jiff::civil::DateTime;

use super::answer::{Answer, AnswerReason};
use super::decisions_file::{DecisionsFile, Gave};
use super::error::{DeskError, NotTaken};
use super::log::Log;
use super::log_state::{Account, LogState, Standing};
use crate::job::Job;
use crate::pipeline::casework::Clear;
use crate::pipeline::casework::view::Bound;
use crate::report::{EventKind, LogRow};

/// An account in a scheme: supplier, reference, scheme.
pub(super) type Key = [String; 3];

/// A case, and an account in it.
pub(super) type Place = (usize, usize);

/// An answer that is given.
pub(super) struct Given<'a> {
    pub(super) reviewer: &'a str,
    pub(super) key: &'a Key,
    /// Where the page shows the account.
    pub(super) place: Place,
    pub(super) answer: Answer,
    pub(super) bound: &'a Bound,
    pub(super) reason: AnswerReason,
    /// What the reviewer typed, and what the decisions file says as the reason.
    pub(super) words: &'a str,
    pub(super) written: &'a str,
    /// The person who was shown, by their number in the match.
    pub(super) person: Option<u32>,
    /// The answer that this one replaces, by when it was given; empty for a first answer.
    pub(super) replaces: &'a str,
    /// Of a clear case, its stratum.
    pub(super) clear: Option<Clear>,
    /// The moment of the last decision that the match knows.
    pub(super) last_moment: Option<String>,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// The decision is in the decisions file.
    Decided,
    /// It waits for a second person, or for one who can tell.
    Noted,
}

/// An answer that was given since the page was started, and can be taken back.
#[derive(Clone)]
pub(super) struct Done {
    reviewer: String,
    pub(super) key: Key,
    pub(super) place: Place,
    pub(super) answer: Answer,
    pub(super) reason: AnswerReason,
    /// What the reviewer typed. No file has it alone.
    pub(super) words: String,
    pub(super) person: Option<u32>,
    /// When, in UTC.
    pub(super) at: String,
    /// The row in the decisions file, if it made one.
    row: Option<Vec<u8>>,
    is_clear: bool,
}

/// The log and the decisions file, with what they say of each account.
pub(super) struct Book {
    log: Log,
    decisions: DecisionsFile,
    four_eyes: bool,
    /// What the log says.
    known: LogState,
    /// What reviewers can take back, the last answer last.
    done: Vec<Done>,
    /// The first rows of the log are read: what comes now was decided after the job was matched.
    is_live: bool,
}

impl Book {
    /// Opens both files, before the job is matched.
    pub(super) fn open(job: &Job) -> Result<Book, DeskError> {
        let decisions = DecisionsFile::open(job)?;
        let log = Log::open(&job.review.log)?;
        let four_eyes = job.review.four_eyes;
        let (known, done) = (LogState::default(), Vec::new());
        let mut book = Book { log, decisions, four_eyes, known, done, is_live: false };
        book.refresh()?;
        book.is_live = true;
        // What was decided before is in the decisions file. If the match lists the account all the same, it is a new
        // case.
        book.known.begin_decided_anew();
        Ok(book)
    }

    pub(super) fn four_eyes(&self) -> bool {
        self.four_eyes
    }

    /// The file that decisions are written to.
    pub(super) fn decisions_path(&self) -> &Path {
        self.decisions.path()
    }

    /// Takes in what other programs wrote.
    pub(super) fn refresh(&mut self) -> Result<(), DeskError> {
        let rows = self.log.lock()?.news()?;
        rows.iter().for_each(|row| self.known.note(row, self.is_live));
        Ok(())
    }

    /// Whether the account waits for an answer of this reviewer.
    pub(super) fn is_open(&self, key: &Key, reviewer: &str) -> bool {
        self.known.get(key).is_none_or(|account| account.is_open(reviewer, self.four_eyes, &now()[..10]))
    }

    /// Makes the answers of today that decided nothing yet, such as those of cases put aside, known to be changed: the page
    /// was started anew since. What was typed with them is lost.
    pub(super) fn restore(&mut self, place_of: impl Fn(&Key) -> Option<Place>) {
        let today = now()[..10].to_owned();
        // Without four eyes a yes or no that decided nothing is one on a clear case, which nobody is to know.
        let waiting = self.known.waiting(&today).filter(|(_, own, _)| self.four_eyes || own.answer == "?");
        let answers = waiting.filter_map(|(key, own, is_clear)| {
            Some(Done {
                reviewer: own.reviewer.clone(),
                key: key.clone(),
                place: place_of(key)?,
                answer: Answer::ALL.into_iter().find(|answer| answer.letter() == own.answer)?,
                reason: AnswerReason::named(&own.reason)?,
                words: String::new(),
                person: None,
                at: own.at.clone(),
                row: None,
                is_clear,
            })
        });
        self.done = answers.collect();
        self.done.sort_by(|one, other| (&one.at, &one.key).cmp(&(&other.at, &other.key)));
    }

    /// How many cases this reviewer has put aside for today.
    pub(super) fn put_aside(&self, reviewer: &str) -> usize {
        let today = now()[..10].to_owned();
        self.known.waiting(&today).filter(|(_, own, _)| own.reviewer == reviewer && own.answer == "?").count()
    }

    /// The accounts on which answers of today stand: this reviewer's, and everybody's.
    pub(super) fn answered_today(&self, reviewer: &str) -> (Vec<&Key>, Vec<&Key>) {
        self.known.answered_on(&now()[..10], reviewer)
    }

    /// The earlier answers on an account, in words. Where two persons decide, none: each decides alone.
    pub(super) fn history(&self, key: &Key) -> Vec<String> {
        let shown = self.known.get(key).filter(|_| !self.four_eyes);
        let answers = shown.into_iter().flat_map(|account| &account.answers);
        let words = |letter: &str| {
            let answer = Answer::ALL.into_iter().find(|answer| answer.letter() == letter);
            answer.unwrap_or(Answer::CannotTell).words()
        };
        answers.map(|own| format!("{} answered “{}” at {} UTC", own.reviewer, words(&own.answer), own.at)).collect()
    }

    /// What a reviewer answered since the page was started and can take back, the last answer first.
    pub(super) fn done(&self, reviewer: &str) -> impl Iterator<Item = &Done> {
        self.done.iter().rev().filter(move |done| done.reviewer == reviewer)
    }

    /// The same of today alone.
    pub(super) fn done_today(&self, reviewer: &str) -> Vec<Done> {
        let now = now();
        self.done(reviewer).filter(|done| done.at[..10] == now[..10]).cloned().collect()
    }

    /// Who gave an account the rebate at a moment, and why.
    pub(super) fn gave(&self, key: &[&str; 3], moment: &str) -> Result<Option<Gave>, DeskError> {
        self.decisions.gave(key, moment)
    }

    /// Takes an answer. It is durable when this returns. An answer that it replaces stays in force until then.
    pub(super) fn answer(&mut self, given: &Given<'_>) -> Result<Taken, NotTaken> {
        let old = self.done.iter().find(|own| (&*own.reviewer, &own.key) == (given.reviewer, given.key)).cloned();
        let old = match given.replaces {
            "" => None,
            at => Some(old.filter(|own| own.at == at).ok_or(NotTaken::ChangedMeanwhile)?),
        };
        let (taken, done) = self.write(given, old.as_ref())?;
        self.done.retain(|own| (&own.reviewer, &own.key) != (&done.reviewer, &done.key));
        self.done.push(done);
        Ok(taken)
    }

    fn write(&mut self, given: &Given<'_>, old: Option<&Done>) -> Result<(Taken, Done), NotTaken> {
        let Book { log, decisions, four_eyes, known, .. } = self;
        let mut locked = log.lock()?;
        for row in locked.news()? {
            known.note(&row, true);
        }
        let account = known.entry(given.key);
        match old {
            Some(old) => may_be_taken_back(old, account, decisions)?,
            None => account.takes(given.reviewer, given.clear.is_some(), *four_eyes, &now()[..10])?,
        }
        let at = now();
        let mut done = Done {
            reviewer: given.reviewer.to_owned(),
            key: given.key.clone(),
            place: given.place,
            answer: given.answer,
            reason: given.reason,
            words: given.words.to_owned(),
            person: given.person,
            at: at.clone(),
            row: None,
            is_clear: given.clear.is_some(),
        };
        let undo = old.map(|old| old.undone(&at));
        let answer = given.row(if done.is_clear { EventKind::Clear } else { EventKind::Answer }, &at);
        let same = |other: &&Standing| {
            other.reviewer != given.reviewer
                && other.answer == given.answer.letter()
                && (given.answer != Answer::Yes || other.claim_ref == given.bound.claim_ref)
        };
        let first = account.answers.iter().find(same).map(|first| first.reviewer.clone());
        let can_decide = !done.is_clear && given.answer != Answer::CannotTell;
        let mut rows: Vec<LogRow> = undo.into_iter().chain([answer]).collect();
        let old_row = old.and_then(|old| old.row.as_deref());
        if !can_decide || *four_eyes && first.is_none() {
            if let Some(row) = old_row
                && !decisions.take_back(row)?
            {
                return Err(NotTaken::TooLate);
            }
            if let Err(error) = locked.append(&rows) {
                // Nothing is confirmed, so the old answer stays in force.
                old_row.map_or(Ok(()), |row| decisions.put(row))?;
                return Err(error.into());
            }
            rows.iter().for_each(|row| known.note(row, true));
            return Ok((Taken::Noted, done));
        }
        let last = [account.last_moment.as_deref(), given.last_moment.as_deref()];
        let moment = after(&at, last.into_iter().flatten());
        let by = match first.filter(|_| *four_eyes) {
            Some(first) => format!("{first}, confirmed by {}", given.reviewer),
            None => given.reviewer.to_owned(),
        };
        let [supplier, customer_ref, scheme] = given.key.each_ref().map(String::as_str);
        let row = decisions.append(&[
            supplier,
            customer_ref,
            scheme,
            given.answer.letter(),
            &given.bound.claim_ref,
            &given.bound.person_ref,
            &by,
            &moment,
            given.written,
        ])?;
        rows.push(given.row(EventKind::Decided, &moment));
        if let Err(error) = locked.append(&rows) {
            // Nothing is confirmed, so nothing is to stay.
            decisions.take_back(&row)?;
            return Err(error.into());
        }
        // From here on the new decision is in force: it is the later one, even where the old one cannot be taken out.
        if let Some(Err(error)) = old_row.map(|row| decisions.take_back(row)) {
            tracing::warn!("an earlier answer stays in the decisions file, superseded: {error}");
        }
        done.row = Some(row);
        rows.iter().for_each(|row| known.note(row, true));
        Ok((Taken::Decided, done))
    }

    /// Takes back a reviewer's answer at a place, and the decision that it made.
    pub(super) fn undo(&mut self, reviewer: &str, place: Place) -> Result<Done, NotTaken> {
        let is_it = |done: &Done| done.reviewer == reviewer && done.place == place;
        let at = self.done.iter().rposition(is_it).ok_or(NotTaken::NothingToUndo)?;
        match self.take_back(at) {
            Ok(()) => Ok(self.done.remove(at)),
            Err(why) => {
                if matches!(why, NotTaken::TooLate) {
                    self.done.remove(at);
                }
                Err(why)
            }
        }
    }

    fn take_back(&mut self, at: usize) -> Result<(), NotTaken> {
        let Book { log, decisions, known, done, .. } = self;
        let done = &done[at];
        let mut locked = log.lock()?;
        for row in locked.news()? {
            known.note(&row, true);
        }
        may_be_taken_back(done, known.entry(&done.key), decisions)?;
        if let Some(row) = &done.row
            && !decisions.take_back(row)?
        {
            return Err(NotTaken::TooLate);
        }
        let row = done.undone(&now());
        locked.append(std::slice::from_ref(&row))?;
        known.note(&row, true);
        Ok(())
    }
}

/// Refuses to take back an answer on which somebody has answered since, or whose decision is not there any more.
fn may_be_taken_back(done: &Done, account: &Account, decisions: &DecisionsFile) -> Result<(), NotTaken> {
    let is_there = match &done.row {
        Some(row) => decisions.has(row)?,
        None => done.is_clear || !account.is_decided,
    };
    if is_there { Ok(()) } else { Err(NotTaken::TooLate) }
}

impl Done {
    /// The log's row that takes the answer back.
    fn undone(&self, at: &str) -> LogRow {
        let [supplier, customer_ref, scheme] = self.key.clone();
        LogRow { supplier, customer_ref, scheme, ..empty_row(&self.reviewer, EventKind::Undo, at) }
    }
}

impl Given<'_> {
    /// The answer's row in the log.
    fn row(&self, event: EventKind, at: &str) -> LogRow {
        let [supplier, customer_ref, scheme] = self.key.clone();
        let mut row = LogRow {
            supplier,
            customer_ref,
            scheme,
            claim_ref: self.bound.claim_ref.clone(),
            person_ref: self.bound.person_ref.clone(),
            answer: self.answer.letter().to_owned(),
            reason: self.reason.code().to_owned(),
            ..empty_row(self.reviewer, event, at)
        };
        if let Some(clear) = &self.clear {
            row.flag = if clear.flag { "Y" } else { "N" }.to_owned();
            (row.key, row.band) = (clear.key.to_owned(), clear.band.to_owned());
            clear.levels.describe(&mut row.levels);
            (row.stratum_accounts, row.stratum_drawn) = (clear.stratum_accounts, clear.stratum_drawn);
        }
        row
    }
}

fn empty_row(reviewer: &str, event: EventKind, at: &str) -> LogRow {
    let none = String::new;
    LogRow {
        at: at.to_owned(),
        reviewer: reviewer.to_owned(),
        event,
        supplier: none(),
        customer_ref: none(),
        scheme: none(),
        claim_ref: none(),
        person_ref: none(),
        answer: none(),
        reason: none(),
        flag: none(),
        key: none(),
        band: none(),
        levels: none(),
        stratum_accounts: 0,
        stratum_drawn: 0,
    }
}

/// The moment now, in UTC: `2026-11-28T09:00:00`.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// A moment that is later than all others: two decisions of one moment could contradict each other.
fn after<'a>(now: &str, others: impl Iterator<Item = &'a str>) -> String {
    let read = |text: &str| -> Option<DateTime> {
        text.parse::<DateTime>()
            .ok()
            .or_else(|| Some(text.parse::<jiff::civil::Date>().ok()?.to_datetime(jiff::civil::Time::midnight())))
    };
    let next = |last: DateTime| last.checked_add(jiff::Span::new().seconds(1)).ok();
    let latest = others.filter_map(read).max().and_then(next);
    match (read(now), latest) {
        (Some(now), Some(latest)) if latest > now => latest.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        _ => now.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_later_than_those_before_it() {
        let now = "2026-11-28T09:00:00";
        for (others, expected) in [
            (&[][..], now),
            (&["undated"], now),
            (&["2026-11-27", "2026-11-28"], now),
            (&["2026-11-28T08:59:58"], now),
            (&["2026-11-28T09:00:00"], "2026-11-28T09:00:01"),
            (&["2026-11-28T09:00:07", "2026-11-28"], "2026-11-28T09:00:08"),
            (&["2026-12-01"], "2026-12-01T00:00:01"),
        ] {
            assert_eq!(after(now, others.iter().copied()), expected, "{others:?}");
        }
    }
}
