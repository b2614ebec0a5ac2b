//! Says what a reviewer may answer, and for which reasons.

/// What a reviewer may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    CannotTell,
}

impl Answer {
    pub(super) const ALL: [Answer; 3] = [Answer::Yes, Answer::No, Answer::CannotTell];

    /// The answer as the log and the decisions file name it.
    pub(super) fn letter(self) -> &'static str {
        match self {
            Answer::Yes => "Y",
            Answer::No => "N",
            Answer::CannotTell => "?",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::CannotTell => "cannot tell",
        }
    }
}

/// Why a reviewer answers so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerReason {
    NoneGiven,
    WrittenDifferently,
    NameChanged,
    Moved,
    SomebodyElse,
    NotEntitled,
    Asked,
    Documents,
    TooLittle,
    Waiting,
}

impl AnswerReason {
    /// The reasons in the order of their digits, from 0.
    pub(super) const ALL: [AnswerReason; 10] = [
        AnswerReason::NoneGiven,
        AnswerReason::WrittenDifferently,
        AnswerReason::NameChanged,
        AnswerReason::Moved,
        AnswerReason::SomebodyElse,
        AnswerReason::NotEntitled,
        AnswerReason::Asked,
        AnswerReason::Documents,
        AnswerReason::TooLittle,
        AnswerReason::Waiting,
    ];

    /// The code that the log has, the words that the decisions file has, and the answers that the reason fits.
    fn facts(self) -> (&'static str, &'static str, &'static [Answer]) {
        use Answer::{CannotTell, No, Yes};
        match self {
            AnswerReason::NoneGiven => ("", "no reason given", &Answer::ALL),
            AnswerReason::WrittenDifferently => ("written-differently", "same person, written differently", &[Yes]),
            AnswerReason::NameChanged => ("name-changed", "same person, name changed", &[Yes]),
            AnswerReason::Moved => ("moved", "same person, moved house", &[Yes]),
            AnswerReason::SomebodyElse => ("somebody-else", "a relative, namesake or next occupier", &[No]),
            AnswerReason::NotEntitled => ("not-entitled", "not entitled", &[No]),
            AnswerReason::Asked => ("asked", "asked the customer or the supplier", &[Yes, No]),
            AnswerReason::Documents => ("documents", "saw documents", &[Yes, No]),
            AnswerReason::TooLittle => ("too-little", "the records say too little", &[CannotTell]),
            AnswerReason::Waiting => ("waiting", "asked, and waiting to hear", &[CannotTell]),
        }
    }

    pub(super) fn code(self) -> &'static str {
        self.facts().0
    }

    pub(super) fn words(self) -> &'static str {
        self.facts().1
    }

    /// What the decisions file says as the reason, with what the reviewer typed.
    pub(super) fn written(self, words: &str) -> String {
        let typed: String = words.trim().chars().filter(|letter| !letter.is_control()).take(200).collect();
        match (self, typed.is_empty()) {
            (_, true) => self.words().to_owned(),
            (AnswerReason::NoneGiven, false) => typed,
            (_, false) => format!("{}: {typed}", self.words()),
        }
    }

    /// The answers that it fits.
    pub(super) fn answers(self) -> &'static [Answer] {
        self.facts().2
    }

    /// The reason of that code.
    pub(super) fn named(code: &str) -> Option<AnswerReason> {
        AnswerReason::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_reasons_of_its_own_and_can_go_without() {
        for answer in Answer::ALL {
            let fitting = AnswerReason::ALL.into_iter().filter(|reason| reason.answers().contains(&answer));
            let own = fitting.clone().filter(|reason| reason.answers() == [answer]);
            assert!(own.count() >= 2 && fitting.clone().any(|reason| reason == AnswerReason::NoneGiven), "{answer:?}");
        }
        for reason in AnswerReason::ALL {
            assert_eq!(AnswerReason::named(reason.code()), Some(reason));
        }
        assert_eq!(AnswerReason::named("bribe"), None);
    }
}
