//! Many short texts in one run of bytes: in go references as decoded, out they come by number.

use super::runs::Runs;

/// Texts one after another.
#[derive(Default)]
pub(crate) struct TextList {
    texts: Runs,
}

impl TextList {
    pub(crate) fn push(&mut self, text: &str) {
        self.texts.begin().extend_from_slice(text.as_bytes());
    }

    pub(crate) fn get(&self, number: usize) -> &str {
        str::from_utf8(self.texts.get(number)).expect("a list holds the texts it was given")
    }

    /// Joins lists, in order.
    pub(crate) fn joined(parts: impl Iterator<Item = TextList>) -> TextList {
        TextList { texts: Runs::joined(parts.map(|part| part.texts).collect()) }
    }
}
