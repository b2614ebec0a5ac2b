//! Turns the text of a job file into a [`Job`], section by section.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::error::{Fault, Hint, JobError};
use super::section::{Document, Found, Section};
use super::source::Source;
use super::{
    AgeRecipient, Disclosure, Exceptions, Gates, Group, Intake, Job, Matching, Probing, Retention, Scheme, Supplier,
    changes, columns,
};

const FILES_AND_COLUMNS: &[&str] = &["files", "columns"];

/// Letters, digits and a few signs without special meaning to any file system, shell or glob.
const SAFE_ID: &str = "at most 64 of A-Z a-z 0-9 . _ -, beginning with a letter or digit and without \"..\"";

/// Reads the job that a text describes; errors call the text `name`.
pub(super) fn job(text: &str, name: &str, folder: &Path) -> Result<Job, JobError> {
    // Some editors put a byte-order mark in front; TOML has none.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let register = RefCell::default();
    let document = Document { name, text, folder, register: &register };
    let parsed = DeTable::parse(text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        document.error(place, Fault::Syntax(error.message().trim().replace('\n', "; ")))
    })?;
    let read = sections(document, parsed.get_ref());
    // Report a misspelt key first, before the key that it leaves missing.
    document.unknown_key().map_or(read, Err)
}

fn sections(document: Document<'_>, table: &DeTable<'_>) -> Result<Job, JobError> {
    let folder = document.folder;
    let known = &[
        "scheme",
        "benefits",
        "properties",
        "objections",
        "decisions",
        "exceptions",
        "supplier",
        "matching",
        "intake",
        "disclosure",
        "changes",
        "gates",
        "probing",
        "retention",
        "output",
        "signing",
    ];
    let root = Section::new(document, "the job file", 0, known, table);

    let properties = input(&root, "properties", "[properties]", columns::PROPERTY)?;
    let schemes = schemes(&root, properties.is_some())?;
    let benefits = input(&root, "benefits", "[benefits]", columns::BENEFIT)?;
    let (signing_key, signing_job) = signing(&root, &schemes)?;
    Ok(Job {
        suppliers: suppliers(&root, &schemes)?,
        schemes,
        benefits: root.required("benefits", benefits)?,
        properties,
        objections: input(&root, "objections", "[objections]", columns::OBJECTION)?,
        decisions: input(&root, "decisions", "[decisions]", columns::DECISION)?,
        exceptions: exceptions(&root)?,
        matching: matching(&root)?,
        intake: intake(&root)?,
        disclosure: disclosure(&root)?,
        changes: changes::changes(&root)?,
        gates: Gates::read(&root)?.unwrap_or_default(),
        probing: Probing::read(&root)?,
        retention: retention(&root)?,
        output: match root.section("output", "[output]", &["directory"])? {
            Some(output) => folder.join(output.text("directory")?.map_or("out", |found| found.value)),
            None => folder.join("out"),
        },
        signing_key,
        signing_job,
    })
}

/// The schemes in which an account is on supply are kept as 32 bits, the groups for which a benefit counts as
/// 64.
const MOST_SCHEMES: usize = 32;
const MOST_GROUPS: usize = 64;

fn schemes(root: &Section, has_properties: bool) -> Result<Vec<Scheme>, JobError> {
    let known = &[
        "id",
        "name",
        "qualifying_date",
        "one_rebate_per_claim",
        "free_after_days",
        "limit",
        "purpose",
        "legal_power",
        "retention_days",
        "group",
    ];
    let mut ids = Ids::new("scheme");
    let mut room = MOST_GROUPS;
    let read = |section: Section| {
        let text = |key| Ok::<_, JobError>(section.text(key)?.map(|found| found.value.to_owned()));
        Ok(Scheme {
            id: ids.take(&section)?,
            name: section.required("name", text("name")?)?,
            qualifying_date: section.required("qualifying_date", section.date("qualifying_date")?)?,
            groups: groups(&section, &mut room, has_properties)?,
            one_rebate_per_claim: section.boolean("one_rebate_per_claim")?.unwrap_or(true),
            free_after_days: section
                .whole_in("free_after_days", "a whole number of days from 1 to 366", 1..=366)?
                .unwrap_or(Scheme::FREE_AFTER_DAYS),
            limit: section.whole("limit", "a whole number, 0 or more")?,
            purpose: text("purpose")?,
            legal_power: text("legal_power")?,
            retention_days: section.whole("retention_days", "a whole number of days, 0 or more")?,
        })
    };
    let sections = root.sections("scheme", "[[scheme]]", known)?;
    if let Some(beyond) = sections.get(MOST_SCHEMES) {
        return Err(root.unusable("scheme", beyond.start, "at most 32 sections"));
    }
    sections.into_iter().map(read).collect()
}

/// Reads the groups of a scheme; the job may have `room` more of them.
fn groups(scheme: &Section, room: &mut usize, has_properties: bool) -> Result<Vec<Group>, JobError> {
    let known = &["id", "benefits", "max_income", "min_energy_cost_score"];
    let mut ids = Ids::new("group");
    let read = |section: Section| {
        let id = ids.take(&section)?;
        let benefits = section.required("benefits", section.texts("benefits")?)?;
        let least_score = section.number_at("min_energy_cost_score", "a number", |_| true)?;
        if let Some(Found { place, .. }) = least_score.as_ref().filter(|_| !has_properties) {
            return Err(section.document.error(*place, Fault::NoProperties));
        }
        Ok(Group {
            id,
            benefits: benefits.iter().map(|found| found.value.to_owned()).collect(),
            max_income: section.number("max_income", "a number of pounds a year, 0 or more", |pounds| pounds >= 0.0)?,
            min_energy_cost_score: least_score.map(|found| found.value),
        })
    };
    let sections = scheme.sections("group", "[[scheme.group]]", known)?;
    if let Some(beyond) = sections.get(*room) {
        return Err(scheme.unusable("group", beyond.start, "at most 64 sections over all schemes"));
    }
    *room -= sections.len();
    sections.into_iter().map(read).collect()
}

fn suppliers(root: &Section, schemes: &[Scheme]) -> Result<Vec<Supplier>, JobError> {
    let known = &["id", "files", "columns", "schemes", "parts", "age_recipient", "former", "successor"];
    let mut ids = Ids::new("supplier");
    let sections = root.sections("supplier", "[[supplier]]", known)?;
    let mut successors = Vec::new();
    let mut read = |section: &Section| {
        let former = section.boolean("former")?.unwrap_or(false);
        let successor = section.text("successor")?;
        if let Some(found) = &successor {
            if !former {
                return Err(section.unusable("successor", found.place, "beside former = true"));
            }
            successors.push((found.value.to_owned(), found.place));
        }
        Ok(Supplier {
            id: ids.take(section)?,
            source: if former { former_source(section)? } else { source(section, columns::CUSTOMER)? },
            parts: section.boolean("parts")?.unwrap_or(false),
            age_recipient: age_recipient(section)?,
            former,
            successor: successor.map(|found| found.value.to_owned()),
            schemes: match section.texts("schemes")? {
                Some(named) => Some(known_schemes(section, &named, schemes)?),
                None => None,
            },
        })
    };
    let suppliers = sections.iter().map(&mut read).collect::<Result<Vec<_>, JobError>>()?;
    for (id, place) in successors {
        let rule = match suppliers.iter().find(|supplier| supplier.id == id) {
            None => "the job has none of this id",
            Some(supplier) if supplier.former => "it is former itself; name the one that has the accounts now",
            Some(_) => continue,
        };
        return Err(root.document.error(place, Fault::NoSuccessor { id, rule }));
    }
    if suppliers.iter().all(|supplier| supplier.former) {
        return Err(root.unusable(
            "supplier",
            sections[0].start,
            "one section or more of a supplier that is not former",
        ));
    }
    Ok(suppliers)
}

/// A former supplier's patterns are not read; they may stay in the job file.
fn former_source(section: &Section) -> Result<Source, JobError> {
    if section.texts("files")?.is_some() {
        source(section, columns::CUSTOMER)?;
    }
    Ok(Source::new(Vec::new(), BTreeMap::new(), section.document.folder))
}

/// The schemes that a supplier names. Fails if the job lacks one of them.
fn known_schemes(section: &Section, named: &[Found<&str>], schemes: &[Scheme]) -> Result<Vec<String>, JobError> {
    let known = |found: &Found<&str>| {
        if schemes.iter().any(|scheme| scheme.id == found.value) {
            return Ok(found.value.to_owned());
        }
        let hint = Hint::new(found.value, schemes.iter().map(|scheme| scheme.id.as_str()));
        let fault = Fault::UnknownScheme { id: found.value.to_owned(), hint };
        Err(section.document.error(found.place, fault))
    };
    named.iter().map(known).collect()
}

fn matching(root: &Section) -> Result<Matching, JobError> {
    let Some(section) = root.section("matching", "[matching]", &["threshold", "review", "keep", "weights"])? else {
        return Ok(Matching::default());
    };
    let shipped = Matching::default();
    let between = |number| 0.0 < number && number < 1.0;
    let threshold = section.number("threshold", "a number above 0 and below 1", between)?.unwrap_or(shipped.threshold);
    // A job that lowers its threshold also lowers the bounds below it.
    let up_to = |most: f64| move |number: f64| 0.0 < number && number <= most;
    let keep = section.number("keep", "a number above 0 and not above threshold", up_to(threshold))?;
    let keep = keep.unwrap_or(shipped.keep.min(threshold));
    let review = section.number("review", "a number above 0 and not above keep", up_to(keep))?;
    let weights = section.text("weights")?.map(|found| section.document.folder.join(found.value));
    Ok(Matching { threshold, review: review.unwrap_or(shipped.review.min(keep)), keep, weights })
}

fn intake(root: &Section) -> Result<Intake, JobError> {
    let Some(section) = root.section("intake", "[intake]", &["reject_limit"])? else {
        return Ok(Intake::default());
    };
    let share = |number| (0.0..=1.0).contains(&number);
    let reject_limit = section.number("reject_limit", "a number from 0 to 1", share)?;
    Ok(Intake { reject_limit: reject_limit.unwrap_or(Intake::default().reject_limit) })
}

fn disclosure(root: &Section) -> Result<Disclosure, JobError> {
    let shipped = Disclosure::default();
    let Some(section) = root.section("disclosure", "[disclosure]", &["threshold", "days"])? else {
        return Ok(shipped);
    };
    let threshold = section.whole_in("threshold", "a whole number from 5 to 1000000", 5..=1_000_000)?;
    let days = section.whole_in("days", "a whole number of days from 1 to 366", 1..=366)?;
    Ok(Disclosure { threshold: threshold.map_or(shipped.threshold, u64::from), days: days.unwrap_or(shipped.days) })
}

fn retention(root: &Section) -> Result<Retention, JobError> {
    let Some(section) = root.section("retention", "[retention]", &["audit_days"])? else {
        return Ok(Retention::default());
    };
    Ok(Retention { audit_days: section.whole("audit_days", "a whole number of days, 0 or more")? })
}

/// The secret key, and the id by which signatures name the job.
fn signing(root: &Section, schemes: &[Scheme]) -> Result<(Option<PathBuf>, String), JobError> {
    let of_schemes = || Job::signed_as(schemes.iter());
    let Some(section) = root.section("signing", "[signing]", &["secret_key", "job"])? else {
        return Ok((None, of_schemes()));
    };
    // A section without its key would promise signatures that nobody makes.
    let file = section.required("secret_key", section.text("secret_key")?)?;
    let job = match section.text("job")? {
        Some(job) if !is_safe(job.value) => return Err(section.unusable("job", job.place, SAFE_ID)),
        Some(job) => job.value.to_owned(),
        None => of_schemes(),
    };
    Ok((Some(section.document.folder.join(file.value)), job))
}

/// The recipient to whom a supplier's delivery is encrypted, if the job asks for it.
fn age_recipient(supplier: &Section) -> Result<Option<AgeRecipient>, JobError> {
    const KEY: &str = "age_recipient";
    let Some(Found { value, place }) = supplier.text(KEY)? else {
        return Ok(None);
    };
    let expected = "an age recipient: age1 and what follows it, as age-keygen prints it";
    value.parse().map(Some).map_err(|_| supplier.unusable(KEY, place, expected))
}

/// An input that has a section of its own.
fn input(
    root: &Section,
    key: &'static str,
    name: &'static str,
    columns: &'static [&'static str],
) -> Result<Option<Source>, JobError> {
    let section = root.section(key, name, FILES_AND_COLUMNS)?;
    section.map(|section| source(&section, columns)).transpose()
}

fn exceptions(root: &Section) -> Result<Option<Exceptions>, JobError> {
    let Some(section) = root.section("exceptions", "[exceptions]", &["files", "columns", "days"])? else {
        return Ok(None);
    };
    let days = section.whole_in("days", "a whole number of days from 1 to 366", 1..=366)?;
    Ok(Some(Exceptions { source: source(&section, columns::EXCEPTION)?, days: days.unwrap_or(Exceptions::DAYS) }))
}

/// The `files` and `columns` of a section.
fn source(section: &Section, columns: &'static [&'static str]) -> Result<Source, JobError> {
    let files = section.required("files", section.texts("files")?)?;
    let mut patterns = Vec::new();
    for Found { value, place } in files {
        if !Source::is_pattern(value) {
            return Err(section.unusable("files", place, "a list of paths or well-formed globs"));
        }
        patterns.push(value.to_owned());
    }
    let headings = match section.section("columns", "columns", columns)? {
        Some(map) => headings(&map, columns)?,
        None => BTreeMap::new(),
    };
    Ok(Source::new(patterns, headings, section.document.folder))
}

/// Columns that may share a heading: people of one home may have one surname, a claim may be known by its
/// person, and a heading such as `Surname` may hold whole names.
const MAY_SHARE: &[[&str; 2]] = &[["surname", "joint_surname"], ["claim_ref", "person_ref"], ["full_name", "surname"]];

/// A map of columns to headings. One heading may stand for two columns only as [`MAY_SHARE`] allows.
fn headings(map: &Section, columns: &'static [&'static str]) -> Result<BTreeMap<String, String>, JobError> {
    let mut mapped: Vec<(&str, Found<&str>)> = Vec::new();
    for name in columns {
        mapped.extend(map.text(name)?.map(|heading| (*name, heading)));
    }
    mapped.sort_by_key(|(_, heading)| heading.place);
    let fold = |heading: &str| heading.trim().to_lowercase();
    for (place, (name, heading)) in mapped.iter().enumerate() {
        let may_share = |other: &str| MAY_SHARE.iter().any(|pair| pair.contains(name) && pair.contains(&other));
        let same = |other: &str| fold(other) == fold(heading.value);
        let earlier = mapped[..place].iter().find(|(other, theirs)| same(theirs.value) && !may_share(other));
        let by_itself = || {
            let is_mapped = |column: &str| mapped.iter().any(|(other, _)| *other == column);
            columns.iter().find(|column| same(column) && *column != name && !is_mapped(column) && !may_share(column))
        };
        if let Some(first) = earlier.map(|(first, _)| *first).or_else(|| by_itself().copied()) {
            let fault = Fault::HeadingTwice { heading: heading.value.to_owned(), first: first.to_owned() };
            return Err(map.document.error(heading.place, fault));
        }
    }
    Ok(mapped.into_iter().map(|(name, heading)| (name.to_owned(), heading.value.to_owned())).collect())
}

/// The ids taken so far. They are compared ignoring case, as some file systems do.
struct Ids {
    kind: &'static str,
    taken: HashMap<String, (String, usize)>,
}

impl Ids {
    fn new(kind: &'static str) -> Ids {
        Ids { kind, taken: HashMap::new() }
    }

    /// The section's id, if it is safe as a file name and not taken.
    fn take(&mut self, section: &Section) -> Result<String, JobError> {
        let Found { value: id, place } = section.required("id", section.text("id")?)?;
        if !is_safe(id) {
            return Err(section.unusable("id", place, SAFE_ID));
        }
        let line = section.document.line(place);
        if let Some((same, first)) = self.taken.insert(id.to_ascii_lowercase(), (id.to_owned(), line)) {
            let rule = if same == id { "ids must differ" } else { "ids must differ in more than capitals" };
            let fault = Fault::Duplicate { kind: self.kind, id: id.to_owned(), first, rule };
            return Err(section.document.error(place, fault));
        }
        Ok(id.to_owned())
    }
}

fn is_safe(id: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    id.len() <= 64
        && id.bytes().all(safe)
        && id.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
        && !id.contains("..")
}
