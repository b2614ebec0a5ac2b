//! Stores many short texts in one string, and finds them by number.

use super::runs::PARTS_AT_ONCE;
use crate::memory;

/// Texts one after another. Each is a slice of one string, so that its UTF-8 is not checked again.
#[derive(Default)]
pub(crate) struct TextList {
    all: String,
    /// Where each text begins; it ends where the next begins.
    starts: Vec<u64>,
}

impl TextList {
    pub(crate) fn push(&mut self, text: &str) {
        self.starts.push(self.all.len() as u64);
        self.all.push_str(text);
    }

    #[inline]
    pub(crate) fn get(&self, number: usize) -> &str {
        let start = self.starts[number] as usize;
        let end = self.starts.get(number + 1).map_or(self.all.len(), |next| *next as usize);
        &self.all[start..end]
    }

    /// Joins lists, in order.
    pub(crate) fn joined(parts: impl Iterator<Item = TextList>) -> TextList {
        let parts: Vec<TextList> = parts.collect();
        let room = memory::with_room(parts.iter().map(|part| part.all.len()).sum());
        let mut all = TextList {
            all: String::from_utf8(room).expect("nothing is in it yet"),
            starts: memory::with_room(parts.iter().map(|part| part.starts.len()).sum()),
        };
        for (number, part) in parts.into_iter().enumerate() {
            let before = all.all.len() as u64;
            all.starts.extend(part.starts.iter().map(|start| before + start));
            all.all.push_str(&part.all);
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_went_in_comes_out(parts: Vec<Vec<String>>) {
            let list = |texts: &Vec<String>| {
                let mut list = TextList::default();
                texts.iter().for_each(|text| list.push(text));
                list
            };
            let joined = TextList::joined(parts.iter().map(list));
            for (number, text) in parts.iter().flatten().enumerate() {
                prop_assert_eq!(joined.get(number), text);
            }
        }
    }
}
