//! Declares the section `[review]`: how staff decide doubtful cases on the page of `flagmatch review`.

use std::path::PathBuf;

use super::kinds::{id, path, share, switch, text, whole};
use super::settings::{Kind, sections, settings};

settings! {
    /// How staff decide doubtful cases on the page of `flagmatch review`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Review {
        /// The log of answers, confirmations and undos. It holds references and no other value of a record.
        pub log: PathBuf =
            text().or("review-log.csv".to_owned()).map(|section, path| section.document.folder.join(path)),
        /// The file that decisions are appended to; `[decisions]` must find it.
        pub decisions: Option<PathBuf> = path().optional_or("the one file that `[decisions]` names"),
        /// Whether a decision is written only once a second person has answered the same.
        pub four_eyes: bool = switch().or(false),
        /// The share of clear cases among those that a reviewer gets, to measure how well people decide.
        pub clear_share: f64 = share().or(0.05),
        /// After how many minutes without a key or click the page locks itself; `--idle` overrides it.
        pub idle_minutes: u32 = whole(" of minutes", Review::IDLE).or(15),
        /// The address at which the department's own proxy offers the page.
        pub origin: Option<String> = origin().optional_or("none: only this machine and tunnels to it"),
        /// The header in which that proxy names the reviewer. It is trusted only together with `proxy_secret`.
        pub identity_header: Option<String> = header().optional(),
        /// A file whose one line the proxy sends in the header `Flagmatch-Proxy-Secret`, so that no other user of the
        /// machine can pass for it.
        pub proxy_secret: Option<PathBuf> = path().optional(),
        /// The reviewers, each with a passphrase.
        pub reviewers as reviewer: Option<Vec<Reviewer>> =
            sections("[[review.reviewer]]", Reviewer::settings()).optional_or("the user who starts the page"),
    }
}

impl Review {
    /// After how many idle minutes the page may lock itself.
    pub(crate) const IDLE: std::ops::RangeInclusive<i64> = 1..=480;
}

settings! {
    /// A person who decides.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Reviewer {
        /// The reviewer's name in decisions and in the log.
        pub id: String = id(),
        /// The passphrase, hashed: `flagmatch review --new-reviewer ID` prints it.
        pub passphrase: String = hashed(),
    }
}

/// A hash of a passphrase.
fn hashed() -> Kind<String> {
    let must_be = "a hashed passphrase, as flagmatch review --new-reviewer ID prints it";
    Kind::value(must_be, |value| value.as_str().filter(|text| crate::passphrase_hash::is_hash(text)).map(str::to_owned))
}

/// The address of a page, without a path.
fn origin() -> Kind<String> {
    Kind::value("https:// and a host, perhaps with a port, without a path", |value| {
        let text = value.as_str()?;
        let host = text.strip_prefix("https://")?;
        let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-:".contains(letter);
        (!host.is_empty() && host.chars().all(fits)).then(|| text.to_owned())
    })
}

/// The name of a header.
fn header() -> Kind<String> {
    Kind::value("the name of a header: letters, digits and hyphens", |value| {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        value.as_str().filter(|text| !text.is_empty() && text.chars().all(fits)).map(str::to_ascii_lowercase)
    })
}
