//! The layout file: what a supplier's own check has to know of a job. It has no secret.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::date::Date;
use crate::intake::{CUSTOMERS, Column, ColumnMap, Identities};
use crate::job::{AgeRecipient, Job, Supplier};
use crate::text::shown;

/// What a supplier's own check has to know of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The supplier's id.
    pub supplier: String,
    /// The job's id, as signatures have it.
    pub job: String,
    /// The administrator's age recipient; files are not encrypted without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// A file with a greater share of rejected rows is refused.
    pub reject_limit: f64,
    /// Whether rows of one account may be in several files.
    #[serde(default)]
    pub parts: bool,
    /// The latest date of birth that is taken for one.
    latest_birth_date: String,
    /// The schemes that the supplier takes part in.
    #[serde(rename = "scheme")]
    schemes: Vec<Qualifying>,
    /// Our names of columns, with the supplier's headings.
    #[serde(default)]
    columns: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Qualifying {
    id: String,
    name: String,
    qualifying_date: String,
}

/// Why a layout cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// It cannot be read.
    #[error("{}: cannot read the layout: {source}", shown(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not as `flagmatch layout` writes it.
    #[error("{}, line {line}: {reason}; ask the administrator for the layout as flagmatch writes it", shown(path))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl Layout {
    /// The layout for a supplier of a job.
    pub(crate) fn new(job: &Job, supplier: &Supplier, identities: Option<&Identities>) -> Layout {
        let schemes = job.schemes.iter().filter(|scheme| supplier.takes_part_in(scheme));
        let schemes = schemes.map(|scheme| Qualifying {
            id: scheme.id.clone(),
            name: scheme.name.clone(),
            qualifying_date: scheme.qualifying_date.to_string(),
        });
        Layout {
            supplier: supplier.id.clone(),
            job: job.signing_job.clone(),
            recipient: identities.and_then(Identities::recipient),
            reject_limit: job.intake.reject_limit,
            parts: supplier.parts,
            latest_birth_date: crate::pipeline::inputs::shared_inputs::latest_birth(job).to_string(),
            schemes: schemes.collect(),
            columns: supplier.source.columns().clone(),
        }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let body = toml::to_string(self).expect("texts, numbers and tables of texts are TOML");
        let columns: Vec<&str> = CUSTOMERS.column_names().collect();
        let encryption = match self.recipient {
            Some(_) => "files are encrypted to its recipient",
            None => "it has no recipient, so that files are NOT encrypted",
        };
        format!(
            "# What flagmatch prepare needs to know to check the customer files of {}. Nothing in it is secret.\n\
             # Take it from the administrator in a way that you trust: {encryption}.\n\
             # Columns that are read, under these names unless [columns] maps your own headings:\n\
             # {}\n\n{body}",
            self.supplier,
            columns.join(", ")
        )
    }

    /// Reads a layout file.
    ///
    /// # Errors
    /// [`LayoutError`] if it cannot be read or is no layout.
    pub fn read(path: &Path) -> Result<Layout, LayoutError> {
        let text =
            fs::read_to_string(path).map_err(|source| LayoutError::Unreadable { path: path.to_owned(), source })?;
        let wrong = |line, reason: &str| LayoutError::Wrong { path: path.to_owned(), line, reason: reason.to_owned() };
        // What the parser says may quote the text, which may be that of any file.
        let layout: Layout = toml::from_str(&text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            let line = 1 + before.matches('\n').count();
            match error.message().trim() {
                missing if missing.starts_with("missing field ") => wrong(line, missing),
                _ => wrong(line, "this is not a setting of a layout (name the layout first, then your files)"),
            }
        })?;
        let line_of = |key: &str| 1 + text.lines().position(|line| line.starts_with(key)).unwrap_or(0);
        let is_name = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
        if !is_name(&layout.supplier) {
            return Err(wrong(line_of("supplier"), "supplier is no id"));
        }
        if layout.recipient.as_ref().is_some_and(|text| text.parse::<AgeRecipient>().is_err()) {
            return Err(wrong(line_of("recipient"), "recipient is no age recipient"));
        }
        if day(&layout.latest_birth_date).is_none() {
            return Err(wrong(line_of("latest_birth_date"), "latest_birth_date is no date"));
        }
        if layout.schemes.is_empty() || layout.schemes.iter().any(|scheme| day(&scheme.qualifying_date).is_none()) {
            return Err(wrong(line_of("qualifying_date"), "qualifying_date is no date"));
        }
        if let Some(name) = layout.columns.keys().find(|name| !CUSTOMERS.column_names().any(|own| own == **name)) {
            return Err(wrong(line_of(name), "columns has a column that no customer file has"));
        }
        Ok(layout)
    }

    /// The file that is prepared in a folder.
    pub fn prepared_file(&self, folder: &Path) -> PathBuf {
        let ending = if self.recipient.is_some() { "csv.age" } else { "csv" };
        folder.join(format!("{}.{ending}", self.supplier))
    }

    /// The recipient to whom the prepared file is encrypted.
    pub(super) fn age_recipient(&self) -> Option<AgeRecipient> {
        self.recipient.as_ref().map(|text| text.parse().expect("it was checked when the layout was read"))
    }

    /// The latest date of birth that is taken for one.
    pub(super) fn latest_birth(&self) -> Date {
        day(&self.latest_birth_date).expect("it was checked when the layout was read")
    }

    /// The qualifying dates of the schemes.
    pub(super) fn qualifying_dates(&self) -> impl Iterator<Item = Date> {
        self.schemes.iter().filter_map(|scheme| day(&scheme.qualifying_date))
    }

    /// The columns as intake wants them.
    pub(super) fn column_map(&self) -> ColumnMap {
        self.columns.iter().map(|(name, heading)| (name.clone(), heading.clone())).collect()
    }

    /// The columns that are written, with their headings: those that some file has, each heading once.
    pub(super) fn headings(&self, present: &[Column]) -> Vec<(Column, String)> {
        let map = self.column_map();
        let mut headings: Vec<(Column, String)> = Vec::new();
        for column in CUSTOMERS.columns().filter(|column| present.contains(column)) {
            let heading = map.heading(column).trim().to_owned();
            if !headings.iter().any(|(_, taken)| taken.to_lowercase() == heading.to_lowercase()) {
                headings.push((column, heading));
            }
        }
        headings
    }
}

fn day(text: &str) -> Option<Date> {
    text.parse::<jiff::civil::Date>().ok()?.try_into().ok()
}
