//! Opens a file as a stream of bytes in UTF-8 or Windows-1252.
//!
//! The file's ending decides about decryption and decompression. UTF-16 is recognised by its byte-order mark or, without
//! one, by the zero bytes that Latin letters leave in it. Plain files are read through descriptors into buffers
//! that are used again, not mapped into memory: mapped pages count as resident memory, and a mapped file that shrinks
//! ends the process with a signal. Through a descriptor it is a short read, and its stamp tells that it changed.
//!
//! Decompression is bounded: data that become more than two hundred times as long are refused.
//!
//! A file's bytes are summed as they are read. So the sum is of what was used, and no file is read twice for it.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// The file that the stream reads.
    pub(super) stored: Stored<'a>,
}

/// Opens a regular file and gives its text, decrypted, decompressed and without a byte-order mark. `progress` counts
/// the bytes on disk as they are read.
pub(super) fn open<'a>(
    path: &Path,
    identities: Option<&Identities>,
    progress: &'a dyn Progress,
) -> Result<Opened<'a>, IntakeError> {
    let stored = Stored::new(open_regular(path, || progress.is_stopped())?, progress);
    if !has_ending(path, "age") {
        return decompressed(path, path, stored.clone(), stored);
    }
    let identities = identities.ok_or_else(|| IntakeError::NoIdentity { file: path.to_owned() })?;
    let plain = decrypted(path, BufReader::with_capacity(BUFFER, stored.clone()), identities)?;
    decompressed(path, Path::new(path.file_stem().unwrap_or_default()), plain, stored)
}

const BUFFER: usize = 256 * 1024;

fn has_ending(name: &Path, ending: &str) -> bool {
    name.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending))
}

/// The text of the `plain` stream of a file that, once decrypted, has this name.
fn decompressed<'a>(
    path: &Path,
    name: &Path,
    plain: impl Read + Send + 'a,
    stored: Stored<'a>,
) -> Result<Opened<'a>, IntakeError> {
    if has_ending(name, "gz") {
        let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, plain));
        decoded(path, Bounded::new(decoder, stored.clone()), stored)
    } else if has_ending(name, "zst") {
        let decoder = zstd::stream::read::Decoder::new(plain).map_err(|error| unreadable(path, error))?;
        decoded(path, Bounded::new(decoder, stored.clone()), stored)
    } else {
        decoded(path, plain, stored)
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
fn decoded<'a>(path: &Path, mut stream: impl Read + Send + 'a, stored: Stored<'a>) -> Result<Opened<'a>, IntakeError> {
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
    let (stream, encoding): (Box<dyn Read + Send>, _) = match utf16 {
        Some(order) => (Box::new(Utf16Reader::new(whole, order)), Some(Decided::Utf8)),
        None => (Box::new(whole), is_marked.then_some(Decided::Utf8)),
    };
    Ok(Opened { stream, encoding, is_utf16: utf16.is_some(), stored })
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
struct Bounded<'a, R> {
    stream: R,
    stored: Stored<'a>,
    /// How many bytes came out of those of the file that have been read.
    given: u64,
}

impl<'a, R> Bounded<'a, R> {
    fn new(stream: R, stored: Stored<'a>) -> Bounded<'a, R> {
        Bounded { stream, stored, given: 0 }
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(out)?;
        self.given += length as u64;
        if self.given > ALWAYS_ALLOWED && self.given / MOST_TIMES > self.stored.bytes_read() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(length)
    }
}

/// A file that reports how far it has been read, and sums its bytes. All clones read on from the same place.
#[derive(Clone)]
pub(super) struct Stored<'a> {
    progress: &'a dyn Progress,
    shared: Arc<Mutex<Summed>>,
}

/// A file, and the sum of what has been read of it.
struct Summed {
    file: File,
    sum: blake3::Hasher,
}

impl<'a> Stored<'a> {
    fn new(file: File, progress: &'a dyn Progress) -> Stored<'a> {
        Stored { progress, shared: Arc::new(Mutex::new(Summed { file, sum: blake3::Hasher::new() })) }
    }

    fn summed(&self) -> MutexGuard<'_, Summed> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bytes_read(&self) -> u64 {
        self.summed().sum.count()
    }

    /// The BLAKE3 sum of the whole file, in hexadecimal. Reads what the decoders left unread.
    pub(super) fn sum(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.summed().sum.finalize().to_hex().to_string())
    }
}

impl Read for Stored<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_stopped() {
            return Err(io::Error::other("stopped"));
        }
        let mut summed = self.summed();
        let length = summed.file.read(out)?;
        summed.sum.update(&out[..length]);
        drop(summed);
        self.progress.advance(length as u64);
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

    #[test]
    fn the_sum_has_what_was_left_unread() {
        let bytes: Vec<u8> = (0..100_000_usize).map(|place| (place * place % 251) as u8).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("left.csv");
        std::fs::write(&path, &bytes).unwrap();
        for read in [0, 1, 99_999, 100_000] {
            let stored = Stored::new(File::open(&path).unwrap(), &crate::progress::Unwatched);
            stored.clone().read_exact(&mut vec![0; read]).unwrap();
            assert_eq!(stored.bytes_read(), read as u64);
            assert_eq!(stored.sum().unwrap(), blake3::hash(&bytes).to_hex().as_str(), "{read}");
        }
    }
}
