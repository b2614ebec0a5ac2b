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

/// The figures of the last time; `None` if there was none.
pub(super) fn last_figures(folder: &Path, layout: &Layout) -> Result<Option<FileFigures>, PrepareError> {
    let path = figures_path(folder, layout);
    let not_read = PrepareError::io("read the figures of the last time: remove this file if it is damaged", &path);
    match fs::read(&path) {
        Ok(text) => match serde_json::from_slice(&text) {
            Ok(figures) => Ok(Some(figures)),
            Err(error) => Err(not_read(error.into())),
        },
        // What cannot be written to is said when it is written.
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(not_read(error)),
    }
}

/// Nothing is there, or the folder is no folder.
fn is_missing(error: &io::Error) -> bool {
    [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind())
}

fn figures_path(folder: &Path, layout: &Layout) -> PathBuf {
    folder.join(format!("{}.figures.json", layout.supplier))
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
    let recipient = layout.age_recipient();
    let [path, other] = match recipient.is_some() {
        true => [".csv.age", ".csv"],
        false => [".csv", ".csv.age"],
    }
    .map(|ending| folder.join(format!("{}{ending}", layout.supplier)));
    let rejects = folder.join(format!("{}.rejects.csv", layout.supplier));
    let ours = [&path, &other, &rejects, &figures_path(folder, layout)];
    for own in ours.into_iter().flat_map(|own| [own.clone(), part_of(own)]) {
        let Ok(place) = own.canonicalize() else { continue };
        if inputs.iter().any(|file| file.path.canonicalize().is_ok_and(|input| input == place)) {
            return Err(PrepareError::OverExport { path: own });
        }
    }
    // A run that was killed leaves a part of its file.
    for other in [part_of(&other), other] {
        match other.symlink_metadata() {
            Ok(_) => return Err(PrepareError::OfOtherLayout { path: other, is_plain: recipient.is_some() }),
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(PrepareError::io("look at this file", &other)(error)),
        }
    }
    fs::create_dir_all(folder).map_err(PrepareError::io("create this folder", folder))?;
    let faults = inputs.iter().flat_map(|file| file.faults.iter().map(move |fault| (file, fault)));
    let faults: Vec<_> = faults.map(|(file, fault)| (file, fault, fault.reason.to_string())).collect();
    if faults.is_empty() {
        match fs::remove_file(&rejects) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PrepareError::io("remove this old file", &rejects)(error));
            }
            _ => {}
        }
    } else {
        let rows = faults.iter().map(|(file, fault, reason)| reject(&file.name, fault, reason, &file.columns));
        whole(&rejects, |out| out.write_all(&rejects_text(rows)))?;
    }
    whole(&path, |out| match &recipient {
        None => rows(headings, kept, out),
        Some(recipient) => {
            let encryptor = Encryptor::with_recipients(std::iter::once(recipient.key())).map_err(io::Error::other)?;
            let mut encrypted = encryptor.wrap_output(out)?;
            rows(headings, kept, &mut encrypted)?;
            encrypted.finish().map(drop)
        }
    })?;
    let figures_text = serde_json::to_vec_pretty(figures).expect("counts under names are JSON");
    whole(&figures_path(folder, layout), |out| out.write_all(&figures_text))?;
    Ok((path, (!faults.is_empty()).then_some(rejects)))
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
