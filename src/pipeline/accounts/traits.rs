//! Says which fields an account has, for the breakdown of figures.

use crate::date::Date;
use crate::normalise::Home;
use crate::normalise::name::Named;
use crate::normalise::postcode::Postcode;

/// Traits of an account: which fields it has, and its postcode area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    /// The first holder's date of birth is known.
    pub(crate) birth_date: bool,
    /// There is a postcode, of British form or not.
    pub(crate) postcode: bool,
    /// The address has a flat.
    pub(crate) flat: bool,
    /// The first holder's name has a letter with a diacritic.
    pub(crate) diacritics: bool,
    /// The first holder's surname has a particle.
    pub(crate) particle: bool,
    /// Words in the first holder's name, at most 3.
    pub(crate) tokens: u8,
    /// The letters of the postcode area; zeros if there is none.
    pub(crate) area: [u8; 2],
}

impl Traits {
    pub(crate) fn new(named: &Named, birth_date: Option<Date>, home: &Home) -> Traits {
        let mut area = [0; 2];
        if let Postcode::British(code) = home.postcode {
            for (to, from) in area.iter_mut().zip(code.area().bytes()) {
                *to = from;
            }
        }
        let name = named.people.first();
        Traits {
            birth_date: birth_date.is_some(),
            postcode: home.postcode != Postcode::Absent,
            flat: !home.address.flat.is_empty(),
            diacritics: name.is_some_and(|name| name.origin.diacritics),
            particle: name.is_some_and(|name| name.origin.particle),
            tokens: name.map_or(0, |name| (name.given.len() + name.family.len()).min(3) as u8),
            area,
        }
    }
}
