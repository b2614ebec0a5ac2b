//! Keeps the exceptions: the accounts on which suppliers reported that they cannot act.

use std::collections::HashMap;

use super::decisions::Ruling;
use crate::date::Date;

/// Why a supplier cannot act on a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ExceptionKind {
    /// It has no such customer.
    NotOurCustomer,
    /// It cannot tell who is meant.
    UnableToIdentify,
    /// The account is closed.
    Closed,
    /// The account holder has died.
    Deceased,
    /// Something else.
    Other,
}

impl ExceptionKind {
    /// Reads the kind from a supplier's words; capitals, hyphens and spaces do not matter. `None` if they name no kind.
    pub(crate) fn read(text: &str) -> Option<ExceptionKind> {
        let letters: String =
            text.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect();
        Some(match letters.as_str() {
            "notourcustomer" => ExceptionKind::NotOurCustomer,
            "unabletoidentify" => ExceptionKind::UnableToIdentify,
            "closed" | "accountclosed" => ExceptionKind::Closed,
            "deceased" | "customerdeceased" => ExceptionKind::Deceased,
            "other" => ExceptionKind::Other,
            _ => return None,
        })
    }

    /// The kind as files and reports name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ExceptionKind::NotOurCustomer => "not-our-customer",
            ExceptionKind::UnableToIdentify => "unable-to-identify",
            ExceptionKind::Closed => "closed",
            ExceptionKind::Deceased => "deceased",
            ExceptionKind::Other => "other",
        }
    }

    /// The household's rebate is free for its other accounts, since the household does not hold this one. If
    /// somebody died, or the supplier says something else, staff decide.
    pub(crate) fn frees_rebate(self) -> bool {
        match self {
            ExceptionKind::NotOurCustomer | ExceptionKind::UnableToIdentify | ExceptionKind::Closed => true,
            ExceptionKind::Deceased | ExceptionKind::Other => false,
        }
    }

    /// The reason as `decisions.csv` and `review.csv` name it.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            ExceptionKind::NotOurCustomer => "exception-not-our-customer",
            ExceptionKind::UnableToIdentify => "exception-unable-to-identify",
            ExceptionKind::Closed => "exception-closed",
            ExceptionKind::Deceased => "exception-deceased",
            ExceptionKind::Other => "exception-other",
        }
    }
}

/// What a supplier reported about one of its accounts.
#[derive(Debug, Clone)]
pub(crate) struct Exception {
    pub(crate) kind: ExceptionKind,
    /// The scheme it is about; `None` if it is about all.
    pub(crate) scheme: Option<String>,
    /// The day it was reported, if stated.
    pub(crate) reported_on: Option<Date>,
}

impl Exception {
    /// A decision of the same day or later overrides the exception, since staff knew of it. If either day is
    /// not known, the exception stands.
    fn is_overridden_by(&self, ruling: &Ruling) -> bool {
        match (self.reported_on, ruling.moment().day()) {
            (Some(reported), Some(decided)) => decided >= reported,
            _ => false,
        }
    }
}

/// Exceptions by supplier and account.
#[derive(Default)]
pub(crate) struct Exceptions {
    by_account: HashMap<(String, String), Vec<Exception>>,
}

impl Exceptions {
    /// Adds a row.
    pub(crate) fn push(&mut self, supplier: &str, customer_ref: &str, exception: Exception) {
        self.by_account.entry((supplier.to_owned(), customer_ref.to_owned())).or_default().push(exception);
    }

    /// There are no exceptions.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_account.is_empty()
    }

    /// The accounts that were reported.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &(String, String)> {
        self.by_account.keys()
    }

    /// The exception that stands against an account in a scheme, given the ruling on it. Of several, it is the
    /// one reported last; of one day, the one that leaves more to staff.
    pub(crate) fn against(
        &self,
        supplier: &str,
        customer_ref: &str,
        scheme: &str,
        ruling: Option<&Ruling>,
    ) -> Option<ExceptionKind> {
        if self.is_empty() {
            return None;
        }
        let reported = self.by_account.get(&(supplier.to_owned(), customer_ref.to_owned()))?;
        let own = reported.iter().filter(|one| one.scheme.as_ref().is_none_or(|own| own == scheme));
        let standing = own.filter(|one| !ruling.is_some_and(|ruling| one.is_overridden_by(ruling)));
        standing.max_by_key(|one| (one.reported_on, one.kind)).map(|one| one.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::decisions::{Decision, Moment};

    #[test]
    fn what_suppliers_write_is_read_in_their_spellings() {
        for (text, expected) in [
            ("not our customer", Some(ExceptionKind::NotOurCustomer)),
            ("Not-our_customer.", Some(ExceptionKind::NotOurCustomer)),
            ("UNABLE TO IDENTIFY", Some(ExceptionKind::UnableToIdentify)),
            (" closed ", Some(ExceptionKind::Closed)),
            ("Account closed", Some(ExceptionKind::Closed)),
            ("deceased", Some(ExceptionKind::Deceased)),
            ("other", Some(ExceptionKind::Other)),
            ("moved away", None),
            ("", None),
        ] {
            assert_eq!(ExceptionKind::read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_exception_stands_until_somebody_decides_in_its_knowledge() {
        let day = |day| Date::new(2026, 10, day);
        let decided = |decided_on| {
            let (claim_ref, person_ref) = (String::new(), String::new());
            Ruling::Stands(Decision { eligible: true, claim_ref, person_ref, moment: Moment::new(decided_on, None) })
        };
        for (reported_on, decision, stands) in [
            (day(7), None, true),
            (None, None, true),
            (day(7), Some(day(6)), true),
            (day(7), Some(day(7)), false),
            (day(7), Some(day(8)), false),
            (day(7), Some(None), true),
            (None, Some(day(8)), true),
            (None, Some(None), true),
        ] {
            let mut exceptions = Exceptions::default();
            exceptions.push("s", "a", Exception { kind: ExceptionKind::Closed, scheme: None, reported_on });
            let decision = decision.map(decided);
            let against = |supplier, account| exceptions.against(supplier, account, "whd", decision.as_ref());
            assert_eq!(against("s", "a").is_some(), stands, "{reported_on:?} {decision:?}");
            assert_eq!((against("t", "a"), against("s", "b")), (None, None), "another account");
        }
    }

    #[test]
    fn of_several_exceptions_the_last_is_told_and_one_of_another_scheme_is_none() {
        let mut exceptions = Exceptions::default();
        let mut push = |kind, scheme: Option<&str>, day| {
            let (scheme, reported_on) = (scheme.map(str::to_owned), Date::new(2026, 10, day));
            exceptions.push("s", "a", Exception { kind, scheme, reported_on });
        };
        push(ExceptionKind::Deceased, Some("cold"), 9);
        push(ExceptionKind::Closed, None, 7);
        push(ExceptionKind::Other, None, 5);
        assert_eq!(exceptions.against("s", "a", "whd", None), Some(ExceptionKind::Closed));
        assert_eq!(exceptions.against("s", "a", "cold", None), Some(ExceptionKind::Deceased));
    }
}
