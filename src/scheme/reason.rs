//! Declares why an account has its flag: each reason once, with its code, its words and whether staff review it.

use super::exceptions::ExceptionKind;
use crate::matching::Doubt;

/// The code, texts and review of a reason.
struct Facts {
    /// As `decisions.csv` and `review.csv` name it.
    code: &'static str,
    /// In a few words, for tables and charts.
    words: &'static str,
    /// In a sentence, for `explain`.
    sentence: &'static str,
    /// Staff have to look at the account.
    review: bool,
}

/// Declares the reasons. One without all of its facts does not compile.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident { code: $code:literal, words: $words:literal, sentence: $sentence:literal, review: $review:literal })+) => {
        /// Why an account has its flag. Only the administrator ever sees it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Reason {
            $($(#[$doc])* $name,)+
            /// Eligible, but the supplier reported that it cannot act on it.
            Excepted(ExceptionKind),
        }

        impl Reason {
            /// All reasons, those of exceptions last.
            pub(crate) const ALL: &[Reason] = &[
                $(Reason::$name,)+
                Reason::Excepted(ExceptionKind::NotOurCustomer),
                Reason::Excepted(ExceptionKind::UnableToIdentify),
                Reason::Excepted(ExceptionKind::Closed),
                Reason::Excepted(ExceptionKind::Deceased),
                Reason::Excepted(ExceptionKind::Other),
            ];

            fn facts(self) -> Facts {
                match self {
                    $(Reason::$name => Facts { code: $code, words: $words, sentence: $sentence, review: $review },)+
                    Reason::Excepted(kind) => {
                        let (words, sentence) = of_exception(kind);
                        Facts { code: kind.reason(), words, sentence, review: true }
                    }
                }
            }
        }
    };
}

reasons! {
    /// Found, on a qualifying claim.
    Matched {
        code: "matched",
        words: "Eligible",
        sentence: "A holder is an eligible person: the posterior reaches the threshold.",
        review: false
    }
    /// The administrator's staff decided.
    Decided {
        code: "decided",
        words: "Staff decided: no",
        sentence: "The administrator's staff decided, which overrides the match.",
        review: false
    }
    /// Several people fit, and not all are eligible.
    Ambiguous {
        code: "ambiguous",
        words: "Several people fit, not all eligible",
        sentence: "Several people fit, and not all of them are eligible. Staff have to decide.",
        review: true
    }
    /// Likely, but under the threshold: of the forename there is only an initial.
    InitialOnly {
        code: "initial-only",
        words: "Only an initial for a forename",
        sentence: "Likely, but under the threshold: of the forename there is only an initial.",
        review: true
    }
    /// Likely, but under the threshold.
    Uncertain {
        code: "uncertain",
        words: "Likely, but below the threshold",
        sentence: "Perhaps found, but the posterior is under the threshold. Staff have to decide.",
        review: true
    }
    /// Likely, but under the threshold: the dates of birth contradict each other.
    BirthDateContradicts {
        code: "birth-date-contradicts",
        words: "Dates of birth contradict",
        sentence: "Likely, but under the threshold: the dates of birth contradict each other.",
        review: true
    }
    /// Likely, but under the threshold: the forenames differ by more than a slip.
    ForenameDiffers {
        code: "forename-differs",
        words: "All fits but the forename",
        sentence: "Likely, but under the threshold: the forenames differ by more than a slip.",
        review: true
    }
    /// Likely, but under the threshold: the middle names differ.
    MiddleNameDiffers {
        code: "middle-name-differs",
        words: "All fits but the middle name",
        sentence: "Likely, but under the threshold: the middle names differ.",
        review: true
    }
    /// Likely, but under the threshold: the surnames differ by more than a slip.
    SurnameDiffers {
        code: "surname-differs",
        words: "All fits but the surname",
        sentence: "Likely, but under the threshold: the surnames differ by more than a slip.",
        review: true
    }
    /// Likely, but under the threshold: the homes are near each other, and the flat or number differs.
    DwellingDiffers {
        code: "dwelling-differs",
        words: "All fits but flat or number",
        sentence: "Likely, but under the threshold: the flat or number differs.",
        review: true
    }
    /// Candidates were left out because too many rows share a match key.
    CutOff {
        code: "cut-off",
        words: "Too many people share a match key",
        sentence: "Too many people share a match key, so that candidates were left out.",
        review: true
    }
    /// Found, but an income or energy score that the scheme asks for is not known.
    NotDecidable {
        code: "not-decidable",
        words: "Income or energy score unknown",
        sentence: "Found, but an income or energy score that the scheme asks for is not known.",
        review: true
    }
    /// The household's one rebate goes to another account.
    ClaimUsed {
        code: "claim-used",
        words: "Household's rebate is on another account",
        sentence: "Found, but the household's one rebate goes to another account.",
        review: true
    }
    /// The account that has the household's one rebate is gone, and the rebate is not free yet.
    ClaimFreed {
        code: "claim-freed",
        words: "Account with the rebate is gone",
        sentence: "Found, but the household's rebate is with an account that is gone. Staff may move it.",
        review: true
    }
    /// The account keeps its released flag, though it is below the threshold.
    Weakened {
        code: "weakened",
        words: "Keeps its flag, below the threshold",
        sentence: "It keeps the flag that was released, though the match is under the threshold now.",
        review: true
    }
    /// Staff decided, but the account has changed since then.
    DecisionOutdated {
        code: "decision-outdated",
        words: "Decided, and looks different now",
        sentence: "Staff decided, but name or birth date agree less than then, or the account is gone.",
        review: true
    }
    /// Two decisions of one moment contradict each other.
    DecisionVoid {
        code: "decision-void",
        words: "Two decisions contradict each other",
        sentence: "Staff decided twice at one moment, and the two contradict each other.",
        review: true
    }
    /// Eligible, but the scheme's limit is reached.
    Limit {
        code: "limit",
        words: "The scheme's limit is reached",
        sentence: "Found, but the scheme's limit is reached by colder homes.",
        review: false
    }
    /// Found, on a qualifying claim, but there is an objection to the person, the claim or the account.
    Objected {
        code: "objected",
        words: "Objected",
        sentence: "Found, but the person, the claim or the account objected.",
        review: false
    }
    /// Found, but on no qualifying claim.
    NotEligible {
        code: "not-eligible",
        words: "Found, not on a qualifying benefit",
        sentence: "Found, but on no qualifying claim.",
        review: false
    }
    /// Somebody resembles a holder, but too little.
    Improbable {
        code: "improbable",
        words: "Somebody is alike, but too little",
        sentence: "Somebody resembles a holder, but too little.",
        review: false
    }
    /// Nobody resembles a holder.
    NotFound {
        code: "not-found",
        words: "Nobody is alike",
        sentence: "Nobody in the benefit records resembles a holder.",
        review: false
    }
    /// No holder is on supply on the qualifying date.
    NotOnSupply {
        code: "not-on-supply",
        words: "Not on supply",
        sentence: "No holder is on supply on the qualifying date.",
        review: false
    }
}

/// Words and sentence of what a supplier reported.
fn of_exception(kind: ExceptionKind) -> (&'static str, &'static str) {
    match kind {
        ExceptionKind::NotOurCustomer => {
            ("Supplier: not our customer", "The supplier reported that it has no such customer.")
        }
        ExceptionKind::UnableToIdentify => {
            ("Supplier: unable to identify", "The supplier reported that it cannot tell who is meant.")
        }
        ExceptionKind::Closed => ("Supplier: account closed", "The supplier reported that the account is closed."),
        ExceptionKind::Deceased => {
            ("Supplier: holder has died", "The supplier reported that the account holder has died.")
        }
        ExceptionKind::Other => ("Supplier: other", "The supplier reported that it cannot act on the notice."),
    }
}

impl Reason {
    /// The reason as `decisions.csv` and `review.csv` name it.
    pub(crate) fn name(self) -> &'static str {
        self.facts().code
    }

    /// In a few words.
    pub(crate) fn words(self) -> &'static str {
        self.facts().words
    }

    /// In a sentence.
    pub(crate) fn sentence(self) -> &'static str {
        self.facts().sentence
    }

    /// Staff have to decide, or to look at it.
    pub(crate) fn is_for_review(self) -> bool {
        self.facts().review
    }

    /// The reason of that code.
    pub(crate) fn named(code: &str) -> Option<Reason> {
        Reason::ALL.iter().copied().find(|reason| reason.name() == code)
    }

    /// The reasons of accounts that are on supply and not flagged, except [`Reason::NotFound`].
    pub(crate) fn of_unflagged() -> impl Iterator<Item = Reason> {
        let is_other = |reason: &Reason| {
            matches!(reason, Reason::Matched | Reason::Weakened | Reason::NotFound | Reason::NotOnSupply)
        };
        Reason::ALL.iter().copied().filter(move |reason| !is_other(reason))
    }
}

/// What makes a candidate doubtful, in words that staff can act on.
impl From<Option<Doubt>> for Reason {
    fn from(doubt: Option<Doubt>) -> Reason {
        match doubt {
            Some(Doubt::BirthDate) => Reason::BirthDateContradicts,
            Some(Doubt::Forename) => Reason::ForenameDiffers,
            Some(Doubt::MiddleName) => Reason::MiddleNameDiffers,
            Some(Doubt::Surname) => Reason::SurnameDiffers,
            Some(Doubt::Dwelling) => Reason::DwellingDiffers,
            Some(Doubt::Initial) => Reason::InitialOnly,
            None => Reason::Uncertain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_for_one_reason() {
        for reason in Reason::ALL {
            assert_eq!(Reason::named(reason.name()), Some(*reason));
        }
        assert_eq!(Reason::named("in a hurry"), None);
    }
}
