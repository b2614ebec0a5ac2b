//! Opens a file as a stream of bytes in UTF-8 or Windows-1252.
//!
//! The file's ending decides about decryption and decompression. UTF-16 is recognised by its byte-order mark or, without
//! one, by the zero bytes that Latin letters leave in it. Plain files are read through descriptors into buffers
//! that are used again, not mapped into memory: mapped pages count as resident memory, and a mapped file that shrinks
//! ends the process with a signal. Through a descriptor it is a short read, and its stamp tells that it changed.
//!
//! Decompression is bounded: data that become more than two hundred times as long are refused.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

use super::decryption::{Damage, Identities, decrypted};
use super::encoding::Encoding as Decided;
use super::error::IntakeError;
use super::format;
use super::regular::open_regular;
use super::utf16::Utf16Reader;
use crate::progress::Progress;

/// How many bytes at the beginning are examined to recognise UTF-16.
const SNIFFED: usize = 512;

/// How many times longer data may become. Tables of people compress five to fifty times, a file made to fill
/// the memory a thousand times.
const MOST_TIMES: u64 = 200;

/// Up to this many bytes are allowed, however short the file is.
const ALWAYS_ALLOWED: u64 = 64 << 20;

pub(super) const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text of a file.
pub(super) struct Opened<'a> {
    pub(super) stream: Box<dyn Read + Send + 'a>,
    /// The encoding, if the file's beginning shows it; UTF-16 has been converted to UTF-8.
    pub(super) encoding: Option<Decided>,
    /// Whether it has been converted from UTF-16.
    pub(super) is_utf16: bool,
}

/// Opens a regular file and gives its text, decrypted, decompressed and without a byte-order mark. `progress` counts
/// the bytes on disk as they are read.
pub(super) fn open<'a>(
    path: &Path,
    identities: Option<&Identities>,
    progress: &'a dyn Progress,
) -> Result<Opened<'a>, IntakeError> {
    let file = open_regular(path, || progress.is_stopped())?;
    let read = Arc::default();
    let stored = Watched { file, progress, read: Arc::clone(&read) };
    if !has_ending(path, "age") {
        return decompressed(path, path, stored, read);
    }
    let identities = identities.ok_or_else(|| IntakeError::NoIdentity { file: path.to_owned() })?;
    let plain = decrypted(path, BufReader::with_capacity(BUFFER, stored), identities)?;
    decompressed(path, Path::new(path.file_stem().unwrap_or_default()), plain, read)
}

const BUFFER: usize = 256 * 1024;

fn has_ending(name: &Path, ending: &str) -> bool {
    name.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending))
}

/// The text of a stream whose file, once decrypted, has this name. `read` counts the bytes on disk.
fn decompressed<'a>(
    path: &Path,
    name: &Path,
    stored: impl Read + Send + 'a,
    read: Arc<AtomicU64>,
) -> Result<Opened<'a>, IntakeError> {
    if has_ending(name, "gz") {
        decoded(path, Bounded::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, stored)), read))
    } else if has_ending(name, "zst") {
        let decoder = zstd::stream::read::Decoder::new(stored).map_err(|error| unreadable(path, error))?;
        decoded(path, Bounded::new(decoder, read))
    } else {
        decoded(path, stored)
    }
}

/// The error for a file that failed while it was read.
pub(super) fn unreadable(path: &Path, source: io::Error) -> IntakeError {
    let file = path.to_owned();
    if source.get_ref().is_some_and(|source| source.is::<Damage>()) {
        return IntakeError::Damaged { file };
    }
    match source.kind() {
        io::ErrorKind::UnexpectedEof => IntakeError::BreaksOff { file },
        io::ErrorKind::FileTooLarge => IntakeError::Expands { file, times: MOST_TIMES },
        _ => IntakeError::Unreadable { file, source },
    }
}

/// Removes a byte-order mark and converts UTF-16 to UTF-8. Refuses a file that is not text.
fn decoded<'a>(path: &Path, mut stream: impl Read + Send + 'a) -> Result<Opened<'a>, IntakeError> {
    let mut head = Vec::with_capacity(SNIFFED);
    stream.by_ref().take(SNIFFED as u64).read_to_end(&mut head).map_err(|error| unreadable(path, error))?;
    if let Some(format::Format { name, remedy }) = format::foreign(&head) {
        return Err(IntakeError::OtherFormat { file: path.to_owned(), found: name, remedy });
    }
    let utf16 = utf16_order(&head);
    let is_marked = head.starts_with(UTF8_MARK);
    if is_marked {
        head.drain(..UTF8_MARK.len());
    }
    let whole = Cursor::new(head).chain(stream);
    Ok(match utf16 {
        Some(order) => {
            Opened { stream: Box::new(Utf16Reader::new(whole, order)), encoding: Some(Decided::Utf8), is_utf16: true }
        }
        None => Opened { stream: Box::new(whole), encoding: is_marked.then_some(Decided::Utf8), is_utf16: false },
    })
}

/// The byte order, if a file begins in UTF-16: shown by its byte-order mark, or by a zero on one side of most
/// pairs of bytes and no zero on the other side.
fn utf16_order(head: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return (encoding == UTF_16LE || encoding == UTF_16BE).then_some(encoding);
    }
    let (pairs, _) = head.as_chunks::<2>();
    let zeros = |side: usize| pairs.iter().filter(|pair| pair[side] == 0).count();
    let most = |zeros: usize| zeros * 2 > pairs.len();
    match (zeros(0), zeros(1)) {
        (0, low) if most(low) => Some(UTF_16LE),
        (high, 0) if most(high) => Some(UTF_16BE),
        _ => None,
    }
}

/// Decompressed data, refused once they become implausibly long.
struct Bounded<R> {
    stream: R,
    /// How many bytes of the file have been read; `given` is how many came out of them.
    read: Arc<AtomicU64>,
    given: u64,
}

impl<R> Bounded<R> {
    fn new(stream: R, read: Arc<AtomicU64>) -> Bounded<R> {
        Bounded { stream, read, given: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(out)?;
        self.given += length as u64;
        if self.given > ALWAYS_ALLOWED && self.given / MOST_TIMES > self.read.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(length)
    }
}

/// A file that reports how far it has been read.
struct Watched<'a> {
    file: File,
    progress: &'a dyn Progress,
    read: Arc<AtomicU64>,
}

impl Read for Watched<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_stopped() {
            return Err(io::Error::other("stopped"));
        }
        let length = self.file.read(out)?;
        self.progress.advance(length as u64);
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_told_by_mark_or_by_zeros() {
        for (head, order) in [
            (&b"a,b\n"[..], None),
            (b"", None),
            (b"a", None),
            (b"\xEF\xBB\xBFa,b", None),
            (b"\xFF\xFEa\0", Some(UTF_16LE)),
            (b"\xFE\xFF\0a", Some(UTF_16BE)),
            (b"a\0,\0b\0\n\0", Some(UTF_16LE)),
            (b"\0a\0,\0b\0\n", Some(UTF_16BE)),
            (b"a,b\0c,d\0\n", None),
            (b"\0\0\0\0", None),
        ] {
            assert_eq!(utf16_order(head), order, "{head:?}");
        }
    }
}
