//! Tests which changes of a row the chain detects.

use super::chain::{BEGINNING, Row};

fn row(number: u64, run: &str, subject: &str, body: &str) -> Row {
    let (run, subject, body) = (run.to_owned(), subject.to_owned(), body.to_owned());
    Row { number, run, kind: "supplier".to_owned(), subject, body }
}

#[test]
fn every_part_of_a_row_and_what_came_before_it_is_in_its_hash() {
    let first = row(1, "a", "b", "{}");
    let hash = first.hash(BEGINNING);
    for other in [
        row(2, "a", "b", "{}"),
        row(1, "b", "b", "{}"),
        row(1, "a", "c", "{}"),
        row(1, "a", "b", "{ }"),
        row(1, "ab", "", "{}"),
        Row { kind: "run".to_owned(), ..first.clone() },
    ] {
        assert_ne!(other.hash(BEGINNING), hash, "{other:?}");
    }
    assert_ne!(first.hash(&hash), hash);
    assert_eq!(first.hash(BEGINNING), hash);
}
