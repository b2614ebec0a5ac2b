//! Links two lists of people, without job files, suppliers or schemes.
//!
//! A [`Linker`] indexes one list. For each person of another list it gives the candidates, with the level at which
//! each field agrees, the match weight and the posterior. Keys, levels and weights are those of a run.
//!
//! ```
//! use flagmatch::linkage::{Linker, Person};
//!
//! let known = [
//!     Person {
//!         id: "A-1".into(),
//!         forename: "Elspeth".into(),
//!         surname: "Quillfeather".into(),
//!         date_of_birth: "1951-03-14".into(),
//!         address_lines: vec!["7 Zinnia Row".into()],
//!         postcode: "LE12 8XQ".into(),
//!         ..Person::default()
//!     },
//! ];
//! let linker = Linker::new(&known)?;
//! let asked = Person { forename: "Elsbeth".into(), ..known[0].clone() };
//! let found = linker.link(&asked);
//! assert_eq!(found[0].id, "A-1");
//! assert!(found[0].posterior > 0.99);
//! assert!(found[0].levels().any(|level| level == ("family", "exact")));
//! # Ok::<(), flagmatch::linkage::LinkageError>(())
//! ```
//!
//! [`Settings`] state what the linker takes for given: how many people a list is drawn from, which relatives may be
//! there whom it does not have, and what each level weighs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::date::Date;
use crate::job::Matching;
pub use crate::job::Relatives;
use crate::matching::{
    BenefitPerson, BenefitPersons, Candidate as Pair, Evidence, Found, Holder, Household, MOST_ROWS, Matcher, Model,
    Persons, RelativesError, RelativesTable, Role, RunKey, Weights, WeightsError,
};
use crate::normalise::name::{self, NameFields};
use crate::normalise::{Home, Identity, View, address, birth_date, postcode, uprn};

/// People that one worker looks up at a time.
const BATCH: usize = 128;

/// The latest date of birth that is taken for valid: a linkage has no qualifying date.
const LATEST: (u32, u32, u32) = (9999, 12, 31);

/// A person as a list has them: text as typed, empty where nothing is known. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// What the list calls them; it is given back as it is.
    pub id: String,
    /// First name, perhaps with all others.
    pub forename: String,
    /// Names between the first and the surname.
    pub middle_names: String,
    /// Surname.
    pub surname: String,
    /// The whole name, read where forename or surname is empty.
    pub full_name: String,
    /// Such as `1951-03-14`, `14/03/1951`, `14.03.1951` or `19510314`; day first.
    pub date_of_birth: String,
    /// Up to five lines; a flat, a house number or name, a street, a locality.
    pub address_lines: Vec<String>,
    /// The post town.
    pub town: String,
    /// The postcode, British or not.
    pub postcode: String,
    /// The Unique Property Reference Number.
    pub uprn: String,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

impl Person {
    /// The person in the spelling that is compared. A field that cannot be used counts as absent.
    fn identity(&self, latest: Date) -> Identity {
        let fields = NameFields {
            title: "",
            forename: &self.forename,
            middle_names: &self.middle_names,
            surname: &self.surname,
            full_name: &self.full_name,
        };
        let lines: Vec<&str> = self.address_lines.iter().map(String::as_str).collect();
        Identity {
            name: name::read(&fields).people.into_iter().next().unwrap_or_default(),
            birth_date: birth_date::birth_date(&self.date_of_birth, latest).known(),
            home: Home {
                postcode: postcode::postcode(&self.postcode).known().unwrap_or_default(),
                uprn: uprn::uprn(&self.uprn).known(),
                address: address::address(&lines, &self.town),
            },
        }
    }
}

/// What a linker takes for given before it compares anybody. The default is that of a run.
///
/// ```
/// use flagmatch::linkage::{Linker, Person, Relatives, Settings};
///
/// let person = |id: &str, forename: &str, line: &str, postcode: &str| Person {
///     id: id.into(),
///     forename: forename.into(),
///     surname: "Smith".into(),
///     date_of_birth: "1951-03-14".into(),
///     address_lines: vec![line.into()],
///     postcode: postcode.into(),
///     ..Person::default()
/// };
/// let known = [person("A-1", "John", "7 Zinnia Row", "LE12 8XQ")];
/// let moved = person("B-1", "John", "31 Vexford Gate", "HR3 6ZZ");
/// let other_name = person("B-2", "Trevor", "7 Zinnia Row", "LE12 8XQ");
///
/// // Of 34 million people, several are called John Smith and were born on one day.
/// let nation = Linker::new(&known)?;
/// assert!(nation.link(&moved)[0].posterior < 0.5);
/// // At the same home under another forename: perhaps a twin.
/// assert!(nation.link(&other_name)[0].posterior < 0.98);
///
/// // A pilot of 5,000 people, none of them related to another.
/// let settings = Settings::default().population(5_000).relatives(Relatives::None);
/// let pilot = Linker::with_settings(&known, &settings)?;
/// assert!(pilot.link(&moved)[0].posterior > 0.98);
/// assert!(pilot.link(&other_name)[0].posterior > 0.98);
/// # Ok::<(), flagmatch::linkage::LinkageError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "settings do nothing until a linker is made with them"]
pub struct Settings {
    population: u32,
    relatives: Relatives,
    weights: Option<PathBuf>,
}

impl Settings {
    /// The prior is one in so many people, 2 to 1,000,000,000: those who could be on the list that is looked up.
    /// 34,000,000 unless stated.
    pub fn population(self, people: u32) -> Settings {
        Settings { population: people, ..self }
    }

    /// The people whom the indexed list does not have, and who may be looked up in place of a relative or neighbour
    /// whom it has. The table that ships with the program unless stated; [`Relatives::None`] for lists without
    /// households.
    pub fn relatives(self, relatives: Relatives) -> Settings {
        Settings { relatives, ..self }
    }

    /// A file of match weights that `flagmatch train` wrote; the shipped weights unless stated.
    pub fn weights(self, file: impl Into<PathBuf>) -> Settings {
        Settings { weights: Some(file.into()), ..self }
    }

    fn model(&self) -> Result<Model, LinkageError> {
        if !Matching::POPULATIONS.contains(&i64::from(self.population)) {
            return Err(LinkageError::Population { stated: self.population });
        }
        let weights = match &self.weights {
            None => Weights::shipped(),
            Some(file) => Weights::read(file)?,
        };
        let relatives = match &self.relatives {
            Relatives::Shipped => RelativesTable::shipped(),
            Relatives::None => RelativesTable::none(),
            Relatives::File(file) => RelativesTable::read(file)?,
        };
        Ok(Model::new(weights, &relatives, f64::from(self.population)))
    }
}

impl Default for Settings {
    fn default() -> Settings {
        let Matching { population, relatives, weights, .. } = Matching::default();
        Settings { population, relatives, weights }
    }
}

/// Why a list cannot be indexed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkageError {
    /// The operating system gives no random numbers for the key.
    #[error("the system has no random numbers for a fresh key")]
    NoKey,
    /// The list is too long.
    #[error("the list has {people} people, more than the {most} that an index holds: split it")]
    TooMany {
        /// People on the list.
        people: usize,
        /// The most that an index holds.
        most: usize,
    },
    /// The population is out of its range.
    #[error("a population of {stated} cannot be used: state {} to {}", Matching::POPULATIONS.start(), Matching::POPULATIONS.end())]
    Population {
        /// The population that was stated.
        stated: u32,
    },
    /// A weights file cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A table of relatives cannot be used.
    #[error(transparent)]
    Relatives(#[from] RelativesError),
}

/// One list of people, indexed to look others up in it.
///
/// The match keys are made with keyed BLAKE3 under a fresh random key that dies with the linker.
pub struct Linker {
    ids: Vec<String>,
    matcher: Matcher,
    latest: Date,
}

impl Linker {
    /// Indexes a list, with the default settings.
    ///
    /// # Errors
    /// [`LinkageError`] if the list is too long or the system gives no random numbers.
    pub fn new(known: &[Person]) -> Result<Linker, LinkageError> {
        Linker::with_settings(known, &Settings::default())
    }

    /// Indexes a list, with the match weights of a file that `flagmatch train` wrote.
    ///
    /// # Errors
    /// As for [`Linker::with_settings`].
    pub fn with_weights(known: &[Person], weights: &Path) -> Result<Linker, LinkageError> {
        Linker::with_settings(known, &Settings::default().weights(weights))
    }

    /// Indexes a list, with these settings.
    ///
    /// # Errors
    /// [`LinkageError`] if a setting or a file that it names cannot be used, or as for [`Linker::new`].
    pub fn with_settings(known: &[Person], settings: &Settings) -> Result<Linker, LinkageError> {
        let model = settings.model()?;
        if known.len() > MOST_ROWS {
            return Err(LinkageError::TooMany { people: known.len(), most: MOST_ROWS });
        }
        let (year, month, day) = LATEST;
        let latest = Date::new(year, month, day).expect("the last day of the year 9999 is a day");
        let key = RunKey::generate().map_err(|_| LinkageError::NoKey)?;
        let pool = Arc::default();
        let part = |(first, some): (usize, &[Person])| {
            let mut rows = BenefitPersons::new(&pool);
            for (number, person) in (first..).zip(some) {
                let (claim_ref, identity) = (format!("row {number}"), person.identity(latest));
                let person_ref = &person.id;
                rows.push(
                    &key,
                    &BenefitPerson { claim_ref: &claim_ref, person_ref, role: Role::Claimant, identity: &identity },
                );
            }
            rows.finish(&key);
            rows
        };
        let chunks: Vec<(usize, &[Person])> =
            known.chunks(BATCH * 64).enumerate().map(|(number, some)| (number * BATCH * 64, some)).collect();
        let persons = Persons::gather(chunks.into_par_iter().map(part).collect());
        let ids = known.iter().map(|person| person.id.clone()).collect();
        Ok(Linker { ids, matcher: Matcher::new(key, persons, model, None), latest })
    }

    /// The candidates for one person, the likeliest first. People who share no match key with anybody have none.
    pub fn link(&self, person: &Person) -> Vec<Candidate<'_>> {
        self.link_some(std::slice::from_ref(person)).pop().unwrap_or_default()
    }

    /// The candidates for each person of a list, in its order, on all cores.
    pub fn link_all(&self, people: &[Person]) -> Vec<Vec<Candidate<'_>>> {
        people.par_chunks(BATCH).flat_map_iter(|some| self.link_some(some)).collect()
    }

    fn link_some(&self, people: &[Person]) -> Vec<Vec<Candidate<'_>>> {
        let identities: Vec<Identity> = people.iter().map(|person| person.identity(self.latest)).collect();
        let views: Vec<View<'_>> = identities.iter().map(Identity::view).collect();
        let (mut scratch, mut found) = (self.matcher.scratch(), Found::default());
        self.matcher.find(&views, &mut scratch, &mut found);
        self.matcher.take_back(scratch);
        let of_person = |number: usize| {
            let start = found.candidates.partition_point(|pair| (pair.holder as usize) < number);
            let end = found.candidates.partition_point(|pair| pair.holder as usize <= number);
            self.candidates(&found.candidates[start..end])
        };
        (0..people.len()).map(of_person).collect()
    }

    fn candidates(&self, pairs: &[Pair]) -> Vec<Candidate<'_>> {
        let persons = self.matcher.persons();
        let holders = [Holder { candidates: pairs, couple: false }];
        let all = Household::new(&holders, persons, self.matcher.model()).weigh(0);
        let candidate = |at: usize| {
            let pair = all.candidates()[at].candidate;
            Candidate {
                id: &self.ids[pair.row as usize],
                weight: f64::from(pair.weight),
                posterior: all.posterior(|one| std::ptr::eq(one.candidate, pair)),
                evidence: Evidence::unpack(pair.levels),
            }
        };
        (0..all.candidates().len()).map(candidate).collect()
    }
}

impl fmt::Debug for Linker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Linker of {} people", self.ids.len())
    }
}

/// Somebody who may be the person.
#[derive(Clone)]
pub struct Candidate<'l> {
    /// Their id on the indexed list. Rows of one id, and rows that agree in name, known date of birth and home, are
    /// one candidate, under the id of the row that agrees best.
    pub id: &'l str,
    /// Match weight in bits, log2(m/u) summed over the fields (Fellegi and Sunter 1969).
    pub weight: f64,
    /// The probability that this is the person, against all other candidates, relatives and neighbours who are not on
    /// the indexed list, and strangers. Ages count as unknown, since a linkage has no qualifying date.
    pub posterior: f64,
    evidence: Evidence,
}

impl Candidate<'_> {
    /// How far each field agrees: field and comparison level, such as `("birth-date", "exact")`.
    pub fn levels(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.evidence.levels().into_iter()
    }
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Candidate of {:.1} bits, {:.4}", self.weight, self.posterior)
    }
}
