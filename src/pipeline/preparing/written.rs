//! Writes the prepared file, encrypted if the layout has a recipient, the list of rejects, and the figures for the next
//! time. No plain text of an encrypted file gets to disk.

use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use age::Encryptor;

use crate::intake::Column;
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::preparing::error::InTheWay;
use crate::pipeline::preparing::kept::Kept;
use crate::pipeline::preparing::unusual::Figures;
use crate::pipeline::preparing::{Layout, PrepareError};
use crate::pipeline::publishing::supplier_tables::reject;
use crate::release::rejects_text;

/// Where the files of a supplier are written.
pub(super) struct Places {
    folder: PathBuf,
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
        let (prepared, other) = (layout.prepared_file(folder), place(if is_encrypted { ".csv" } else { ".csv.age" }));
        let (rejects, figures) = (place(".rejects.csv"), place(".figures.json"));
        Places { folder: folder.to_owned(), prepared, other, rejects, figures, is_encrypted }
    }

    /// The prepared file.
    pub(super) fn prepared(&self) -> &Path {
        &self.prepared
    }

    /// Refuses to write over an input or over what was not prepared here, or beside the prepared file of another layout.
    pub(super) fn are_free(&self, inputs: &[PathBuf]) -> Result<(), PrepareError> {
        let Places { folder, prepared, other, rejects, figures, is_encrypted } = self;
        let in_the_way = |path: &Path, what| Err(PrepareError::InTheWay { path: path.to_owned(), what });
        if folder.exists() && !folder.is_dir() {
            return in_the_way(folder, InTheWay::NotAFolder);
        }
        for own in [prepared, other, rejects, figures].into_iter().flat_map(|own| [own.clone(), part_of(own)]) {
            if own.is_dir() {
                return in_the_way(&own, InTheWay::Folder);
            }
            let Ok(place) = own.canonicalize() else { continue };
            if inputs.iter().any(|input| input.canonicalize().is_ok_and(|input| input == place)) {
                return in_the_way(&own, InTheWay::Export);
            }
        }
        // A run that was killed leaves a part of its file.
        let of_other = if *is_encrypted { InTheWay::Plain } else { InTheWay::Encrypted };
        for other in [part_of(other), other.clone()] {
            if is_there(&other)? {
                return in_the_way(&other, of_other);
            }
        }
        // What is prepared leaves its figures.
        if !is_there(figures)? {
            for own in [prepared, rejects] {
                if is_there(own)? {
                    return in_the_way(own, InTheWay::Foreign);
                }
            }
        }
        Ok(())
    }

    /// Keeps others from writing to the folder until the lock is dropped. `None` if the file system cannot lock
    /// folders, such as some network file systems.
    fn lock(&self) -> Result<Option<fs::File>, PrepareError> {
        let folder = fs::File::open(&self.folder).map_err(PrepareError::io("open this folder", &self.folder))?;
        match folder.try_lock() {
            Ok(()) => Ok(Some(folder)),
            Err(TryLockError::WouldBlock) => Err(PrepareError::Busy { folder: self.folder.clone() }),
            Err(TryLockError::Error(_)) => Ok(None),
        }
    }

    /// The figures of the last time; `None` if there was none.
    pub(super) fn last_figures(&self) -> Result<Option<Figures>, PrepareError> {
        let not_read = PrepareError::io(
            "read the figures of the last time (move this file and the prepared one away)",
            &self.figures,
        );
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

/// Something of that name is there, if only a broken link.
fn is_there(path: &Path) -> Result<bool, PrepareError> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if is_missing(&error) => Ok(false),
        Err(error) => Err(PrepareError::io("look at this file", path)(error)),
    }
}

/// Nothing is there, or the folder is no folder.
fn is_missing(error: &io::Error) -> bool {
    [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind())
}

/// Writes all files. Returns the path of the list of rejects if there are any.
pub(super) fn write(
    places: &Places,
    layout: &Layout,
    headings: &[(Column, String)],
    kept: &Kept<'_>,
    inputs: &[InputFile],
    figures: &Figures,
) -> Result<Option<PathBuf>, PrepareError> {
    fs::create_dir_all(&places.folder).map_err(PrepareError::io("create this folder", &places.folder))?;
    let _locked = places.lock()?;
    // Another process may have written here since the folder was looked at.
    let paths: Vec<PathBuf> = inputs.iter().map(|file| file.path.clone()).collect();
    places.are_free(&paths)?;
    // First, since they tell the next time that what is beside them was prepared.
    let figures_text = serde_json::to_vec_pretty(figures).expect("counts under names are JSON");
    whole(&places.figures, |out| out.write_all(&figures_text))?;
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
    Ok((!faults.is_empty()).then(|| places.rejects.clone()))
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
