//! Writes the log of answers, and reads what other programs on the same log have added.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::decisions_file::sync_folder;
use super::error::DeskError;
use crate::report::LogRow;

/// The log, read up to some place.
pub(super) struct Log {
    path: PathBuf,
    read_to: u64,
}

/// The log, locked: nobody else writes to it or to the decisions file.
pub(super) struct LockedLog<'a> {
    log: &'a mut Log,
    file: File,
}

impl Log {
    /// Opens the log; makes it if there is none. Nothing of it is read yet.
    pub(super) fn open(path: &Path) -> Result<Log, DeskError> {
        let mut log = Log { path: path.to_owned(), read_to: 0 };
        let is_new = !path.exists();
        let mut locked = log.lock()?;
        let length = locked.file.metadata().map_err(DeskError::io(path))?.len();
        if length == 0 {
            let mut header = Vec::new();
            crate::csv_row::row(LogRow::HEADER, &mut header);
            let written = locked.file.write_all(&header).and_then(|()| locked.file.sync_all());
            written.map_err(DeskError::io(path))?;
        }
        drop(locked);
        if is_new {
            sync_folder(path)?;
        }
        Ok(log)
    }

    /// Locks the log, and waits until others have finished with it.
    pub(super) fn lock(&mut self) -> Result<LockedLog<'_>, DeskError> {
        let options = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path);
        let file = options.and_then(|file| file.lock().map(|()| file)).map_err(DeskError::io(&self.path))?;
        Ok(LockedLog { log: self, file })
    }
}

impl LockedLog<'_> {
    /// The rows that were added since the last call.
    pub(super) fn news(&mut self) -> Result<Vec<LogRow>, DeskError> {
        let path = &self.log.path;
        let mut text = Vec::new();
        let from = self.log.read_to;
        let read = self.file.seek(SeekFrom::Start(from)).and_then(|_| self.file.read_to_end(&mut text));
        read.map_err(DeskError::io(path))?;
        // What comes behind the last line end was cut short by a power failure, and never confirmed to anybody.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        if whole < text.len() {
            self.file.set_len(from + whole as u64).map_err(DeskError::io(path))?;
        }
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&text[..whole]);
        let header = csv::StringRecord::from(LogRow::HEADER.as_slice());
        let unusable = || DeskError::Unusable { file: path.clone(), reason: "it is not a log of flagmatch review" };
        let mut rows = Vec::new();
        for (number, record) in reader.records().enumerate() {
            let record = record.map_err(|_| unusable())?;
            if from == 0 && number == 0 {
                if record != header {
                    return Err(unusable());
                }
                continue;
            }
            rows.push(record.deserialize(Some(&header)).map_err(|_| unusable())?);
        }
        self.log.read_to = from + whole as u64;
        Ok(rows)
    }

    /// Appends rows, and makes them durable. [`news`](Self::news) does not return them again.
    pub(super) fn append(&mut self, rows: &[LogRow]) -> Result<(), DeskError> {
        let path = &self.log.path;
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        let bytes = rows.iter().try_for_each(|row| writer.serialize(row)).map_err(std::io::Error::from);
        let bytes = bytes.and_then(|()| writer.into_inner().map_err(|error| error.into_error()));
        let bytes = bytes.map_err(DeskError::io(path))?;
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        if written.is_err() {
            let _cut = self.file.set_len(self.log.read_to);
        }
        written.map_err(DeskError::io(path))?;
        self.log.read_to += bytes.len() as u64;
        Ok(())
    }
}
