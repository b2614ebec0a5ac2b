//! Stores many short texts, and finds them by number.

use super::runs::PARTS_AT_ONCE;
use crate::memory;

/// Texts in the order in which they were added. A text of up to fifteen bytes, as most references are, stands in its
/// place in the list, so that looking one up waits for memory once.
#[derive(Default)]
pub(crate) struct TextList {
    places: Vec<Place>,
    /// The longer texts, one after another.
    long: String,
}

/// A text of up to fifteen bytes, or where a longer one begins and how long it is.
#[derive(Clone, Copy, Default)]
struct Place {
    bytes: [u8; MOST],
    /// [`LONG`] for a longer text.
    length: u8,
}

const MOST: usize = 15;

const LONG: u8 = u8::MAX;

impl Place {
    fn long(start: usize, length: usize) -> Place {
        let mut bytes = [0; MOST];
        bytes[..8].copy_from_slice(&(start as u64).to_le_bytes());
        bytes[8..12].copy_from_slice(&(length as u32).to_le_bytes());
        Place { bytes, length: LONG }
    }

    /// Where a longer text begins, and its length.
    fn of_long(self) -> (usize, usize) {
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte));
        (number(&self.bytes[..8]), number(&self.bytes[8..12]))
    }
}

impl TextList {
    pub(crate) fn push(&mut self, text: &str) {
        let mut place = Place { bytes: [0; MOST], length: text.len() as u8 };
        match place.bytes.get_mut(..text.len()) {
            Some(bytes) => bytes.copy_from_slice(text.as_bytes()),
            None => {
                place = Place::long(self.long.len(), text.len());
                self.long.push_str(text);
            }
        }
        self.places.push(place);
    }

    #[inline]
    pub(crate) fn get(&self, number: usize) -> &str {
        let place = &self.places[number];
        if place.length == LONG {
            let (start, length) = place.of_long();
            return &self.long[start..start + length];
        }
        str::from_utf8(&place.bytes[..usize::from(place.length)]).expect("a list holds the text it was given")
    }

    /// Prefetches the text. The returned byte only keeps the compiler from dropping the load.
    pub(crate) fn prefetch(&self, number: usize) -> u8 {
        self.places[number].length
    }

    /// The texts of these numbers, as a list of their own.
    pub(crate) fn chosen(&self, numbers: impl ExactSizeIterator<Item = u32>) -> TextList {
        let mut chosen = TextList { places: memory::with_room(numbers.len()), long: String::new() };
        numbers.for_each(|number| chosen.push(self.get(number as usize)));
        chosen
    }

    /// Joins lists, in order.
    pub(crate) fn joined(parts: impl Iterator<Item = TextList>) -> TextList {
        let parts: Vec<TextList> = parts.collect();
        let mut all = TextList {
            places: memory::with_room(parts.iter().map(|part| part.places.len()).sum()),
            long: String::with_capacity(parts.iter().map(|part| part.long.len()).sum()),
        };
        for (number, part) in parts.into_iter().enumerate() {
            let before = all.long.len();
            all.places.extend(part.places.iter().map(|place| match place.length {
                LONG => {
                    let (start, length) = place.of_long();
                    Place::long(before + start, length)
                }
                _ => *place,
            }));
            all.long.push_str(&part.long);
            drop(part);
            if (number + 1).is_multiple_of(PARTS_AT_ONCE) {
                memory::give_back();
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_went_in_comes_out(parts in vec(vec("[a-zé€]{0,20}", 0..20), 0..5)) {
            let list = |texts: &Vec<String>| {
                let mut list = TextList::default();
                texts.iter().for_each(|text| list.push(text));
                list
            };
            let joined = TextList::joined(parts.iter().map(list));
            for (number, text) in parts.iter().flatten().enumerate() {
                prop_assert_eq!(joined.get(number), text);
            }
            let every_other: Vec<u32> = (0..joined.places.len() as u32).step_by(2).collect();
            let chosen = joined.chosen(every_other.iter().copied());
            for (place, number) in every_other.into_iter().enumerate() {
                prop_assert_eq!(chosen.get(place), joined.get(number as usize));
            }
        }
    }
}
