//! Shows the accounts on supply: flagged shares by supplier, area and kind, and how accounts were found.

use super::OfScheme;
use super::figures::{AccountsPart, Figures};
use crate::release::{FigureBreakdown as By, FigureUnit as Of};
use crate::report::document::{Part, Picture, Rows, Section, bits, weight_band, weight_columns};
use crate::report::picture::{Begins, Dot, Point, Tile};
use crate::report::rate::{NOTHING, Rate};
use crate::report::words::{self, count};

/// An area with fewer accounts has no colour on the map: its share is mostly chance.
const LEAST_ON_MAP: u64 = 100;

/// The kinds of account, each with its heading.
const KINDS: [(By, &str); 3] = [
    (By::Home, "By home"),
    (By::BirthDate, "By date of birth of the first holder"),
    (By::NameOrigin, "By what the first holder's name shows of its origin"),
];

const HEAD: [&str; 3] = ["On supply", "Flagged", "Share"];

fn row(label: &str, part: &AccountsPart) -> Vec<String> {
    vec![label.to_owned(), count(part.on_supply), count(part.flagged), part.rate().words()]
}

fn head(first: &'static str) -> [&'static str; 4] {
    [first, HEAD[0], HEAD[1], HEAD[2]]
}

impl OfScheme<'_> {
    pub(super) fn of_accounts(&self) -> Vec<Section> {
        let sections = [
            Section::new("suppliers", "Flagged share by supplier", self.suppliers()),
            Section::new("areas", "Flagged share by region and area", self.areas()),
            Section::new("accounts", "Flagged share by kind of account", self.account_kinds()),
            Section::new("keys", "What the match keys find", self.keys()),
            Section::new("weights", "Match weights and the threshold", self.weights()),
            Section::new("review", "Review and what it would bring", self.review()),
        ];
        sections.into_iter().flatten().collect()
    }

    fn flagged_share(&self) -> Option<f64> {
        self.own.figures.accounts(self.scheme, By::All).first().and_then(|all| all.rate().share)
    }

    fn suppliers(&self) -> Vec<Part> {
        let mut parts = self.own.figures.accounts(self.scheme, By::Supplier);
        sort(&mut parts);
        let Some(all) = self.flagged_share() else { return Vec::new() };
        let point =
            |part: &AccountsPart| Point { label: part.name.clone(), rate: part.rate(), of: part.on_supply as f64 };
        let points: Vec<Point> = parts.iter().map(point).collect();
        let outside = points.iter().filter(|point| point.is_outside(all)).count();
        let rows = parts.iter().map(|part| {
            let review = self.own.supplier(&part.name, self.scheme).map_or(NOTHING.to_owned(), |own| count(own.review));
            let delivered = if self.own.is_held_back(&part.name) { "held back" } else { "yes" };
            [row(&part.name, part), vec![review, delivered.to_owned()]].concat()
        });
        vec![
            Part::Picture {
                name: "Flagged share of each supplier against its accounts, as in the table below",
                text: format!(
                    "Accounts flagged, of those on supply, against how many there are. Full points lie beyond the 99.8\u{a0}% \
                     limits of chance about the share of all: {outside} of {} suppliers. The share says how poor a \
                     supplier's customers are as much as how well they match, so this is no ranking. Of a supplier that \
                     is held back, accounts that would be flagged.",
                    points.len()
                ),
                picture: Picture::Funnel { points, all },
            },
            Part::table(
                "Accounts by supplier, the highest share first",
                &["Supplier", HEAD[0], HEAD[1], HEAD[2], "In review", "Delivered"],
                rows.collect(),
            ),
        ]
    }

    fn areas(&self) -> Vec<Part> {
        let mut regions = self.own.figures.accounts(self.scheme, By::Region);
        let areas = self.own.figures.accounts(self.scheme, By::Area);
        sort(&mut regions);
        let on_map = |part: &AccountsPart| Tile {
            area: part.name.clone(),
            rate: part.rate().share.filter(|_| part.on_supply >= LEAST_ON_MAP),
        };
        let name = |part: &AccountsPart| if part.name == "none" { "not known" } else { &part.name }.to_owned();
        vec![
            Part::Picture {
                name: "Flagged share by region, as in the table below",
                text: "Accounts flagged, of those on supply, by region, the highest first.".to_owned(),
                picture: Picture::Dots {
                    dots: regions.iter().map(|part| Dot::new(&part.name, part.rate())).collect(),
                    all: self.flagged_share(),
                    begins: Begins::AtZero,
                },
            },
            Part::table(
                "Accounts by region",
                &head("Region"),
                regions.iter().map(|part| row(&part.name, part)).collect(),
            ),
            Part::Picture {
                name: "Tile map of Great Britain by postcode area, as in the table below",
                text: "Accounts flagged, of those on supply, by postcode area, north above. The scale begins near the \
                       lowest share."
                    .to_owned(),
                picture: Picture::Map { tiles: areas.iter().map(on_map).collect(), why: "fewer than 100 accounts" },
            },
            Part::Folded(Rows {
                caption: "Accounts by postcode area",
                head: head("Area").to_vec(),
                rows: areas.iter().map(|part| row(&name(part), part)).collect(),
            }),
        ]
    }

    fn account_kinds(&self) -> Vec<Part> {
        let (mut dots, mut rows) = (Vec::new(), Vec::new());
        for (by, heading) in KINDS {
            dots.push(Dot::Heading(heading.to_owned()));
            for part in self.own.figures.accounts(self.scheme, by) {
                let (short, long) = words::account_kind(by.as_str(), &part.name);
                dots.push(Dot::new(&short, part.rate()));
                rows.push(row(&long, &part));
            }
        }
        vec![
            Part::Picture {
                name: "Flagged share by kind of account, as in the table below",
                text: "Accounts flagged, of those on supply, by kind. A name's origin is only what its spelling shows."
                    .to_owned(),
                picture: Picture::Dots { dots, all: self.flagged_share(), begins: Begins::AtZero },
            },
            Part::table("Accounts by kind", &head("Kind"), rows),
        ]
    }

    fn keys(&self) -> Vec<Part> {
        let figures = &self.own.figures;
        let all: u64 = figures.accounts(self.scheme, By::All).iter().map(|all| all.flagged).sum();
        let alone = figures.counts(self.scheme, By::OnlyKey, "flagged");
        let mut keys = figures.counts(self.scheme, By::Key, "flagged");
        keys.retain(|(_, found)| *found > 0);
        keys.sort_by_key(|(_, found)| std::cmp::Reverse(*found));
        if keys.is_empty() {
            return vec![Part::Text("No account is flagged, so no key found one.".to_owned())];
        }
        let only = |key: &str| alone.iter().find(|(own, _)| *own == key).map_or(0, |(_, found)| *found);
        let row = |(key, found): &(&str, u64)| {
            let (found_share, only_share) = (Rate::exact(*found, all), Rate::exact(only(key), all));
            vec![words::key(key).to_owned(), count(*found), found_share.words(), count(only(key)), only_share.words()]
        };
        let dot = |(key, found): &(&str, u64)| Dot::new(words::key(key), Rate::exact(*found, all));
        vec![
            Part::Picture {
                name: "Flagged accounts by match key, as in the table below",
                text: format!(
                    "Of {} flagged accounts, the share that each match key finds. Several keys can find one account. \
                     \"Alone\" counts those that no other key finds.",
                    count(all)
                ),
                picture: Picture::Dots { dots: keys.iter().map(dot).collect(), all: None, begins: Begins::AtZero },
            },
            Part::table(
                "Flagged accounts by match key",
                &["Match key", "Finds", "Share", "Alone", "Share"],
                keys.iter().map(row).collect(),
            ),
        ]
    }

    fn weights(&self) -> Vec<Part> {
        let figures = &self.own.figures;
        let threshold = self.own.record.settings.threshold.unwrap_or(crate::job::Matching::default().threshold);
        let bits = bits(threshold);
        let [flagged, others] =
            ["flagged", "unflagged"].map(|outcome| figures.counts(self.scheme, By::Weight, outcome));
        let all = |own: &[(&str, u64)]| own.iter().map(|(_, count)| count).sum::<u64>();
        let is_shown = |(yes, no): (&(&str, u64), &(&str, u64))| yes.1 + no.1 > 0;
        let first = flagged.iter().zip(&others).position(is_shown).unwrap_or(0);
        let picture = |name, what: &str, own: &[(&str, u64)]| {
            let above = own.iter().filter(|(band, _)| band.parse().is_ok_and(|from: f64| from >= bits - 0.1));
            let above: u64 = above.map(|(_, count)| count).sum();
            let text = format!(
                "{what} by the match weight of the best candidate: {}, of which {} lie in bands above the threshold \
                 ({threshold}, or {bits:.1} bits).",
                count(all(own)),
                count(above)
            );
            let columns = weight_columns(own.iter().map(|(band, count)| (*band, Some(*count), None)), first);
            Part::Picture { name, text, picture: Picture::Weights { columns, threshold: bits } }
        };
        let last = flagged.len();
        let rows = flagged.iter().zip(&others).enumerate();
        let rows = rows.filter(|(_, ((_, yes), (_, no)))| yes + no > 0);
        let rows = rows
            .map(|(place, ((band, yes), (_, no)))| vec![weight_band(band, place + 1 == last), count(*yes), count(*no)]);
        let posteriors = ["flagged", "unflagged"].map(|outcome| figures.counts(self.scheme, By::Posterior, outcome));
        let posteriors = posteriors[0].iter().zip(&posteriors[1]);
        let head = |first| [first, "Flagged", "Not flagged"];
        vec![
            picture("Match weights of flagged accounts, as in the table below", "Flagged accounts", &flagged),
            picture(
                "Match weights of accounts not flagged, as in the table below",
                "Accounts that have a candidate and are not flagged",
                &others,
            ),
            Part::table("Accounts by match weight", &head("Match weight, bits"), rows.collect()),
            Part::table(
                "Accounts by posterior",
                &head("Posterior"),
                posteriors.map(|((band, yes), (_, no))| vec![(*band).to_owned(), count(*yes), count(*no)]).collect(),
            ),
        ]
    }

    fn review(&self) -> Vec<Part> {
        let figures = &self.own.figures;
        let bands: Vec<(&str, u64, f64)> = figures
            .rows(self.scheme, Of::Accounts, By::Review)
            .map(|row| {
                let count = row.count.unwrap_or(0);
                (row.part.as_str(), count, row.share.unwrap_or(0.0) * count as f64)
            })
            .collect();
        let number = |own: f64| format!("{own:.1}");
        let (accounts, rebates) =
            bands.iter().fold((0, 0.0), |(accounts, rebates), own| (accounts + own.1, rebates + own.2));
        let decisions = |accounts: u64, rebates: f64| match rebates > 0.05 {
            true => number(accounts as f64 / rebates),
            false => NOTHING.to_owned(),
        };
        let text = format!(
            "{} accounts are in review. Decisions on all of them are expected to add {} rebates. The dots are the chance \
             that one decision adds a rebate; review.csv begins with the likeliest.",
            count(accounts),
            number(rebates)
        );
        let dot = |(band, accounts, rebates): &(&str, u64, f64)| {
            Dot::new(band, Rate::new((*accounts > 0).then(|| rebates / *accounts as f64), None))
        };
        let row = |(band, accounts, rebates): &(&str, u64, f64)| {
            vec![(*band).to_owned(), count(*accounts), number(*rebates), decisions(*accounts, *rebates)]
        };
        let mut reasons = figures.counts(self.scheme, By::Reason, "unflagged");
        reasons.retain(|(_, accounts)| *accounts > 0);
        reasons.sort_by_key(|(_, accounts)| std::cmp::Reverse(*accounts));
        let all: u64 = reasons.iter().map(|(_, accounts)| accounts).sum();
        let reason = |(code, accounts): &(&str, u64)| {
            let is_for_review = if words::is_for_review(code) { "yes" } else { "no" };
            let share = Rate::exact(*accounts, all).words();
            vec![words::reason(code).to_owned(), count(*accounts), share, is_for_review.to_owned()]
        };
        let picture = Part::Picture {
            name: "Chance that a decision adds a rebate, by band, as in the table below",
            text,
            picture: Picture::Dots { dots: bands.iter().map(dot).collect(), all: None, begins: Begins::AtZero },
        };
        let table = Part::table(
            "Accounts in review, by how likely a decision adds a rebate",
            &["Chance", "Accounts", "Rebates expected", "Decisions for one"],
            bands.iter().map(row).collect(),
        );
        let reasons = Part::table(
            "Accounts on supply that have a candidate or a decision and are not flagged, by reason",
            &["Reason", "Accounts", "Share", "In review"],
            reasons.iter().map(reason).collect(),
        );
        match bands.is_empty() {
            true => vec![Part::Text("No account is in review.".to_owned()), reasons],
            false => vec![picture, table, reasons],
        }
    }
}

/// Sorts parts by their share, the highest first; what lies in no region comes last.
fn sort(parts: &mut [AccountsPart]) {
    let key = |part: &AccountsPart| (part.name != "elsewhere or not known", part.rate().share.unwrap_or(0.0));
    parts.sort_by(|one, other| key(other).partial_cmp(&key(one)).unwrap_or(std::cmp::Ordering::Equal));
}

/// The table of m and u, with the match weight of each comparison level.
pub(super) fn levels(figures: &Figures) -> Vec<Part> {
    let shares =
        |outcome: &'static str| figures.rows("", Of::Levels, By::Level).filter(move |row| row.outcome == outcome);
    let rows: Vec<Vec<String>> = shares("m")
        .zip(shares("u"))
        .filter_map(|(own, other)| {
            let (m, u) = (own.share?, other.share?);
            let (field, level) = own.part.split_once(':').unwrap_or((&own.part, ""));
            // Nought has no sign.
            let bits = if u > 0.0 && m > 0.0 { format!("{:+.1}", (m / u).log2()) } else { NOTHING.to_owned() };
            let bits = if ["+0.0", "-0.0"].contains(&bits.as_str()) { "0.0".to_owned() } else { bits };
            let (field, kind) = field.split_once('.').unwrap_or((field, ""));
            let kind = if kind.is_empty() { String::new() } else { format!(" ({kind})") };
            let name = format!("{}{kind}: {}", words::field(field), level.replace('-', " "));
            Some(vec![name, digits(m), digits(u), bits])
        })
        .collect();
    let text = "How often a field agrees so far in pairs of one person (m) and in pairs of two people (u), before term \
                frequencies. The weight is log2 of m ÷ u: each bit doubles the odds.";
    match rows.is_empty() {
        true => Vec::new(),
        false => vec![
            Part::Text(text.to_owned()),
            Part::Folded(Rows {
                caption: "m and u of each comparison level",
                head: vec!["Field and level", "m", "u", "Weight, bits"],
                rows,
            }),
        ],
    }
}

/// Three significant digits, without zeros at the end.
fn digits(share: f64) -> String {
    if share <= 0.0 {
        return "0".to_owned();
    }
    let decimals = (2.0 - share.log10().floor()).clamp(2.0, 9.0) as usize;
    format!("{share:.decimals$}").trim_end_matches('0').trim_end_matches('.').to_owned()
}
