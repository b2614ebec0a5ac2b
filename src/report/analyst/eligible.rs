//! Shows what became of the eligible, by the match alone: the household match rate, by region and kind, and over time.

use super::OfScheme;
use super::published::{self, PublishedPart};
use crate::privacy::night::SchemeName;
use crate::release::{AnalystOutcome, AnalystTable};
use crate::report::document::{Part, Picture, Section};
use crate::report::picture::{Begins, Dot, Line, Segment, Shade};
use crate::report::rate::{NOTHING, Rate};
use crate::report::words::{day, eligible_kind};

/// The outcomes in the order of the picture, in words.
const ORDER: [(AnalystOutcome, &str, Shade); 4] = [
    (AnalystOutcome::Matched, "matched", Shade::Reached),
    (AnalystOutcome::Review, "found, in review", Shade::Doubtful),
    (AnalystOutcome::NotFound, "not found", Shade::Missing),
    (AnalystOutcome::Objected, "objected", Shade::Refused),
];

/// The tables by kind, of households and of persons, with what they are by and the heading of each.
const KINDS: [(AnalystTable, AnalystTable, &str, &str); 3] = [
    (AnalystTable::HouseholdsByGroup, AnalystTable::PersonsByGroup, "group", "By group of the scheme"),
    (AnalystTable::HouseholdsByAge, AnalystTable::PersonsByAge, "age", "By age of the claimant"),
    (AnalystTable::HouseholdsByBirthDate, AnalystTable::PersonsByBirthDate, "birth-date", "By date of birth"),
];

impl OfScheme<'_> {
    pub(super) fn of_eligible(&self, scheme: &SchemeName) -> Vec<Section> {
        let regions = [AnalystTable::HouseholdsByRegion, AnalystTable::PersonsByRegion];
        let kinds = KINDS.map(|(households, persons, ..)| [households, persons]).concat();
        let sections = [
            self.section("households", "Household match rate", &[AnalystTable::HEADLINE], || self.headline(scheme)),
            self.section("regions", "Match rate by region", &regions, || self.regions()),
            self.section("kinds", "Match rate by kind of household", &kinds, || self.kinds()),
        ];
        let mut sections: Vec<Section> = sections.into_iter().flatten().collect();
        let is_there = |table: AnalystTable| self.own.rows(self.scheme, table).next().is_some();
        if sections.is_empty() || !AnalystTable::DETAILS.into_iter().any(is_there) {
            let text = match sections.is_empty() {
                true => {
                    "No figure of this scheme is published yet: the first one is still to come, or noise would hide it."
                }
                false => {
                    "Only the headline is published. The other tables are still to come, or at this number of households \
                     their noise would be larger than what they show."
                }
            };
            let parts = vec![Part::Note(text.to_owned())];
            sections.extend(Section::new("missing", "What is not published", parts));
        }
        sections
    }

    fn all(&self) -> Option<PublishedPart<'_>> {
        self.own.parts(self.scheme, AnalystTable::HEADLINE).pop()
    }

    /// The household match rate, to compare with.
    fn household_rate(&self) -> Option<f64> {
        self.all()?.rate(AnalystOutcome::Matched).share
    }

    fn headline(&self, scheme: &SchemeName) -> Vec<Part> {
        let Some(all) = self.all() else { return Vec::new() };
        let rate = all.rate(AnalystOutcome::Matched);
        let segments = ORDER.into_iter().map(|(outcome, name, shade)| Segment {
            name: name.to_owned(),
            share: all.rate(outcome).share.unwrap_or(0.0),
            text: all.rate(outcome).words(),
            shade,
        });
        let row = |(outcome, name, _): (AnalystOutcome, &str, Shade)| {
            let counted = all.with(outcome).map_or(NOTHING.to_owned(), published::counted);
            vec![name.to_owned(), counted, all.rate(outcome).words()]
        };
        let qualifying = day(&scheme.qualifying_date);
        vec![
            Part::Figures(vec![[
                format!("household match rate on {qualifying}: eligible households of which an account is matched"),
                rate.words(),
            ]]),
            Part::Picture {
                name: "What became of the eligible households, as in the table below",
                text: "What became of the eligible households, by the match alone: before rebates are allocated, and \
                       without decisions by staff. The line below the bar is the interval of the match rate."
                    .to_owned(),
                picture: Picture::Whole { segments: segments.collect(), interval: rate.interval },
            },
            Part::table(
                "Eligible households, by what became of them",
                &["Outcome", "Households", "Share"],
                ORDER.into_iter().map(row).collect(),
            ),
        ]
    }

    /// Match rates of households by part, with those of persons beside them.
    fn rates(&self, households: AnalystTable, persons: AnalystTable) -> Vec<(String, Rate, Rate)> {
        let persons = self.own.parts(self.scheme, persons);
        let mut all = Vec::new();
        for part in self.own.parts(self.scheme, households) {
            let beside = persons.iter().find(|own| own.name == part.name);
            let rate = |part: &PublishedPart<'_>| part.rate(AnalystOutcome::Matched);
            all.push((part.name.to_owned(), rate(&part), beside.map_or(Rate::default(), rate)));
        }
        for part in
            persons.iter().filter(|own| self.own.parts(self.scheme, households).iter().all(|of| of.name != own.name))
        {
            all.push((part.name.to_owned(), Rate::default(), part.rate(AnalystOutcome::Matched)));
        }
        all
    }

    fn regions(&self) -> Vec<Part> {
        let mut rates = self.rates(AnalystTable::HouseholdsByRegion, AnalystTable::PersonsByRegion);
        let key =
            |(name, rate, _): &(String, Rate, Rate)| (name != "elsewhere or not known", rate.share.unwrap_or(-1.0));
        rates.sort_by(|one, other| key(other).partial_cmp(&key(one)).unwrap_or(std::cmp::Ordering::Equal));
        vec![
            Part::Picture {
                name: "Household match rate by region, as in the table below",
                text: "Household match rate by region of the claimant's home, the highest first, with 95\u{a0}% intervals. \
                       Regions whose intervals overlap may stand in another order."
                    .to_owned(),
                picture: Picture::Dots {
                    dots: rates.iter().map(|(name, rate, _)| Dot::new(name, *rate)).collect(),
                    all: self.household_rate(),
                    begins: Begins::NearTheLeast,
                },
            },
            Part::table("Match rates by region", &["Region", "Households", "Persons"], rates.into_iter().map(row).collect()),
        ]
    }

    fn kinds(&self) -> Vec<Part> {
        let (mut dots, mut rows) = (Vec::new(), Vec::new());
        for (households, persons, by, heading) in KINDS {
            let rates = self.rates(households, persons);
            if !rates.is_empty() {
                dots.push(Dot::Heading(heading.to_owned()));
            }
            for (part, rate, beside) in rates.into_iter().filter(|(part, ..)| by != "age" || part != "not known") {
                let (short, long) = eligible_kind(by, &part);
                dots.push(Dot::new(&short, rate));
                rows.push(row((long, rate, beside)));
            }
        }
        vec![
            Part::Picture {
                name: "Household match rate by group, age and date of birth, as in the table below",
                text: "Household match rate by the group of the scheme through which the household is eligible, and by age \
                       and date of birth of its claimant, with 95\u{a0}% intervals."
                    .to_owned(),
                picture: Picture::Dots { dots, all: self.household_rate(), begins: Begins::NearTheLeast },
            },
            Part::table("Match rates by kind", &["Kind", "Households", "Persons"], rows),
        ]
    }

    /// The headline over the days that it is of.
    pub(super) fn trends(&self) -> Vec<Section> {
        let mut points: Vec<(String, Rate)> = Vec::new();
        for run in self.runs {
            let matched =
                run.rows(self.scheme, AnalystTable::HEADLINE).find(|row| row.outcome == AnalystOutcome::Matched);
            // A figure that was not renewed stands in several runs.
            points.extend(matched.map(|row| (row.as_of.to_string(), published::rate(row))));
        }
        points.sort_by(|one, other| one.0.cmp(&other.0));
        points.dedup_by(|one, other| one.0 == other.0);
        let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else { return Vec::new() };
        if points.len() < 2 {
            let text = format!(
                "The runs of this report have one headline, of {}: a trend needs two. It is renewed from time to time, not \
                 in each run.",
                day(first)
            );
            return Section::new("trends", "Trends", vec![Part::Text(text)]).into_iter().collect();
        }
        let text = format!(
            "Household match rate on {} days from {} to {}, each with its 95\u{a0}% interval. It is renewed from time to \
             time, not in each run.",
            points.len(),
            day(first),
            day(last)
        );
        let rows = points.iter().map(|(own, rate)| vec![day(own), rate.words()]).collect();
        let (days, rates) = points.into_iter().unzip();
        let parts = vec![
            Part::Picture {
                name: "Household match rate over time, as in the table below",
                text,
                picture: Picture::Trend { days, lines: vec![Line { name: "households".to_owned(), rates }] },
            },
            Part::growing_table("Household match rate over time", &["As of", "Rate"], rows),
        ];
        Section::new("trends", "Trends", parts).into_iter().collect()
    }
}

fn row((label, households, persons): (String, Rate, Rate)) -> Vec<String> {
    let words = |rate: Rate| if rate == Rate::default() { "not published".to_owned() } else { rate.words() };
    vec![label, words(households), words(persons)]
}
