//! The chain: in goes a row and the hash of the one before it, out comes the row's own hash.

/// What the first row of a directory's first run comes after.
pub(super) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A row as the ledger has it, without its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// From 1, without gaps.
    pub(super) number: u64,
    /// The run that it is of; of a record, the one that it came after.
    pub(super) run: String,
    /// What it tells of: `run`, `input`, `supplier`, `gate`, `release`, `key` or `stage`; or a record, such
    /// as `purge`.
    pub(super) kind: String,
    /// Which of these.
    pub(super) subject: String,
    /// What there is to tell, as JSON.
    pub(super) body: String,
}

impl Row {
    /// The BLAKE3 sum of the row and of the hash before it. Lengths go in too, so that no two rows give
    /// the same bytes.
    pub(super) fn hash(&self, before: &str) -> String {
        let number = self.number.to_string();
        let mut hasher = blake3::Hasher::new();
        for part in [before, &number, &self.run, &self.kind, &self.subject, &self.body] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}
