//! Finds what a run delivered, and which of its flag files are still there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::run_data::{ReportError, record, unreadable};
use crate::release::layout::{ADMINISTRATOR, FLAGS_ENDING, PLAIN, SUPPLIERS};
use crate::release::run_record::SupplierSummary;

/// The deliveries in a run's folder.
pub(super) struct Deliveries<'a> {
    pub(super) folder: &'a Path,
    /// Suppliers with a delivery.
    pub(super) delivered: BTreeSet<String>,
    /// Suppliers held back, with the reason.
    pub(super) held: BTreeMap<String, String>,
    /// Delivered suppliers and schemes whose flags were purged.
    pub(super) purged: BTreeSet<(String, String)>,
    /// Delivered suppliers and schemes whose flags are still there.
    pub(super) kept: BTreeSet<(String, String)>,
}

impl<'a> Deliveries<'a> {
    /// Reads the record of the run in `folder`, and checks which flag files are there.
    pub(super) fn read(folder: &'a Path) -> Result<Deliveries<'a>, ReportError> {
        let record = record(folder)?;
        let suppliers = folder.join(SUPPLIERS);
        let mut delivered = BTreeSet::new();
        for entry in fs::read_dir(&suppliers).map_err(unreadable(&suppliers))? {
            let name = entry.map_err(unreadable(&suppliers))?.file_name();
            delivered.insert(name.to_string_lossy().into_owned());
        }
        let held = record.summary.held_back.into_iter().map(|held| (held.id, held.reason)).collect();
        let mut own = Deliveries { folder, delivered, held, purged: BTreeSet::default(), kept: BTreeSet::default() };
        for SupplierSummary { id, schemes, .. } in record.summary.suppliers {
            for scheme in schemes.into_iter().filter(|_| own.delivered.contains(&id)) {
                let is_there = own.flag_file(&id, &scheme.id)?.is_some();
                let pairs = if is_there { &mut own.kept } else { &mut own.purged };
                pairs.insert((id.clone(), scheme.id));
            }
        }
        Ok(own)
    }

    /// The supplier's flag file in plain text; `None` if it was purged.
    pub(super) fn flag_file(&self, supplier: &str, scheme: &str) -> Result<Option<PathBuf>, ReportError> {
        let name = format!("{scheme}{FLAGS_ENDING}");
        let plain = self.folder.join(ADMINISTRATOR).join(PLAIN).join(supplier).join(&name);
        let delivered = self.folder.join(SUPPLIERS).join(supplier).join(&name);
        for file in [plain, delivered] {
            if file.try_exists().map_err(unreadable(&file))? {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }

    /// Says why the run delivered nothing to a supplier.
    pub(super) fn why_nothing(&self, supplier: &str) -> String {
        match self.held.get(supplier) {
            Some(reason) => format!("held back: {reason}"),
            None => "not in the run".to_owned(),
        }
    }
}
