//! Stores many short texts, and finds them by number.

use crate::memory;
use crate::parts::Parts;

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
    /// An empty list with room for so many texts.
    pub(crate) fn with_room(texts: usize) -> TextList {
        TextList { places: Vec::with_capacity(texts), long: String::new() }
    }

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

    /// Prefetches a text of up to fifteen bytes.
    pub(crate) fn prefetch(&self, number: usize) {
        memory::prefetch(&self.places[number..=number]);
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Ends the list, and gives back the memory for more texts.
    pub(crate) fn finish(&mut self) {
        self.places.shrink_to_fit();
        self.long.shrink_to_fit();
    }
}

/// The text of a row or claim.
pub(super) fn text(list: &Parts<TextList>, number: u32) -> &str {
    let (part, number) = list.find(number);
    part.get(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_went_in_comes_out(texts in vec("[a-zé€]{0,20}", 0..20)) {
            let mut list = TextList::default();
            texts.iter().for_each(|text| list.push(text));
            list.finish();
            prop_assert_eq!(list.len(), texts.len());
            for (number, text) in texts.iter().enumerate() {
                prop_assert_eq!(list.get(number), text);
            }
        }
    }
}
