//! Tells forenames that brothers and sisters bear side by side from forenames of one person.
//!
//! In some languages the names of a family's children are made of common parts, so that they differ by less than a
//! typing slip.

use super::likeness::{same_letters, sounds_alike};
use crate::normalise::NameView;
use crate::normalise::given_name::{are_variants, is_known};

/// One is a Singh and the other a Kaur: Sikh couples often share a forename, which these names tell apart.
pub(super) fn are_man_and_woman(one: &NameView<'_>, other: &NameView<'_>) -> bool {
    let has = |name: &NameView<'_>, word: &str| name.given.iter().skip(1).chain(&name.family).any(|own| *own == word);
    let is_singh = |name| has(name, "SINGH") && !has(name, "KAUR");
    let is_kaur = |name| has(name, "KAUR") && !has(name, "SINGH");
    is_singh(one) && is_kaur(other) || is_kaur(one) && is_singh(other)
}

/// A name that many parents give to each of their sons, who go by the next one.
pub(super) fn is_shared_by_brothers(name: &str) -> bool {
    ["MOHAMMED", "SYED", "ABDUL"].iter().any(|shared| are_variants(shared, name))
}

/// One word is the other with a feminine ending: Farhan and Farhana are brother and sister.
pub(super) fn is_feminine_form(one: &str, other: &str) -> bool {
    let (shorter, longer) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let ending = longer.strip_prefix(shorter).unwrap_or_default();
    ending == "A" && !shorter.ends_with('A') && (is_known(shorter) || !is_known(longer))
}

/// The endings of two names made of one head, as parents name their children in some languages: Sukhdev and
/// Sukhdeep, Oluwatobi and Oluwatosin, Abdulrahman and Abdulrahim.
pub(super) fn compounds<'a>(one: &'a str, other: &'a str) -> Option<[&'a str; 2]> {
    const HEADS: [&str; 15] = [
        "ABDUL", "ABDUR", "AMAR", "BAL", "GUR", "HAR", "JAS", "KUL", "MAN", "OLA", "OLUWA", "OLU", "PARAM", "RAJ",
        "SUKH",
    ];
    const LEAST_HEAD: usize = 3;
    const LEAST_ENDING: usize = 3;
    // Most words have not even a head in common.
    if one.as_bytes().get(..LEAST_HEAD) != other.as_bytes().get(..LEAST_HEAD) {
        return None;
    }
    HEADS.iter().find_map(|head| {
        let endings = [one.strip_prefix(head)?, other.strip_prefix(head)?];
        endings.iter().all(|ending| ending.len() >= LEAST_ENDING).then_some(endings)
    })
}

/// Two endings that are names, or usual in names, however little they differ: Oluwaseun and Oluwasegun, Harjit and
/// Harjot.
pub(super) fn are_two_endings([one, other]: [&str; 2]) -> bool {
    /// Endings of Punjabi names, each with its spellings.
    const USUAL: [&[&str]; 12] = [
        &["BIR", "VIR"],
        &["DEEP", "DIP"],
        &["DEV"],
        &["INDER"],
        &["JEET", "JIT"],
        &["JOT"],
        &["LEEN"],
        &["MEET"],
        &["NEET"],
        &["PAL"],
        &["PREET", "PRIT"],
        &["BINDER", "VINDER", "WINDER"],
    ];
    let usual = |ending: &str| USUAL.iter().position(|spellings| spellings.contains(&ending));
    match (usual(one), usual(other)) {
        (Some(one), Some(other)) => one != other,
        _ => is_known(one) && is_known(other) && !same_letters(one, other) && !sounds_alike(one, other),
    }
}
