//! Remembers what is known of short texts that come again and again, in a table that never grows.
//!
//! Most names, streets and towns do. A text has two places, by its hash, side by side, so that asking waits for
//! memory once. A new text takes the place of the one that was asked for less recently.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::memory;
use crate::text::as_numbers;

/// What is known of texts, by the bytes of each. No `Debug`: the texts are personal data.
pub(crate) struct Memo<V> {
    /// Empty until the first text is asked for.
    pairs: Vec<Pair<V>>,
    /// How many pairs there are to be, a power of two.
    count: usize,
    /// Random numbers, so that no file can be made whose texts share a place.
    seeds: [u64; 2],
}

/// Two texts that share a hash, the more recent one first.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Pair<V>([Slot<V>; 2]);

/// A text's bytes, padded with zeros, and what is known of it.
#[derive(Clone, Copy, Default)]
struct Slot<V> {
    text: [u64; 3],
    known: V,
}

impl<V: Copy + Default> Memo<V> {
    /// A memo of so many pairs of texts, a power of two.
    pub(crate) const fn new(count: usize) -> Memo<V> {
        assert!(count.is_power_of_two(), "a place is some bits of a hash");
        Memo { pairs: Vec::new(), count, seeds: [0; 2] }
    }

    /// What is known of a text: what `find_out` says of it, now or when it was asked for before. Long texts are not
    /// remembered.
    #[inline]
    pub(crate) fn look_up(&mut self, text: &str, find_out: impl FnOnce() -> V) -> V {
        // A zero at the end would look like padding, and an empty place like the empty text.
        let Some(bytes) = as_numbers(text.as_bytes()).filter(|_| !matches!(text.as_bytes(), [] | [.., 0])) else {
            return find_out();
        };
        if self.pairs.is_empty() {
            self.begin();
        }
        let place = self.place(bytes);
        let Pair(pair) = &mut self.pairs[place];
        if pair[0].text != bytes {
            pair.swap(0, 1);
            if pair[0].text != bytes {
                pair[0] = Slot { text: bytes, known: find_out() };
            }
        }
        pair[0].known
    }

    #[cold]
    fn begin(&mut self) {
        let random = RandomState::default();
        self.seeds = [1, 2].map(|seed: u64| random.hash_one(seed));
        self.pairs = memory::zeroed(self.count);
    }

    /// The product of the bytes and the seeds, folded.
    fn place(&self, [first, second, third]: [u64; 3]) -> usize {
        let rest = second ^ third.rotate_left(32);
        let product = u128::from(first ^ self.seeds[0]) * u128::from(rest ^ self.seeds[1]);
        // The count is a power of two, and a division would take as long as the rest.
        ((product >> 64) as u64 ^ product as u64) as usize & (self.pairs.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_share_a_cache_line() {
        assert_eq!((size_of::<Pair<u64>>(), align_of::<Pair<u64>>()), (64, 64));
    }

    #[test]
    fn each_text_has_its_own_answer_however_many_were_asked_for() {
        let many = (0..100_u32).map(|number| format!("{number:x}"));
        let odd = ["", "\0", "A", "A\0", "A\0\0", "A\0B", "ABCDEFGHIJKLMNOPQRSTUVWX", "ABCDEFGHIJKLMNOPQRSTUVWXY"];
        let texts: Vec<String> = odd.into_iter().map(str::to_owned).chain(many).collect();
        let mut memo = Memo::new(4);
        let mut found_out = 0;
        for text in texts.iter().chain(texts.iter().rev()).chain(&texts) {
            let known = memo.look_up(text, || {
                found_out += 1;
                texts.iter().position(|other| other == text)
            });
            assert_eq!(known.map(|place| texts[place].as_str()), Some(text.as_str()));
        }
        assert_eq!(memo.pairs.len(), 4);
        let before = found_out;
        for _ in 0..3 {
            memo.look_up("A", || {
                found_out += 1;
                None
            });
        }
        assert!(found_out <= before + 1, "what was just asked for is remembered");
    }
}
