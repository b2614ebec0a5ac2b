//! Finds where a file may be cut, so that its chunks can be parsed in parallel.
//!
//! A window of bytes begins where a record begins; the splitter gives a length that ends where a record ends.
//! It always knows whether it is inside quotes, because it has seen every quote before. It goes from quote to
//! quote, and so reads most bytes only in a vector compare.
//!
//! It refuses two kinds of record: one longer than the limit, and one whose quote is never closed before the
//! file ends. Most likely a stray quote has swallowed good rows, so only the record's first physical line is
//! refused. The bytes that were searched in vain are then read line by line, each line as a record of its
//! own. So the good rows come back, and no byte is searched more than a few times however the quotes lie. The
//! result depends on the file alone, never on where chunks happen to end.

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use super::fault::FaultReason;

/// What to do with the beginning of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The first `length` bytes are whole records, none longer than the limit. With `lines_only`, a record
    /// ends with its line, whatever its quotes say.
    Records { length: usize, lines_only: bool },
    /// The record at the beginning is refused; its first line is `length` bytes long, line end included.
    /// `None` if the line end lies beyond the window: skip everything up to it.
    Refused { length: Option<usize>, reason: FaultReason },
    /// The window is too small; [`Splitter::sufficient`] bytes are always enough.
    More,
}

/// Cuts a file into chunks of whole records.
#[derive(Debug)]
pub(super) struct Splitter {
    target: usize,
    limit: usize,
    separator: u8,
    /// This many bytes from the window's beginning were searched in vain and are read line by line.
    searched: u64,
}

/// How the search for the end of one record ended.
enum End {
    /// After this many bytes, line end included.
    At(usize),
    /// More bytes are needed to tell.
    Undecided,
    Bad(FaultReason),
}

impl Splitter {
    /// Chunks are about `target` bytes long, records at most `limit` bytes without their line end.
    pub(super) fn new(target: usize, limit: usize) -> Self {
        // A chunk within the limit cannot hold a record beyond it, so its records need no check of their own.
        Splitter { target: target.min(limit / 2).max(1), limit, separator: b',', searched: 0 }
    }

    /// Sets the byte between two fields; a comma until it is known.
    pub(super) fn set_separator(&mut self, separator: u8) {
        self.separator = separator;
    }

    /// A window of this many bytes is always enough.
    pub(super) fn sufficient(&self) -> usize {
        self.limit + 2
    }

    /// The approximate length of a chunk in bytes.
    pub(super) fn target(&self) -> usize {
        self.target
    }

    /// Decides about the beginning of a window that is not empty; `last` if the file ends with it.
    pub(super) fn step(&mut self, window: &[u8], last: bool) -> Step {
        let step = if self.searched > 0 { self.by_line(window, last) } else { self.by_quote(window, last) };
        match step {
            Step::Records { length, .. } | Step::Refused { length: Some(length), .. } => {
                self.searched = self.searched.saturating_sub(length as u64);
            }
            // The line is longer than any window, so it ends beyond everything that was searched.
            Step::Refused { length: None, .. } => self.searched = 0,
            Step::More => {}
        }
        step
    }

    /// Finds the end of the one record at the beginning of a window, which is not blank. A record without an
    /// end is refused; the answer does not say where to go on.
    pub(super) fn one_record(&self, window: &[u8], last: bool) -> Step {
        match record_end(window, self.separator, self.limit, last) {
            End::At(length) => Step::Records { length, lines_only: false },
            End::Bad(reason) => Step::Refused { length: None, reason },
            End::Undecided => Step::More,
        }
    }

    fn by_quote(&mut self, window: &[u8], last: bool) -> Step {
        match chunk_end(window, self.separator, self.target, last) {
            Some(length) if length <= self.limit => {
                return Step::Records { length, lines_only: false };
            }
            _ if !last && window.len() < self.sufficient() => return Step::More,
            _ => {}
        }
        let mut length = 0;
        while length < self.target && length < window.len() {
            match record_end(&window[length..], self.separator, self.limit, last) {
                End::At(record) => length += record,
                _ if length > 0 => break,
                End::Bad(reason) => return self.refuse(window, last, reason),
                // Only a window shorter than the sufficient length leaves its first record undecided.
                End::Undecided => return Step::More,
            }
        }
        Step::Records { length, lines_only: false }
    }

    fn by_line(&mut self, window: &[u8], last: bool) -> Step {
        let mut length = 0;
        while length < self.target && (length as u64) < self.searched && length < window.len() {
            let rest = &window[length..];
            match memchr2(b'\n', b'\r', &rest[..rest.len().min(self.limit + 1)]) {
                Some(end) => length += end + 1,
                None if last && rest.len() <= self.limit => length = window.len(),
                None if length > 0 => break,
                None if rest.len() > self.limit => {
                    return self.refuse(window, last, FaultReason::RecordTooLong);
                }
                None => return Step::More,
            }
        }
        Step::Records { length, lines_only: true }
    }

    fn refuse(&mut self, window: &[u8], last: bool, reason: FaultReason) -> Step {
        let searched = if reason == FaultReason::RecordTooLong { self.limit as u64 } else { u64::MAX };
        self.searched = self.searched.max(searched);
        let length = match memchr2(b'\n', b'\r', window) {
            Some(end) => Some(end + 1),
            None if last => Some(window.len()),
            None => None,
        };
        Step::Refused { length, reason }
    }
}

/// The end of the first line that ends outside quotes, at or behind `target`. If the bytes are the `last` and
/// end outside quotes, their end counts too.
fn chunk_end(bytes: &[u8], separator: u8, target: usize, last: bool) -> Option<usize> {
    let mut quotes = memchr_iter(b'"', bytes);
    let mut outside = 0;
    loop {
        let quote = quotes.next();
        let until = quote.unwrap_or(bytes.len());
        if until > target {
            let from = outside.max(target);
            if let Some(hop) = memchr(b'\n', bytes.get(from..until).unwrap_or_default()) {
                return Some(from + hop + 1);
            }
        }
        let Some(quote) = quote else {
            return last.then_some(bytes.len());
        };
        outside = quote + 1;
        if !opens_field(bytes, separator, quote) {
            continue;
        }
        loop {
            let close = quotes.next()?;
            match bytes.get(close + 1) {
                Some(b'"') => quotes.next(),
                None if !last => return None,
                _ => {
                    outside = close + 1;
                    break;
                }
            };
        }
    }
}

/// The end of the record at the beginning of the bytes.
fn record_end(bytes: &[u8], separator: u8, limit: usize, last: bool) -> End {
    let within = &bytes[..bytes.len().min(limit + 1)];
    let no_end = |at_end_of_file| match () {
        () if bytes.len() > limit => End::Bad(FaultReason::RecordTooLong),
        () if last => at_end_of_file,
        () => End::Undecided,
    };
    let mut outside = 0;
    loop {
        let Some(hop) = memchr3(b'"', b'\n', b'\r', within.get(outside..).unwrap_or_default()) else {
            return no_end(End::At(bytes.len()));
        };
        let mark = outside + hop;
        outside = mark + 1;
        if bytes[mark] != b'"' {
            return End::At(outside);
        }
        if opens_field(bytes, separator, mark) {
            match closing_quote(&bytes[..bytes.len().min(limit + 2)], outside, last) {
                Some(close) => outside = close + 1,
                None => return no_end(End::Bad(FaultReason::BrokenQuoting)),
            }
        }
    }
}

/// Whether a quote that stands outside quotes opens a quoted field. The bytes begin where a record begins.
fn opens_field(bytes: &[u8], separator: u8, quote: usize) -> bool {
    quote == 0 || bytes[quote - 1] == separator || matches!(bytes[quote - 1], b'\n' | b'\r')
}

/// The quote that closes the field whose content begins at `at`; `None` if the bytes do not show it.
fn closing_quote(bytes: &[u8], mut at: usize, last: bool) -> Option<usize> {
    loop {
        let quote = at + memchr(b'"', bytes.get(at..)?)?;
        match bytes.get(quote + 1) {
            Some(b'"') => at = quote + 2,
            Some(_) => return Some(quote),
            None => return last.then_some(quote),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All steps through a text that is one window, with the text of each.
    fn steps(text: &str, target: usize, limit: usize) -> Vec<(&str, Option<FaultReason>, bool)> {
        let mut splitter = Splitter::new(target, limit);
        let (mut rest, mut found) = (text, Vec::new());
        while !rest.is_empty() {
            let (length, reason, lines_only) = match splitter.step(rest.as_bytes(), true) {
                Step::Records { length, lines_only } => (length, None, lines_only),
                Step::Refused { length: Some(length), reason } => (length, Some(reason), false),
                other => panic!("{other:?} at the end of a file"),
            };
            found.push((&rest[..length], reason, lines_only));
            rest = &rest[length..];
        }
        found
    }

    #[test]
    fn chunks_end_outside_quotes() {
        assert_eq!(
            steps("a,\"b\nc\"\nd,5\" e\nf\n", 1, 100),
            [("a,\"b\nc\"\n", None, false), ("d,5\" e\n", None, false), ("f\n", None, false)]
        );
        assert_eq!(steps("a\nb\nc", 3, 100), [("a\nb\n", None, false), ("c", None, false)]);
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        assert_eq!(
            steps("a,b\n\"c,d\ne,f\ng,h\n", 4, 100),
            [
                ("a,b\n", None, false),
                ("\"c,d\n", Some(FaultReason::BrokenQuoting), false),
                ("e,f\n", None, true),
                ("g,h\n", None, true),
            ]
        );
    }

    #[test]
    fn a_record_beyond_the_limit_costs_one_line_and_quotes_hold_again_behind_it() {
        assert_eq!(
            steps("\"aa\nbb\ncc\ndd\nee\n\"ff\ngg\"\nh\n", 4, 10),
            [
                ("\"aa\n", Some(FaultReason::RecordTooLong), false),
                ("bb\ncc\n", None, true),
                ("dd\nee\n", None, false),
                ("\"ff\ngg\"\n", None, false),
                ("h\n", None, false),
            ]
        );
        assert_eq!(
            steps("abcdefghijk\nabcdefghij\n", 4, 10),
            [("abcdefghijk\n", Some(FaultReason::RecordTooLong), false), ("abcdefghij\n", None, false)]
        );
    }

    #[test]
    fn a_small_window_asks_for_more_and_a_sufficient_one_never_does() {
        let mut splitter = Splitter::new(2, 8);
        assert_eq!(splitter.step(b"\"abc\"", false), Step::More);
        assert_eq!(
            splitter.step(b"\"abc\"defgh", false),
            Step::Refused { length: None, reason: FaultReason::RecordTooLong }
        );
        assert_eq!(splitter.step(b"a\nbcd", false), Step::More);
        assert_eq!(splitter.step(b"a\nb\ncd", false), Step::Records { length: 4, lines_only: false });
    }
}
