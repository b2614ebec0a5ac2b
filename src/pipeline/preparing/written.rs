//! Writes the prepared file, encrypted if the layout has a recipient, the list of rejects, and the figures for the next
//! time. No plain text of an encrypted file gets to disk.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use age::Encryptor;

use crate::intake::Column;
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::preparing::kept::Kept;
use crate::pipeline::preparing::{FileFigures, Layout, PrepareError};
use crate::pipeline::publishing::supplier_tables::reject;
use crate::release::rejects_text;

/// Where the files of a supplier are written.
pub(super) struct Places {
    prepared: PathBuf,
    /// Where the prepared file would be if the layout had no recipient, or had one.
    other: PathBuf,
    rejects: PathBuf,
    figures: PathBuf,
    is_encrypted: bool,
}

impl Places {
    pub(super) fn new(folder: &Path, layout: &Layout) -> Places {
        let place = |ending: &str| folder.join(format!("{}{ending}", layout.supplier));
        let is_encrypted = layout.age_recipient().is_some();
        let [prepared, other] = if is_encrypted { [".csv.age", ".csv"] } else { [".csv", ".csv.age"] }.map(place);
        Places { prepared, other, rejects: place(".rejects.csv"), figures: place(".figures.json"), is_encrypted }
    }

    /// Refuses to write over an input, or beside the prepared file of another layout. That may be an export, so that it
    /// is not removed here.
    pub(super) fn are_free(&self, inputs: &[PathBuf]) -> Result<(), PrepareError> {
        let Places { prepared, other, rejects, figures, is_encrypted } = self;
        for own in [prepared, other, rejects, figures].into_iter().flat_map(|own| [own.clone(), part_of(own)]) {
            let Ok(place) = own.canonicalize() else { continue };
            if inputs.iter().any(|input| input.canonicalize().is_ok_and(|input| input == place)) {
                return Err(PrepareError::OverExport { path: own });
            }
        }
        // A run that was killed leaves a part of its file.
        for other in [part_of(other), other.clone()] {
            match other.symlink_metadata() {
                Ok(_) => return Err(PrepareError::OfOtherLayout { path: other, is_plain: *is_encrypted }),
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(PrepareError::io("look at this file", &other)(error)),
            }
        }
        Ok(())
    }

    /// The figures of the last time; `None` if there was none.
    pub(super) fn last_figures(&self) -> Result<Option<FileFigures>, PrepareError> {
        let not_read =
            PrepareError::io("read the figures of the last time: remove this file if it is damaged", &self.figures);
        match fs::read(&self.figures) {
            Ok(text) => match serde_json::from_slice(&text) {
                Ok(figures) => Ok(Some(figures)),
                Err(error) => Err(not_read(error.into())),
            },
            // What cannot be written to is said when it is written.
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(not_read(error)),
        }
    }
}

/// Nothing is there, or the folder is no folder.
fn is_missing(error: &io::Error) -> bool {
    [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind())
}

/// Writes all files. Returns the path of the prepared one, and that of the rejects if there are any.
pub(super) fn write(
    folder: &Path,
    layout: &Layout,
    headings: &[(Column, String)],
    kept: &Kept<'_>,
    inputs: &[InputFile],
    figures: &FileFigures,
) -> Result<(PathBuf, Option<PathBuf>), PrepareError> {
    let places = Places::new(folder, layout);
    fs::create_dir_all(folder).map_err(PrepareError::io("create this folder", folder))?;
    let faults = inputs.iter().flat_map(|file| file.faults.iter().map(move |fault| (file, fault)));
    let faults: Vec<_> = faults.map(|(file, fault)| (file, fault, fault.reason.to_string())).collect();
    if faults.is_empty() {
        match fs::remove_file(&places.rejects) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PrepareError::io("remove this old file", &places.rejects)(error));
            }
            _ => {}
        }
    } else {
        let rows = faults.iter().map(|(file, fault, reason)| reject(&file.name, fault, reason, &file.columns));
        whole(&places.rejects, |out| out.write_all(&rejects_text(rows)))?;
    }
    whole(&places.prepared, |out| match layout.age_recipient() {
        None => rows(headings, kept, out),
        Some(recipient) => {
            let encryptor = Encryptor::with_recipients(std::iter::once(recipient.key())).map_err(io::Error::other)?;
            let mut encrypted = encryptor.wrap_output(out)?;
            rows(headings, kept, &mut encrypted)?;
            encrypted.finish().map(drop)
        }
    })?;
    let figures_text = serde_json::to_vec_pretty(figures).expect("counts under names are JSON");
    whole(&places.figures, |out| out.write_all(&figures_text))?;
    Ok((places.prepared, (!faults.is_empty()).then_some(places.rejects)))
}

/// The heading of the number by which rows of one account are told apart that differ only in columns left out.
const COPY: &str = "copy";

fn rows(headings: &[(Column, String)], kept: &Kept<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    let mut names: Vec<&str> = headings.iter().map(|(_, heading)| heading.as_str()).collect();
    let has_copies = kept.has_copies();
    let mut copy = COPY.to_owned();
    while names.iter().any(|name| name.eq_ignore_ascii_case(&copy)) {
        copy.push('_');
    }
    if has_copies {
        names.push(&copy);
    }
    crate::csv_row::row(names, &mut line);
    out.write_all(&line)?;
    for (text, copy) in kept.texts() {
        out.write_all(text)?;
        match copy {
            _ if !has_copies => out.write_all(b"\n")?,
            0 => out.write_all(b",\n")?,
            _ => writeln!(out, ",{copy}")?,
        }
    }
    Ok(())
}

/// Where a file is written before it is moved to its place.
fn part_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}

/// Writes a file that only its owner can read, beside its place, and then moves it there whole.
fn whole(path: &Path, write: impl FnOnce(&mut BufWriter<fs::File>) -> io::Result<()>) -> Result<(), PrepareError> {
    let part = part_of(path);
    let written = || -> io::Result<()> {
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        write(&mut out)?;
        out.into_inner()?.sync_all()?;
        fs::rename(&part, path)
    };
    written().map_err(|error| {
        let _gone = fs::remove_file(&part);
        PrepareError::io("write this file", path)(error)
    })
}
