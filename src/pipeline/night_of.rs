//! Checks the date that a run is said to be of: what is counted by days follows it.

use jiff::civil::Date;

use crate::pipeline::error::PipelineError;
use crate::release::Published;
use crate::release::run_record::RunRecord;

/// How many days a run's date may be ahead of the day on which it runs (choice).
pub(crate) const MOST_DAYS_AHEAD: i32 = 500;

/// How many days there may be between a run's date and that of the newest run without a warning (choice: a quarter).
const USUAL_DAYS: i32 = 92;

/// Refuses a run's date that is far ahead of the day on which it begins. What is counted by days, such as when figures
/// are due or a gone account's rebate is free, would be settled by a slip.
pub(super) fn is_not_far_ahead(night_of: Option<Date>, today: Date) -> Result<(), PipelineError> {
    match night_of {
        Some(night_of) if (night_of - today).get_days() > MOST_DAYS_AHEAD => {
            Err(PipelineError::FarNight { night_of, today })
        }
        _ => Ok(()),
    }
}

/// Warns of a run's date that does not follow that of the newest run. It may be right: a missed release day is made up,
/// a season begins, or it is the newest run whose date was wrong.
pub(super) fn warn_of_leap(night_of: Option<Date>, published: Option<&Published>) -> Result<(), PipelineError> {
    let (Some(night_of), Some(published)) = (night_of, published) else { return Ok(()) };
    let newest = RunRecord::read(published, published.run_id())?.settings.night_of;
    if let Some(leap) = newest.and_then(|newest| leap(night_of, newest.parse().ok()?)) {
        tracing::warn!("{leap}");
    }
    Ok(())
}

/// What is unusual about a run's date, after the newest run's.
fn leap(night_of: Date, newest: Date) -> Option<String> {
    let days = (night_of - newest).get_days();
    let how_far = match days {
        ..0 => "before".to_owned(),
        0..=USUAL_DAYS => return None,
        _ => format!("{days} days after"),
    };
    Some(format!(
        "--night-of {night_of} is {how_far} {newest}, the date of the newest run: what is counted by days, such as when a \
         gone account's rebate is free, goes by it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_does_not_follow_the_newest_runs_is_told() {
        for (night_of, newest, told) in [
            ("2026-11-24", "2026-11-24", None),
            ("2026-11-25", "2026-11-24", None),
            ("2027-02-24", "2026-11-24", None),
            ("2026-11-23", "2026-11-24", Some("--night-of 2026-11-23 is before 2026-11-24, ")),
            ("2025-11-25", "2026-11-24", Some("--night-of 2025-11-25 is before 2026-11-24, ")),
            ("2027-02-25", "2026-11-24", Some("--night-of 2027-02-25 is 93 days after 2026-11-24, ")),
            ("2027-11-25", "2026-11-24", Some("--night-of 2027-11-25 is 366 days after 2026-11-24, ")),
        ] {
            let leap = leap(night_of.parse().unwrap(), newest.parse().unwrap());
            match told {
                None => assert_eq!(leap, None, "{night_of}"),
                Some(told) => assert!(leap.as_deref().is_some_and(|leap| leap.starts_with(told)), "{leap:?}"),
            }
        }
    }
}
