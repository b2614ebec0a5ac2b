//! The comparison levels of each field.

/// Declares the comparison levels of a field, whose names stand in weights files and in `decisions.csv`.
macro_rules! levels {
    ($(#[$doc:meta])* $name:ident { $(#[doc = $meaning:literal] $level:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum $name { $(#[doc = $meaning] $level,)+ }

        impl $name {
            pub(crate) const ALL: &[$name] = &[$($name::$level,)+];

            /// The level as files name it.
            pub(crate) fn name(self) -> &'static str {
                match self { $($name::$level => $text,)+ }
            }

            /// What the level of that name means, in a sentence.
            pub(super) fn meaning(name: &str) -> Option<&'static str> {
                match name { $($text => Some($meaning),)+ _ => None }
            }

            pub(super) fn from_bits(bits: u64) -> $name {
                $name::ALL[(bits & 15) as usize]
            }
        }
    };
}

levels! {
    /// Forenames.
    Given {
        /// The same word, and more than an initial.
        Exact = "exact",
        /// A nickname or another accepted spelling.
        Variant = "variant",
        /// A typing slip away, or sounding the same; one of the two is an established name.
        Close = "close",
        /// The same of two words of which neither is an established name.
        CloseRare = "close-rare",
        /// One is the beginning of the other, and no name of its own.
        CutOff = "cut-off",
        /// Alike, but further apart than a slip; not two established names.
        Loose = "loose",
        /// One side's forename is a middle name of the other.
        Middle = "middle",
        /// One side has only the initial, and it agrees.
        Initial = "initial",
        /// Two established names that are a slip apart, or of which one begins with the other.
        CloseNames = "close-names",
        /// Different, and one side's is no established name.
        Unfamiliar = "unfamiliar",
        /// One side has no forename.
        Absent = "absent",
        /// Two established names.
        Different = "different",
    }
}

levels! {
    /// Middle names.
    Middle {
        /// A middle name is the same.
        Exact = "exact",
        /// A middle initial agrees.
        Initial = "initial",
        /// One side has none.
        Absent = "absent",
        /// Both sides have some, and none of them agree.
        Different = "different",
    }
}

levels! {
    /// Surnames.
    Family {
        /// The same.
        Exact = "exact",
        /// One part of a double-barrelled surname is the same.
        Part = "part",
        /// A typing slip away, or sounding the same.
        Close = "close",
        /// Alike, but further apart than a slip.
        Loose = "loose",
        /// One side has no surname.
        Absent = "absent",
        /// Two different names.
        Different = "different",
    }
}

levels! {
    /// Senior and junior.
    Order {
        /// Both say the same.
        Same = "same",
        /// One side says nothing.
        Absent = "absent",
        /// One is senior, the other junior.
        Different = "different",
    }
}

levels! {
    /// Dates of birth.
    BirthDate {
        /// The same day.
        Exact = "exact",
        /// Day and month exchanged.
        Exchanged = "exchanged",
        /// One digit wrong.
        Slip = "slip",
        /// Two neighbouring digits exchanged.
        Neighbours = "neighbours",
        /// The decade alone is wrong.
        Decade = "decade",
        /// The year agrees and one side has 1 January, which often means that only the year is known.
        YearOnly = "year-only",
        /// Two of year, month and day agree, and the years are less than fifteen apart.
        TwoParts = "two-parts",
        /// The year agrees, day and month do not.
        Year = "year",
        /// One side has none.
        Absent = "absent",
        /// A contradiction of less than fifteen years.
        Different = "different",
        /// A contradiction of fifteen years or more, as between parent and child.
        Generation = "generation",
    }
}

levels! {
    /// Postcodes.
    Postcode {
        /// The same.
        Exact = "exact",
        /// One character wrong, or two exchanged.
        Slip = "slip",
        /// The same sector: all but the last two letters agree.
        Sector = "sector",
        /// The same district: the first half agrees.
        District = "district",
        /// The same area: the letters at the beginning agree.
        Area = "area",
        /// One side has none.
        Absent = "absent",
        /// Another part of the country.
        Different = "different",
    }
}

levels! {
    /// Number, flat and building's name.
    Dwelling {
        /// The same dwelling.
        Same = "same",
        /// The same building; the flat is given on one side only, or in forms that can mean the same.
        FlatAbsent = "flat-absent",
        /// The same building, another flat.
        FlatDifferent = "flat-different",
        /// Nothing on one side to compare.
        Absent = "absent",
        /// Another building.
        Different = "different",
    }
}

levels! {
    /// Streets.
    Street {
        /// The same.
        Exact = "exact",
        /// Nearly the same, or one side's street is the other's locality.
        Close = "close",
        /// One side has none.
        Absent = "absent",
        /// Different.
        Different = "different",
    }
}

levels! {
    /// Post towns.
    Town {
        /// The same.
        Exact = "exact",
        /// Nearly the same.
        Close = "close",
        /// One side has none.
        Absent = "absent",
        /// Different.
        Different = "different",
    }
}

levels! {
    /// Unique Property Reference Numbers.
    Uprn {
        /// The same.
        Same = "same",
        /// One side has none.
        Absent = "absent",
        /// Different.
        Different = "different",
    }
}

impl Given {
    /// How far from the same name; levels of one rank are told apart by weight alone.
    pub(super) fn rank(self) -> u8 {
        match self {
            Given::Exact => 0,
            Given::Variant => 1,
            Given::Close | Given::CloseRare | Given::CutOff => 2,
            Given::Loose | Given::Unfamiliar => 3,
            Given::Middle => 4,
            Given::Initial => 5,
            Given::Absent => 6,
            Given::CloseNames | Given::Different => 7,
        }
    }
}

impl BirthDate {
    /// How far from the same day; levels of one rank are told apart by weight alone.
    pub(super) fn rank(self) -> u8 {
        match self {
            BirthDate::Exact => 0,
            BirthDate::Exchanged => 1,
            BirthDate::Slip | BirthDate::Neighbours | BirthDate::Decade => 2,
            BirthDate::YearOnly => 3,
            BirthDate::TwoParts => 4,
            BirthDate::Year => 5,
            BirthDate::Absent => 6,
            BirthDate::Different | BirthDate::Generation => 7,
        }
    }
}
