//! Writes a delivery's manifest and its sums.
//!
//! The manifest `datapackage.json` follows
//! [Frictionless Data Package v2](https://datapackage.org/standard/data-package/). `sha256sum --check` reads the sums,
//! `SHA256SUMS`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::error::ReleaseError;
use super::rows::{Changes, Flags, Receipts, Rejects};
use super::run_id::RunId;
use super::schema::Schema;
use super::signature::Delivered;
use super::table::Table;
use crate::job::Scheme;

/// The file names of the sums and of their signature.
pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const SIGNATURE: &str = "SHA256SUMS.minisig";

/// The ending of the names of encrypted files in deliveries of older versions.
pub(super) const ENCRYPTED_ENDING: &str = ".age";

/// The file name of the manifest.
pub(super) const MANIFEST: &str = "datapackage.json";

/// The name of the properties in which a manifest has a scheme's id. The standard's own `scheme` is that of an address.
const SCHEME: &str = "rebate_scheme";

/// What a file contains.
#[derive(Clone, Copy)]
pub(super) enum Content<'a> {
    Flags(&'a Scheme),
    Changes,
    Rejects,
    Receipts,
    /// All of them, and their manifest, encrypted.
    Archive(&'a [Scheme]),
}

impl Content<'_> {
    /// The schema, if it is a table.
    fn schema(&self) -> Option<Schema> {
        Some(match self {
            Content::Flags(_) => Schema::new::<Flags>(),
            Content::Changes => Schema::new::<Changes>(),
            Content::Rejects => Schema::new::<Rejects>(),
            Content::Receipts => Schema::new::<Receipts>(),
            Content::Archive(_) => return None,
        })
    }
}

/// A file's size and its SHA-256 sum in hexadecimal.
pub(super) struct Sum {
    pub(super) bytes: u64,
    /// Its rows, if it is a table.
    pub(super) rows: u64,
    pub(super) sha256: String,
}

/// The sums of some files of a folder, in the order of `names`.
pub(super) fn sums(folder: &Path, names: &[String]) -> Result<Vec<Sum>, ReleaseError> {
    names.par_iter().map(|name| sum(&folder.join(name))).collect()
}

/// The size and sum of a file.
pub(super) fn sum(path: &Path) -> Result<Sum, ReleaseError> {
    let mut file = File::open(path).map_err(ReleaseError::io("open this file", path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let (mut bytes, mut records, mut is_quoted) = (0, 0_u64, false);
    loop {
        let read = file.read(&mut buffer).map_err(ReleaseError::io("read this file", path))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
        for place in memchr::memchr2_iter(b'"', b'\n', &buffer[..read]) {
            match buffer[place] {
                b'"' => is_quoted = !is_quoted,
                _ => records += u64::from(!is_quoted),
            }
        }
    }
    let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Sum { bytes, rows: records.saturating_sub(1), sha256 })
}

/// The text of `SHA256SUMS`.
pub(super) fn sums_text<'a>(files: impl Iterator<Item = (&'a String, &'a Sum)>) -> String {
    files.map(|(name, sum)| format!("{}  {name}\n", sum.sha256)).collect()
}

/// The text of `datapackage.json`. `report` has the days in which a notice may be reported, and the last day for those of
/// this delivery.
pub(super) fn manifest<'a>(
    delivered: &Delivered,
    created: &str,
    report: Option<(u32, Date)>,
    files: impl Iterator<Item = (&'a String, &'a Content<'a>, &'a Sum)>,
) -> String {
    let resources: Vec<Value> = files.map(|(name, content, sum)| resource(name, content, sum)).collect();
    let Delivered { supplier, run, sequence, .. } = delivered;
    let mut package = json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        // The standard requires lower-case names.
        "name": format!("{supplier}-{run}").to_lowercase(),
        "created": created,
        "run": run.to_string(),
        "sequence": sequence,
        "supplier": supplier,
        "resources": resources,
    });
    if let Some((days, until)) = report {
        package["exceptions"] = json!({ "days": days, "until": until.to_string() });
    }
    format!("{package:#}\n")
}

/// The text of `datapackage.json` beside a table of figures: its schema, with the meaning of each column.
pub(super) fn dictionary<T: Table>(run: &RunId) -> String {
    let name = T::FILE.trim_end_matches(".csv");
    let package = json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": format!("{name}-{run}").to_lowercase(),
        "run": run.to_string(),
        "resources": [{
            "name": name,
            "path": T::FILE,
            "type": "table",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": Schema::new::<T>(),
        }],
    });
    format!("{package:#}\n")
}

/// The sequence number after that of a delivery; 1 if the delivery is of a version that did not count.
pub(super) fn next_sequence(delivery: &Path) -> Result<u64, ReleaseError> {
    // Without a manifest the number of deliveries is unknown.
    let next = sequence(delivery)?.and_then(|sequence| sequence.checked_add(1));
    next.ok_or_else(|| damaged(&delivery.join(MANIFEST)))
}

/// The sequence number of a delivery from its manifest; `None` if there is no delivery, 0 if it is of a version that
/// did not count.
pub(super) fn sequence(delivery: &Path) -> Result<Option<u64>, ReleaseError> {
    let path = delivery.join(MANIFEST);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ReleaseError::io("read this file", &path)(error)),
    };
    let manifest: Value = serde_json::from_slice(&text).map_err(|_| damaged(&path))?;
    match manifest.get("sequence") {
        None => Ok(Some(0)),
        Some(sequence) => sequence.as_u64().map(Some).ok_or_else(|| damaged(&path)),
    }
}

fn damaged(path: &Path) -> ReleaseError {
    ReleaseError::Damaged { path: path.to_owned(), line: 1, reason: "not a manifest of flagmatch" }
}

fn resource(name: &str, content: &Content, sum: &Sum) -> Value {
    let mut resource = json!({
        "name": name.trim_end_matches(".csv").to_lowercase(),
        "path": name,
        "bytes": sum.bytes,
        "hash": format!("sha256:{}", sum.sha256),
    });
    let of_content = match content.schema() {
        Some(schema) => json!({
            "type": "table",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            // Programs that guess it from references may guess wrong.
            "dialect": { "delimiter": ",", "doubleQuote": true, "header": true, "lineTerminator": "\n" },
            "rows": sum.rows,
            "schema": schema,
        }),
        // It is no table for any program. The manifest in it says what else is in it.
        None => json!({ "format": "age", "mediatype": "application/octet-stream", "encryption": "age" }),
    };
    if let (Value::Object(resource), Value::Object(of_content)) = (&mut resource, of_content) {
        resource.extend(of_content);
        match content {
            Content::Flags(scheme) => describe(scheme, resource),
            Content::Archive(schemes) => {
                let described = schemes.iter().map(|scheme| {
                    let mut described = Map::new();
                    describe(scheme, &mut described);
                    Value::Object(described)
                });
                resource.insert("rebate_schemes".to_owned(), described.collect());
            }
            Content::Changes | Content::Rejects | Content::Receipts => {}
        }
    }
    resource
}

/// Adds the purpose and legal power of the flags, so that these travel with the flags.
fn describe(scheme: &Scheme, resource: &mut Map<String, Value>) {
    resource.insert(SCHEME.to_owned(), json!(scheme.id));
    resource.insert("title".to_owned(), json!(scheme.name));
    resource.insert("qualifying_date".to_owned(), json!(scheme.qualifying_date.to_string()));
    let optional = [
        ("purpose", scheme.purpose.as_ref().map(|text| json!(text))),
        ("legal_power", scheme.legal_power.as_ref().map(|text| json!(text))),
        ("retention_days", scheme.retention_days.map(|days| json!(days))),
    ];
    for (key, value) in optional {
        resource.extend(value.map(|value| (key.to_owned(), value)));
    }
}
