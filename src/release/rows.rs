//! Declares the CSV tables that a run writes.

use std::borrow::Cow;

use jiff::civil::Date;

use super::disclosure::{Among, Released};
use super::flags::Flag;
use super::layout::{CHANGES, DETAILS, FLAGS_ENDING, RATES};
use super::rebates::{Rebate, RebateState};
use super::table::{Cell, Marked, Table, table};

table! {
    /// `<scheme>.flags.csv`: all that a supplier is told of its accounts.
    pub(crate) Flags = FLAGS_ENDING;
    /// The flag of one account.
    FlagRow {
        /// The account.
        customer_ref: &'a str,
        /// Its flag.
        eligible: Flag,
    }
}

table! {
    /// `changes.csv`: the flags that differ from those of the supplier's last delivery.
    pub(crate) Changes = CHANGES;
    /// A flag that differs.
    ChangeRow {
        /// The account.
        customer_ref: &'a str,
        /// The scheme's id.
        scheme: &'a str,
        /// The flag now; of an account that is gone, `N`.
        eligible: Flag,
        /// `new`, `changed` or `gone`.
        change: &'a str,
    }
}

table! {
    /// `analyst/rates.csv`: released rates, with totals that are sums of the cells above them. Only released counts get
    /// into it.
    pub(crate) RatesTable = RATES;
    /// The rate of some accounts. An empty text means all.
    RateRow {
        /// The scheme's id.
        scheme: &'a str,
        /// What the row is one part of.
        breakdown: &'a str,
        /// The supplier's id.
        supplier: &'a str,
        /// The postcode area, or `none`.
        area: &'a str,
        /// Whether the date of birth is known.
        birth_date: &'a str,
        /// Flat or house.
        home: &'a str,
        /// The accounts on supply.
        accounts: Option<Released>,
        /// Those of them that are flagged.
        flagged: Option<Released>,
        /// The share that they are.
        rate: &'a str,
        /// The figures are suppressed; if there are any, they are those released last.
        suppressed: bool,
        /// The day of the figures.
        as_of: Option<Date>,
    }
}

table! {
    /// `analyst/details.csv`: how accounts were found. Only released counts get into it.
    pub(crate) DetailsTable = DETAILS;
    /// The accounts of one part. An empty text means all.
    DetailRow {
        /// The scheme's id; empty for the supplier's files.
        scheme: &'a str,
        /// The supplier's id; empty for shared files.
        supplier: &'a str,
        /// What the row is one part of.
        breakdown: &'a str,
        /// The part.
        part: &'a str,
        /// The accounts that it is of.
        among: Among,
        /// Their number.
        accounts: Option<Released>,
        /// The least number of accounts in the part.
        at_least: Option<Released>,
        /// That number is too small to be released.
        suppressed: bool,
        /// The day of the figures.
        as_of: Date,
    }
}

table! {
    /// `administrator/decisions.csv`: each account with a candidate or a decision by staff.
    pub DecisionsTable = "decisions.csv";
    /// Why one account has its flag; only for the administrator's audit. An empty text means absent.
    DecisionRow {
        /// The supplier's id.
        supplier: &'a str,
        /// The account.
        customer_ref: &'a str,
        /// The scheme's id.
        scheme: &'a str,
        /// The flag that the supplier receives.
        flag: Flag,
        /// The rule that decided.
        reason: &'a str,
        /// The group through which the person is eligible.
        group: &'a str,
        /// The claim that the flag rests on.
        claim_ref: &'a str,
        /// The match keys that are equal.
        keys: &'a str,
        /// The comparison level of each field.
        levels: &'a str,
        /// The band of the posterior.
        posterior_band: &'a str,
        /// The band of the lead over the next candidate.
        lead_band: &'a str,
        /// The time of the last decision by staff on the account; empty if there is none.
        @since_later decided_on: &'a str,
        /// The claim that the decision is bound to.
        @since_later decided_claim_ref: &'a str,
        /// The comparison levels in the run that first applied the decision.
        @since_later decided_levels: &'a str,
    }
}

table! {
    /// `administrator/review.csv`: a row for each candidate of an account that staff have to decide. Staff open it in
    /// spreadsheets, so references that look like a formula are marked.
    pub Review = "review.csv";
    /// One candidate of an account in review. An empty text means absent.
    ReviewRow {
        /// The supplier's id.
        supplier: &'a str,
        /// The account.
        customer_ref: Marked<'a>,
        /// The scheme's id.
        scheme: &'a str,
        /// Why staff have to decide.
        reason: &'a str,
        /// The candidate's claim.
        claim_ref: Marked<'a>,
        /// The candidate's reference.
        person_ref: Marked<'a>,
        /// The band of the candidate's posterior.
        posterior_band: &'a str,
    }
}

table! {
    /// `administrator/claims.csv`: the outcome of each claim, and the state of each rebate.
    pub Claims = "claims.csv";
    /// The outcome of one claim in one scheme, and the rebate that rests on it, if there is one. An empty text means
    /// absent.
    ClaimRow {
        /// The claim.
        claim_ref: &'a str,
        /// The scheme's id.
        scheme: &'a str,
        /// The claim that names the household.
        @since_later household: &'a str,
        /// The claim's outcome.
        outcome: Outcome,
        /// The supplier that has the rebate.
        @since_later supplier: &'a str,
        /// The account that has it, or had it last.
        @since_later customer_ref: &'a str,
        /// The person that it rests on.
        @since_later person_ref: &'a str,
        /// The state of the rebate.
        @since_later rebate: Option<RebateState>,
        /// The day of its first release.
        @since_later released_on: Option<Date>,
        /// The first day on which its account was gone.
        @since_later gone_since: Option<Date>,
    }
}

impl<'a> ClaimRow<'a> {
    /// The row of a claim with the rebate that rests on it.
    pub fn new(
        claim_ref: &'a str,
        scheme: &'a str,
        household: &'a str,
        outcome: Outcome,
        rebate: Option<&'a Rebate>,
    ) -> ClaimRow<'a> {
        let names = rebate.map(Rebate::names);
        ClaimRow {
            claim_ref,
            scheme,
            household,
            outcome,
            supplier: names.map_or("", |names| names.supplier),
            customer_ref: names.map_or("", |names| names.customer_ref),
            person_ref: names.map_or("", |names| names.person_ref),
            rebate: rebate.map(|rebate| rebate.state),
            released_on: rebate.and_then(|rebate| rebate.released_on),
            gone_since: rebate.and_then(|rebate| rebate.gone_since),
        }
    }
}

table! {
    /// `rejects.csv`: rows that could not be read, or not in full.
    pub Rejects = "rejects.csv";
    /// A row that could not be read, or not in full. Neither column nor reason may hold a field's value.
    Reject {
        /// The file's base name.
        file: &'a str,
        /// The line on which the record starts, from 1.
        line: u64,
        /// Whether the whole row or one field is left out.
        kind: RejectKind,
        /// The column it is about; empty for the whole row.
        column: &'a str,
        /// What is wrong.
        reason: &'a str,
    }
}

/// The outcome of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its flag was released as `Y`.
    Matched,
    /// It is matched, and the supplier is held back.
    MatchedPending,
    /// No account was found.
    Unmatched,
    /// Staff have to decide.
    Review,
    /// No rebates were left.
    Limit,
    /// Its accounts are not on supply on the qualifying date.
    NotOnSupply,
    /// Somebody objected.
    Objected,
    /// Its rebate was released on an account that is no longer `Y`, and is not free.
    Reserved,
}

impl Outcome {
    /// All outcomes.
    const ALL: [Outcome; 8] = [
        Outcome::Matched,
        Outcome::MatchedPending,
        Outcome::Unmatched,
        Outcome::Review,
        Outcome::Limit,
        Outcome::NotOnSupply,
        Outcome::Objected,
        Outcome::Reserved,
    ];

    /// Parses an outcome of `claims.csv`.
    fn named(name: &str) -> Option<Outcome> {
        // Earlier versions had another word.
        let name = if name == "not-in-play" { Outcome::NotOnSupply.as_str() } else { name };
        Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// The outcome as `claims.csv` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Matched => "M",
            Outcome::MatchedPending => "M-pending",
            Outcome::Unmatched => "U",
            Outcome::Review => "review",
            Outcome::Limit => "limit",
            Outcome::NotOnSupply => "not-on-supply",
            Outcome::Objected => "objected",
            Outcome::Reserved => "reserved",
        }
    }
}

/// What happens to a row that could not be read in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectKind {
    /// The row is left out.
    Reject,
    /// One field of it is treated as absent.
    Note,
}

impl Cell<'_> for Outcome {
    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }

    fn read(text: &str) -> Option<Outcome> {
        Outcome::named(text)
    }
}

impl Cell<'_> for RejectKind {
    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            RejectKind::Reject => "reject",
            RejectKind::Note => "note",
        })
    }

    fn read(text: &str) -> Option<RejectKind> {
        match text {
            "reject" => Some(RejectKind::Reject),
            "note" => Some(RejectKind::Note),
            _ => None,
        }
    }
}

impl Cell<'_> for Flag {
    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }

    fn read(text: &str) -> Option<Flag> {
        [Flag::Y, Flag::N].into_iter().find(|flag| flag.as_str() == text)
    }
}

impl Cell<'_> for RebateState {
    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.name())
    }

    fn read(text: &str) -> Option<RebateState> {
        RebateState::named(text)
    }
}

impl Cell<'_> for Among {
    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.name())
    }

    fn read(text: &str) -> Option<Among> {
        Among::ALL.into_iter().find(|among| among.name() == text)
    }
}
