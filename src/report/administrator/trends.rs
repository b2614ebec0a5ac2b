//! Shows how match rates and suppliers' shares moved over the runs.

use super::{ExactRun, gates};
use crate::release::EligibleOutcome;
use crate::release::run_record::MatchRates;
use crate::report::document::{Part, Picture, Section};
use crate::report::picture::Line;
use crate::report::rate::Rate;
use crate::report::words::day;

type ByOutcome = std::collections::BTreeMap<EligibleOutcome, u64>;

fn rate(outcomes: &ByOutcome) -> Rate {
    let released = outcomes.get(&EligibleOutcome::Released).copied().unwrap_or(0);
    Rate::exact(released, outcomes.values().sum())
}

/// The sections on trends. `runs` are in order.
pub(super) fn sections(runs: &[ExactRun], own: &ExactRun, scheme: &str) -> Vec<Section> {
    // A manual release matches nothing.
    let rates: Vec<(&ExactRun, &MatchRates)> =
        runs.iter().filter_map(|run| Some((run, run.match_rates(scheme)?))).collect();
    if rates.len() < 2 {
        let text = "The report has only one run with match rates: a trend needs two. To name several: flagmatch report \
                    out/2026* --administrator.";
        return Section::new("trends", "Trends over the runs", vec![Part::Text(text.to_owned())]).into_iter().collect();
    }
    let of = |of: &dyn Fn(&MatchRates) -> &ByOutcome| rates.iter().map(|(_, own)| rate(of(own))).collect();
    let lines = vec![
        Line { name: "household match rate".to_owned(), rates: of(&|own| &own.households) },
        Line { name: "person match rate".to_owned(), rates: of(&|own| &own.persons) },
    ];
    let days: Vec<String> = rates.iter().map(|(run, _)| run.day()).collect();
    let rows = rates.iter().enumerate().map(|(place, (run, _))| {
        let shown = lines.iter().map(|line| line.rates[place].words());
        [run.run.clone()].into_iter().chain(shown).collect()
    });
    let (first, last) = (day(&days[0]), day(&days[days.len() - 1]));
    let when = if first == last { format!("on {first}") } else { format!("from {first} to {last}") };
    let text = format!("Match rates of {} runs {when}.", days.len());
    let rows: Vec<Vec<String>> = rows.collect();
    let trends = vec![
        Part::Picture {
            name: "Match rates over the runs, as in the table below",
            text,
            picture: Picture::Trend { days, lines },
        },
        Part::growing_table("Match rates over the runs", &["Run", "Households", "Persons"], rows),
    ];
    let sections = [
        Section::new("trends", "Trends over the runs", trends),
        Section::new("gates", "Each supplier over the runs, and its gate", gates::parts(runs, own, scheme)),
    ];
    sections.into_iter().flatten().collect()
}
