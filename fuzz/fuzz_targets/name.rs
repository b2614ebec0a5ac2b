//! Normalises any text in name fields: only words of A to Z remain, and the same text always gives the same words.

#![no_main]

use flagmatch::normalise::Name;
use flagmatch::normalise::name::{NameFields, read, read_joint};
use libfuzzer_sys::fuzz_target;

fn is_sound(name: &Name) -> bool {
    let words = || name.given.iter().chain(&name.family);
    words().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase()))
}

fuzz_target!(|data: &str| {
    let mut fields = data.split('|');
    let mut next = || fields.next().unwrap_or_default();
    let fields =
        NameFields { title: next(), forename: next(), middle_names: next(), surname: next(), full_name: next() };
    let named = read(&fields);
    assert!(named.people.iter().all(is_sound), "a word that is none");
    assert!(named == read(&fields));
    let joint = read_joint(next(), next(), fields.surname);
    assert!(joint.people.iter().all(is_sound), "a word that is none");
});
