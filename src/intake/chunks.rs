//! Cuts a stream into buffers of whole records, and reports refused lines.
//!
//! Memory holds only as much of the stream as the workers are busy with.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use memchr::{memchr_iter, memchr2};

use super::boundary::{Splitter, Step};
use super::fault::FaultReason;
use crate::file_sum::fill;

/// Used buffers that can be filled again: fresh memory costs more than reading into it.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<Vec<u8>>>);

impl Pool {
    fn take(&self, length: usize) -> Vec<u8> {
        // A panic in another thread leaves the list of buffers valid.
        let mut buffers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = buffers.pop().unwrap_or_default();
        drop(buffers);
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        buffer
    }

    /// Gives a buffer back.
    pub(super) fn give(&self, buffer: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

/// A stretch of a file.
#[derive(Debug)]
pub(super) enum Chunk {
    /// The first `length` bytes of `buffer` are whole records. With `lines_only`, each ends with its line,
    /// whatever its quotes say.
    Records { buffer: Vec<u8>, length: usize, lines_only: bool },
    /// A refused line, and how many line feeds it has (one, or none at a file's end).
    Refused { reason: FaultReason, line_feeds: u64 },
}

/// The first record of a stream.
#[derive(Debug)]
pub(super) struct FirstRecord {
    /// Its bytes with its line end, or why it has no end.
    pub(super) record: Result<Vec<u8>, FaultReason>,
    /// The line feeds of the lines before it.
    pub(super) line_feeds_before: u64,
    /// The line feeds in it and at its end.
    pub(super) line_feeds: u64,
}

/// Cuts a stream into chunks.
pub(super) struct Chunks<'p, R> {
    stream: R,
    pool: &'p Pool,
    splitter: Splitter,
    buffer: Vec<u8>,
    filled: usize,
    ended: bool,
    /// The line feeds before the first record.
    passed: u64,
}

impl<'p, R: Read> Chunks<'p, R> {
    pub(super) fn new(stream: R, pool: &'p Pool, splitter: Splitter) -> Self {
        let length = usual_length(&splitter);
        Chunks { stream, pool, splitter, buffer: pool.take(length), filled: 0, ended: false, passed: 0 }
    }

    /// Reads until the buffer is full or the stream ends.
    fn fill(&mut self) -> io::Result<()> {
        if !self.ended {
            let room = &mut self.buffer[self.filled..];
            let wanted = room.len();
            let length = fill(&mut self.stream, room)?;
            self.filled += length;
            self.ended = length < wanted;
        }
        Ok(())
    }

    /// Removes bytes from the window's beginning.
    fn discard(&mut self, length: usize) {
        self.buffer.copy_within(length..self.filled, 0);
        self.filled -= length;
    }

    /// Hands out the buffer that holds a chunk; the bytes behind the chunk move to the next buffer.
    fn hand_over(&mut self, length: usize) -> Vec<u8> {
        let mut next = self.pool.take(usual_length(&self.splitter));
        let rest = &self.buffer[length..self.filled];
        if next.len() < rest.len() {
            next.resize(rest.len(), 0);
        }
        next[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
        std::mem::replace(&mut self.buffer, next)
    }

    /// Skips everything up to the end of the line; gives how many line feeds that is.
    fn pass_line(&mut self) -> io::Result<u64> {
        loop {
            if let Some(end) = memchr2(b'\n', b'\r', &self.buffer[..self.filled]) {
                let line_feeds = u64::from(self.buffer[end] == b'\n');
                self.discard(end + 1);
                return Ok(line_feeds);
            }
            self.filled = 0;
            self.fill()?;
            if self.filled == 0 {
                return Ok(0);
            }
        }
    }

    /// Skips blank lines and gives the next line, without its line end and not much longer than a record may
    /// be; `None` if the stream has no further line.
    pub(super) fn first_line(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            self.fill()?;
            let window = &self.buffer[..self.filled];
            let blank = window.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            if window.is_empty() {
                return Ok(None);
            } else if blank > 0 {
                self.passed += line_feeds(&window[..blank]);
                self.discard(blank);
                continue;
            }
            match memchr2(b'\n', b'\r', window) {
                Some(end) => return Ok(Some(&self.buffer[..end])),
                None if self.ended || self.filled >= self.splitter.sufficient() => {
                    return Ok(Some(&self.buffer[..self.filled]));
                }
                None => self.enlarge(),
            }
        }
    }

    /// Skips the line that [`first_line`](Self::first_line) gave.
    pub(super) fn pass_first_line(&mut self) -> io::Result<()> {
        self.passed += self.pass_line()?;
        Ok(())
    }

    /// Sets the byte between two fields.
    pub(super) fn set_separator(&mut self, separator: u8) {
        self.splitter.set_separator(separator);
    }

    /// Takes the first record that is not a blank line; `None` if the stream has no such record.
    pub(super) fn first_record(&mut self) -> io::Result<Option<FirstRecord>> {
        loop {
            if self.first_line()?.is_none() {
                return Ok(None);
            }
            let window = &self.buffer[..self.filled];
            let record = match self.splitter.one_record(window, self.ended) {
                Step::Records { length, .. } => {
                    let record = window[..length].to_vec();
                    self.discard(length);
                    Ok(record)
                }
                Step::Refused { reason, .. } => Err(reason),
                Step::More => {
                    self.enlarge();
                    continue;
                }
            };
            let line_feeds = record.as_deref().map_or(0, line_feeds);
            return Ok(Some(FirstRecord { record, line_feeds_before: self.passed, line_feeds }));
        }
    }

    /// Enlarges the buffer, up to a length with which every decision can be made.
    fn enlarge(&mut self) {
        // A full buffer of sufficient length always decides, and a buffer that is not full holds the stream's
        // end.
        debug_assert!(self.buffer.len() < self.splitter.sufficient());
        self.buffer.resize(self.splitter.sufficient().min(2 * self.buffer.len()), 0);
    }

    /// The next chunk; `None` at the end of the stream.
    pub(super) fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        loop {
            self.fill()?;
            if self.filled == 0 {
                return Ok(None);
            }
            match self.splitter.step(&self.buffer[..self.filled], self.ended) {
                Step::Records { length, lines_only } => {
                    let buffer = self.hand_over(length);
                    return Ok(Some(Chunk::Records { buffer, length, lines_only }));
                }
                Step::Refused { length: Some(length), reason } => {
                    let line_feeds = u64::from(self.buffer[length - 1] == b'\n');
                    self.discard(length);
                    return Ok(Some(Chunk::Refused { reason, line_feeds }));
                }
                Step::Refused { length: None, reason } => {
                    let line_feeds = self.pass_line()?;
                    return Ok(Some(Chunk::Refused { reason, line_feeds }));
                }
                Step::More => self.enlarge(),
            }
        }
    }
}

/// Room for a chunk and for the record that runs past its target.
fn usual_length(splitter: &Splitter) -> usize {
    splitter.target() + splitter.target() / 16 + 64
}

/// Counts line feeds.
pub(super) fn line_feeds(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
