//! Compares a holder with a person of the benefit records: each field gets a comparison level. What a level
//! is worth is decided by [`weights`](super::weights).

mod birth_date;
mod closed_up;
mod levels;
mod likeness;
mod measures;
mod name;
mod place;
mod sibling_names;

pub(crate) use birth_date::compare as compare_birth_dates;
pub(crate) use closed_up::AddressWords;
pub(crate) use levels::{BirthDate, Dwelling, Family, Given, Middle, Order, Postcode, Street, Town, Uprn};
pub(crate) use name::{Exchanged, NameComparison};

use crate::normalise::View;

/// The field that makes a pair doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The dates of birth contradict each other.
    BirthDate,
    /// The forenames differ by more than a slip.
    Forename,
    /// Other middle names, or a forename that is a middle name of the other.
    MiddleName,
    /// Another surname.
    Surname,
    /// Another number or flat nearby.
    Dwelling,
    /// An initial in place of the forename.
    Initial,
}

/// The level of each field, packed in four bits each; those of two pairs have an order. By default, each
/// field has its first level, which says nothing of a pair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Levels([u16; 3]);

impl Levels {
    /// As a number below 2⁴⁸, with the first field in the lowest bits.
    fn bits(self) -> u64 {
        self.0.iter().fold(0, |bits, part| bits << 16 | u64::from(*part))
    }

    /// Those that the lower 48 bits of a number say.
    pub(crate) fn from_bits(bits: u64) -> Levels {
        Levels([32, 16, 0].map(|shift| (bits >> shift) as u16))
    }
}

/// How far each field of a candidate pair agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(crate) given: Given,
    pub(crate) middle: Middle,
    pub(crate) family: Family,
    pub(crate) order: Order,
    /// Forename and surname are exchanged.
    pub(crate) swapped: bool,
    pub(crate) birth_date: BirthDate,
    pub(crate) postcode: Postcode,
    /// The postcodes are of British form, or at least one is absent.
    pub(crate) british: bool,
    pub(crate) dwelling: Dwelling,
    pub(crate) street: Street,
    pub(crate) town: Town,
    pub(crate) uprn: Uprn,
}

impl Evidence {
    /// Compares a holder with a person. The names are compared before, since the weights decide which way
    /// round they agree better.
    pub(crate) fn compare(holder: &View<'_>, person: &View<'_>, names: NameComparison) -> Evidence {
        Evidence::begun(holder, person, names).finished(holder, &AddressWords::new(&holder.address), person)
    }

    /// Compares all but streets and towns, which take longest and seldom decide: they are "absent" until the
    /// comparison is [finished](Self::finished).
    pub(crate) fn begun(holder: &View<'_>, person: &View<'_>, names: NameComparison) -> Evidence {
        Evidence {
            given: names.given,
            middle: names.middle,
            family: names.family,
            order: names.order,
            swapped: names.swapped,
            birth_date: birth_date::compare(holder.birth_date, person.birth_date),
            postcode: place::postcode(holder.postcode, person.postcode, false),
            british: place::both_british(holder.postcode, person.postcode),
            dwelling: place::dwelling(&holder.address, &person.address),
            street: Street::Absent,
            town: Town::Absent,
            uprn: place::uprn(holder.uprn, person.uprn),
        }
    }

    /// Compares streets and towns, and then decides whether one postcode is a slip of the other. `words` are those of the
    /// holder.
    pub(crate) fn finished(self, holder: &View<'_>, words: &AddressWords<'_>, person: &View<'_>) -> Evidence {
        let other = AddressWords::new(&person.address);
        let street = place::street(words, &other);
        let elsewhere = self.dwelling != Dwelling::Same && street == Street::Different;
        let postcode = match self.postcode {
            Postcode::Slip => place::postcode(holder.postcode, person.postcode, elsewhere),
            level => level,
        };
        Evidence { postcode, street, town: place::town(words, &other), ..self }
    }

    /// The comparison of the names.
    pub(crate) fn names(&self) -> NameComparison {
        let Evidence { given, middle, family, order, swapped, .. } = *self;
        NameComparison { given, middle, family, order, swapped }
    }

    /// All levels in six bytes.
    pub(crate) fn packed(self) -> Levels {
        let levels = [
            self.given as u64,
            self.middle as u64,
            self.family as u64,
            self.order as u64,
            u64::from(self.swapped),
            self.birth_date as u64,
            self.postcode as u64,
            u64::from(self.british),
            self.dwelling as u64,
            self.street as u64,
            self.town as u64,
            self.uprn as u64,
        ]
        .iter()
        .rev()
        .fold(0, |packed, level| packed << 4 | level);
        Levels::from_bits(levels)
    }

    /// The levels that [`packed`](Self::packed) packed.
    pub(crate) fn unpack(packed: Levels) -> Evidence {
        let bits = packed.bits();
        let level = |field: u32| bits >> (4 * field);
        Evidence {
            given: Given::from_bits(level(0)),
            middle: Middle::from_bits(level(1)),
            family: Family::from_bits(level(2)),
            order: Order::from_bits(level(3)),
            swapped: level(4) & 1 == 1,
            birth_date: BirthDate::from_bits(level(5)),
            postcode: Postcode::from_bits(level(6)),
            british: level(7) & 1 == 1,
            dwelling: Dwelling::from_bits(level(8)),
            street: Street::from_bits(level(9)),
            town: Town::from_bits(level(10)),
            uprn: Uprn::from_bits(level(11)),
        }
    }

    /// The level of each field, by the names that files show.
    pub(crate) fn levels(self) -> [(&'static str, &'static str); 11] {
        [
            ("given", self.given.name()),
            ("middle", self.middle.name()),
            ("family", self.family.name()),
            ("order", self.order.name()),
            ("swapped", if self.swapped { "yes" } else { "absent" }),
            ("birth-date", self.birth_date.name()),
            ("postcode", self.postcode.name()),
            ("dwelling", self.dwelling.name()),
            ("street", self.street.name()),
            ("town", self.town.name()),
            ("uprn", self.uprn.name()),
        ]
    }

    /// What a level of a field means, in a sentence; both by the names that files show.
    pub(crate) fn meaning(field: &str, level: &str) -> Option<&'static str> {
        let meaning = match field {
            "given" => Given::meaning(level),
            "middle" => Middle::meaning(level),
            "family" => Family::meaning(level),
            "order" => Order::meaning(level),
            "swapped" if level == "yes" => Some("Forename and surname are exchanged."),
            "birth-date" => BirthDate::meaning(level),
            "postcode" => Postcode::meaning(level),
            "dwelling" => Dwelling::meaning(level),
            "street" => Street::meaning(level),
            "town" => Town::meaning(level),
            "uprn" => Uprn::meaning(level),
            _ => None,
        };
        meaning.map(str::trim)
    }

    /// Appends the levels in words, field by field. Fields that one side lacks are left out.
    pub(crate) fn describe(self, text: &mut String) {
        for (field, level) in self.levels().into_iter().filter(|(_, level)| *level != "absent") {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(field);
            text.push(':');
            text.push_str(level);
        }
    }

    /// The ranks of the levels of forename, surname and date of birth; 0 is the best. Nobody found (`None`) ranks
    /// like different names and dates.
    pub(crate) fn identity_ranks(evidence: Option<Evidence>) -> [u8; 3] {
        match evidence {
            Some(Evidence { given, family, birth_date, .. }) => [given.rank(), family as u8, birth_date.rank()],
            None => [Given::Different.rank(), Family::Different as u8, BirthDate::Different.rank()],
        }
    }

    /// The same ranks from the text of [`describe`](Self::describe); empty text stands for nobody found.
    pub(crate) fn described_ranks(text: &str) -> [u8; 3] {
        if text.is_empty() {
            return Evidence::identity_ranks(None);
        }
        let level = |field: &str| {
            text.split(' ').find_map(|part| part.strip_prefix(field)?.strip_prefix(':')).unwrap_or("absent")
        };
        fn find<L: Copy>(levels: &[L], name: fn(L) -> &'static str, level: &str) -> Option<L> {
            levels.iter().copied().find(|own| name(*own) == level)
        }
        [
            find(Given::ALL, Given::name, level("given")).unwrap_or(Given::Different).rank(),
            find(Family::ALL, Family::name, level("family")).unwrap_or(Family::Different) as u8,
            find(BirthDate::ALL, BirthDate::name, level("birth-date")).unwrap_or(BirthDate::Different).rank(),
        ]
    }

    /// The field that makes the pair doubtful; of several, the one that weighs most.
    pub(crate) fn doubt(self) -> Option<Doubt> {
        match self {
            Evidence { birth_date: BirthDate::Different | BirthDate::Generation, .. } => Some(Doubt::BirthDate),
            Evidence { given: Given::Different | Given::CloseNames | Given::Unfamiliar | Given::Loose, .. } => {
                Some(Doubt::Forename)
            }
            Evidence { middle: Middle::Different, .. } | Evidence { given: Given::Middle, .. } => {
                Some(Doubt::MiddleName)
            }
            Evidence { family: Family::Different | Family::Loose, .. } => Some(Doubt::Surname),
            _ if self.home_contradicts() => Some(Doubt::Dwelling),
            Evidence { given: Given::Initial, .. } => Some(Doubt::Initial),
            _ => None,
        }
    }

    /// The postcodes place both addresses within a few doors of each other. A code that is not British may
    /// cover a whole town.
    pub(crate) fn is_near(self) -> bool {
        self.british && matches!(self.postcode, Postcode::Exact | Postcode::Slip)
    }

    /// The addresses agree on one dwelling, in whatever form each is written.
    pub(crate) fn home_agrees(self) -> bool {
        let near = self.is_near();
        let street = matches!(self.street, Street::Exact | Street::Close);
        if !self.british && street && matches!(self.postcode, Postcode::Exact | Postcode::Slip) {
            return true;
        }
        match self.dwelling {
            Dwelling::Same | Dwelling::FlatAbsent => near || street || self.uprn == Uprn::Same,
            Dwelling::Absent => near || self.uprn == Uprn::Same,
            Dwelling::FlatDifferent | Dwelling::Different => near && self.uprn == Uprn::Same,
        }
    }

    /// The addresses are near each other but name two dwellings: next door, or the flat above.
    pub(crate) fn home_contradicts(self) -> bool {
        let street = matches!(self.street, Street::Exact | Street::Close);
        let near = self.is_near() || !self.british && street && self.postcode == Postcode::Exact;
        let apart = matches!(self.dwelling, Dwelling::Different | Dwelling::FlatDifferent);
        near && apart && self.uprn != Uprn::Same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALIKE: Evidence = Evidence {
        given: Given::Exact,
        middle: Middle::Absent,
        family: Family::Part,
        order: Order::Absent,
        swapped: false,
        birth_date: BirthDate::Slip,
        postcode: Postcode::Exact,
        british: true,
        dwelling: Dwelling::Same,
        street: Street::Exact,
        town: Town::Absent,
        uprn: Uprn::Absent,
    };

    /// The ranks can be read back from the levels that a file states.
    #[test]
    fn ranks_of_names_and_birth_date_come_back_from_a_table() {
        let absent = Evidence { given: Given::Absent, birth_date: BirthDate::Absent, ..ALIKE };
        let different =
            Evidence { given: Given::Different, family: Family::Different, birth_date: BirthDate::Different, ..ALIKE };
        for evidence in [ALIKE, absent, different] {
            let mut text = String::new();
            evidence.describe(&mut text);
            assert_eq!(Evidence::described_ranks(&text), Evidence::identity_ranks(Some(evidence)), "{text}");
        }
        assert_eq!(Evidence::described_ranks(""), Evidence::identity_ranks(None));
        assert_eq!(Evidence::identity_ranks(Some(different)), Evidence::identity_ranks(None));
        let falls = |from: Evidence, to: Evidence| {
            let ranks = [from, to].map(|evidence| Evidence::identity_ranks(Some(evidence)));
            ranks[0].iter().zip(ranks[1]).any(|(then, now)| now > *then)
        };
        assert!(falls(ALIKE, absent) && falls(absent, different) && !falls(different, ALIKE));
    }
}
