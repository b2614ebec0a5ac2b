//! Hashes match keys to 128 bits under the run's key, without which the hashes mean nothing.
//!
//! A key is encoded as one block of 64 bytes and hashed with BLAKE3 in keyed mode (the BLAKE3 paper,
//! section 2.3). Many blocks are hashed at once: 16 messages side by side in vector registers.

use blake3::IncrementCounter;
use blake3::platform::Platform;
use zeroize::Zeroizing;

use crate::memory;

/// 128 bits of a keyed hash. At 2·10⁸ × 8·10⁷ comparisons a run, 64 bits would collide by chance in about
/// one run in a thousand; 128 bits never do. The index keeps fewer bits, so whole keys are compared for
/// what it finds.
pub(crate) type Digest = u128;

/// A match key as it is hashed: the kind, then each field with its length in front, then zeros, so
/// that different keys never have the same bytes.
pub(crate) type Block = [u8; blake3::BLOCK_LEN];

const CHUNK_START: u8 = 1;
const CHUNK_END: u8 = 1 << 1;
const ROOT: u8 = 1 << 3;
const KEYED_HASH: u8 = 1 << 4;

/// How many blocks are hashed in one call; a multiple of the widest vector unit's 16.
pub(crate) const BATCH: usize = 64;

/// The secret key of one run, from the operating system's generator. It is never written anywhere. It is
/// boxed, so that moving its owner leaves no copy; it is kept out of swap space if the system allows it, and
/// wiped when it is dropped.
pub(crate) struct RunKey {
    words: Box<Zeroizing<[u32; 8]>>,
    platform: Platform,
}

impl RunKey {
    /// A fresh key.
    pub(crate) fn generate() -> Result<RunKey, getrandom::Error> {
        let mut bytes = Zeroizing::new([0_u8; blake3::KEY_LEN]);
        getrandom::fill(&mut *bytes)?;
        Ok(RunKey::from_bytes(&bytes))
    }

    pub(crate) fn from_bytes(bytes: &[u8; blake3::KEY_LEN]) -> RunKey {
        let mut words = Box::new(Zeroizing::new([0_u32; 8]));
        // Lock the memory before the key is in it.
        if !memory::keep_out_of_swap(&**words) {
            tracing::info!("the system cannot lock memory: the run's key may be written to swap space");
        }
        for (word, four) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*four);
        }
        RunKey { words, platform: Platform::detect() }
    }

    /// Appends the digest of each block to `digests`, in order.
    pub(crate) fn digest_all(&self, blocks: &[Block], digests: &mut Vec<Digest>) {
        let mut hashes = [0_u8; BATCH * blake3::OUT_LEN];
        for batch in blocks.chunks(BATCH) {
            let mut inputs = [&[0_u8; blake3::BLOCK_LEN]; BATCH];
            for (input, block) in inputs.iter_mut().zip(batch) {
                *input = block;
            }
            self.platform.hash_many(
                &inputs[..batch.len()],
                &self.words,
                0,
                IncrementCounter::No,
                KEYED_HASH,
                CHUNK_START,
                CHUNK_END | ROOT,
                &mut hashes,
            );
            let (hashes, _) = hashes.as_chunks::<{ blake3::OUT_LEN }>();
            digests.extend(hashes[..batch.len()].iter().map(first_half));
        }
    }

    /// The digest of text of any length.
    pub(crate) fn digest_text(&self, text: &[u8]) -> Digest {
        let mut key = Zeroizing::new([0_u8; blake3::KEY_LEN]);
        for (four, word) in key.as_chunks_mut::<4>().0.iter_mut().zip(self.words.iter()) {
            *four = word.to_le_bytes();
        }
        first_half(blake3::keyed_hash(&key, text).as_bytes())
    }
}

impl std::fmt::Debug for RunKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[withheld]")
    }
}

fn first_half(hash: &[u8; blake3::OUT_LEN]) -> Digest {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    Digest::from_le_bytes(half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Hashing many blocks at once uses calls that BLAKE3 does not document. It must give what the documented
        /// call gives, for every number of blocks.
        #[test]
        fn many_at_once_equals_one_at_a_time(
            key: [u8; 32],
            blocks in prop::collection::vec(prop::array::uniform32(any::<[u8; 2]>()), 0..200),
        ) {
            let blocks: Vec<Block> = blocks
                .iter()
                .map(|pairs| std::array::from_fn(|i| pairs[i / 2][i % 2]))
                .collect();
            let mut digests = Vec::new();
            RunKey::from_bytes(&key).digest_all(&blocks, &mut digests);
            let expected: Vec<Digest> =
                blocks.iter().map(|block| first_half(blake3::keyed_hash(&key, block).as_bytes())).collect();
            prop_assert_eq!(digests, expected);
        }

        #[test]
        fn text_is_hashed_under_the_key(key: [u8; 32], text: Vec<u8>) {
            let expected = first_half(blake3::keyed_hash(&key, &text).as_bytes());
            prop_assert_eq!(RunKey::from_bytes(&key).digest_text(&text), expected);
        }
    }

    #[test]
    fn a_key_is_wiped_when_it_goes_and_never_shown() {
        fn is_wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let key = RunKey::from_bytes(&[7; 32]);
        is_wiped(&*key.words);
        assert_eq!(format!("{key:?}"), "[withheld]");
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn a_key_is_kept_out_of_swap() {
        let key = RunKey::generate().unwrap();
        assert!(memory::tests::is_locked((**key.words).as_ptr().addr()));
    }

    #[test]
    fn two_runs_have_different_keys() {
        let text = b"the same text";
        let first = RunKey::generate().unwrap().digest_text(text);
        let second = RunKey::generate().unwrap().digest_text(text);
        assert_ne!(first, second);
    }
}
