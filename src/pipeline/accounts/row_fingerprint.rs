//! Fingerprints rows and accounts in fewer than four bits, to see that they were edited.

use std::hash::BuildHasher;

use crate::normalise::View;

/// How many different fingerprints there are; 0 is no fingerprint.
const MARKS: u64 = 15;

/// The fingerprint of a row: of its holders' normalised names, dates of birth and home.
pub(crate) fn mark(hasher: &impl BuildHasher, customer_ref: &str, holders: &[View<'_>]) -> u8 {
    let fields = holders.iter().map(|View { name, birth_date, postcode, uprn, address }| {
        hasher.hash_one((&name.given, &name.family, birth_date, postcode, uprn, address))
    });
    // A sum, so that the order of holders does not count. The reference goes in too, so that two accounts of
    // one person do not look alike.
    let sum = fields.fold(hasher.hash_one(customer_ref), u64::wrapping_add);
    (hasher.hash_one(sum) % MARKS) as u8 + 1
}

/// The fingerprint of an account, from the fingerprints of its rows. Rows that are not on supply have 0, and do
/// not count.
pub(crate) fn mark_of_rows(rows: impl Iterator<Item = u8>) -> u8 {
    let (count, sum) =
        rows.filter(|mark| *mark > 0).fold((0_u64, 0_u64), |(count, sum), mark| (count + 1, sum + u64::from(mark - 1)));
    if count == 0 { 0 } else { (sum % MARKS) as u8 + 1 }
}
