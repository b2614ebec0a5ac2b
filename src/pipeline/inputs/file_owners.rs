//! Finds files that the patterns of two suppliers share: one supplier would get the other's references and
//! flags.
//!
//! Files are the same by device and inode, whatever the path or link, or by their bytes. All suppliers of the
//! job are checked, including those that a run is not for.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use crate::intake::input_sum;
use crate::job::{FoundFile, Job, Source};
use crate::pipeline::inputs::exceptions;
use crate::pipeline::inputs::input_file::{DECISIONS_INPUT, InputFile, OBJECTIONS_INPUT};
use crate::pipeline::rejected_supplier::RejectedSupplier;

/// A file that the patterns of a supplier or a shared input find.
struct Owned<'a> {
    /// A supplier's id, or the name of the shared input.
    owner: &'a str,
    is_supplier: bool,
    file: FoundFile,
}

/// The files of a job.
pub(crate) struct FileOwners<'a> {
    files: Vec<Owned<'a>>,
    /// Sums of files as they were read, or else computed so far. `None` if a file cannot be read.
    sums: RefCell<HashMap<PathBuf, Option<String>>>,
}

impl<'a> FileOwners<'a> {
    /// Looks for the files of all suppliers and shared inputs.
    pub(crate) fn find(job: &'a Job) -> FileOwners<'a> {
        let shared = [
            ("benefits", Some(&job.benefits)),
            ("properties", job.properties.as_ref()),
            (OBJECTIONS_INPUT, job.objections.as_ref()),
            (DECISIONS_INPUT, job.decisions.as_ref()),
            (exceptions::INPUT, job.exceptions.as_ref().map(|exceptions| &exceptions.source)),
        ];
        let of = |owner, is_supplier, source: &Source| {
            let found = source.found().into_iter();
            found.map(move |file| Owned { owner, is_supplier, file }).collect::<Vec<_>>()
        };
        let shared = shared.into_iter().filter_map(|(input, source)| Some(of(input, false, source?)));
        let suppliers = job.current_suppliers().map(|supplier| of(supplier.id.as_str(), true, &supplier.source));
        FileOwners { files: suppliers.chain(shared).flatten().collect(), sums: RefCell::default() }
    }

    /// The reason to reject a supplier before reading: one of its files is another's too.
    pub(crate) fn same_file(&self, supplier: &str) -> Option<RejectedSupplier> {
        self.own(supplier).find_map(|own| {
            let is_same = |other: &&Owned<'_>| other.file.id == own.file.id && !is_of(other, supplier);
            let others: BTreeSet<&str> = self.files.iter().filter(is_same).map(|other| other.owner).collect();
            let others = others.into_iter().collect::<Vec<_>>().join(", ");
            (!others.is_empty()).then(|| RejectedSupplier::SharedFile { file: own.file.path.clone(), others })
        })
    }

    /// Notes the sums of files as they were read: whoever copied one is found, even if it changes afterwards.
    pub(crate) fn note_sums<'f>(&self, files: impl Iterator<Item = &'f InputFile>) {
        self.sums.borrow_mut().extend(files.map(|file| (file.path.clone(), Some(file.blake3.clone()))));
    }

    /// The reason to reject a supplier after reading: another supplier has a file with the same bytes. Files
    /// without a row are alike and harmless.
    pub(crate) fn same_content(&self, supplier: &str, files: &[InputFile]) -> Option<RejectedSupplier> {
        files.iter().filter(|file| file.rows > 0).find_map(|file| {
            let mut others = self.files.iter().filter(|other| other.is_supplier && !is_of(other, supplier));
            let other = others.find(|other| self.sum(other, file.bytes).is_some_and(|theirs| theirs == file.blake3))?;
            Some(RejectedSupplier::SameContent { file: file.path.clone(), other: other.owner.to_owned() })
        })
    }

    fn own(&self, supplier: &str) -> impl Iterator<Item = &Owned<'a>> {
        self.files.iter().filter(move |owned| is_of(owned, supplier))
    }

    /// The sum of a file. `None` if it cannot be read, or was not read and is not of this length.
    fn sum(&self, other: &Owned<'_>, bytes: u64) -> Option<String> {
        let path = &other.file.path;
        if let Some(known) = self.sums.borrow().get(path) {
            return known.clone();
        }
        if other.file.bytes != bytes {
            return None;
        }
        self.sums.borrow_mut().entry(path.clone()).or_insert_with(|| input_sum(path).ok()).clone()
    }
}

fn is_of(owned: &Owned<'_>, supplier: &str) -> bool {
    owned.is_supplier && owned.owner == supplier
}
