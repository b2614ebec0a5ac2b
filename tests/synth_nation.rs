//! Checks how right the match is on a synthetic nation. The bounds are loose, so that only a real fault exceeds them.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use common::Folder;
use serde_json::Value;

fn evaluation() -> Value {
    let folder = Folder::nation("20000", "7000", "3");
    let said = folder.flagmatch(&["evaluate", "nation/job.toml", "--truth", "nation/truth.csv", "--json"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(!folder.exists("nation/out"), "an evaluation publishes nothing");
    serde_json::from_str(&said.stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[test]
fn precision_recall_and_calibration_hold_on_a_nation() {
    let evaluation = evaluation();
    let share = |name: &str| number(&evaluation[name]["share"]);
    assert!(share("precision") >= 0.998, "{}", evaluation["precision"]);
    assert!(share("recall") >= 0.95, "{}", evaluation["recall"]);
    assert!(number(&evaluation["recall"]["whole"]) > 1000.0, "enough are due to say so");
    for name in ["precision", "recall"] {
        let [low, share, high] = ["low", "share", "high"].map(|end| number(&evaluation[name][end]));
        assert!(low <= share && share <= high && high - low < 0.05, "{}", evaluation[name]);
    }

    // The higher a band's posterior, the larger its share of eligible accounts.
    let bands = evaluation["calibration"].as_array().unwrap();
    let full: Vec<&Value> = bands.iter().filter(|band| number(&band["eligible"]["whole"]) >= 20.0).collect();
    assert!(full.len() >= 2, "{bands:?}");
    let mut bands: Vec<(f64, f64, f64)> = full
        .iter()
        .map(|band| (number(&band["from"]), number(&band["eligible"]["low"]), number(&band["eligible"]["high"])))
        .collect();
    bands.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (at, lower) in bands.iter().enumerate() {
        for higher in &bands[at + 1..] {
            assert!(higher.2 >= lower.1, "{higher:?} is less due than {lower:?}");
        }
    }
    let (lowest, highest) = (bands[0], bands[bands.len() - 1]);
    assert!(lowest.2 < highest.1, "{lowest:?} is not told from {highest:?}");
}
