//! Finds figures of a supplier's files that are so far from those of the last time that the export may be broken.

use serde::{Deserialize, Serialize};

use crate::job::Gates;
use crate::pipeline::preparing::FileFigures;

/// So often in a row the same unusual figures may be found before they are usual (choice): an export is prepared again
/// after a look at it, and one that never changes is no broken one.
const MOST_AGAIN: u32 = 5;

/// The figures that are kept for the next time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Figures {
    /// Those of the last time.
    #[serde(flatten)]
    pub(super) last: FileFigures,
    /// Those that the next are compared with, if they are others: a broken export that is prepared again is as broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) usual: Option<FileFigures>,
    /// How often the last ones were found again.
    #[serde(default)]
    again: u32,
}

impl Figures {
    /// Those that others are compared with.
    pub(super) fn compared(&self) -> &FileFigures {
        self.usual.as_ref().unwrap_or(&self.last)
    }

    /// What is kept once these figures were found. Unusual ones are usual from the second export on.
    pub(super) fn next(found: &FileFigures, before: Option<&Figures>) -> Figures {
        let again = before.filter(|before| *found == before.last).map_or(0, |before| before.again + 1);
        let stays = before.filter(|before| {
            let is_other = [(found, &before.last), (&before.last, found)]
                .iter()
                .any(|(one, other)| !figures(one, other).is_empty());
            (is_other || (1..=MOST_AGAIN).contains(&again)) && !figures(found, before.compared()).is_empty()
        });
        Figures { last: found.clone(), usual: stays.map(|before| before.compared().clone()), again }
    }
}

/// A share, the part and the whole.
type Share = fn(&FileFigures) -> (u64, u64);

/// The figures that are far from those of the last time, by their names in [`FileFigures`]. The bounds are those of a
/// run's gates as they ship: a layout does not tell a supplier those of the job.
pub(super) fn figures(now: &FileFigures, last: &FileFigures) -> Vec<&'static str> {
    let Gates { least_accounts, accounts_fewer, accounts_more, birth_dates_fallen, rejects_risen, notes_risen, .. } =
        Gates::default();
    let [before, after] = [last, now].map(|figures| figures.kept_accounts);
    // Small figures move by chance.
    if before.max(after) < least_accounts {
        return Vec::new();
    }
    let change = after as f64 / before.max(1) as f64 - 1.0;
    let accounts = (change < -accounts_fewer || change > accounts_more).then_some("kept_accounts");
    let never = f64::INFINITY;
    let shares: [(&'static str, Share, f64, f64); 6] = [
        ("rejected", |figures| (figures.rejected, figures.rows), never, rejects_risen),
        ("noted", |figures| (figures.noted, figures.rows), never, notes_risen),
        ("names", |figures| (figures.names, figures.kept_rows), birth_dates_fallen, never),
        ("birth_dates", |figures| (figures.birth_dates, figures.kept_rows), birth_dates_fallen, never),
        ("postcodes", |figures| (figures.postcodes, figures.kept_rows), birth_dates_fallen, never),
        ("uprns", |figures| (figures.uprns, figures.kept_rows), birth_dates_fallen, never),
    ];
    let far = shares.into_iter().filter(|(_, share, fallen, risen)| {
        let [before, after] = [last, now].map(|figures| {
            let (part, whole) = share(figures);
            part as f64 / whole.max(1) as f64
        });
        before - after > *fallen || after - before > *risen
    });
    accounts.into_iter().chain(far.map(|(figure, ..)| figure)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: fn() -> FileFigures = || FileFigures {
        rows: 1000,
        rejected: 10,
        noted: 50,
        accounts: 900,
        kept_accounts: 900,
        kept_rows: 1000,
        names: 990,
        birth_dates: 800,
        postcodes: 990,
        uprns: 700,
        ..FileFigures::default()
    };

    #[test]
    fn a_figure_is_unusual_from_the_bound_of_its_gate() {
        let with = |change: fn(&mut FileFigures)| {
            let mut now = USUAL();
            change(&mut now);
            figures(&now, &USUAL())
        };
        for (change, unusual) in [
            ((|_| {}) as fn(&mut FileFigures), &[][..]),
            (|now| now.kept_accounts = 721, &[]),
            (|now| now.kept_accounts = 719, &["kept_accounts"]),
            (|now| now.kept_accounts = 1079, &[]),
            (|now| now.kept_accounts = 1081, &["kept_accounts"]),
            (|now| now.rejected = 29, &[]),
            (|now| now.rejected = 31, &["rejected"]),
            (|now| now.rejected = 0, &[]),
            (|now| now.noted = 149, &[]),
            (|now| now.noted = 151, &["noted"]),
            (|now| now.birth_dates = 701, &[]),
            (|now| now.birth_dates = 699, &["birth_dates"]),
            (|now| now.birth_dates = 1000, &[]),
            (|now| (now.names, now.postcodes, now.uprns) = (0, 0, 0), &["names", "postcodes", "uprns"]),
        ] {
            assert_eq!(with(change), unusual);
        }
    }

    #[test]
    fn unusual_figures_are_usual_from_the_second_export_on() {
        let with = |accounts| FileFigures { kept_accounts: accounts, ..USUAL() };
        let mut kept: Option<Figures> = None;
        for (accounts, marked) in [
            (900, false),
            (100, true),
            // Prepared again, and another broken one.
            (100, true),
            (1, true),
            (900, false),
            (910, false),
            // Two exports that are like each other.
            (400, true),
            (410, true),
            (405, false),
            (900, true),
            (900, true),
            (900, true),
            (900, true),
            (900, true),
            (900, true),
            (900, true),
            // It never changes.
            (900, false),
        ] {
            let found = with(accounts);
            let unusual = kept.as_ref().is_some_and(|kept| !figures(&found, kept.compared()).is_empty());
            assert_eq!(unusual, marked, "{accounts}");
            kept = Some(Figures::next(&found, kept.as_ref()));
        }
    }

    /// Half of the dates of birth are not like none of them.
    #[test]
    fn an_export_that_is_half_repaired_is_not_usual() {
        let with = |birth_dates| FileFigures { birth_dates, ..USUAL() };
        let [whole, none, half] = [800, 0, 400].map(with);
        let kept = [&whole, &none, &half].iter().fold(None, |kept, found| Some(Figures::next(found, kept.as_ref())));
        assert_eq!(kept.unwrap().compared(), &whole);
    }

    #[test]
    fn small_figures_are_not_compared() {
        let few = |accounts| FileFigures { kept_accounts: accounts, kept_rows: accounts, ..FileFigures::default() };
        assert_eq!(figures(&few(1), &few(99)), [""; 0]);
        assert_eq!(figures(&few(1), &few(100)), ["kept_accounts"]);
        assert_eq!(figures(&few(0), &few(100)), ["kept_accounts"]);
        assert_eq!(figures(&few(100), &few(0)), ["kept_accounts"]);
    }
}
