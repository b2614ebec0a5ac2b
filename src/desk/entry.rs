//! Lets reviewers in: by an address with a single-use token, a passphrase where the job lists reviewers, and then a
//! cookie; and locks a page that nobody uses.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::cases::Filter;
use crate::passphrase_hash::{self, hex};

/// A printed address is good for a quarter of an hour.
const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

/// How often a passphrase may be wrong before the address, or the session, is void.
const MOST_FAILURES: u32 = 5;

/// The most sessions at a time.
const MOST_SESSIONS: usize = 256;

/// What a reviewer does at the page.
pub(super) struct Session {
    pub(super) reviewer: String,
    last_seen: Instant,
    is_locked: bool,
    failures: u32,
    pub(super) filter: Filter,
    /// The Yes that the page asked about last, since it takes a rebate away.
    pub(super) asked: Option<Asked>,
    /// The case that is open, by its place, and since when: others get another one meanwhile.
    pub(super) open: Option<(usize, Instant)>,
    /// Single keys answer.
    pub(super) keys: bool,
    /// What the next page says about the last answer.
    pub(super) said: Option<String>,
}

/// A Yes that is taken once its token comes back.
pub(super) struct Asked {
    pub(super) token: String,
    /// The account, by its place among the questions, and the person shown.
    pub(super) question: usize,
    pub(super) person: Option<u32>,
}

/// A printed address that was not used yet.
struct Token {
    reviewer: String,
    made: Instant,
    failures: u32,
}

/// Who is in, and who may come in. Tokens and cookies are kept as their hashes.
pub(super) struct Entry {
    tokens: HashMap<blake3::Hash, Token>,
    sessions: HashMap<blake3::Hash, Session>,
    /// The sessions that a newer one of the same reviewer ended, the last one last.
    replaced: VecDeque<blake3::Hash>,
    /// The reviewers' hashed passphrases; empty if the reviewer is the user who started the page.
    passphrases: BTreeMap<String, String>,
    idle: Duration,
    /// For how long an address that was printed can be used.
    token_life: Duration,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The address is unknown, used or too old.
    Token,
    Passphrase,
}

/// What the cookie of a request stands for.
pub(super) enum Found<'e> {
    Nobody,
    Locked,
    In(&'e mut Session),
}

impl Entry {
    pub(super) fn new(passphrases: BTreeMap<String, String>, idle: Duration) -> Entry {
        let (tokens, sessions, replaced) = (HashMap::new(), HashMap::new(), VecDeque::new());
        Entry { tokens, sessions, replaced, passphrases, idle, token_life: TOKEN_LIFE }
    }

    pub(super) fn has_passphrases(&self) -> bool {
        !self.passphrases.is_empty()
    }

    pub(super) fn idle(&self) -> Duration {
        self.idle
    }

    /// Makes the token of an address for a reviewer; earlier ones that were not used are void.
    pub(super) fn token(&mut self, reviewer: &str) -> Result<String, getrandom::Error> {
        let token = random()?;
        self.tokens.retain(|_, other| other.reviewer != reviewer && other.made.elapsed() < self.token_life);
        let own = Token { reviewer: reviewer.to_owned(), made: Instant::now(), failures: 0 };
        self.tokens.insert(blake3::hash(token.as_bytes()), own);
        Ok(token)
    }

    /// The reviewer for whom a token was made, if it can still be used.
    pub(super) fn reviewer_of(&self, token: &str) -> Option<&str> {
        let own = self.tokens.get(&blake3::hash(token.as_bytes()))?;
        (own.made.elapsed() < self.token_life).then_some(own.reviewer.as_str())
    }

    /// Lets somebody in who has a token and, if reviewers have passphrases, the reviewer's. Returns the cookie's value.
    pub(super) fn enter(&mut self, token: &str, passphrase: &str) -> Result<Result<String, Refused>, getrandom::Error> {
        let key = blake3::hash(token.as_bytes());
        let Some(reviewer) = self.reviewer_of(token).map(str::to_owned) else { return Ok(Err(Refused::Token)) };
        if !self.is_right(&reviewer, passphrase) {
            if let Some(own) = self.tokens.get_mut(&key) {
                own.failures += 1;
                if own.failures >= MOST_FAILURES {
                    self.tokens.remove(&key);
                }
            }
            return Ok(Err(Refused::Passphrase));
        }
        self.tokens.remove(&key);
        Ok(Ok(self.begin(reviewer)?))
    }

    fn is_right(&self, reviewer: &str, passphrase: &str) -> bool {
        match self.passphrases.get(reviewer) {
            Some(hash) => passphrase_hash::is_right(passphrase, hash),
            None => self.passphrases.is_empty(),
        }
    }

    /// Begins a session, and returns the cookie's value.
    pub(super) fn begin(&mut self, reviewer: String) -> Result<String, getrandom::Error> {
        // A reviewer who comes in again leaves the other page, and the oldest session makes room.
        self.replaced.extend(self.sessions.extract_if(|_, other| other.reviewer == reviewer).map(|(key, _)| key));
        let too_many = self.replaced.len().saturating_sub(MOST_SESSIONS);
        self.replaced.drain(..too_many);
        if self.sessions.len() >= MOST_SESSIONS
            && let Some(oldest) = self.sessions.iter().min_by_key(|(_, own)| own.last_seen).map(|(key, _)| *key)
        {
            self.sessions.remove(&oldest);
        }
        let cookie = random()?;
        let session = Session {
            reviewer,
            last_seen: Instant::now(),
            is_locked: false,
            failures: 0,
            filter: Filter::default(),
            asked: None,
            open: None,
            keys: true,
            said: None,
        };
        self.sessions.insert(blake3::hash(cookie.as_bytes()), session);
        Ok(cookie)
    }

    /// Who sends this cookie. Looking at a page keeps it open.
    pub(super) fn find(&mut self, cookie: Option<&str>) -> Found<'_> {
        let key = cookie.map(|cookie| blake3::hash(cookie.as_bytes()));
        let Some(session) = key.and_then(|key| self.sessions.get_mut(&key)) else { return Found::Nobody };
        if session.last_seen.elapsed() >= self.idle {
            session.lock();
        }
        if session.is_locked {
            return Found::Locked;
        }
        session.last_seen = Instant::now();
        Found::In(session)
    }

    /// Whether a newer session of the same reviewer ended the one of this cookie.
    pub(super) fn is_replaced(&self, cookie: Option<&str>) -> bool {
        cookie.is_some_and(|cookie| self.replaced.contains(&blake3::hash(cookie.as_bytes())))
    }

    /// Opens a locked page again; false if the passphrase is wrong. Too many wrong ones end the session.
    pub(super) fn unlock(&mut self, cookie: &str, passphrase: &str) -> bool {
        let key = blake3::hash(cookie.as_bytes());
        let Some(reviewer) = self.sessions.get(&key).map(|session| session.reviewer.clone()) else { return false };
        let is_right = self.has_passphrases() && self.is_right(&reviewer, passphrase);
        let Some(session) = self.sessions.get_mut(&key) else { return false };
        if is_right {
            (session.is_locked, session.failures, session.last_seen) = (false, 0, Instant::now());
            return true;
        }
        session.failures += 1;
        if session.failures >= MOST_FAILURES {
            self.sessions.remove(&key);
        }
        false
    }

    /// The cases that others have open.
    pub(super) fn open_elsewhere(&self, reviewer: &str) -> Vec<usize> {
        let others = self.sessions.values().filter(|other| other.reviewer != reviewer && !other.is_locked);
        let open = others.filter_map(|other| other.open);
        open.filter(|(_, since)| since.elapsed() < self.idle).map(|(case, _)| case).collect()
    }
}

impl Session {
    pub(super) fn lock(&mut self) {
        self.is_locked = true;
        (self.open, self.said, self.asked) = (None, None, None);
    }
}

/// A text of 256 random bits.
pub(super) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone() -> Entry {
        Entry::new(BTreeMap::new(), Duration::from_secs(600))
    }

    #[test]
    fn a_token_is_good_once_and_a_newer_one_replaces_it() {
        let mut entry = alone();
        let first = entry.token("amy").unwrap();
        let second = entry.token("amy").unwrap();
        assert_eq!(entry.enter(&first, "").unwrap(), Err(Refused::Token));
        assert_eq!(entry.enter("", "").unwrap(), Err(Refused::Token));
        let cookie = entry.enter(&second, "").unwrap().unwrap();
        assert_eq!(entry.enter(&second, "").unwrap(), Err(Refused::Token));
        assert!(matches!(entry.find(Some(&cookie)), Found::In(own) if own.reviewer == "amy"));
        assert!(matches!(entry.find(Some(&second)), Found::Nobody));
        assert!(matches!(entry.find(None), Found::Nobody));
    }

    #[test]
    fn a_newer_session_of_a_reviewer_ends_the_one_before() {
        let mut entry = alone();
        let [first, second] = [(); 2].map(|()| entry.begin("amy".to_owned()).unwrap());
        let other = entry.begin("bob".to_owned()).unwrap();
        assert!(matches!(entry.find(Some(&first)), Found::Nobody) && entry.is_replaced(Some(&first)));
        assert!(!entry.is_replaced(Some(&second)) && !entry.is_replaced(Some(&other)) && !entry.is_replaced(None));
        for _ in 0..=MOST_SESSIONS {
            entry.begin("amy".to_owned()).unwrap();
        }
        assert_eq!(entry.replaced.len(), MOST_SESSIONS);
    }

    #[test]
    fn a_token_that_nobody_used_in_time_is_void() {
        let mut entry = alone();
        let token = entry.token("amy").unwrap();
        assert_eq!(entry.reviewer_of(&token), Some("amy"));
        entry.token_life = Duration::ZERO;
        assert_eq!(entry.reviewer_of(&token), None);
        assert_eq!(entry.enter(&token, "").unwrap(), Err(Refused::Token));
    }

    #[test]
    fn a_passphrase_may_be_wrong_four_times() {
        let hash = passphrase_hash::hash("four windy hills").unwrap();
        let mut entry = Entry::new(BTreeMap::from([("amy".to_owned(), hash)]), Duration::from_secs(600));
        let token = entry.token("amy").unwrap();
        for _ in 0..4 {
            assert_eq!(entry.enter(&token, "four windy hill").unwrap(), Err(Refused::Passphrase));
        }
        let cookie = entry.enter(&token, "four windy hills").unwrap().unwrap();
        if let Found::In(session) = entry.find(Some(&cookie)) {
            session.lock();
        }
        assert!(matches!(entry.find(Some(&cookie)), Found::Locked));
        assert!(!entry.unlock(&cookie, "") && entry.unlock(&cookie, "four windy hills"));
        assert!(matches!(entry.find(Some(&cookie)), Found::In(_)));
        // Five wrong ones end a session, and so they do a token.
        for _ in 0..5 {
            assert!(!entry.unlock(&cookie, "x"));
        }
        assert!(matches!(entry.find(Some(&cookie)), Found::Nobody));
        let token = entry.token("amy").unwrap();
        for _ in 0..5 {
            assert_eq!(entry.enter(&token, "x").unwrap(), Err(Refused::Passphrase));
        }
        assert_eq!(entry.enter(&token, "four windy hills").unwrap(), Err(Refused::Token));
    }

    #[test]
    fn a_page_that_nobody_uses_is_locked() {
        let mut entry = Entry::new(BTreeMap::new(), Duration::ZERO);
        let token = entry.token("amy").unwrap();
        let cookie = entry.enter(&token, "").unwrap().unwrap();
        assert!(matches!(entry.find(Some(&cookie)), Found::Locked));
        // Without passphrases only a new address opens it.
        assert!(!entry.unlock(&cookie, ""));
    }
}
