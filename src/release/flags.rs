//! Writes a flag file: each account of a supplier with its flag.

use std::fmt;

use super::error::ReleaseError;
use super::rows::{FlagRow, Flags};
use super::staged_file::StagedFile;
use super::table::{Block, RowFile};
use super::values::values;

values! {
    /// Whether one account gets a scheme's rebate. Suppliers receive nothing else about it.
    pub enum Flag {
        /// It gets the rebate.
        Y = "Y",
        /// It does not get the rebate, for any reason.
        N = "N",
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Rows of a flag file, made separately, so that several threads can make them in parallel.
///
/// ```
/// use flagmatch::release::{Flag, FlagBlock};
/// let mut block = FlagBlock::default();
/// block.push("A-1001", Flag::Y);
/// block.push("A-1002", Flag::N);
/// assert_eq!(block.rows(), 2);
/// ```
#[derive(Default)]
pub struct FlagBlock {
    block: Block<Flags>,
    rows: u64,
}

impl FlagBlock {
    /// Appends an account by its supplier's reference.
    pub fn push(&mut self, customer_ref: &str, flag: Flag) {
        self.block.push(&FlagRow { customer_ref, eligible: flag });
        self.rows += 1;
    }

    /// Drops the accounts, and keeps the memory for others.
    pub(crate) fn clear(&mut self) {
        self.block.clear();
        self.rows = 0;
    }

    /// The number of accounts.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

/// The flags of one scheme for one supplier, in order of the accounts' first appearance.
pub struct FlagFile {
    file: RowFile<Flags>,
    rows: u64,
}

impl FlagFile {
    pub(super) fn begin(file: StagedFile) -> Result<FlagFile, ReleaseError> {
        Ok(FlagFile { file: RowFile::begin(file)?, rows: 0 })
    }

    /// Writes one account.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if it cannot be written.
    pub fn write(&mut self, customer_ref: &str, flag: Flag) -> Result<(), ReleaseError> {
        self.rows += 1;
        self.file.write(&FlagRow { customer_ref, eligible: flag })
    }

    /// Writes the accounts of a block.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if they cannot be written.
    pub fn append(&mut self, block: &FlagBlock) -> Result<(), ReleaseError> {
        self.rows += block.rows;
        self.file.append(&block.block)
    }

    /// Completes the file and returns the number of accounts.
    ///
    /// # Errors
    /// [`ReleaseError::Io`] if the last of them cannot be written.
    pub fn finish(self) -> Result<u64, ReleaseError> {
        self.file.finish()?;
        Ok(self.rows)
    }
}
