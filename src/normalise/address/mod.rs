//! Takes addresses apart into flat, number, building, street, locality and town.
//!
//! There is one form for every wording, so that fields can be compared as text:
//!
//! - **flat**: designators (flat, apartment, unit, room...) and leading zeros are dropped: `2`, `B`,
//!   `2B`. A floor is `GF`, `1F`, `2F`..., `TF` (top), `BF` (basement), `LGF`, and a number on it
//!   follows: `1F2`, as in Edinburgh; sides are `L`, `R`, `M`, `FRONT`, `REAR`. Glasgow's positions
//!   keep their slash: `2/1`, and the ground floor's is `0/1`. The letter of a house number is a flat:
//!   `10B` is number 10, flat `B`; with a flat of its own, it stands first: `B/2`. A half (`144 1/2`)
//!   is `1/2`.
//! - **number**: `12`, or a range `12-14`. Letters in a range say nothing (`92-92A` is 92).
//! - **building**, **street**, **locality**, **town**: abbreviations written out, apostrophes dropped,
//!   hyphens as spaces, letters without marks, `&` as `AND`.
//!
//! A name such as Harbour House with a number before it has that number as a flat. Oak Court is a
//! building where another street follows, else a street (`Flat 4 Oak Court` is `4 Oak Court`).

mod counties;
mod flat;
mod parts;
mod plain;
#[cfg(test)]
mod tests;
mod token;
mod words;
mod written;

use std::cell::RefCell;

use super::Address;
use super::memo::Memo;
use crate::text::Phrase;
use token::Tokens;

/// Takes an address apart, given its lines in order and the town if it has a field of its own. No address is
/// refused: what is understood less well becomes a building or a locality.
///
/// If `town` is empty and two names follow the street, the last is the town.
///
/// ```
/// use flagmatch::normalise::address::address;
/// let one = address(&["Flat 2, 10 High St."], "Leeds");
/// let other = address(&["10 High Street", "Apartment 02", "LEEDS"], "LEEDS");
/// assert_eq!(one, other);
/// assert_eq!((&*one.flat, &*one.street), ("2", "HIGH STREET"));
/// ```
pub fn address(lines: &[&str], town: &str) -> Address {
    let mut address = Address::default();
    read(lines, town, &mut address);
    address
}

/// Takes an address apart as [`address`] does, in place of what was here.
pub(crate) fn read(lines: &[&str], town: &str, address: &mut Address) {
    *address = Address::default();
    KNOWN.with_borrow_mut(|KnownNames { streets, towns }| {
        if !town.is_empty() {
            address.town = towns.look_up(town, || written::town(town));
        }
        if plain::read(lines, streets, address).is_none() {
            *address = any_address(lines, address.town);
        }
    });
}

/// Streets and towns as they were typed, each with its name in one spelling.
struct KnownNames {
    /// `None` for a street that only the general reader can read.
    streets: Memo<Option<Phrase>>,
    towns: Memo<Phrase>,
}

thread_local! {
    /// There are some two thousand post towns, and a thousand names have most streets.
    static KNOWN: RefCell<KnownNames> =
        const { RefCell::new(KnownNames { streets: Memo::new(1 << 10), towns: Memo::new(1 << 10) }) };
}

/// Takes any address apart.
fn any_address(lines: &[&str], town: Phrase) -> Address {
    let mut tokens = Tokens::read(lines);
    parts::drop_post_box(&mut tokens);
    let flat = flat::take_flat(&mut tokens);
    parts::assemble(&tokens, flat, town)
}
