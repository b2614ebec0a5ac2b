//! Many short texts in one run of bytes: in go references as decoded, out they come by number.

/// Texts one after another.
#[derive(Default)]
pub(crate) struct TextList {
    bytes: String,
    ends: Vec<u64>,
}

impl TextList {
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u64);
    }

    pub(crate) fn get(&self, number: usize) -> &str {
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.bytes[start..self.ends[number] as usize]
    }

    pub(crate) fn append(&mut self, other: &TextList) {
        let offset = self.bytes.len() as u64;
        self.bytes.push_str(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| end + offset));
    }
}
