//! Tells each supplier that is held back what it may know: what is wrong with its files, and what to send.
//!
//! A supplier that a gate quarantined gets one sentence, which is the same for every gate. So does one whose file is also
//! another's: who else has it is nobody's business, and the administrator has to find out.

use std::path::Path;

use crate::intake::IntakeError;
use crate::job::Supplier;
use crate::pipeline::judging::matched::Matched;
use crate::pipeline::publishing::supplier_tables::reject;
use crate::pipeline::rejected_supplier::RejectedSupplier;
use crate::release::{NoticeFolders, Reject, ReleaseError};
use crate::text::{counted, shown};

/// The notice that tells nothing.
const NEUTRAL: &str = "There is no new delivery for you tonight: your last one stands, and the administrator tells you if anything is needed from you.\n";

/// Which suppliers get a notice once the run is published, and have theirs taken away.
pub(crate) struct Notified<'a> {
    rejected: Vec<(&'a Supplier, RejectedSupplier)>,
    /// The others, and whether each is quarantined.
    matched: Vec<(&'a Supplier, bool)>,
}

impl<'a> Notified<'a> {
    /// Takes what the notices say out of what the run found.
    pub(crate) fn take(matched: &mut Matched<'a>) -> Notified<'a> {
        Notified {
            matched: matched.suppliers.iter().map(|own| (own.supplier, own.is_held())).collect(),
            rejected: std::mem::take(&mut matched.held_back),
        }
    }

    /// Writes the notices of a run that is published, and takes away those of suppliers that have a delivery. The run
    /// stands whatever becomes of them, so that a fault is only logged.
    pub(crate) fn notify(&self, notices: &NoticeFolders) {
        for (supplier, why) in &self.rejected {
            to_rejected(&supplier.id, why, notices);
        }
        for (Supplier { id, .. }, is_held) in &self.matched {
            let none = None::<std::iter::Empty<Reject<'_>>>;
            let done = if *is_held { notices.write(id, NEUTRAL, none) } else { notices.remove(id) };
            log(id, done);
        }
    }
}

/// Writes the notice of a rejected supplier.
pub(crate) fn to_rejected(supplier: &str, why: &RejectedSupplier, notices: &NoticeFolders) {
    let told = sentence_for(why);
    let text = match &told {
        Some(told) => format!(
            "There is no new delivery for you from run {}: your files cannot be used. Your last\n\
             delivery stands.\n\n{told}\n",
            notices.run_id()
        ),
        None => NEUTRAL.to_owned(),
    };
    let RejectedSupplier::TooManyRejects { rows, faults, columns } = innermost(why) else {
        return log(supplier, notices.write(supplier, &text, None::<std::iter::Empty<Reject<'_>>>));
    };
    let (file, reasons): (String, Vec<String>) =
        (name(&rows.file), faults.iter().map(|own| own.reason.to_string()).collect());
    let rejects = faults.iter().zip(&reasons).map(|(fault, reason)| reject(&file, fault, reason, columns));
    log(supplier, notices.write(supplier, &text, Some(rejects)));
}

fn log(supplier: &str, done: Result<(), ReleaseError>) {
    if let Err(error) = done {
        tracing::warn!("the notice to {supplier} cannot be written: {error}");
    }
}

/// The reason behind that of exceptions.
fn innermost(why: &RejectedSupplier) -> &RejectedSupplier {
    match why {
        RejectedSupplier::Exceptions(why) => why,
        other => other,
    }
}

/// The file's base name; the administrator's folders are nothing to a supplier.
fn name(file: &Path) -> String {
    shown(file.file_name().unwrap_or(file.as_os_str()).as_ref()).to_string()
}

/// What the supplier is told; `None` if it is told nothing.
fn sentence_for(why: &RejectedSupplier) -> Option<String> {
    Some(match why {
        RejectedSupplier::NoFiles(_) => "No file of yours is there. Send it.".to_owned(),
        RejectedSupplier::Unreadable(error) => of_file(error),
        RejectedSupplier::TooManyRejects { rows, .. } => format!(
            "{}; {}.\n\
             rejects.csv lists each line with what is wrong. Most often the export is broken:\n\
             send a new one.",
            rows.of_file(name(&rows.file)),
            rows.first()
        ),
        RejectedSupplier::RepeatedAcrossFiles { references } => format!(
            "{} in more than one of your files. Send each account in one file, and take older\n\
             files back.",
            match references {
                1 => "1 account is".to_owned(),
                _ => format!("{} are", counted(*references, "account")),
            }
        ),
        RejectedSupplier::Exceptions(why) => format!("In what you report: {}", sentence_for(why)?),
        RejectedSupplier::NoAccounts => "There is not one account in your files. Send the whole export.".to_owned(),
        RejectedSupplier::SharedFile { .. } | RejectedSupplier::SameContent { .. } => return None,
    })
}

/// What is wrong with a file, and what to send instead.
pub(crate) fn of_file(error: &IntakeError) -> String {
    use IntakeError::*;
    let (file, what, send) = match error {
        Unreadable { file, .. } => (file, "it cannot be read to its end".to_owned(), "Send it again."),
        NotAFile { file, .. } => (file, "it is no regular file".to_owned(), "Send the data in a file."),
        OtherFormat { file, found, .. } => (file, format!("it is {found}, not CSV"), "Send it as CSV."),
        Separator { file, line, found } => (
            file,
            format!("line {line}: columns are separated by {found:?}"),
            "Send it with commas, semicolons or tabs.",
        ),
        BreaksOff { file } => {
            (file, "the compressed data break off before their end".to_owned(), "Send it again, whole.")
        }
        NoIdentity { file } => {
            (file, "it is encrypted, and the administrator cannot open it".to_owned(), "Ask the administrator.")
        }
        OtherRecipient { file } => (
            file,
            "it is not encrypted to the administrator's age recipient".to_owned(),
            "Encrypt it to that recipient, which your layout file has, and send it again.",
        ),
        Damaged { file } => {
            (file, "the encrypted data are cut off or were changed".to_owned(), "Send it again, whole.")
        }
        NotEncrypted { file } => {
            (file, "its name ends in .age, but it is no age file".to_owned(), "Send it encrypted with age.")
        }
        Changed { file } => (file, "it changed while it was read".to_owned(), "Send it again, and leave it as it is."),
        Expands { file, .. } => (file, "decompressed, it is longer than any table".to_owned(), "Send the export anew."),
        TooManyFaults { file, limit } => (
            file,
            format!("more than {limit} rows and fields cannot be used"),
            "It is probably another file: send the right one.",
        ),
        Empty { file } => (file, "it is empty".to_owned(), "Send the whole export, with its header row."),
        BrokenHeader { file, line, reason } => {
            (file, format!("line {line}: the header row cannot be read: {reason}"), "Send the export anew.")
        }
        NoHeader { file, line, heading, .. } => (
            file,
            format!("line {line}: no heading is here that is expected, such as {heading:?}"),
            "Send it with its header row.",
        ),
        MissingColumn { file, line, heading, found, .. } => (
            file,
            format!("line {line}: there is no heading {heading:?}; {found}"),
            "Send it with this heading, or tell the administrator your new one.",
        ),
        MissingOneOf { file, line, wanted, found } => (
            file,
            format!("line {line}: one of these headings must be there: {wanted}; {found}"),
            "Send it with one of them, or tell the administrator your new one.",
        ),
        RepeatedHeading { file, line, heading, .. } => (
            file,
            format!("line {line}: the heading {heading:?} is there more than once"),
            "Send it with one such column.",
        ),
    };
    format!("{}: {what}.\n{send}", name(file))
}
