//! Gates before publishing: in go a supplier's figures of tonight and its own history, out comes what is
//! too far from it to go out unseen.
//!
//! Tonight is compared with the median of the supplier's last deliveries, and a share only where its
//! interval lies beyond what is allowed as a whole, so that small counts and chance hold nobody back. What
//! somebody released by hand is the new usual: nothing before it is looked at.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::usable_fields::UsableFields;
use crate::interval::wilson;
use crate::job::Gates;
use crate::ledger::Delivered;
use crate::text::counted;

/// The quantile of the normal distribution that leaves one night in a thousand beyond both ends.
pub(super) const DOUBT: f64 = 3.290_526_731;

/// What a gate saw, and what it would have let through. No value of any field is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The gate.
    pub gate: &'static str,
    /// The scheme, where the gate looks at one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// What it saw.
    pub saw: String,
    /// What it expected.
    pub expected: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { gate, scheme, saw, expected } = self;
        match scheme {
            None => write!(f, "{gate}: {saw}; expected {expected}"),
            Some(scheme) => write!(f, "{gate} in {scheme}: {saw}; expected {expected}"),
        }
    }
}

/// A supplier's figures of tonight.
pub(super) struct Tonight<'a> {
    pub(super) date: Date,
    pub(super) rows: u64,
    pub(super) rejected: u64,
    pub(super) noted: u64,
    pub(super) accounts: u64,
    pub(super) in_play: u64,
    /// Of the accounts in play.
    pub(super) usable: UsableFields,
    pub(super) schemes: Vec<SchemeTonight<'a>>,
    /// The BLAKE3 sums of its files.
    pub(super) files: &'a [String],
}

/// A supplier's figures of tonight in one scheme.
pub(super) struct SchemeTonight<'a> {
    pub(super) id: &'a str,
    pub(super) qualifying_date: Date,
    pub(super) in_play: u64,
    /// Accounts found due, before they are settled against each other.
    pub(super) matched: u64,
}

/// The deliveries that tonight is compared with, oldest first.
pub(super) fn usual(history: &[Delivered], nights: u32) -> &[Delivered] {
    let by_hand = history.iter().rposition(|delivered| delivered.by_hand).unwrap_or(0);
    let first = history.len().saturating_sub(nights as usize);
    &history[first.max(by_hand)..]
}

/// What the gates see.
pub(super) fn examine(tonight: &Tonight<'_>, history: &[Delivered], gates: &Gates) -> Vec<Finding> {
    let gate = Gate { gates, usual: usual(history, gates.nights) };
    let mut findings = Vec::new();
    findings.extend(gate.count("accounts", None, tonight.accounts, |night| Some(night.accounts)));
    for scheme in &tonight.schemes {
        let of = |night: &Delivered| night.schemes.iter().find(|own| own.id == scheme.id).cloned();
        let in_play = |night: &Delivered| of(night).map(|own| own.in_play);
        findings.extend(gate.count("in-play", Some(scheme.id), scheme.in_play, in_play));
        // Runs of older versions did not count what was matched: what was flagged is nearly the same.
        let rate = |night: &Delivered| of(night).map(|own| (own.matched.unwrap_or(own.flagged), own.in_play));
        findings.extend(gate.match_rate(scheme, rate));
    }
    let birth_dates = |night: &Delivered| Some((night.birth_dates?, night.in_play?));
    findings.extend(gate.fallen("birth-dates", (tonight.usable.birth_dates, tonight.in_play), birth_dates));
    let rejects = |night: &Delivered| Some((night.rejected, night.rows));
    findings.extend(gate.risen("rejects", (tonight.rejected, tonight.rows), gates.rejects_risen, rejects));
    let notes = |night: &Delivered| Some((night.noted, night.rows));
    findings.extend(gate.risen("notes", (tonight.noted, tonight.rows), gates.notes_risen, notes));
    findings.extend(repeated_file(tonight, history, gates));
    findings.extend(unchanged(tonight, history, gates));
    findings.extend(tonight.schemes.iter().filter_map(|scheme| window(tonight, scheme, gates)));
    findings
}

/// Compares one figure with the usual.
pub(super) struct Gate<'a> {
    pub(super) gates: &'a Gates,
    pub(super) usual: &'a [Delivered],
}

impl Gate<'_> {
    fn count(
        &self,
        gate: &'static str,
        scheme: Option<&str>,
        saw: u64,
        of: impl Fn(&Delivered) -> Option<u64>,
    ) -> Option<Finding> {
        let usual = median(self.usual.iter().filter_map(of).map(|count| count as f64))?;
        let Gates { accounts_fewer, accounts_more, least_accounts, .. } = *self.gates;
        if (saw.max(usual as u64)) < least_accounts {
            return None;
        }
        let (least, most) = (usual * (1.0 - accounts_fewer), usual * (1.0 + accounts_more));
        let held = (saw as f64) < least || (saw as f64) > most;
        held.then(|| Finding {
            gate,
            scheme: scheme.map(str::to_owned),
            saw: saw.to_string(),
            expected: format!("{least:.0} to {most:.0} (usually {usual:.0})"),
        })
    }

    fn match_rate(&self, scheme: &SchemeTonight<'_>, of: impl Fn(&Delivered) -> Option<(u64, u64)>) -> Option<Finding> {
        let usual = self.share((scheme.matched, scheme.in_play), of)?;
        let (low, high) = wilson(scheme.matched, scheme.in_play, DOUBT);
        let least = usual * (1.0 - self.gates.match_rate_lower);
        let most = usual * (1.0 + self.gates.match_rate_higher);
        let held = high < least || low > most;
        held.then(|| Finding {
            gate: "match-rate",
            scheme: Some(scheme.id.to_owned()),
            saw: share(scheme.matched, scheme.in_play),
            expected: format!("{} to {} (usually {})", percent(least), percent(most), percent(usual)),
        })
    }

    fn fallen(
        &self,
        gate: &'static str,
        (part, whole): (u64, u64),
        of: impl Fn(&Delivered) -> Option<(u64, u64)>,
    ) -> Option<Finding> {
        let usual = self.share((part, whole), of)?;
        let least = usual - self.gates.birth_dates_fallen;
        let held = wilson(part, whole, DOUBT).1 < least;
        held.then(|| Finding {
            gate,
            scheme: None,
            saw: share(part, whole),
            expected: format!("at least {} (usually {})", percent(least), percent(usual)),
        })
    }

    /// A share that is further above the usual one than `rise` allows, whatever chance did.
    pub(super) fn risen(
        &self,
        gate: &'static str,
        (part, whole): (u64, u64),
        rise: f64,
        of: impl Fn(&Delivered) -> Option<(u64, u64)>,
    ) -> Option<Finding> {
        let usual = self.share((part, whole), of)?;
        above(gate, (part, whole), usual, rise)
    }

    /// The median share of the deliveries, where both it and tonight's stand on enough counts.
    fn share(&self, (_, whole): (u64, u64), of: impl Fn(&Delivered) -> Option<(u64, u64)>) -> Option<f64> {
        let enough = |whole: u64| whole > 0 && whole >= self.gates.least_accounts;
        let shares = self.usual.iter().filter_map(of).filter(|(_, whole)| enough(*whole));
        median(shares.map(|(part, whole)| part as f64 / whole as f64)).filter(|_| enough(whole))
    }
}

/// A share that is further above the usual one than `rise` allows, whatever chance did.
pub(super) fn above(gate: &'static str, (part, whole): (u64, u64), usual: f64, rise: f64) -> Option<Finding> {
    let most = usual + rise;
    let held = wilson(part, whole, DOUBT).0 > most;
    held.then(|| Finding {
        gate,
        scheme: None,
        saw: share(part, whole),
        expected: format!("at most {} (usually {})", percent(most), percent(usual)),
    })
}

/// A file of an older delivery than the last came again. One that did not change since the last delivery
/// has not been replaced yet, and that is no fault.
fn repeated_file(tonight: &Tonight<'_>, history: &[Delivered], gates: &Gates) -> Option<Finding> {
    let (last, older) = history.split_last().filter(|_| gates.repeated_file)?;
    let again = tonight.files.iter().filter(|sum| !last.files.contains(sum));
    let run = again.filter_map(|sum| older.iter().rev().find(|night| night.files.contains(sum))).next()?;
    Some(Finding {
        gate: "repeated-file",
        scheme: None,
        saw: format!("a file that is the same, byte for byte, as one of run {}", run.run),
        expected: format!("a new file, or one of run {}, the last delivery", last.run),
    })
}

/// A file that nobody replaces any more.
fn unchanged(tonight: &Tonight<'_>, history: &[Delivered], gates: &Gates) -> Option<Finding> {
    let days = |sum: &String| {
        let nights = history.iter().rev().take_while(|night| night.files.contains(sum) && !night.by_hand);
        let since = nights.filter_map(|night| night.run.date().ok()).min()?;
        Some(days_between(since, tonight.date))
    };
    let longest = tonight.files.iter().filter_map(days).max()?;
    (longest > i64::from(gates.unchanged_days)).then(|| Finding {
        gate: "unchanged-file",
        scheme: None,
        saw: format!("a file that has been the same for {}", counted(longest.unsigned_abs(), "day")),
        expected: format!("a new one after {}", counted(gates.unchanged_days.into(), "day")),
    })
}

fn window(tonight: &Tonight<'_>, scheme: &SchemeTonight<'_>, gates: &Gates) -> Option<Finding> {
    let allowed = gates.qualifying_days?;
    let days = days_between(scheme.qualifying_date, tonight.date);
    (days > i64::from(allowed)).then(|| Finding {
        gate: "qualifying-date",
        scheme: Some(scheme.id.to_owned()),
        saw: format!("a qualifying date of {} ago", counted(days.unsigned_abs(), "day")),
        expected: format!("at most {}", counted(allowed.into(), "day")),
    })
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// The middle one, or the mean of the two in the middle.
pub(super) fn median(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    Some(if numbers.len().is_multiple_of(2) { f64::midpoint(numbers[middle - 1], upper) } else { upper })
}

pub(super) fn share(part: u64, whole: u64) -> String {
    format!("{part} of {whole}, {}", percent(part as f64 / whole.max(1) as f64))
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// Figures at which no gate holds a supplier.
#[cfg(test)]
pub(super) fn ordinary(files: &[String]) -> Tonight<'_> {
    let scheme =
        SchemeTonight { id: "whd", qualifying_date: Date::constant(2026, 8, 23), in_play: 9_000, matched: 900 };
    Tonight {
        date: Date::constant(2026, 11, 24),
        rows: 10_000,
        rejected: 50,
        noted: 300,
        accounts: 10_000,
        in_play: 9_000,
        usable: UsableFields { birth_dates: 7_200, postcodes: 9_000, names: 9_000 },
        schemes: vec![scheme],
        files,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::SchemeLine;

    /// A delivery of a supplier that has 10,000 accounts and nothing the matter with it.
    fn delivered(day: i8) -> Delivered {
        Delivered {
            run: format!("202611{day:02}T021500Z").parse().unwrap(),
            by_hand: false,
            rows: 10_000,
            rejected: 50,
            noted: 300,
            accounts: 10_000,
            in_play: Some(9_000),
            birth_dates: Some(7_200),
            schemes: vec![SchemeLine {
                id: "whd".to_owned(),
                in_play: 9_000,
                matched: Some(900),
                flagged: 880,
                review: 10,
            }],
            probing: None,
            files: vec![format!("sum of {day}")],
        }
    }

    /// The gates that hold a night which is changed in this way.
    fn held_after(history: &[Delivered], change: impl FnOnce(&mut Tonight<'_>)) -> Vec<&'static str> {
        let files = ["a new sum".to_owned()];
        let mut night = ordinary(&files);
        change(&mut night);
        examine(&night, history, &Gates::default()).iter().map(|finding| finding.gate).collect()
    }

    fn week() -> Vec<Delivered> {
        (17..24).map(delivered).collect()
    }

    /// Each bound, from both sides.
    #[test]
    fn a_night_is_held_by_what_is_beyond_its_bounds_and_by_nothing_else() {
        let held = |change: fn(&mut Tonight<'_>)| held_after(&week(), change);
        let none: Vec<&str> = Vec::new();
        assert_eq!(held(|_| {}), none);
        for (change, expected) in [
            ((|night| night.accounts = 8_000) as fn(&mut Tonight<'_>), None),
            (|night| night.accounts = 7_999, Some("accounts")),
            (|night| night.accounts = 12_000, None),
            (|night| night.accounts = 12_001, Some("accounts")),
            (|night| night.accounts = 0, Some("accounts")),
            // A tenth, 900 of 9,000, is usual; the bounds are 630 and 1,170, and as far beyond them as chance
            // may go in one night of a thousand.
            (|night| night.schemes[0].matched = 600, None),
            (|night| night.schemes[0].matched = 540, Some("match-rate")),
            (|night| night.schemes[0].matched = 1_200, None),
            (|night| night.schemes[0].matched = 1_300, Some("match-rate")),
            // Of 9,000, 80 % are usual, and 70 % the least.
            (|night| night.usable.birth_dates = 6_290, None),
            (|night| night.usable.birth_dates = 6_100, Some("birth-dates")),
            (|night| night.usable.birth_dates = 9_000, None),
            // Half a per cent is usual, and two and a half the most.
            (|night| night.rejected = 260, None),
            (|night| night.rejected = 320, Some("rejects")),
            (|night| night.rejected = 0, None),
            // Three per cent are usual, and thirteen the most.
            (|night| night.noted = 1_320, None),
            (|night| night.noted = 1_450, Some("notes")),
        ] {
            assert_eq!(held(change), expected.into_iter().collect::<Vec<_>>());
        }
        let few_in_play = held(|night| {
            night.schemes[0].in_play = 50;
            night.schemes[0].matched = 5;
        });
        assert_eq!(few_in_play, ["in-play"]);
    }

    #[test]
    fn a_first_night_and_small_counts_are_compared_with_nothing() {
        let change = |night: &mut Tonight<'_>| {
            night.accounts = 4;
            night.usable.birth_dates = 0;
            night.schemes[0].matched = 0;
        };
        assert_eq!(held_after(&[], change), Vec::<&str>::new());
        let mut small = delivered(23);
        (small.accounts, small.rows, small.in_play, small.birth_dates) = (50, 50, Some(50), Some(50));
        small.schemes[0].in_play = 50;
        let to_few = |night: &mut Tonight<'_>| {
            (night.accounts, night.rows, night.in_play, night.usable.birth_dates) = (99, 99, 99, 0);
            (night.schemes[0].in_play, night.schemes[0].matched) = (99, 99);
        };
        assert_eq!(held_after(&[small.clone()], to_few), Vec::<&str>::new());
        assert_eq!(held_after(&[small], |_| {}), ["accounts", "in-play"], "from 50 to 10,000");
    }

    /// One odd night among seven is not the usual, and what somebody let out is.
    #[test]
    fn the_usual_is_the_median_since_the_last_release_by_hand() {
        let mut history = week();
        history[3].accounts = 1;
        assert_eq!(held_after(&history, |_| {}), Vec::<&str>::new());
        history[6].accounts = 5_000;
        assert_eq!(held_after(&history, |night| night.accounts = 5_000), ["accounts"]);
        history[6].by_hand = true;
        assert_eq!(held_after(&history, |night| night.accounts = 5_000), Vec::<&str>::new());
        assert_eq!(held_after(&history, |_| {}), ["accounts"]);
        // Nor is what is long past.
        let mut older = week();
        older.iter_mut().for_each(|night| night.accounts = 20_000);
        older.extend(week());
        assert_eq!(held_after(&older, |_| {}), Vec::<&str>::new());
    }

    #[test]
    fn a_file_of_an_older_night_and_one_that_nobody_replaces_are_held() {
        let held = |history: &[Delivered], file: &str, day: Date| -> Vec<&'static str> {
            let files = [file.to_owned()];
            let night = Tonight { date: day, ..ordinary(&files) };
            examine(&night, history, &Gates::default()).iter().map(|finding| finding.gate).collect()
        };
        let today = Date::constant(2026, 11, 24);
        assert_eq!(held(&week(), "sum of 23", today), Vec::<&str>::new(), "not replaced yet");
        assert_eq!(held(&week(), "sum of 22", today), ["repeated-file"]);
        assert_eq!(held(&week(), "sum of 17", today), ["repeated-file"]);
        let mut same = week();
        same.iter_mut().for_each(|night| night.files = vec!["same".to_owned()]);
        assert_eq!(held(&same, "same", today), Vec::<&str>::new());
        assert_eq!(held(&same, "same", Date::constant(2026, 12, 18)), Vec::<&str>::new(), "31 days");
        assert_eq!(held(&same, "same", Date::constant(2026, 12, 19)), ["unchanged-file"], "32 days");
    }

    #[test]
    fn a_scheme_whose_window_is_past_is_held() {
        let files = ["a new sum".to_owned()];
        let held = |qualifying_days| {
            let gates = Gates { qualifying_days, ..Gates::default() };
            examine(&ordinary(&files), &week(), &gates).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        // From 23 August to 24 November there are 93 days.
        assert_eq!((held(None), held(Some(93))), (vec![], vec![]));
        assert_eq!(
            held(Some(92)),
            ["qualifying-date in whd: a qualifying date of 93 days ago; expected at most 92 days"]
        );
    }

    #[test]
    fn the_middle_of_numbers() {
        for (numbers, expected) in
            [(&[][..], None), (&[3.0], Some(3.0)), (&[3.0, 1.0], Some(2.0)), (&[9.0, 1.0, 2.0], Some(2.0))]
        {
            assert_eq!(median(numbers.iter().copied()), expected);
        }
    }
}
