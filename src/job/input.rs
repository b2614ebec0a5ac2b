//! Declares the `files` and `columns` that every input has.

use std::collections::BTreeMap;

use super::error::{Fault, JobError};
use super::kinds::{text, texts};
use super::section::Section;
use super::settings::{Kind, Settings, section};
use super::source::Source;

/// The settings of an input whose files have these columns.
pub(super) fn input(columns: &'static [&'static str]) -> Settings<Source> {
    let files = texts("paths or well-formed globs", Source::is_pattern).named(
        "files",
        "Paths or globs (`*`, `?`, `[...]`, `**`); `*` finds no hidden file. Files of one pattern are read in byte \
         order of their paths, each file once. A pattern that finds no file, or a name that is not UTF-8, rejects its \
         supplier; in other sections it stops the run. A pattern of `[exceptions]` may find no file, and a bad file \
         there rejects only its supplier.",
    );
    let columns = section("columns", headings(columns)).optional_or("our names").named(
        "columns",
        "A table such as `[supplier.columns]`: our name on the left, the file's heading on the right. Capitals and \
         outer spaces do not count. One heading for two columns is an error, except `surname` with `joint_surname` or \
         `full_name`, and `claim_ref` with `person_ref`.",
    );
    let settings = vec![files.setting.clone(), columns.setting.clone()];
    let read = move |section: &Section<'_>| {
        let is_former = section.is_on("former");
        // Say this before the files are missed: most often `former` was forgotten.
        if let (false, Some(place)) = (is_former, section.place("successor")) {
            return Err(section.must_be("successor", place, "beside former = true"));
        }
        let none = || Source::new(Vec::new(), BTreeMap::new(), section.document.folder);
        if is_former && section.get("files").is_none() {
            return Ok(none());
        }
        let (files, columns) = (files.read(section)?, columns.read(section)?.unwrap_or_default());
        // A former supplier's files are not read; they may stay in the job file.
        Ok(if is_former { none() } else { Source::new(files, columns, section.document.folder) })
    };
    Settings { settings, read: Box::new(read) }
}

/// Columns that may share a heading: people of one home may have one surname, a claim may be known by its
/// person, and a heading such as `Surname` may hold whole names.
const MAY_SHARE: &[[&str; 2]] = &[["surname", "joint_surname"], ["claim_ref", "person_ref"], ["full_name", "surname"]];

/// A map of columns to headings. One heading may stand for two columns only as [`MAY_SHARE`] allows.
fn headings(columns: &'static [&'static str]) -> Settings<BTreeMap<String, String>> {
    let kinds: Vec<Kind<Option<String>>> = columns.iter().map(|name| text().optional().named(name, "")).collect();
    let settings = kinds.iter().map(|kind| kind.setting.clone()).collect();
    let read = move |map: &Section<'_>| {
        let mut mapped = Vec::new();
        for (name, kind) in columns.iter().zip(&kinds) {
            mapped.extend(kind.read(map)?.zip(map.place(name)).map(|(heading, place)| (*name, heading, place)));
        }
        mapped.sort_by_key(|(.., place)| *place);
        heading_twice(columns, &mapped, map).map_or(Ok(()), Err)?;
        Ok(mapped.into_iter().map(|(name, heading, _)| (name.to_owned(), heading)).collect())
    };
    Settings { settings, read: Box::new(read) }
}

fn heading_twice(columns: &[&str], mapped: &[(&str, String, usize)], map: &Section) -> Option<JobError> {
    let fold = |heading: &str| heading.trim().to_lowercase();
    mapped.iter().enumerate().find_map(|(number, (name, heading, place))| {
        let may_share = |other: &str| MAY_SHARE.iter().any(|pair| pair.contains(name) && pair.contains(&other));
        let same = |other: &str| fold(other) == fold(heading);
        let earlier = mapped[..number].iter().find(|(other, theirs, _)| same(theirs) && !may_share(other));
        let by_itself = || {
            let is_mapped = |column: &str| mapped.iter().any(|(other, ..)| *other == column);
            columns.iter().find(|column| same(column) && *column != name && !is_mapped(column) && !may_share(column))
        };
        let first = earlier.map(|(first, ..)| *first).or_else(|| by_itself().copied())?;
        let fault = Fault::HeadingTwice { heading: heading.clone(), first: first.to_owned() };
        Some(map.document.error(*place, fault))
    })
}
