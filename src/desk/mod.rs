//! Serves the page on which the administrator's staff decide doubtful cases, to this machine alone.
//!
//! The job is matched once, as a run does, and stays in memory. What staff decide goes into the job's decisions file,
//! row by row; answers, confirmations and undos go into a log that holds references only. No value of a record is
//! written to a disk, a log or a browser's storage.

mod answer;
mod book;
mod cases;
mod compare;
mod decisions_file;
mod entry;
mod error;
mod guard;
mod handlers;
mod log;
mod log_state;
mod page;
mod server;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use book::{Book, Key, Place};
use cases::Case;
use entry::Entry;
pub(crate) use error::DeskError;
use guard::Guard;
use server::Server;

use crate::job::Job;
use crate::pipeline::casework::{Casework, CaseworkOptions, Question};
use crate::progress::Progress;

/// How the page is opened.
pub(crate) struct DeskOptions {
    /// The suppliers whose cases are listed; all if there are none.
    pub(crate) suppliers: Vec<String>,
    /// The scheme whose cases are listed; `None` for all.
    pub(crate) scheme: Option<usize>,
    pub(crate) port: u16,
    pub(crate) idle: Duration,
    /// The user who starts the page, for a job that lists no reviewers.
    pub(crate) user: String,
}

/// An address for one reviewer, good once.
pub(crate) struct Address {
    pub(crate) reviewer: String,
    pub(crate) address: String,
}

/// The page, ready to be served.
pub(crate) struct Desk {
    inside: &'static Inside,
    server: Server,
    reviewers: Vec<String>,
}

/// What all requests share.
struct Inside {
    casework: Casework,
    cases: Vec<Case>,
    /// The accounts by their places among the questions.
    keys: Vec<Key>,
    places: HashMap<Key, Place>,
    book: Mutex<Book>,
    entry: Mutex<Entry>,
    guard: Guard,
    /// The path that all pages begin with. Browsers send cookies to every port of a machine, but only under their
    /// path: so other programs of this machine do not get ours.
    base: String,
}

impl Inside {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self) -> MutexGuard<'_, Entry> {
        self.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a question waits for an answer of this reviewer. Files are looked at when a case is opened.
    fn is_open(&self, question: usize, book: &Book, reviewer: &str, closed: &[bool]) -> bool {
        !closed[self.casework.questions()[question].supplier] && book.is_open(&self.keys[question], reviewer)
    }

    /// How many cases hang on these accounts. One that is no case any more counts by itself.
    fn cases_of(&self, accounts: &[&Key]) -> usize {
        let is_known = |key: &&&Key| self.places.contains_key(**key);
        let known: BTreeSet<usize> = accounts.iter().filter_map(|key| Some(self.places.get(*key)?.0)).collect();
        known.len() + accounts.iter().filter(|key| !is_known(key)).collect::<BTreeSet<_>>().len()
    }

    /// By supplier, whether its cases are closed.
    fn closed(&self) -> Vec<bool> {
        (0..self.casework.supplier_count()).map(|place| self.casework.is_changed(place)).collect()
    }
}

impl Desk {
    /// Matches the job and makes the page ready. `job` stays for as long as the process does.
    ///
    /// # Errors
    /// [`DeskError`] if a file cannot be used, the job cannot be matched, or the port is taken.
    pub(crate) fn prepare(
        job: &'static Job,
        options: &DeskOptions,
        progress: &dyn Progress,
    ) -> Result<Desk, DeskError> {
        // Small things first: a port that is taken is known before an hour of reading.
        let server = Server::bind(options.port)?;
        let guard = Guard::new(job, server.port())?;
        let book = Book::open(job)?;
        tracing::info!(file = %crate::text::shown(book.decisions_path()), "decisions are appended to this file");
        let casework_options = CaseworkOptions {
            suppliers: options.suppliers.clone(),
            scheme: options.scheme,
            clear_share: job.review.clear_share,
        };
        let casework = Casework::prepare(job, &casework_options, progress)?;
        let key = |question: &Question| {
            let scheme = &job.schemes[question.scheme].id;
            [casework.supplier_id(question.supplier), casework.reference(question), scheme].map(str::to_owned)
        };
        let keys: Vec<Key> = casework.questions().iter().map(key).collect();
        let listed = job.review.reviewers.iter().flatten();
        let passphrases: BTreeMap<String, String> =
            listed.map(|reviewer| (reviewer.id.clone(), reviewer.passphrase.clone())).collect();
        let reviewers = match passphrases.is_empty() {
            true => vec![options.user.clone()],
            false => passphrases.keys().cloned().collect(),
        };
        let cases = cases::list(&casework);
        let places: HashMap<Key, Place> = cases
            .iter()
            .enumerate()
            .flat_map(|(case, own)| own.questions.iter().enumerate().map(move |(at, question)| (*question, (case, at))))
            .map(|(question, place)| (keys[question].clone(), place))
            .collect();
        let mut book = book;
        book.restore(|key| places.get(key).copied());
        // All requests need it until the process ends.
        let inside: &'static Inside = Box::leak(Box::new(Inside {
            cases,
            casework,
            keys,
            places,
            book: Mutex::new(book),
            entry: Mutex::new(Entry::new(passphrases, options.idle)),
            guard,
            base: format!("/{}", &entry::random()?[..16]),
        }));
        Ok(Desk { inside, server, reviewers })
    }

    /// How many cases there are. The clear ones among them are counted too.
    pub(crate) fn cases(&self) -> usize {
        self.inside.cases.len()
    }

    /// The port on which the page listens. Behind a proxy, the printed addresses do not have it.
    pub(crate) fn port(&self) -> u16 {
        self.server.port()
    }

    /// Makes a new address for each reviewer. Those before it that were not used are void.
    ///
    /// # Errors
    /// [`DeskError::Random`].
    pub(crate) fn addresses(&self) -> Result<Vec<Address>, DeskError> {
        let mut entry = self.inside.entry();
        let address = |reviewer: &String| {
            let token = entry.token(reviewer)?;
            let Inside { base, guard, .. } = self.inside;
            let address = format!("{}{base}/enter?token={token}", guard.origin());
            Ok(Address { reviewer: reviewer.clone(), address })
        };
        self.reviewers.iter().map(address).collect()
    }

    /// Serves the page until `is_stopped`. `news` is called from time to time and may print addresses.
    ///
    /// # Errors
    /// [`DeskError::Server`].
    pub(crate) fn serve(self, progress: &dyn Progress, mut idle: impl FnMut(&Desk)) -> Result<(), DeskError> {
        let running = self.server.start(self.inside)?;
        while !progress.is_stopped() {
            std::thread::sleep(Duration::from_millis(100));
            idle(&self);
        }
        running.stop();
        Ok(())
    }
}
