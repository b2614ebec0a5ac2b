//! Normalises any text as address lines: only capitals, digits, slashes and single spaces remain, and the same text
//! always gives the same address.

#![no_main]

use flagmatch::normalise::address::address;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (town, lines) = data.split_once('|').unwrap_or(("", data));
    let lines: Vec<&str> = lines.split('|').take(5).collect();
    let found = address(&lines, town);
    let is_sound = |phrase: &str| {
        let known =
            phrase.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" /".contains(&byte));
        known && !phrase.contains("  ") && phrase.trim() == phrase
    };
    for phrase in [&found.building, &found.street, &found.locality, &found.town] {
        assert!(is_sound(phrase), "{:?}", &**phrase);
    }
    assert!(is_sound(&found.flat), "{:?}", &*found.flat);
    assert!(found.number.is_none_or(|number| number.first <= number.last));
    assert!(found == address(&lines, town));
});
