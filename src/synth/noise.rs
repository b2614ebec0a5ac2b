//! Sets how far records differ from the people they describe: a rate for each kind of difference.

/// One of the rates of [`Noise`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Its name.
    pub name: &'static str,
    /// Its default, from 0 to 1.
    pub default: f64,
    /// What differs at this rate, in one sentence or more.
    pub meaning: &'static str,
}

/// Declares the rates: their meaning, name and default. `Noise`, its defaults and the help about them follow.
macro_rules! rates {
    ($($(#[doc = $meaning:literal])+ $name:ident = $default:literal,)+) => {
        /// The rate of each kind of difference between people and their records, from 0 to 1.
        ///
        /// The default is fixed, so that accuracy figures compare over time. A figure without a source beside it is a
        /// choice.
        ///
        /// ```
        /// use flagmatch::synth::Noise;
        /// let noise = Noise { no_uprn: 1.0, ..Noise::default() };
        /// assert_eq!(noise.nickname, 0.03);
        /// ```
        #[derive(Debug, Clone, PartialEq)]
        pub struct Noise {
            $($(#[doc = $meaning])+ pub $name: f64,)+
        }

        impl Default for Noise {
            fn default() -> Self {
                Noise { $($name: $default,)+ }
            }
        }

        impl Noise {
            /// All rates, each with its default and its meaning.
            pub const RATES: &[Rate] = &[
                $(Rate { name: stringify!($name), default: $default, meaning: concat!($($meaning),+) },)+
            ];

            /// The rate of this name.
            ///
            /// ```
            /// use flagmatch::synth::Noise;
            /// let mut noise = Noise::default();
            /// *noise.rate("flats").unwrap() = 0.5;
            /// assert_eq!(noise.flats, 0.5);
            /// assert_eq!(noise.rate("houses"), None);
            /// ```
            pub fn rate(&mut self, name: &str) -> Option<&mut f64> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)+
                    _ => None,
                }
            }

            /// The name of the first rate that is not between 0 and 1.
            pub(crate) fn impossible(&self) -> Option<&'static str> {
                let rates = [$((stringify!($name), self.$name)),+];
                rates.into_iter().find(|(_, rate)| !(0.0..=1.0).contains(rate)).map(|(name, _)| name)
            }
        }
    };
}

rates! {
    /// Holders without a date of birth (or with a placeholder for one).
    no_birth_date = 0.20,
    /// Holders with a wrong date of birth. About 1.5 % in linkages of health records.
    wrong_birth_date = 0.015,
    /// Holders whose day and month of birth are exchanged.
    exchanged_birth_date = 0.005,
    /// Holders with only the initial of their forename.
    initial_only = 0.05,
    /// Holders under a short or pet form of their forename.
    nickname = 0.03,
    /// Holders under another common forename.
    other_forename = 0.0,
    /// Holders with a typing slip in the forename.
    forename_slip = 0.02,
    /// Holders with a typing slip in the surname.
    surname_slip = 0.02,
    /// Holders under an altogether different surname, as after a marriage.
    other_surname = 0.02,
    /// Accounts without a UPRN.
    no_uprn = 0.30,
    /// Accounts with a UPRN that is not their home's.
    wrong_uprn = 0.02,
    /// Accounts with a joint holder.
    joint_holder = 0.25,
    /// Homes that are flats.
    flats = 0.22,
    /// Accounts of flats whose address is in another form than the benefit record's usual one.
    other_flat_form = 0.20,
    /// Accounts whose postcode is right but spelt in another way (no space, small letters, O for 0).
    postcode_spelling = 0.20,
    /// Accounts with one character of the postcode wrong.
    postcode_slip = 0.005,
    /// Claims in the benefit records that still have a former address.
    address_out_of_date = 0.05,
    /// Rows of benefit records without a UPRN.
    benefit_no_uprn = 0.10,
    /// Homes with two adults of one forename and surname.
    same_name_homes = 0.007,
    /// Homes, of housemates, whose householder lives with a twin.
    twin_homes = 0.0,
    /// Homes with grown-up children.
    grown_children_homes = 0.24,
    /// Homes on a benefit, at most: fewer if fewer benefit rows are asked for.
    homes_on_benefit = 0.35,
    /// Homes on a qualifying benefit if `homes_on_benefit` are on any; scaled with it.
    homes_on_qualifying_benefit = 0.30,
    /// Homes on a benefit that have a partner on the claim.
    partner_on_claim = 0.40,
}

impl Noise {
    /// A harder nation: no date of birth for half of the holders, a former address for a tenth of the
    /// claims, twice the typing slips.
    pub fn harder() -> Self {
        let usual = Noise::default();
        Noise {
            no_birth_date: 0.50,
            address_out_of_date: 0.10,
            forename_slip: 2.0 * usual.forename_slip,
            surname_slip: 2.0 * usual.surname_slip,
            postcode_slip: 2.0 * usual.postcode_slip,
            ..usual
        }
    }
}
