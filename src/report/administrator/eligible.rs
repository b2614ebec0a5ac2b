//! Shows what became of the eligible: the household match rate and the causes of the rest, by region and kind.

use super::OfScheme;
use super::figures::EligiblePart;
use crate::release::{EligibleOutcome, FigureBreakdown as By, FigureUnit as Of};
use crate::report::document::{Part, Picture, Section};
use crate::report::picture::{Begins, Dot, Segment, Shade};
use crate::report::rate::Rate;
use crate::report::words::{count, eligible_kind};

/// The outcomes in the order of the picture: who has a flag or will have one, who was found, who was not.
const ORDER: [(EligibleOutcome, Shade); 8] = [
    (EligibleOutcome::Released, Shade::Reached),
    (EligibleOutcome::Waiting, Shade::Soon),
    (EligibleOutcome::Review, Shade::Doubtful),
    (EligibleOutcome::UnderThreshold, Shade::Unlikely),
    (EligibleOutcome::Limit, Shade::Full),
    (EligibleOutcome::NotFound, Shade::Missing),
    (EligibleOutcome::NotOnSupply, Shade::Absent),
    (EligibleOutcome::Objected, Shade::Refused),
];

/// The breakdowns that are no regions.
const KINDS: [(By, &str); 3] =
    [(By::Group, "By group of the scheme"), (By::Age, "By age of the claimant"), (By::BirthDate, "By date of birth")];

impl OfScheme<'_> {
    pub(super) fn of_eligible(&self) -> Vec<Section> {
        let sections = [
            Section::new("households", "Household match rate", self.headline()),
            Section::new("regions", "Match rate by region", self.regions()),
            Section::new("kinds", "Match rate by kind of household", self.kinds()),
        ];
        sections.into_iter().flatten().collect()
    }

    fn all(&self, of: Of) -> EligiblePart {
        self.own.figures.eligible(self.scheme, of, By::All).pop().unwrap_or_default()
    }

    fn headline(&self) -> Vec<Part> {
        let [households, persons, claims] = [Of::Households, Of::Persons, Of::Claims].map(|of| self.all(of));
        if households.eligible() == 0 {
            return vec![Part::Text("No household is eligible.".to_owned())];
        }
        let released = |part: &EligiblePart| {
            let (with, all) = (count(part.with(EligibleOutcome::Released)), count(part.eligible()));
            format!("{with} of {all}")
        };
        let is_there = |outcome: EligibleOutcome| {
            outcome == EligibleOutcome::Released || households.with(outcome) + persons.with(outcome) > 0
        };
        let share = |part: &EligiblePart, outcome| Rate::exact(part.with(outcome), part.eligible());
        let shown = ORDER.into_iter().filter(|(outcome, _)| is_there(*outcome));
        let segment = |(outcome, shade): (EligibleOutcome, Shade)| Segment {
            name: outcome.words().to_owned(),
            share: share(&households, outcome).share.unwrap_or(0.0),
            text: format!("{} · {}", count(households.with(outcome)), share(&households, outcome).words()),
            shade,
        };
        let row = |(outcome, _): (EligibleOutcome, Shade)| {
            let of = |part: &EligiblePart| [count(part.with(outcome)), share(part, outcome).words()];
            let [[households, their_share], [persons, share]] = [of(&households), of(&persons)];
            vec![outcome.words().to_owned(), households, their_share, persons, share]
        };
        vec![
            Part::Figures(
                [("household match rate", &households), ("person match rate", &persons)]
                    .map(|(what, part)| [what.to_owned(), part.rate().words()])
                    .to_vec(),
            ),
            Part::Text(format!(
                "Household match rate {}: {} eligible households have a flag released. Persons: {}. Claims: {}.",
                households.rate().words(),
                released(&households),
                released(&persons),
                released(&claims)
            )),
            Part::Picture {
                name: "What became of the eligible households, as in the table below",
                text: "What became of each eligible household, by the first cause that applies. A household is all \
                       eligible claims that share a person."
                    .to_owned(),
                picture: Picture::Whole { segments: shown.clone().map(segment).collect(), interval: None },
            },
            Part::table(
                "Eligible households and persons, by what became of them",
                &["Outcome", "Households", "Share", "Persons", "Share"],
                shown.map(row).collect(),
            ),
        ]
    }

    /// A table of match rates with what became of the rest.
    fn table(caption: &'static str, first: &'static str, parts: &[(String, EligiblePart)]) -> Part {
        use EligibleOutcome::{Limit, NotFound, NotOnSupply, Objected, Released, Review, UnderThreshold, Waiting};
        let row = |(label, part): &(String, EligiblePart)| {
            let sum = |of: &[EligibleOutcome]| count(of.iter().map(|own| part.with(*own)).sum());
            vec![
                label.clone(),
                count(part.eligible()),
                sum(&[Released]),
                part.rate().words(),
                sum(&[NotFound]),
                sum(&[Review]),
                sum(&[UnderThreshold]),
                sum(&[Waiting, Objected, NotOnSupply, Limit]),
            ]
        };
        let head = [first, "Eligible", "Released", "Rate", "Not found", "Review", "Under", "Other"];
        Part::table(caption, &head, parts.iter().map(row).collect())
    }

    fn regions(&self) -> Vec<Part> {
        let mut parts = self.own.figures.eligible(self.scheme, Of::Households, By::Region);
        let persons = self.own.figures.eligible(self.scheme, Of::Persons, By::Region);
        sort(&mut parts);
        let (Some(most), Some(least)) = (parts.first(), parts.last()) else { return Vec::new() };
        let text = format!(
            "Household match rate by region of the claimant's home, the highest first: from {} ({}) to {} ({}).",
            most.rate().words(),
            most.name,
            least.rate().words(),
            least.name
        );
        let dots = parts.iter().map(|part| Dot::new(&part.name, part.rate())).collect();
        let all = self.all(Of::Households).rate().share;
        let named: Vec<(String, EligiblePart)> = parts.into_iter().map(|part| (part.name.clone(), part)).collect();
        vec![
            Part::Picture {
                name: "Household match rate by region, as in the table below",
                text,
                picture: Picture::Dots { dots, all, begins: Begins::NearTheLeast },
            },
            Self::table("Households by region", "Region", &named),
            persons_table("Persons by region", "Region", persons.into_iter().map(|part| (part.name.clone(), part))),
        ]
    }

    fn kinds(&self) -> Vec<Part> {
        let of = |of: Of| {
            let parts = KINDS.into_iter().flat_map(move |(by, _)| {
                let parts = self.own.figures.eligible(self.scheme, of, by).into_iter();
                // By date of birth has them too.
                let parts = parts.filter(move |part| by != By::Age || part.name != "not known");
                parts.map(move |part| (by, part))
            });
            parts.collect::<Vec<(By, EligiblePart)>>()
        };
        let households = of(Of::Households);
        let mut dots = Vec::new();
        for (by, heading) in KINDS {
            let mut own = households.iter().filter(|(other, _)| *other == by).peekable();
            if own.peek().is_some() {
                dots.push(Dot::Heading(heading.to_owned()));
            }
            dots.extend(own.map(|(by, part)| Dot::new(&eligible_kind(by.as_str(), &part.name).0, part.rate())));
        }
        let named = |parts: Vec<(By, EligiblePart)>| {
            parts.into_iter().map(|(by, part)| (eligible_kind(by.as_str(), &part.name).1, part))
        };
        let rows: Vec<(String, EligiblePart)> = named(households).collect();
        vec![
            Part::Picture {
                name: "Household match rate by group, age and date of birth, as in the table below",
                text: "Household match rate by the group of the scheme through which the household is eligible, and by age \
                       and date of birth of its claimant."
                    .to_owned(),
                picture: Picture::Dots {
                    dots,
                    all: self.all(Of::Households).rate().share,
                    begins: Begins::NearTheLeast,
                },
            },
            Self::table("Households by kind", "Kind", &rows),
            persons_table("Persons by kind", "Kind", named(of(Of::Persons))),
        ]
    }
}

/// Sorts parts by their match rate, the highest first; what lies in no region comes last.
fn sort(parts: &mut [EligiblePart]) {
    let key = |part: &EligiblePart| (part.name != "elsewhere or not known", part.rate().share.unwrap_or(0.0));
    parts.sort_by(|one, other| key(other).partial_cmp(&key(one)).unwrap_or(std::cmp::Ordering::Equal));
}

fn persons_table(
    caption: &'static str,
    first: &'static str,
    parts: impl Iterator<Item = (String, EligiblePart)>,
) -> Part {
    let row = |(label, part): (String, EligiblePart)| {
        vec![label, count(part.eligible()), count(part.with(EligibleOutcome::Released)), part.rate().words()]
    };
    Part::table(caption, &[first, "Eligible", "Released", "Rate"], parts.map(row).collect())
}
