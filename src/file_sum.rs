//! Computes BLAKE3 sums of whole files on all cores.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use blake3::hazmat::{ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root};

/// What one thread reads and hashes: a power of two, so that it is a subtree of BLAKE3's tree. Smaller files are summed
/// by one thread, since many are summed at the same time.
const SUBTREE: u64 = 1 << 20;

/// Bytes read at a time; they stay in the cache of the core that hashes them.
const BLOCK: usize = 1 << 16;

/// The BLAKE3 sum of a file in hexadecimal, as `b3sum` prints it. An error if the file grows or shrinks meanwhile.
pub(crate) fn blake3_of(file: File) -> io::Result<String> {
    let length = file.metadata()?.len();
    let sum = if length <= SUBTREE {
        blake3::Hasher::new().update_reader(&file)?.finalize()
    } else {
        let (left, right) = halves(&file, 0, length)?;
        merge_subtrees_root(&left, &right, Mode::Hash)
    };
    if file.metadata()?.len() != length {
        return Err(io::Error::other("its length changed while it was summed"));
    }
    Ok(sum.to_hex().to_string())
}

/// The sums of the two subtrees of a part of a file, each on any thread.
fn halves(file: &File, start: u64, length: u64) -> io::Result<(ChainingValue, ChainingValue)> {
    let left = left_subtree_len(length);
    let (one, other) = rayon::join(|| subtree(file, start, left), || subtree(file, start + left, length - left));
    Ok((one?, other?))
}

/// The sum of a part of a file that is a subtree, and not the whole file.
fn subtree(file: &File, start: u64, length: u64) -> io::Result<ChainingValue> {
    if length > SUBTREE {
        let (left, right) = halves(file, start, length)?;
        return Ok(merge_subtrees_non_root(&left, &right, Mode::Hash));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.set_input_offset(start);
    let mut buffer = vec![0; BLOCK];
    let mut done = 0;
    while done < length {
        let block = &mut buffer[..(length - done).min(BLOCK as u64) as usize];
        file.read_exact_at(block, start + done)?;
        hasher.update(block);
        done += block.len() as u64;
    }
    Ok(hasher.finalize_non_root())
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

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    #[test]
    fn a_sum_is_that_of_the_whole_file_at_once() {
        let whole = SUBTREE as usize;
        for length in [0, 1, BLOCK, whole - 1, whole, whole + 1, 2 * whole, 3 * whole + BLOCK + 1, 4 * whole + 1023] {
            let bytes: Vec<u8> = (0..length).map(|place| (place * place % 251) as u8).collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            file.rewind().unwrap();
            assert_eq!(blake3_of(file).unwrap(), blake3::hash(&bytes).to_hex().as_str(), "{length}");
        }
    }
}
