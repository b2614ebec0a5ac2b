//! Reads a job file, and checks what no setting tells by itself.

use std::path::Path;

use toml::de::DeTable;

use super::error::{Fault, Hint, JobError};
use super::section::{Document, Reads, Section};
use super::settings::{Declaration, Settings};
use super::{Job, Matching, Signing};

/// Reads the job that a text describes; errors call the text `name`.
pub(super) fn job(text: &str, name: &str, folder: &Path) -> Result<Job, JobError> {
    // Some editors put a byte-order mark in front; TOML has none.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = Document { name, text, folder };
    let parsed = DeTable::parse(text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        document.error(place, Fault::Syntax(error.message().trim().replace('\n', "; ")))
    })?;
    let declared = declaration();
    let root = Section::outermost(document, &declared, parsed.get_ref());
    // Report a misspelt key first, before the key that it leaves missing.
    root.unknown_key(&declared, None).map_or(Ok(()), Err)?;
    let mut job = (Job::settings().read)(&root)?;
    schemes(&root, &job)?;
    suppliers(&root, &job)?;
    bounds(&root, &mut job.matching)?;
    if job.signing_job.is_empty() {
        job.signing_job = Job::signed_as(job.schemes.iter());
    }
    Ok(job)
}

/// Every setting of the job file.
pub(super) fn declaration() -> Declaration {
    Declaration { title: "the job file", settings: Job::settings().settings }
}

/// The id that `[signing]` states; empty if it states none.
pub(super) fn signing_job() -> Settings<String> {
    let read = |root: &Section<'_>| {
        let signing = root.inner("signing").first().map(|signing| (Signing::settings().read)(signing)).transpose()?;
        Ok(signing.and_then(|signing| signing.job).unwrap_or_default())
    };
    Settings { settings: Vec::new(), read: Box::new(read) }
}

/// The schemes in which an account is on supply are kept as 32 bits, the groups for which a benefit counts as
/// 64.
const MOST_SCHEMES: usize = 32;
const MOST_GROUPS: usize = 64;

fn schemes(root: &Section, job: &Job) -> Reads<()> {
    let schemes = root.inner("scheme");
    if let Some(beyond) = schemes.get(MOST_SCHEMES) {
        return Err(root.must_be("scheme", beyond.start, "at most 32 sections"));
    }
    let groups = schemes.iter().flat_map(|scheme| scheme.inner("group").into_iter().map(move |group| (scheme, group)));
    for (number, (scheme, group)) in groups.enumerate() {
        if number == MOST_GROUPS {
            return Err(scheme.must_be("group", group.start, "at most 64 sections over all schemes"));
        }
        if let (Some(place), None) = (group.place("min_energy_cost_score"), &job.properties) {
            return Err(root.document.error(place, Fault::NoProperties));
        }
    }
    Ok(())
}

/// Checks what suppliers say of schemes and of each other.
fn suppliers(root: &Section, job: &Job) -> Reads<()> {
    let sections = root.inner("supplier");
    for (section, supplier) in sections.iter().zip(&job.suppliers) {
        for (id, place) in supplier.schemes.iter().flatten().zip(section.places("schemes")) {
            if !job.schemes.iter().any(|scheme| scheme.id == *id) {
                let hint = Hint::new(id, job.schemes.iter().map(|scheme| scheme.id.as_str()));
                return Err(root.document.error(place, Fault::UnknownScheme { id: id.clone(), hint }));
            }
        }
        let (Some(id), Some(place)) = (&supplier.successor, section.place("successor")) else { continue };
        let rule = match job.supplier(id) {
            None => "the job has none of this id",
            Some(supplier) if supplier.former => "it is former itself; name the one that has the accounts now",
            Some(_) => continue,
        };
        return Err(root.document.error(place, Fault::NoSuccessor { id: id.clone(), rule }));
    }
    match sections.first() {
        Some(first) if job.current_suppliers().next().is_none() => {
            Err(root.must_be("supplier", first.start, "one section or more of a supplier that is not former"))
        }
        _ => Ok(()),
    }
}

/// Bounds `keep` by `threshold` and `review` by `keep`. A job that lowers one also lowers those below it.
fn bounds(root: &Section, matching: &mut Matching) -> Reads<()> {
    let sections = root.inner("matching");
    let mut most = matching.threshold;
    for (key, bound) in [("keep", &mut matching.keep), ("review", &mut matching.review)] {
        match sections.first().and_then(|section| section.place(key).map(|place| section.unusable(key, place))) {
            Some(error) if *bound > most => return Err(error),
            Some(_) => {}
            None => *bound = bound.min(most),
        }
        most = *bound;
    }
    Ok(())
}
