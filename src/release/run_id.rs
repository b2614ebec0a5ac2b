//! Names a run after the second it began, with a number if that second is taken.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use super::error::ReleaseError;
use crate::date;

/// The name of a run and of its folder: `20261124T021500Z` in UTC, with `-02` and so on for a run that is not later
/// than the one before. Ids sort in the order of the runs of an output directory.
///
/// ```
/// use flagmatch::release::RunId;
/// let first: RunId = "20261124T021500Z".parse().unwrap();
/// let second: RunId = "20261124T021500Z-02".parse().unwrap();
/// assert!(first < second);
/// assert!("latest".parse::<RunId>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId {
    second: String,
    number: u32,
}

/// How an id writes the second.
const SECOND: &str = "%Y%m%dT%H%M%SZ";

/// A text is not a run id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a run, such as 20261124T021500Z")]
pub struct NotARunId;

impl RunId {
    /// The id of a run that begins now. It sorts after the newest run, even if the clock went back.
    pub(super) fn next(now: SystemTime, newest: Option<&RunId>) -> RunId {
        let second = date::instant(now).strftime(SECOND).to_string();
        let id = RunId { second, number: 1 };
        match newest {
            Some(newest) if *newest >= id => RunId { second: newest.second.clone(), number: newest.number + 1 },
            _ => id,
        }
    }

    /// The instant at which the run began.
    ///
    /// # Errors
    /// [`ReleaseError::NoSuchDay`] for an id that somebody made by hand.
    pub fn begun(&self) -> Result<Timestamp, ReleaseError> {
        let begun = DateTime::strptime(SECOND, &self.second).and_then(|second| Offset::UTC.to_timestamp(second));
        begun.map_err(|_| ReleaseError::NoSuchDay { run: self.to_string() })
    }

    /// The day that the run began on, in UTC.
    ///
    /// # Errors
    /// [`ReleaseError::NoSuchDay`] for an id that somebody made by hand.
    pub fn date(&self) -> Result<Date, ReleaseError> {
        let date = Date::strptime("%Y%m%d", &self.second[..8]);
        date.map_err(|_| ReleaseError::NoSuchDay { run: self.to_string() })
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            1 => f.write_str(&self.second),
            number => write!(f, "{}-{number:02}", self.second),
        }
    }
}

impl FromStr for RunId {
    type Err = NotARunId;

    fn from_str(text: &str) -> Result<RunId, NotARunId> {
        let (second, number) = match text.split_once('-') {
            Some((second, number)) => (second, number.parse().map_err(|_| NotARunId)?),
            None => (text, 1),
        };
        let shape = |(place, byte): (usize, u8)| match place {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        };
        let id = RunId { second: second.to_owned(), number };
        // Only the spelling that `Display` gives, so that each id names one folder.
        let sound = second.len() == 16 && second.bytes().enumerate().all(shape) && id.to_string() == text;
        if sound && number > 0 { Ok(id) } else { Err(NotARunId) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_id_is_the_second_or_one_after_the_newest() {
        // 2026-11-24 02:15:00 UTC is 1795486500 seconds after 1970: 20781 days and 8100 seconds.
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_486_500_999);
        for (newest, expected) in [
            (None, "20261124T021500Z"),
            (Some("20261124T021459Z"), "20261124T021500Z"),
            (Some("20261124T021459Z-07"), "20261124T021500Z"),
            (Some("20261124T021500Z"), "20261124T021500Z-02"),
            (Some("20261124T021500Z-99"), "20261124T021500Z-100"),
            (Some("20991231T000000Z"), "20991231T000000Z-02"),
        ] {
            let newest: Option<RunId> = newest.map(|id| id.parse().unwrap());
            let id = RunId::next(now, newest.as_ref());
            assert_eq!(id.to_string(), expected);
            assert!(newest.is_none_or(|newest| newest < id), "{expected}");
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn the_day_of_a_run_is_that_of_its_id() {
        let date = |id: &str| id.parse::<RunId>().unwrap().date().map(|date| date.to_string()).ok();
        assert_eq!(date("20261124T021500Z-07"), Some("2026-11-24".to_owned()));
        assert_eq!(date("20260230T021500Z"), None);
        let begun = |id: &str| id.parse::<RunId>().unwrap().begun().map(|begun| begun.as_second()).ok();
        assert_eq!(begun("20261124T021500Z-07"), Some(1_795_486_500));
        assert_eq!(begun("20261124T251500Z"), None);
    }

    #[test]
    fn other_names_are_no_ids() {
        for text in [
            "",
            "latest",
            "20261124T021500",
            "20261124T021500z",
            "2026-11-24T021500Z",
            "20261124T021500Z-1",
            "20261124T021500Z-01",
            "20261124T021500Z-2",
            "20261124T021500Z-00",
            "20261124T021500Z-",
            "20261124T021500Z-+2",
            ".staging-20261124T021500Z",
            "20261124T02150éZ",
        ] {
            assert_eq!(text.parse::<RunId>(), Err(NotARunId), "{text}");
        }
    }
}
