//! Declares the CSV tables that a run writes.

use std::borrow::Cow;
use std::cmp::Reverse;

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
    /// `administrator/review.csv`: a row for each candidate of an account that staff have to decide, in the order of
    /// [`ReviewRow::place`]. Staff open it in spreadsheets, so references that look like a formula are marked.
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
        /// How likely it is that a decision on the account adds a rebate. `None` in tables of older versions.
        @since_later adds_rebate: Option<Chance>,
        /// The candidate's claim.
        claim_ref: Marked<'a>,
        /// The candidate's reference.
        person_ref: Marked<'a>,
        /// The band of the candidate's posterior.
        posterior_band: &'a str,
    }
}

impl<'a> ReviewRow<'a> {
    /// The place of its account in the table: the one whose decision is likeliest to add a rebate comes first, then the
    /// first by supplier, reference and scheme.
    pub fn place(&self) -> impl Ord + use<'a> {
        (Reverse(self.adds_rebate), self.supplier, self.customer_ref.0, self.scheme)
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

/// A probability in ten-thousandths, so that order, bands and sums of a table follow from what the table shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance(u16);

impl Chance {
    const CERTAIN: u16 = 10_000;

    /// The nearest to a probability.
    pub fn new(probability: f64) -> Chance {
        Chance((probability.clamp(0.0, 1.0) * f64::from(Chance::CERTAIN)).round() as u16)
    }

    /// The probability.
    pub fn probability(self) -> f64 {
        f64::from(self.0) / f64::from(Chance::CERTAIN)
    }

    /// How many of such events are expected to happen. The order of summands does not matter.
    pub fn expected(all: impl IntoIterator<Item = Chance>) -> f64 {
        let sum: u64 = all.into_iter().map(|chance| u64::from(chance.0)).sum();
        sum as f64 / f64::from(Chance::CERTAIN)
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

/// To four decimals.
impl Cell<'_> for Chance {
    fn write(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{:.4}", self.probability()))
    }

    fn read(text: &str) -> Option<Chance> {
        let probability: f64 = text.parse().ok()?;
        (0.0..=1.0).contains(&probability).then(|| Chance::new(probability))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(adds_rebate: &'a str, supplier: &'a str, customer_ref: &'a str, scheme: &'a str) -> ReviewRow<'a> {
        ReviewRow {
            supplier,
            customer_ref: Marked(customer_ref),
            scheme,
            reason: "uncertain",
            adds_rebate: Cell::read(adds_rebate).unwrap(),
            claim_ref: Marked(""),
            person_ref: Marked(""),
            posterior_band: "",
        }
    }

    /// Each row comes before the next.
    #[test]
    fn review_begins_with_what_most_likely_adds_a_rebate() {
        let rows = [
            row("1.0000", "south", "9", "whd"),
            row("0.9500", "north", "9", "whd"),
            // Of one probability: by supplier, then by the letters of the reference, then by scheme.
            row("0.9499", "north", "10", "eco"),
            row("0.9499", "north", "10", "whd"),
            row("0.9499", "north", "9", "eco"),
            row("0.9499", "south", "1", "eco"),
            row("0.0000", "north", "1", "eco"),
            // A table of an older version does not say.
            row("", "north", "1", "eco"),
            row("", "south", "0", "eco"),
        ];
        for pair in rows.windows(2) {
            assert!(pair[0].place() < pair[1].place(), "{} {}", pair[0].supplier, pair[0].customer_ref.0);
        }
    }

    #[test]
    fn a_chance_is_read_as_it_is_written() {
        for (probability, text) in
            [(0.0, "0.0000"), (0.000_04, "0.0000"), (0.498_75, "0.4988"), (0.999_95, "1.0000"), (7.0, "1.0000")]
        {
            let chance = Some(Chance::new(probability));
            assert_eq!(chance.write(), text);
            assert_eq!(Cell::read(text), Some(chance));
        }
        for text in ["1.0001", "-0.1", "NaN", "likely"] {
            assert_eq!(<Option<Chance> as Cell>::read(text), None, "{text}");
        }
        assert_eq!(Chance::expected([0.25, 0.5, 0.5].map(Chance::new)), 1.25);
    }
}
