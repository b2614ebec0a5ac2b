//! Compares a supplier's figures of tonight with its own history, before anything is published.
//!
//! A figure is compared with the median of the supplier's last deliveries. A share is a finding only if its
//! whole interval lies beyond the bounds, so that small counts and chance quarantine nobody. A manual release
//! sets the new usual: nothing before it counts.

use jiff::civil::Date;

use crate::job::Gates;
use crate::ledger::Delivered;
use crate::pipeline::inputs::usable_fields::UsableFields;
use crate::release::run_record::Finding;
use crate::statistics::{median, wilson};
use crate::text::counted;

/// The quantile of the normal distribution that leaves one run in a thousand beyond both ends.
pub(crate) const DOUBT: f64 = 3.290_526_731;

/// A supplier's figures of tonight.
pub(crate) struct SupplierFigures<'a> {
    pub(crate) date: Date,
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
    pub(crate) noted: u64,
    pub(crate) accounts: u64,
    pub(crate) on_supply: u64,
    /// Of the accounts on supply.
    pub(crate) usable: UsableFields,
    pub(crate) schemes: Vec<SchemeTonight<'a>>,
    /// The BLAKE3 sums of its files.
    pub(crate) files: Vec<String>,
}

/// A supplier's figures of tonight in one scheme.
pub(crate) struct SchemeTonight<'a> {
    pub(crate) id: &'a str,
    pub(crate) qualifying_date: Date,
    pub(crate) on_supply: u64,
    /// Accounts found eligible, before allocation.
    pub(crate) matched: u64,
}

/// The deliveries that tonight is compared with, oldest first.
pub(crate) fn usual(history: &[Delivered], nights: u32) -> &[Delivered] {
    let by_hand = history.iter().rposition(|delivered| delivered.by_hand).unwrap_or(0);
    let first = history.len().saturating_sub(nights as usize);
    &history[first.max(by_hand)..]
}

/// Returns the findings on a supplier's figures.
pub(crate) fn examine(tonight: &SupplierFigures<'_>, history: &[Delivered], gates: &Gates) -> Vec<Finding> {
    let gate = Gate { gates, usual: usual(history, gates.nights) };
    let mut findings = Vec::new();
    // Accounts that are not on supply count nowhere: a supplier may leave them out of its files from one night to the next.
    findings.extend(gate.count("accounts", None, tonight.on_supply, |night| night.on_supply));
    for scheme in &tonight.schemes {
        let of = |night: &Delivered| night.schemes.iter().find(|own| own.id == scheme.id).cloned();
        let on_supply = |night: &Delivered| of(night).map(|own| own.on_supply);
        findings.extend(gate.count("on-supply", Some(scheme.id), scheme.on_supply, on_supply));
        // Runs of older versions did not count matched accounts. The count of flagged ones is nearly the same.
        let rate = |night: &Delivered| of(night).map(|own| (own.matched.unwrap_or(own.flagged), own.on_supply));
        findings.extend(gate.match_rate(scheme, rate));
    }
    let birth_dates = |night: &Delivered| Some((night.birth_dates?, night.on_supply?));
    findings.extend(gate.fallen("birth-dates", (tonight.usable.birth_dates, tonight.on_supply), birth_dates));
    let rejects = |night: &Delivered| Some((night.rejected, night.rows));
    findings.extend(gate.risen("rejects", (tonight.rejected, tonight.rows), gates.rejects_risen, rejects));
    let of_notes = |noted: u64, on_supply: u64| (noted.min(on_supply), on_supply);
    let notes = |night: &Delivered| Some(of_notes(night.noted, night.on_supply?));
    findings.extend(gate.risen("notes", of_notes(tonight.noted, tonight.on_supply), gates.notes_risen, notes));
    findings.extend(repeated_file(tonight, history, gates));
    findings.extend(unchanged(tonight, history, gates));
    findings.extend(tonight.schemes.iter().filter_map(|scheme| window(tonight, scheme, gates)));
    findings
}

/// Compares a figure with the usual one.
pub(crate) struct Gate<'a> {
    pub(crate) gates: &'a Gates,
    pub(crate) usual: &'a [Delivered],
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
            gate: gate.to_owned(),
            scheme: scheme.map(str::to_owned),
            saw: saw.to_string(),
            expected: format!("{least:.0} to {most:.0} (usually {usual:.0})"),
        })
    }

    fn match_rate(&self, scheme: &SchemeTonight<'_>, of: impl Fn(&Delivered) -> Option<(u64, u64)>) -> Option<Finding> {
        let usual = self.share((scheme.matched, scheme.on_supply), of)?;
        let (low, high) = wilson(scheme.matched, scheme.on_supply, DOUBT);
        let least = usual * (1.0 - self.gates.match_rate_lower);
        let most = usual * (1.0 + self.gates.match_rate_higher);
        let held = high < least || low > most;
        held.then(|| Finding {
            gate: "match-rate".to_owned(),
            scheme: Some(scheme.id.to_owned()),
            saw: share(scheme.matched, scheme.on_supply),
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
            gate: gate.to_owned(),
            scheme: None,
            saw: share(part, whole),
            expected: format!("at least {} (usually {})", percent(least), percent(usual)),
        })
    }

    /// Finds a share that is further above the usual one than `rise` allows, by more than chance explains.
    pub(crate) fn risen(
        &self,
        gate: &'static str,
        (part, whole): (u64, u64),
        rise: f64,
        of: impl Fn(&Delivered) -> Option<(u64, u64)>,
    ) -> Option<Finding> {
        let usual = self.share((part, whole), of)?;
        above(gate, (part, whole), usual, rise)
    }

    /// The median share of the deliveries. `None` if they or tonight have too few counts.
    fn share(&self, (_, whole): (u64, u64), of: impl Fn(&Delivered) -> Option<(u64, u64)>) -> Option<f64> {
        let enough = |whole: u64| whole > 0 && whole >= self.gates.least_accounts;
        let shares = self.usual.iter().filter_map(of).filter(|(_, whole)| enough(*whole));
        median(shares.map(|(part, whole)| part as f64 / whole as f64)).filter(|_| enough(whole))
    }
}

/// Finds a share that is further above the usual one than `rise` allows, by more than chance explains.
pub(crate) fn above(gate: &'static str, (part, whole): (u64, u64), usual: f64, rise: f64) -> Option<Finding> {
    let most = usual + rise;
    let held = wilson(part, whole, DOUBT).0 > most;
    held.then(|| Finding {
        gate: gate.to_owned(),
        scheme: None,
        saw: share(part, whole),
        expected: format!("at most {} (usually {})", percent(most), percent(usual)),
    })
}

/// Finds a file that came with an older delivery than the last. A file that has not changed since the last
/// delivery was not replaced yet, which is no fault.
fn repeated_file(tonight: &SupplierFigures<'_>, history: &[Delivered], gates: &Gates) -> Option<Finding> {
    let (last, older) = history.split_last().filter(|_| gates.repeated_file)?;
    let again = tonight.files.iter().filter(|sum| !last.files.contains(sum));
    let run = again.filter_map(|sum| older.iter().rev().find(|night| night.files.contains(sum))).next()?;
    Some(Finding {
        gate: "repeated-file".to_owned(),
        scheme: None,
        saw: format!("a file that is the same, byte for byte, as one of run {}", run.run),
        expected: format!("a new file, or one of run {}, the last delivery", last.run),
    })
}

/// Finds a file that has not been replaced for too long.
fn unchanged(tonight: &SupplierFigures<'_>, history: &[Delivered], gates: &Gates) -> Option<Finding> {
    let days = |sum: &String| {
        let nights = history.iter().rev().take_while(|night| night.files.contains(sum) && !night.by_hand);
        let since = nights.filter_map(|night| night.run.date().ok()).min()?;
        Some(days_between(since, tonight.date))
    };
    let longest = tonight.files.iter().filter_map(days).max()?;
    (longest > i64::from(gates.unchanged_days)).then(|| Finding {
        gate: "unchanged-file".to_owned(),
        scheme: None,
        saw: format!("a file that has been the same for {}", counted(longest.unsigned_abs(), "day")),
        expected: format!("a new one after {}", counted(gates.unchanged_days.into(), "day")),
    })
}

fn window(tonight: &SupplierFigures<'_>, scheme: &SchemeTonight<'_>, gates: &Gates) -> Option<Finding> {
    let allowed = gates.qualifying_days?;
    let days = days_between(scheme.qualifying_date, tonight.date);
    (days > i64::from(allowed)).then(|| Finding {
        gate: "qualifying-date".to_owned(),
        scheme: Some(scheme.id.to_owned()),
        saw: format!("a qualifying date of {} ago", counted(days.unsigned_abs(), "day")),
        expected: format!("at most {}", counted(allowed.into(), "day")),
    })
}

fn days_between(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

pub(crate) fn share(part: u64, whole: u64) -> String {
    format!("{part} of {whole}, {}", percent(part as f64 / whole.max(1) as f64))
}

pub(crate) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// Figures for which no gate has a finding.
#[cfg(test)]
pub(crate) fn ordinary(files: &[String]) -> SupplierFigures<'static> {
    let scheme =
        SchemeTonight { id: "whd", qualifying_date: Date::constant(2026, 8, 23), on_supply: 9_000, matched: 900 };
    SupplierFigures {
        date: Date::constant(2026, 11, 24),
        rows: 10_000,
        rejected: 50,
        noted: 300,
        accounts: 10_000,
        on_supply: 9_000,
        usable: UsableFields { birth_dates: 7_200, postcodes: 9_000, names: 9_000 },
        schemes: vec![scheme],
        files: files.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::SchemeLine;
    use crate::pipeline::gates::settings::gates_of;

    /// An ordinary delivery of a supplier with 10,000 accounts.
    fn delivered(day: i8) -> Delivered {
        Delivered {
            run: format!("202611{day:02}T021500Z").parse().unwrap(),
            by_hand: false,
            rows: 10_000,
            rejected: 50,
            noted: 300,
            accounts: 10_000,
            on_supply: Some(9_000),
            birth_dates: Some(7_200),
            schemes: vec![SchemeLine {
                id: "whd".to_owned(),
                on_supply: 9_000,
                matched: Some(900),
                flagged: 880,
                review: 10,
            }],
            probing: None,
            files: vec![format!("sum of {day}")],
        }
    }

    /// The gates that have a finding once ordinary figures are changed.
    fn held_after(history: &[Delivered], change: impl FnOnce(&mut SupplierFigures<'_>)) -> Vec<String> {
        let files = ["a new sum".to_owned()];
        let mut night = ordinary(&files);
        change(&mut night);
        gates_of(&examine(&night, history, &Gates::default()))
    }

    fn week() -> Vec<Delivered> {
        (17..24).map(delivered).collect()
    }

    /// Each bound, from both sides.
    #[test]
    fn a_night_is_held_by_what_is_beyond_its_bounds_and_by_nothing_else() {
        let held = |change: fn(&mut SupplierFigures<'_>)| held_after(&week(), change);
        let none: Vec<String> = Vec::new();
        assert_eq!(held(|_| {}), none);
        for (change, expected) in [
            // On supply are usually 9,000; the bounds are 7,200 and 10,800. All have their dates of birth here.
            (
                (|night| (night.on_supply, night.usable.birth_dates) = (7_200, 7_200)) as fn(&mut SupplierFigures<'_>),
                None,
            ),
            (|night| (night.on_supply, night.usable.birth_dates) = (7_199, 7_199), Some("accounts")),
            (|night| (night.on_supply, night.usable.birth_dates) = (10_800, 10_800), None),
            (|night| (night.on_supply, night.usable.birth_dates) = (10_801, 10_801), Some("accounts")),
            (|night| (night.on_supply, night.usable.birth_dates) = (0, 0), Some("accounts")),
            // A supplier leaves out what is not on supply.
            (|night| (night.accounts, night.rows, night.rejected) = (9_000, 9_000, 0), None),
            (|night| (night.accounts, night.rows) = (90_000, 90_000), None),
            // A tenth, 900 of 9,000, is usual. The bounds are 630 and 1,170, and chance may go beyond them in
            // one run of a thousand.
            (|night| night.schemes[0].matched = 600, None),
            (|night| night.schemes[0].matched = 540, Some("match-rate")),
            (|night| night.schemes[0].matched = 1_200, None),
            (|night| night.schemes[0].matched = 1_300, Some("match-rate")),
            // Usual is 80 % of 9,000, and the least is 70 %.
            (|night| night.usable.birth_dates = 6_290, None),
            (|night| night.usable.birth_dates = 6_100, Some("birth-dates")),
            (|night| night.usable.birth_dates = 9_000, None),
            // Usual is 0.5 %, and the most is 2.5 %.
            (|night| night.rejected = 260, None),
            (|night| night.rejected = 320, Some("rejects")),
            (|night| night.rejected = 0, None),
            // Usual are 300 of 9,000, 3.3 %, and the most is 13.3 %.
            (|night| night.noted = 1_250, None),
            (|night| night.noted = 1_350, Some("notes")),
        ] {
            assert_eq!(held(change), expected.into_iter().collect::<Vec<_>>());
        }
        let few_on_supply = held(|night| {
            night.schemes[0].on_supply = 50;
            night.schemes[0].matched = 5;
        });
        assert_eq!(few_on_supply, ["on-supply"]);
    }

    #[test]
    fn a_first_night_and_small_counts_are_compared_with_nothing() {
        let change = |night: &mut SupplierFigures<'_>| {
            night.accounts = 4;
            night.usable.birth_dates = 0;
            night.schemes[0].matched = 0;
        };
        assert_eq!(held_after(&[], change), Vec::<&str>::new());
        let mut small = delivered(23);
        (small.accounts, small.rows, small.on_supply, small.birth_dates) = (50, 50, Some(50), Some(50));
        small.schemes[0].on_supply = 50;
        let to_few = |night: &mut SupplierFigures<'_>| {
            (night.accounts, night.rows, night.on_supply, night.usable.birth_dates) = (99, 99, 99, 0);
            (night.schemes[0].on_supply, night.schemes[0].matched) = (99, 99);
        };
        assert_eq!(held_after(&[small.clone()], to_few), Vec::<&str>::new());
        assert_eq!(held_after(&[small], |_| {}), ["accounts", "on-supply"], "from 50 to 10,000");
    }

    /// One odd delivery among seven does not change the usual; a manual release does.
    #[test]
    fn the_usual_is_the_median_since_the_last_release_by_hand() {
        let mut history = week();
        history[3].on_supply = Some(1);
        assert_eq!(held_after(&history, |_| {}), Vec::<&str>::new());
        history[6].on_supply = Some(7_201);
        let few = |night: &mut SupplierFigures<'_>| (night.on_supply, night.usable.birth_dates) = (7_100, 5_700);
        assert_eq!(held_after(&history, few), ["accounts"]);
        history[6].by_hand = true;
        history[6].birth_dates = Some(5_700);
        assert_eq!(held_after(&history, few), Vec::<&str>::new());
        assert_eq!(held_after(&history, |_| {}), ["accounts"]);
        // Deliveries of long ago do not count.
        let mut older = week();
        older.iter_mut().for_each(|night| night.on_supply = Some(20_000));
        older.extend(week());
        assert_eq!(held_after(&older, |_| {}), Vec::<&str>::new());
    }

    #[test]
    fn a_file_of_an_older_night_and_one_that_nobody_replaces_are_held() {
        let held = |history: &[Delivered], file: &str, day: Date| -> Vec<String> {
            let files = [file.to_owned()];
            let night = SupplierFigures { date: day, ..ordinary(&files) };
            gates_of(&examine(&night, history, &Gates::default()))
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
}
