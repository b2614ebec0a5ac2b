//! Draws forenames and surnames that go together, at the rates of the shipped tables of common names, with a
//! long tail of rare ones.
//!
//! Choices: people whom the family name table leaves out have rare names made of syllables, at rates that
//! fall as one over the rank; 10 % of forenames are made of syllables too. One surname in seventy is
//! double-barrelled.

use super::communities::{COMMUNITIES, SHORT_FORMS};
use super::draw::{Draw, Weighted};
use super::rare_names::{rare_forename, rare_surname};
use crate::normalise::frequency::{CommonGivenName, Gender};
use crate::text::{Phrase, Word};

/// Forenames are drawn by spans of birth years of this length.
const COHORT_YEARS: u32 = 5;
const FIRST_COHORT: u32 = 1920;
const COHORTS: usize = 19;
/// Share of forenames that no table lists.
const RARE_FORENAMES: f64 = 0.10;
const DOUBLE_BARRELLED: f64 = 1.0 / 70.0;

/// The nation's stock of names.
pub(crate) struct Names {
    surnames: Vec<String>,
    surname_rates: Weighted,
    /// Share of the common stock whose surnames are in no table.
    rare_surnames: f64,
    forenames: Vec<String>,
    /// By sex (women first), then cohort: indices into `forenames`, and their rates.
    cohorts: [Vec<(Vec<u32>, Weighted)>; 2],
    communities: Weighted,
    own: Vec<Own>,
}

/// A community's lists, made ready for drawing.
struct Own {
    surnames: List,
    /// Women's, then men's.
    forenames: [List; 2],
}

/// Names with the rates at which they are drawn.
struct List {
    names: Vec<&'static str>,
    rates: Weighted,
}

impl List {
    /// Names whose rates fall as one over the rank, the first few nearly level.
    fn new(names: &'static str) -> Self {
        let names: Vec<&str> = names.split_whitespace().collect();
        let rates: Vec<f64> = (0..names.len()).map(|rank| 1.0 / (rank as f64 + 12.0)).collect();
        List { names, rates: Weighted::new(&rates) }
    }

    fn draw(&self, draw: &mut Draw) -> &'static str {
        self.names[self.rates.draw(draw)]
    }
}

/// Which stock a home's names come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin(usize);

impl Names {
    /// Builds the stock from tables of common names, with the share of people who have each.
    pub(crate) fn new<'a>(
        family: impl Iterator<Item = (&'a str, f64)>,
        given: impl Iterator<Item = CommonGivenName>,
    ) -> Self {
        let separate: Vec<String> = COMMUNITIES
            .iter()
            .filter(|community| community.separate)
            .flat_map(|community| community.surnames.split_whitespace().map(upper))
            .collect();
        let mut surnames = Vec::new();
        let mut rates = Vec::new();
        let (mut listed, mut kept) = (0.0, 0.0);
        for (name, rate) in family {
            listed += rate;
            if !separate.iter().any(|other| other == name) {
                kept += rate;
                surnames.push(display_surname(name));
                rates.push(rate);
            }
        }
        let rare = (1.0 - listed).max(0.1);
        let (forenames, cohorts) = forename_stock(given);
        let mut shares: Vec<f64> = COMMUNITIES.iter().map(|community| community.share).collect();
        shares.push(1.0 - shares.iter().sum::<f64>());
        let own = COMMUNITIES
            .iter()
            .map(|community| Own {
                surnames: List::new(community.surnames),
                forenames: [List::new(community.women), List::new(community.men)],
            })
            .collect();
        Names {
            surnames,
            surname_rates: Weighted::new(&rates),
            rare_surnames: rare / (rare + kept),
            forenames,
            cohorts,
            communities: Weighted::new(&shares),
            own,
        }
    }

    /// Draws the community of a home.
    pub(crate) fn origin(&self, draw: &mut Draw) -> Origin {
        Origin(self.communities.draw(draw))
    }

    /// Draws a surname, spelt as its bearer would.
    pub(crate) fn surname(&self, origin: Origin, female: bool, draw: &mut Draw) -> Phrase {
        let mut name = self.single_surname(origin, female, draw);
        if draw.chance(DOUBLE_BARRELLED) {
            name.push(if draw.chance(0.9) { '-' } else { ' ' });
            name.push_str(&self.single_surname(origin, female, draw));
        }
        name
    }

    fn single_surname(&self, origin: Origin, female: bool, draw: &mut Draw) -> Phrase {
        if let Some(community) = COMMUNITIES.get(origin.0)
            && draw.chance(community.own_surnames)
        {
            return agreeing(self.own[origin.0].surnames.draw(draw), female);
        }
        if draw.chance(self.rare_surnames) {
            return rare_surname(draw);
        }
        Phrase::new(&self.surnames[self.surname_rates.draw(draw)])
    }

    /// Draws a forename for somebody born in a year.
    pub(crate) fn forename(&self, origin: Origin, female: bool, born: u32, draw: &mut Draw) -> Word {
        if let Some(community) = COMMUNITIES.get(origin.0)
            && draw.chance(community.own_forenames)
        {
            return Word::new(self.own[origin.0].forenames[usize::from(!female)].draw(draw));
        }
        if draw.chance(RARE_FORENAMES) {
            return rare_forename(female, draw);
        }
        let cohort = (born.saturating_sub(FIRST_COHORT) / COHORT_YEARS) as usize;
        let (places, rates) = &self.cohorts[usize::from(!female)][cohort.min(COHORTS - 1)];
        Word::new(&self.forenames[places[rates.draw(draw)] as usize])
    }
}

/// The short forms of a forename; most have none.
pub(crate) fn short_forms(forename: &str) -> &'static [&'static str] {
    SHORT_FORMS
        .iter()
        .find(|(full, _)| {
            full.len() == forename.len() && full.chars().eq(forename.chars().flat_map(char::to_uppercase))
        })
        .map_or(&[], |(_, short)| short)
}

type Cohorts = [Vec<(Vec<u32>, Weighted)>; 2];

fn forename_stock(table: impl Iterator<Item = CommonGivenName>) -> (Vec<String>, Cohorts) {
    let mut names = Vec::new();
    let mut spans = Vec::new();
    for common in table {
        names.push(title_case(common.name));
        let woman = common.gender != Gender::Male;
        let man = common.gender != Gender::Female;
        let (from, to) = common.birth_years.into_inner();
        // The table's rate is over all adults; a name that was used for few years is common in those years.
        let a_year = common.rate / (f64::from(to) - f64::from(from)).max(1.0);
        spans.push((a_year, [woman, man], u32::from(from), u32::from(to)));
    }
    let cohorts = [0, 1].map(|sex: usize| {
        (0..COHORTS as u32)
            .map(|cohort| {
                let start = FIRST_COHORT + cohort * COHORT_YEARS;
                let end = start + COHORT_YEARS - 1;
                let places: Vec<u32> = (0..spans.len() as u32).collect();
                // Outside its time a name is rare, not unknown, so that every cohort has names.
                let rates: Vec<f64> = spans
                    .iter()
                    .map(|&(a_year, sexes, from, to)| {
                        let timely = if from <= end && start <= to { 1.0 } else { 0.03 };
                        if sexes[sex] { a_year * timely } else { a_year * 1e-6 }
                    })
                    .collect();
                (places, Weighted::new(&rates))
            })
            .collect()
    });
    (names, cohorts)
}

/// Polish surnames in -ski agree with their bearer: a woman's ends in -ska. (No other surnames of the stock
/// end like this.)
pub(crate) fn agreeing(name: &str, female: bool) -> Phrase {
    let (other, right) = if female { ("ski", "ska") } else { ("ska", "ski") };
    let Some(stem) = name.strip_suffix(other) else {
        return Phrase::new(name);
    };
    let mut name = Phrase::new(stem);
    name.push_str(right);
    name
}

/// `MARY-ANN` as people write it: `Mary-Ann`.
pub(crate) fn title_case(name: &str) -> String {
    let mut start = true;
    let mut titled = String::with_capacity(name.len());
    for character in name.chars() {
        if start {
            titled.extend(character.to_uppercase());
        } else {
            titled.extend(character.to_lowercase());
        }
        start = !character.is_alphabetic();
    }
    titled
}

/// A table's surname as people write it: `McDonald`, `O'Brien`, `Smith`.
fn display_surname(name: &str) -> String {
    const IRISH: &[&str] = &[
        "BRIEN",
        "NEILL",
        "CONNOR",
        "SULLIVAN",
        "REILLY",
        "HARA",
        "DONNELL",
        "KEEFE",
        "DONOGHUE",
        "ROURKE",
        "CONNELL",
        "SHEA",
        "LEARY",
        "DOWD",
        "GRADY",
        "TOOLE",
        "MALLEY",
        "HALLORAN",
        "HAGAN",
        "KANE",
        "MAHONY",
        "DWYER",
        "GORMAN",
        "CALLAGHAN",
        "LOUGHLIN",
        "RIORDAN",
        "DRISCOLL",
        "NEIL",
    ];
    if let Some(rest) = name.strip_prefix("MC") {
        return format!("Mc{}", title_case(rest));
    }
    match name.strip_prefix('O') {
        Some(rest) if IRISH.contains(&rest) => format!("O'{}", title_case(rest)),
        _ => title_case(name),
    }
}

fn upper(name: &str) -> String {
    fold(name).chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// A name without diacritics, as many forms and old systems store it.
pub(crate) fn fold(name: &str) -> String {
    name.chars()
        .map(|letter| match letter {
            'á' | 'â' | 'ą' => 'a',
            'é' | 'ę' => 'e',
            'í' => 'i',
            'ó' | 'ô' => 'o',
            'ú' => 'u',
            'ŷ' => 'y',
            'ć' => 'c',
            'ł' => 'l',
            'Ł' => 'L',
            'ń' => 'n',
            'ś' => 's',
            'ż' | 'ź' => 'z',
            'Ż' | 'Ź' => 'Z',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small_stock() -> Names {
        let family = [("SMITH", 0.5), ("PATEL", 0.1), ("OBRIEN", 5e-6), ("MCKAY", 5e-6)];
        let given = [
            ("DORIS", Gender::Female, 1900..=1935),
            ("KYLIE", Gender::Female, 1985..=2005),
            ("WILFRED", Gender::Male, 1900..=1935),
            ("JORDAN", Gender::Either, 1985..=2005),
        ];
        let given = given.map(|(name, gender, birth_years)| CommonGivenName { name, rate: 0.005, gender, birth_years });
        Names::new(family.into_iter(), given.into_iter())
    }

    #[test]
    fn names_are_written_as_their_bearers_do() {
        for (table, written) in [("SMITH", "Smith"), ("MCKAY", "McKay"), ("OBRIEN", "O'Brien"), ("OLIVER", "Oliver")] {
            assert_eq!(display_surname(table), written);
        }
        assert_eq!(&*agreeing("Kowalski", true), "Kowalska");
        assert_eq!(&*agreeing("Kowalska", false), "Kowalski");
        assert_eq!(title_case("ANNE-MARIE"), "Anne-Marie");
    }

    #[test]
    fn forenames_follow_sex_and_year_of_birth() {
        let names = small_stock();
        let common = Origin(COMMUNITIES.len());
        let mut draw = Draw::new(1, 0, 0);
        let mut count = |female, born, name: &str| {
            (0..1_000).filter(|_| &*names.forename(common, female, born, &mut draw) == name).count()
        };
        assert!(count(true, 1925, "Doris") > 770);
        assert!(count(true, 1990, "Doris") < 60);
        assert!(count(false, 1990, "Jordan") > 830);
        assert!(count(false, 1925, "Doris") < 5);
    }

    #[test]
    fn four_in_ten_surnames_are_rare() {
        let names = small_stock();
        let common = Origin(COMMUNITIES.len());
        let mut draw = Draw::new(1, 0, 0);
        let smith = (0..10_000).filter(|_| &*names.single_surname(common, true, &mut draw) == "Smith").count();
        // Smith has 0.5 of the 0.9 that are left, since Patel stays with its community.
        assert!((5_350..5_760).contains(&smith), "{smith}");
    }

    #[test]
    fn every_mark_of_the_lists_can_be_folded() {
        for community in COMMUNITIES {
            let lists = [community.women, community.men, community.surnames];
            for name in lists.into_iter().flat_map(str::split_whitespace) {
                assert!(fold(name).is_ascii(), "{name}");
            }
        }
    }

    #[test]
    fn short_forms_are_found_in_any_case() {
        assert_eq!(short_forms("Małgorzata"), ["Gosia"]);
        assert_eq!(short_forms("WILLIAM"), ["Bill", "Will", "Billy"]);
        assert!(short_forms("Will").is_empty());
    }
}
