//! Chains the ledger's rows: a row's hash covers the row and the hash of the one before.

/// The hash before the first row of a directory's first run.
pub(super) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A row as the ledger has it, without its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// From 1, without gaps.
    pub(super) number: u64,
    /// The run that it belongs to; for a record, the run that it came after.
    pub(super) run: String,
    /// What it is about: `run`, `input`, `supplier`, `gate`, `release`, `key` or `stage`; or the kind of a record, such
    /// as `purge`.
    pub(super) kind: String,
    /// Which of these, such as a supplier's id.
    pub(super) subject: String,
    /// Its content as JSON.
    pub(super) body: String,
}

impl Row {
    /// The BLAKE3 sum of the row and of the hash before it. Lengths are included, so that no two rows give the same
    /// bytes.
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
