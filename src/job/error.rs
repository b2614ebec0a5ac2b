//! Describes what is wrong with a job file, and how to put it right.
//!
//! Keys and ids of the job file are quoted, because they are the administrator's own words and no personal
//! data; values are not.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::text::shown;
use thiserror::Error;

/// Why a job cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JobError {
    /// The file does not exist, may not be read, or is not text.
    #[error("{}: cannot read the job file: {source}", shown(path))]
    Unreadable {
        /// The job file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file's own text is wrong.
    #[error("{file}, line {line}: {fault}")]
    Wrong {
        /// The job file, as it was named.
        file: String,
        /// The line that is wrong, from 1; for something missing, the line its section begins at.
        line: usize,
        /// What is wrong with it.
        fault: Box<Fault>,
    },
}

/// What is wrong with a line of a job file.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// The text is not TOML.
    #[error("this is not valid TOML: {0}")]
    Syntax(String),
    /// An unknown key.
    #[error("unknown key {key:?} in {section}; {hint}")]
    UnknownKey {
        /// The key as written.
        key: String,
        /// Where it stands.
        section: String,
        /// What may have been meant.
        hint: Hint,
    },
    /// A required key is missing.
    #[error("{section} has no {key:?}")]
    Missing {
        /// The key that is missing.
        key: &'static str,
        /// Where it should stand.
        section: String,
    },
    /// A value is of the wrong kind or outside its range.
    #[error("{key:?} in {section} must be {expected}")]
    Unusable {
        /// The key whose value it is.
        key: String,
        /// Where it stands.
        section: String,
        /// What would be usable.
        expected: String,
    },
    /// Two of a kind have the same id.
    #[error("{kind} {id:?} is already there in line {first}; {rule}")]
    Duplicate {
        /// What has it: a scheme, a group or a supplier.
        kind: &'static str,
        /// The second one's id.
        id: String,
        /// The line of the first one's id.
        first: usize,
        /// When two ids count as one.
        rule: &'static str,
    },
    /// A supplier takes part in a scheme that is not in the job.
    #[error("there is no scheme {id:?}; {hint}")]
    UnknownScheme {
        /// The id as written.
        id: String,
        /// What may have been meant.
        hint: Hint,
    },
    /// A former supplier names a successor that cannot be one.
    #[error("there is no supplier {id:?} that could be the successor: {rule}")]
    NoSuccessor {
        /// The id as written.
        id: String,
        /// What a successor must be.
        rule: &'static str,
    },
    /// One heading is mapped to two columns.
    #[error("{heading:?} is already the heading of {first:?}: one column of a file cannot be both")]
    HeadingTwice {
        /// The heading.
        heading: String,
        /// The column that has it.
        first: String,
    },
    /// A condition on energy-cost scores in a job that has no properties.
    #[error("min_energy_cost_score needs the scores of properties: add [properties], or take the condition out")]
    NoProperties,
}

/// What an unknown word may mean.
#[derive(Debug, PartialEq, Eq)]
pub enum Hint {
    /// The known word that is nearest to it.
    Nearest(String),
    /// No known word is near; these are all of them.
    Known(Vec<String>),
    /// It is a key of the enclosing section, and must stand before this section begins.
    Enclosing {
        /// The section it belongs to.
        section: String,
        /// The section it was found in, as its header is written.
        before: String,
    },
    /// It is a key of these other sections.
    Elsewhere(Vec<String>),
}

impl Hint {
    /// The nearest known word if a few typing slips lead from one to the other, else all known words.
    pub(super) fn new<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Hint {
        let known: Vec<&str> = known.collect();
        let lower = word.to_lowercase();
        let nearest = known
            .iter()
            .map(|name| (strsim::osa_distance(&lower, &name.to_lowercase()), *name))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, name)| *distance <= (name.len() / 2).max(2));
        match nearest {
            Some((_, name)) => Hint::Nearest(name.to_owned()),
            None => Hint::Known(known.into_iter().map(str::to_owned).collect()),
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hint::Nearest(name) => write!(f, "did you mean {name:?}?"),
            Hint::Known(names) => write!(f, "known are {}", names.join(", ")),
            Hint::Enclosing { section, before } => {
                write!(f, "it belongs to {section}: put it above the line {before}")
            }
            Hint::Elsewhere(sections) => write!(f, "it belongs to {}: put it there", sections.join(" or ")),
        }
    }
}
