//! Tells which words of a name field are not names, or not always, and what they may mean.

use std::sync::LazyLock;

use super::super::missing::{NEVER_A_NAME, PERHAPS_A_NAME};
use super::super::word_map::WordMap;
use crate::text::Word;

/// What a word may mean in a name field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// A name, as far as can be said.
    Plain,
    /// Never a name: a title or an honour (`MRS`, `OBE`), or a word for a value that is not known.
    Dropped,
    /// A title at the front, a name elsewhere (`LORD`, `MAJOR`).
    Title,
    /// Letters after a name, a name in front (`MP`, `JP`).
    Honour,
    /// Junior after a name, a name in front.
    Junior,
    /// Senior after a name, a name in front.
    Senior,
    /// Sister in front, Senior after a name.
    SisterOrSenior,
    /// Joins two people.
    And,
    /// A former surname follows.
    Formerly,
    /// Another name follows.
    Alias,
    /// The first word of "known as".
    Known,
    /// The second word of "known as".
    As,
    /// A particle that is hardly ever a forename (`MC`, `VON`).
    Particle,
    /// A particle that may be a forename too (`MAC`, `AL`).
    ParticleOrName,
    /// Part of a phrase that stands for nobody (`THE OCCUPIER`).
    Nobody,
    /// An organisation, or a dead person's estate, whatever other words stand with it.
    NeverAPerson,
    /// An organisation, unless a forename stands with it (`CHURCH`).
    PerhapsAnOrganisation,
    /// The first word of `ESTATE OF`.
    Estate,
    /// The second word of `ESTATE OF`, never a name.
    Of,
}

const WORDS: &[(Meaning, &str)] = &[
    (
        Meaning::Dropped,
        "MR MRS MS MISS MX DR PROF REV REVD REVEREND SIR CAPT SGT CLLR LIEUT CPL MESSRS MISTER PROFESSOR \
         OBE MBE CBE KBE DBE PHD BSC MSC ESQ ESQUIRE",
    ),
    (
        Meaning::Title,
        "LADY LORD DAME CAPTAIN MAJ MAJOR COL COLONEL LT SERGEANT FR FATHER SISTER BROTHER MASTER IMAM RABBI \
         CANON HON RT DOCTOR MADAM MME MLLE HERR FRAU",
    ),
    (Meaning::Honour, "MP QC KC JP RN FRCS FRS MEP MSP DSO DIPED"),
    (Meaning::Junior, "JNR JR JUNIOR II III"),
    (Meaning::Senior, "SNR SENIOR"),
    (Meaning::SisterOrSenior, "SR"),
    (Meaning::And, "AND"),
    (Meaning::Formerly, "NEE FORMERLY PREVIOUSLY"),
    (Meaning::Alias, "AKA ALIAS"),
    (Meaning::Known, "KNOWN"),
    (Meaning::As, "AS"),
    (Meaning::Particle, "MC DE DA DU ST VON DER DEN DEL DI BIN IBN AP AB TER"),
    (Meaning::ParticleOrName, "MAC VAN LA LE AL EL TEN"),
    (
        Meaning::Nobody,
        "THE OCCUPIER OCCUPIERS OCCUPANT OCCUPANTS OWNER OWNERS HOUSEHOLDER HOUSEHOLDERS RESIDENT RESIDENTS \
         TENANT TENANTS LANDLORD LANDLADY NO NOT NAME PROVIDED APPLICABLE GIVEN AVAILABLE VOID VACANT NEW \
         CUSTOMER CURRENT PRESENT ACCOUNT HOLDER TEST EMPTY PROPERTY FLAT HOUSE DUMMY ANONYMOUS UNNAMED",
    ),
    (
        Meaning::NeverAPerson,
        "LTD LIMITED PLC LLP CIC CIO PROPERTIES LETTINGS ASSOCIATION HOLDINGS SERVICES ENTERPRISES INVESTMENTS \
         DEVELOPMENTS SOLICITORS EXECUTORS EXECUTOR EXECUTRIX EXECS EXORS EXOR TRUSTEES REPRESENTATIVES \
         REPRESENTATIVE ADMINISTRATORS DECEASED DECD LIQUIDATORS",
    ),
    (
        Meaning::PerhapsAnOrganisation,
        "CHURCH SCHOOL TRUST COUNCIL COMPANY CO SONS BROS GROUP ACADEMY COLLEGE CHARITY PARISH SOCIETY \
         MANAGEMENT HOUSING HOMES NURSERY PHARMACY SURGERY RESTAURANT TAKEAWAY SALON STORES CLUB HOTEL \
         CENTRE CHAPEL MOSQUE TEMPLE SYNAGOGUE AUTHORITY PARTNERSHIP FOUNDATION INN GARAGE CAFE DENTAL HALL",
    ),
    (Meaning::Estate, "ESTATE"),
    (Meaning::Of, "OF"),
];

/// Each word and its meaning.
fn words() -> impl Iterator<Item = (&'static str, Meaning)> {
    let listed = WORDS.iter().flat_map(|(meaning, words)| words.split_ascii_whitespace().map(|word| (word, *meaning)));
    let never = NEVER_A_NAME.into_iter().map(|word| (word, Meaning::Dropped));
    let perhaps = PERHAPS_A_NAME.into_iter().map(|word| (word, Meaning::Nobody));
    listed.chain(never).chain(perhaps)
}

static LEXICON: LazyLock<WordMap<Meaning>> = LazyLock::new(|| words().collect());

/// What `word` may mean.
#[inline]
pub(super) fn meaning(word: &Word) -> Meaning {
    LEXICON.get(word).unwrap_or(Meaning::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_has_one_meaning_and_is_found() {
        let mut seen = std::collections::HashSet::new();
        for (word, expected) in words() {
            assert!(seen.insert(word), "{word} stands twice");
            assert_eq!(meaning(&Word::new(word)), expected, "{word}");
        }
        for word in ["SMITH", "", "GRACE", "YOUNG", "OCCUPIE", "SATTERTHWAITESATTERTHWAI"] {
            assert_eq!(meaning(&Word::new(word)), Meaning::Plain, "{word}");
        }
    }
}
