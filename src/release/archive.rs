//! Packs the files of a delivery into one tar archive, encrypted with [age](https://age-encryption.org/v1), whose size tells
//! nothing of them.
//!
//! The sizes of several encrypted files would tell how many flags changed. One archive has one size, and a file of zeros
//! in it fills it up to the next step. The rest after the flags counts as its reserve, unless it is longer. So the size
//! depends on how many accounts there are, in steps, and not on how many changed.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::SystemTime;

use age::Encryptor;
use tar::{Builder, Header};

use super::error::ReleaseError;
use super::layout::FLAGS_ENDING;
use super::staged_file::StagedFile;
use crate::job::AgeRecipient;

/// The archive's name in a delivery.
pub(super) const ARCHIVE: &str = "delivery.tar.age";

/// The file of zeros in it.
pub(super) const PADDING: &str = "padding";

/// What age encrypts at a time.
const CHUNK: u64 = 1 << 16;

/// More than age's header has, with the random part that it adds to each.
const LONGEST_HEADER: u64 = 2032;

/// The unit of a tar archive, and its end.
const BLOCK: u64 = 512;
const END: u64 = 2 * BLOCK;

/// The reserve for all files but the flags: so many bytes and a quarter of the flags. A changed flag takes some forty
/// bytes, so that 1,500 changes fit, or as many as one account in twelve has. (Choice.)
const RESERVE: u64 = 1 << 16;
const SHARE_OF_FLAGS: u64 = 4;

/// Steps are of one chunk, or of a thirty-second of a large archive, rounded up to a power of two.
const STEPS: u64 = 32;

/// Packs and encrypts these files of a folder, and finishes the output file. They are dated as the run.
pub(super) fn write(
    folder: &Path,
    names: &[&str],
    dated: SystemTime,
    recipient: &AgeRecipient,
    mut out: StagedFile,
) -> Result<(), ReleaseError> {
    let mut files = Vec::new();
    for name in names {
        let path = folder.join(name);
        let file = File::open(&path).map_err(ReleaseError::io("open this file", &path))?;
        let length = file.metadata().map_err(ReleaseError::io("look at this file", &path))?.len();
        files.push((*name, file, length));
    }
    pack(files, dated, recipient, &mut out).map_err(ReleaseError::io("encrypt the files of this folder", folder))?;
    out.finish()
}

fn pack(
    files: Vec<(&str, File, u64)>,
    dated: SystemTime,
    recipient: &AgeRecipient,
    out: &mut StagedFile,
) -> io::Result<()> {
    let encryptor = Encryptor::with_recipients(std::iter::once(recipient.key())).map_err(io::Error::other)?;
    let (stored, plain) = (Cell::new(0), Cell::new(0));
    let encrypted = encryptor.wrap_output(Counted { out, bytes: &stored })?;
    let header = stored.get();
    let mut archive = Builder::new(Counted { out: encrypted, bytes: &plain });
    let seconds = dated.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut flags = 0;
    for (name, file, length) in files {
        let before = plain.get();
        append(&mut archive, name, file, length, seconds)?;
        if name.ends_with(FLAGS_ENDING) {
            flags += plain.get() - before;
        }
    }
    let whole = whole(flags, plain.get() - flags, header);
    // Entries are of whole blocks; a few zeros behind the archive's end make up for the length of age's header.
    let padding = (whole - plain.get() - BLOCK - END) / BLOCK * BLOCK;
    append(&mut archive, PADDING, io::repeat(0), padding, seconds)?;
    let mut encrypted = archive.into_inner()?;
    io::copy(&mut io::repeat(0).take(whole - plain.get()), &mut encrypted)?;
    // The last part of an age file is marked as the last; without it the file does not open.
    encrypted.out.finish().map(drop)
}

fn append(archive: &mut Builder<impl Write>, name: &str, file: impl Read, length: u64, seconds: u64) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(length);
    header.set_mode(0o600);
    header.set_mtime(seconds);
    archive.append_data(&mut header, name, file.take(length))
}

/// The length of the whole archive, before it is encrypted: so that with age's header it becomes a number of bytes that
/// depends only on the step. `rest` has all but the flags.
fn whole(flags: u64, rest: u64, header: u64) -> u64 {
    let least = flags + rest.max(RESERVE + flags / SHARE_OF_FLAGS) + BLOCK + END;
    let chunks = least.div_ceil(CHUNK);
    let step = (chunks / STEPS).next_power_of_two();
    chunks.next_multiple_of(step) * CHUNK + LONGEST_HEADER - header.min(LONGEST_HEADER)
}

/// Counts what is written.
struct Counted<'c, W> {
    out: W,
    bytes: &'c Cell<u64>,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.out.write(bytes)?;
        self.bytes.set(self.bytes.get() + length as u64);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What age adds to a chunk.
    const TAG: u64 = 16;

    /// The bytes of an age file with this header and content.
    fn stored(header: u64, plain: u64) -> u64 {
        header + plain + plain.div_ceil(CHUNK) * TAG
    }

    #[test]
    fn a_size_depends_on_the_step_alone() {
        for (flags, rest, size) in [
            (0, 0, 2),
            (30_000, 1_000, 2),
            (30_000, 65_000, 2),
            (30_000, 73_000, 2),
            (30_000, 150_000, 3),
            // Its step is of 128 chunks, and its reserve a quarter.
            (130 << 20, 0, 2_688),
            (130 << 20, 32 << 20, 2_688),
            (140 << 20, 0, 2_816),
        ] {
            for header in [200, 201, 333, 777, 2_000] {
                let whole = whole(flags, rest, header);
                assert!(whole >= flags + rest + BLOCK + END);
                let steps = size * (CHUNK + TAG) + LONGEST_HEADER + TAG;
                assert_eq!(stored(header, whole), steps, "{flags}, {rest}, {header}");
            }
        }
    }
}
