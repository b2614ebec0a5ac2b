//! Declares the CSV tables that a run writes.

use std::borrow::Cow;
use std::cmp::Reverse;

use jiff::civil::Date;

use super::flags::Flag;
use super::layout::{CHANGES, FLAGS_ENDING};
use super::rebates::{Rebate, RebateState};
use super::schema::{Column, Kind};
use super::table::{Cell, Marked, Table, table};
use super::values::values;

table! {
    /// What a supplier receives: one row for each of its accounts.
    pub(crate) Flags = FLAGS_ENDING, key [customer_ref];
    /// The flag of one account.
    FlagRow {
        /// The supplier's reference of the account.
        customer_ref: &'a str,
        /// Whether the account gets the rebate.
        eligible: Flag,
    }
}

table! {
    /// What changed since the supplier's last delivery.
    pub(crate) Changes = CHANGES, key [customer_ref, scheme];
    /// A flag that differs.
    ChangeRow {
        /// The supplier's reference of the account.
        customer_ref: &'a str,
        /// The scheme's id.
        scheme: &'a str,
        /// Whether the account gets the rebate now.
        eligible: Flag,
        /// How the flag differs from the last delivery; that of a gone account is N.
        change: ChangeKind,
    }
}

values! {
    /// How a flag differs from the last delivery.
    pub(crate) enum ChangeKind {
        /// The last delivery does not have the account.
        New = "new",
        /// The flag is another.
        Changed = "changed",
        /// The supplier's files no longer have the account.
        Gone = "gone",
    }
}

table! {
    /// For the administrator alone: each account with a candidate or a decision by staff.
    pub DecisionsTable = "decisions.csv", key [supplier, customer_ref, scheme];
    /// Why one account has its flag. An empty text means absent.
    DecisionRow {
        /// The supplier's id.
        supplier: &'a str,
        /// The supplier's reference of the account.
        customer_ref: &'a str,
        /// The scheme's id.
        scheme: &'a str,
        /// The flag that the supplier receives.
        flag: Flag,
        /// The rule that decided.
        reason: &'a str,
        /// The group through which the person is eligible.
        @optional group: &'a str,
        /// The claim that the flag rests on.
        @optional claim_ref: &'a str,
        /// The kinds of match key that are equal, with blanks between.
        @optional keys: &'a str,
        /// The comparison level of each field, as field:level, with blanks between.
        @optional levels: &'a str,
        /// The band of the posterior.
        @optional posterior_band: &'a str,
        /// The band of the lead over the next candidate.
        @optional lead_band: &'a str,
        /// The time of the decision by staff that stands.
        @since_later decided_on: &'a str,
        /// The claim that the decision is bound to.
        @since_later decided_claim_ref: &'a str,
        /// The comparison levels of names and birth date in the run that first applied the decision.
        @since_later decided_levels: &'a str,
    }
}

table! {
    /// For the administrator alone: accounts that staff have to decide, with a row for each candidate, the likeliest to
    /// add a rebate first.
    pub Review = "review.csv";
    /// One candidate of an account in review. Rows come in the order of [`place`](ReviewRow::place). Staff open the table
    /// in spreadsheets, so references that look like a formula are marked. An empty text means absent.
    ReviewRow {
        /// The supplier's id.
        supplier: &'a str,
        /// The supplier's reference of the account.
        customer_ref: Marked<'a>,
        /// The scheme's id.
        scheme: &'a str,
        /// Why staff have to decide.
        reason: &'a str,
        /// How likely it is that a decision on the account adds a rebate.
        @since_later adds_rebate: Option<Chance>,
        /// The candidate's claim.
        @optional claim_ref: Marked<'a>,
        /// The candidate's reference.
        @optional person_ref: Marked<'a>,
        /// The band of the candidate's posterior.
        @optional posterior_band: &'a str,
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
    /// For the administrator alone: what became of each claim, with a row for each rebate that rests on it.
    pub Claims = "claims.csv";
    /// The outcome of one claim in one scheme, and a rebate that rests on it, if there is one. An empty text means absent.
    ClaimRow {
        /// The claim.
        claim_ref: &'a str,
        /// The scheme's id.
        scheme: &'a str,
        /// The claim that names the household: the first of those that share a person.
        @since_later household: &'a str,
        /// The claim's outcome.
        outcome: Outcome,
        /// The supplier that has the rebate.
        @since_later supplier: &'a str,
        /// The account that has the rebate, or had it last.
        @since_later customer_ref: &'a str,
        /// The person that the rebate rests on.
        @since_later person_ref: &'a str,
        /// The state of the rebate.
        @since_later rebate: Option<RebateState>,
        /// The day of the rebate's first release; empty in the run that releases it, if that run has no stated date.
        @since_later released_on: Option<Date>,
        /// The first day on which the account was gone; empty in the run that misses it first, if that run has no stated
        /// date.
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
    /// Rows that cannot be used, and fields that are taken as absent; never a value.
    pub Rejects = "rejects.csv";
    /// A row that could not be read, or not in full. No column of it may hold a field's value.
    Reject {
        /// The file's base name.
        file: &'a str,
        /// The line on which the record starts, from 1.
        line: u64,
        /// Whether the whole row is left out (reject), or one field is taken as absent (note).
        kind: RejectKind,
        /// The column that it is about; empty for the whole row.
        @optional column: &'a str,
        /// What is wrong.
        reason: &'a str,
        /// The heading that the file has for the column; empty for the whole row.
        @since_later heading: &'a str,
    }
}

values! {
    /// What happens to a row that could not be read in full.
    pub enum RejectKind {
        /// The row is left out.
        Reject = "reject",
        /// One field of it is treated as absent.
        Note = "note",
    }
}

table! {
    /// What became of the supplier's reports of accounts that it cannot act on: of those that came since its last
    /// delivery.
    pub(crate) Receipts = "receipts.csv";
    /// The rows of a report that had one outcome.
    ReceiptRow {
        /// The report's base name.
        file: &'a str,
        /// What became of these rows; a noted row has a second outcome.
        outcome: ReceiptOutcome,
        /// The number of rows.
        rows: Tally,
        /// The lines on which the rows start, with blanks between; 4-9 are lines 4 to 9.
        @optional lines: &'a str,
        /// What is wrong, or the likely cause; empty if nothing is wrong.
        @optional cause: &'a str,
    }
}

values! {
    /// What became of a row that a supplier reported.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub(crate) enum ReceiptOutcome {
        /// The account was `Y`, and the report is in time.
        TakenIn = "taken-in",
        /// The account was `Y`, and its last day is over. The report counts all the same.
        Late = "late",
        /// The account was not `Y` in these deliveries.
        NotFlagged = "not-flagged",
        /// No delivery has the reference.
        Unknown = "unknown",
        /// The row is not used.
        Unreadable = "unreadable",
        /// The row is used, with a field taken as absent.
        Noted = "noted",
    }
}

/// A number from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally(pub u64);

impl Cell<'_> for Tally {
    const KIND: Kind = Kind::Tally;

    fn write(&self) -> Cow<'_, str> {
        Cow::Owned(self.0.to_string())
    }

    fn read(text: &str) -> Option<Tally> {
        text.parse().ok().map(Tally)
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

/// To four decimals.
impl Cell<'_> for Chance {
    const KIND: Kind = Kind::Share;

    fn write(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{:.4}", self.probability()))
    }

    fn read(text: &str) -> Option<Chance> {
        let probability: f64 = text.parse().ok()?;
        (0.0..=1.0).contains(&probability).then(|| Chance::new(probability))
    }
}

values! {
    /// The outcome of a claim.
    pub enum Outcome {
        /// Its flag was released as `Y`.
        Matched = "M",
        /// It is matched, and the supplier is held back.
        MatchedPending = "M-pending",
        /// No account was found.
        Unmatched = "U",
        /// Staff have to decide.
        Review = "review",
        /// No rebates were left.
        Limit = "limit",
        /// Its accounts are not on supply on the qualifying date.
        NotOnSupply = "not-on-supply" or "not-in-play",
        /// Somebody objected.
        Objected = "objected",
        /// Its rebate was released on an account that is no longer `Y`, and is not free.
        Reserved = "reserved",
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
