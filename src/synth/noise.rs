//! Sets how far records differ from the people they describe: a rate for each kind of difference.

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
    /// Holders without a date of birth (or with a placeholder for one).
    pub no_birth_date: f64,
    /// Holders with a wrong date of birth. About 1.5 % in linkages of health records.
    pub wrong_birth_date: f64,
    /// Holders whose day and month of birth are exchanged.
    pub exchanged_birth_date: f64,
    /// Holders with only the initial of their forename.
    pub initial_only: f64,
    /// Holders under a short or pet form of their forename.
    pub nickname: f64,
    /// Holders with a typing slip in the forename.
    pub forename_slip: f64,
    /// Holders with a typing slip in the surname.
    pub surname_slip: f64,
    /// Holders under an altogether different surname, as after a marriage.
    pub other_surname: f64,
    /// Accounts without a UPRN.
    pub no_uprn: f64,
    /// Accounts with a UPRN that is not their home's.
    pub wrong_uprn: f64,
    /// Accounts with a joint holder.
    pub joint_holder: f64,
    /// Homes that are flats.
    pub flats: f64,
    /// Accounts of flats whose address is in another form than the benefit record's usual one.
    pub other_flat_form: f64,
    /// Accounts whose postcode is right but spelt in another way (no space, small letters, O for 0).
    pub postcode_spelling: f64,
    /// Accounts with one character of the postcode wrong.
    pub postcode_slip: f64,
    /// Claims in the benefit records that still have a former address.
    pub address_out_of_date: f64,
    /// Rows of benefit records without a UPRN.
    pub benefit_no_uprn: f64,
    /// Homes with two adults of one forename and surname.
    pub same_name_homes: f64,
    /// Homes on a benefit, at most: fewer if fewer benefit rows are asked for.
    pub homes_on_benefit: f64,
    /// Homes on a qualifying benefit if `homes_on_benefit` are on any; scaled with it.
    pub homes_on_qualifying_benefit: f64,
    /// Homes on a benefit that have a partner on the claim.
    pub partner_on_claim: f64,
}

impl Default for Noise {
    fn default() -> Self {
        Noise {
            no_birth_date: 0.20,
            wrong_birth_date: 0.015,
            exchanged_birth_date: 0.005,
            initial_only: 0.05,
            nickname: 0.03,
            forename_slip: 0.02,
            surname_slip: 0.02,
            other_surname: 0.02,
            no_uprn: 0.30,
            wrong_uprn: 0.02,
            joint_holder: 0.25,
            flats: 0.22,
            other_flat_form: 0.20,
            postcode_spelling: 0.20,
            postcode_slip: 0.005,
            address_out_of_date: 0.05,
            benefit_no_uprn: 0.10,
            same_name_homes: 0.007,
            homes_on_benefit: 0.35,
            homes_on_qualifying_benefit: 0.30,
            partner_on_claim: 0.40,
        }
    }
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

    /// The name of the first rate that is not between 0 and 1.
    pub(crate) fn impossible(&self) -> Option<&'static str> {
        [
            ("no_birth_date", self.no_birth_date),
            ("wrong_birth_date", self.wrong_birth_date),
            ("exchanged_birth_date", self.exchanged_birth_date),
            ("initial_only", self.initial_only),
            ("nickname", self.nickname),
            ("forename_slip", self.forename_slip),
            ("surname_slip", self.surname_slip),
            ("other_surname", self.other_surname),
            ("no_uprn", self.no_uprn),
            ("wrong_uprn", self.wrong_uprn),
            ("joint_holder", self.joint_holder),
            ("flats", self.flats),
            ("other_flat_form", self.other_flat_form),
            ("postcode_spelling", self.postcode_spelling),
            ("postcode_slip", self.postcode_slip),
            ("address_out_of_date", self.address_out_of_date),
            ("benefit_no_uprn", self.benefit_no_uprn),
            ("same_name_homes", self.same_name_homes),
            ("homes_on_benefit", self.homes_on_benefit),
            ("homes_on_qualifying_benefit", self.homes_on_qualifying_benefit),
            ("partner_on_claim", self.partner_on_claim),
        ]
        .into_iter()
        .find(|(_, rate)| !(0.0..=1.0).contains(rate))
        .map(|(name, _)| name)
    }
}
