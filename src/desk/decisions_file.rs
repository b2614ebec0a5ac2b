//! Appends decisions to the job's decisions file, row by row, each durable before it is confirmed.
//!
//! The caller holds the lock of the log, so that several programs on one file write in turn.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::DeskError;
use crate::csv_row;
use crate::job::Job;
use crate::text::{marked, unmarked};

/// The columns of a decision.
const COLUMNS: [&str; 9] =
    ["supplier", "customer_ref", "scheme", "flag", "claim_ref", "person_ref", "decided_by", "decided_on", "reason"];

/// One decision, by the columns.
pub(super) type Decision<'a> = [&'a str; 9];

/// Who gave an account the rebate, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gave {
    pub(super) by: String,
    pub(super) reason: String,
}

/// The file, and where each column of a decision stands in it.
pub(super) struct DecisionsFile {
    path: PathBuf,
    places: [usize; COLUMNS.len()],
    width: usize,
}

impl DecisionsFile {
    /// Opens the job's file; makes it if there is none.
    pub(super) fn open(job: &Job) -> Result<DecisionsFile, DeskError> {
        let path = path(job)?;
        let source = job.decisions.as_ref().ok_or(DeskError::NoDecisions)?;
        let heading = |column: &str| source.columns().get(column).map_or(column, String::as_str).to_owned();
        if !path.exists() {
            let mut header = Vec::new();
            csv_row::row(COLUMNS.map(heading).iter().map(String::as_str), &mut header);
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            made.and_then(|mut file| file.write_all(&header).and_then(|()| file.sync_all()))
                .map_err(DeskError::io(&path))?;
            sync_folder(&path)?;
        }
        // It is a file of its own, whatever it is called: the pattern has to find it.
        let is_it = |found: &PathBuf| fs::canonicalize(found).ok() == fs::canonicalize(&path).ok();
        if !source.files().is_ok_and(|files| files.iter().any(is_it)) {
            return Err(DeskError::NotRead(path));
        }
        let text = fs::read(&path).map_err(DeskError::io(&path))?;
        let unusable = |reason| DeskError::Unusable { file: path.clone(), reason };
        let text = std::str::from_utf8(&text)
            .map_err(|_| unusable("decisions can be appended to a plain UTF-8 file only: save it as one"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|_| unusable("its header cannot be read"))?.clone();
        if header.len() == 1 {
            return Err(unusable("its columns are not separated by commas: save it as comma-separated"));
        }
        let mut places = [0; COLUMNS.len()];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            let wanted = heading(column).trim().to_lowercase();
            let found = header.iter().position(|own| own.trim().to_lowercase() == wanted);
            *place = found.ok_or_else(|| DeskError::NoColumn { file: path.clone(), column })?;
        }
        let width = header.len();
        let last = reader.into_records().last().transpose().map_err(|_| unusable("its rows cannot be read"))?;
        let is_cut = !text.ends_with(['\n', '\r']) && last.is_some_and(|last| last.len() != width);
        if is_cut {
            let reason = "its last line is cut short, and was never confirmed to anybody: remove that line";
            return Err(unusable(reason));
        }
        Ok(DecisionsFile { path, places, width })
    }

    /// The file's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a decision and makes it durable. Returns the row as it was written.
    pub(super) fn append(&self, decision: &Decision<'_>) -> Result<Vec<u8>, DeskError> {
        let mut fields = vec![String::new(); self.width];
        for (place, text) in self.places.iter().zip(decision) {
            fields[*place] = marked(text).into_owned();
        }
        let mut row = Vec::new();
        csv_row::row(fields.iter().map(String::as_str), &mut row);
        self.put(&row)?;
        Ok(row)
    }

    /// Appends a row as it is written, and makes it durable.
    pub(super) fn put(&self, row: &[u8]) -> Result<(), DeskError> {
        let failed = || DeskError::io(&self.path);
        let mut file = OpenOptions::new().read(true).append(true).open(&self.path).map_err(failed())?;
        let mut bytes = if ends_with_line_end(&mut file).map_err(failed())? { Vec::new() } else { b"\n".to_vec() };
        bytes.extend_from_slice(row);
        let before = file.metadata().map_err(failed())?.len();
        let written = file.write_all(&bytes).and_then(|()| file.sync_data());
        if written.is_err() {
            // A full disk may have taken a part of the row, which nobody must read.
            let _cut = file.set_len(before);
        }
        written.map_err(failed())
    }

    /// Whether a row is there that [`append`](Self::append) wrote.
    pub(super) fn has(&self, row: &[u8]) -> Result<bool, DeskError> {
        let text = fs::read(&self.path).map_err(DeskError::io(&self.path))?;
        Ok(place_of(row, &text).is_some())
    }

    /// Who gave an account the rebate at a moment, and why, as the file has it; `None` if it does not say so.
    pub(super) fn gave(&self, key: &[&str; 3], moment: &str) -> Result<Option<Gave>, DeskError> {
        let text = fs::read(&self.path).map_err(DeskError::io(&self.path))?;
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let rows = csv::ReaderBuilder::new().flexible(true).from_reader(text).into_records();
        let is_it = |row: &csv::StringRecord| {
            let field = |column: usize| row.get(self.places[column]).unwrap_or_default();
            let is_account = (0..3).all(|column| unmarked(field(column)) == key[column]);
            is_account && field(3).trim() == "Y" && field(7).trim() == moment
        };
        // Rows that cannot be read say nothing to a run either.
        let found = rows.filter_map(Result::ok).filter(is_it).last();
        let text = |row: &csv::StringRecord, column: usize| {
            unmarked(row.get(self.places[column]).unwrap_or_default()).trim().to_owned()
        };
        Ok(found.map(|row| Gave { by: text(&row, 6), reason: text(&row, 8) }))
    }

    /// Takes a row out again that [`append`](Self::append) wrote; false if it is not there any more.
    pub(super) fn take_back(&self, row: &[u8]) -> Result<bool, DeskError> {
        let failed = || DeskError::io(&self.path);
        let text = fs::read(&self.path).map_err(failed())?;
        let Some(at) = place_of(row, &text) else { return Ok(false) };
        if at + row.len() == text.len() {
            let file = OpenOptions::new().write(true).open(&self.path).map_err(failed())?;
            file.set_len(at as u64).and_then(|()| file.sync_data()).map_err(failed())?;
            return Ok(true);
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        // Hidden, so that no pattern finds it.
        let beside = self.path.with_file_name(format!(".{name}.without"));
        let mode = fs::metadata(&self.path).map_err(failed())?.permissions().mode();
        let rewritten = || {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(&text[..at])?;
            file.write_all(&text[at + row.len()..])?;
            file.set_permissions(Permissions::from_mode(mode & 0o777))?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)
        };
        rewritten().map_err(failed())?;
        sync_folder(&self.path)?;
        Ok(true)
    }
}

/// Where a row begins in the text of the file; the last one, if there are several.
fn place_of(row: &[u8], text: &[u8]) -> Option<usize> {
    let starts = |at: usize| at == 0 || matches!(text[at - 1], b'\n' | b'\r');
    let last = text.len().checked_sub(row.len()).map_or(0..0, |last| 0..last + 1);
    last.rev().find(|&at| starts(at) && text[at..].starts_with(row))
}

/// The file that decisions are appended to.
fn path(job: &Job) -> Result<PathBuf, DeskError> {
    let source = job.decisions.as_ref().ok_or(DeskError::NoDecisions)?;
    if let Some(path) = &job.review.decisions {
        return Ok(path.clone());
    }
    match source.patterns() {
        [only] if !only.contains(['*', '?', '[']) => Ok(source.folder().join(only)),
        _ => Err(DeskError::WhichDecisions),
    }
}

fn ends_with_line_end(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(matches!(last[0], b'\n' | b'\r'))
}

/// Makes the name of a file durable.
pub(super) fn sync_folder(file: &Path) -> Result<(), DeskError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(DeskError::io(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(folder: &Path, decisions: &str, review: &str) -> Job {
        let text = format!(
            "[[scheme]]\nid = 's'\nname = 'S'\nqualifying_date = 2026-08-23\n[[scheme.group]]\nid = 'g'\n\
             benefits = ['B']\n[benefits]\nfiles = ['b.csv']\n[[supplier]]\nid = 'n'\nfiles = ['n.csv']\n\
             {decisions}\n{review}\n"
        );
        Job::parse(&text, folder).unwrap()
    }

    const ROW: Decision<'static> = ["n", "=A,1", "s", "Y", "C", "", "amy", "2026-11-28T09:00:00", "seen \"it\""];

    #[test]
    fn rows_are_appended_under_the_headings_of_the_file_and_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("d.csv");
        // The last line has no end, and the columns stand in an order of their own.
        let before = "who,decided_on,supplier,customer_ref,scheme,flag,claim_ref,person_ref,reason,extra\n\
                      bob,2026-01-01,n,B,s,N,,,,";
        fs::write(&file, before).unwrap();
        let job = job(folder.path(), "[decisions]\nfiles = ['d.csv']\n[decisions.columns]\ndecided_by = 'Who'", "");
        let decisions = DecisionsFile::open(&job).unwrap();
        let first = decisions.append(&ROW).unwrap();
        let second = decisions.append(&[ROW[0], "B2", "s", "N", "", "", "amy", "2026-11-28T09:00:01", ""]).unwrap();
        let line = "amy,2026-11-28T09:00:00,n,\"'=A,1\",s,Y,C,,\"seen \"\"it\"\"\",\n";
        assert_eq!(std::str::from_utf8(&first).unwrap(), line);
        let whole = format!("{before}\n{line}amy,2026-11-28T09:00:01,n,B2,s,N,,,,\n");
        assert_eq!(fs::read_to_string(&file).unwrap(), whole);
        let gave = Gave { by: "amy".to_owned(), reason: "seen \"it\"".to_owned() };
        for (account, moment, expected) in [
            (["n", "=A,1", "s"], ROW[7], Some(gave)),
            (["n", "=A,1", "s"], "2026-11-28T09:00:01", None),
            (["n", "=A,1", "other"], ROW[7], None),
            (["n", "B2", "s"], "2026-11-28T09:00:01", None),
        ] {
            assert_eq!(decisions.gave(&account, moment).unwrap(), expected, "{account:?}");
        }
        assert!(decisions.has(&first).unwrap());
        assert!(decisions.take_back(&first).unwrap() && !decisions.has(&first).unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), whole.replace(line, ""));
        assert!(!decisions.take_back(&first).unwrap(), "it is out already");
        assert!(decisions.take_back(&second).unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("{before}\n"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_file_that_a_run_would_not_read_as_meant_is_refused() {
        for (name, text, decisions, review, reason) in [
            ("d.csv", "", "", "", "no [decisions]"),
            ("d.csv", "", "[decisions]\nfiles = ['*.csv']", "", "several files or a pattern"),
            ("e.txt", "", "[decisions]\nfiles = ['*.csv']", "[review]\ndecisions = 'e.txt'", "no pattern"),
            ("d.csv", "supplier,customer_ref,scheme,flag\n", "[decisions]\nfiles = ['d.csv']", "", "no column"),
            ("d.csv", "supplier;customer_ref\n", "[decisions]\nfiles = ['d.csv']", "", "commas"),
            ("d.csv", "@,n,A,", "[decisions]\nfiles = ['d.csv']", "", "cut short"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let text = text.replace('@', &format!("{}\n", COLUMNS.join(",")));
            if !text.is_empty() {
                fs::write(folder.path().join(name), text).unwrap();
            }
            let error = DecisionsFile::open(&job(folder.path(), decisions, review)).err().unwrap().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_made_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let job = job(folder.path(), "[decisions]\nfiles = ['d.csv']", "");
        DecisionsFile::open(&job).unwrap().append(&ROW).unwrap();
        let file = folder.path().join("d.csv");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::read_to_string(&file).unwrap().starts_with(&COLUMNS.join(",")));
    }
}
