//! Computes BLAKE3 sums of whole files on all cores.

use std::fs::File;
use std::io::{self, Read};

/// Large enough to share out over threads, small enough for the cache they share.
const BLOCK: usize = 1 << 20;

/// The BLAKE3 sum of a file in hexadecimal, as `b3sum` prints it.
pub(crate) fn blake3_of(mut file: File) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    // No larger than the file: most files are small, and many are summed at the same time.
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(BLOCK);
    let mut buffer = vec![0; length.saturating_add(1).min(BLOCK)];
    loop {
        let filled = fill(&mut file, &mut buffer)?;
        if filled == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update_rayon(&buffer[..filled]);
    }
}

/// Reads until the buffer is full or the stream ends, and gives how many bytes were read.
pub(crate) fn fill(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
