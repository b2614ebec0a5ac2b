//! Attacks the published rates: an adversary has the tables of thirty runs, the rules, and the exact counts of every
//! supplier but the one under attack.
//!
//! The adversary tries every count that a cell could have, releases each by the rules, and keeps those that give the
//! published tables byte for byte. Each test says what must remain uncertain.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use common::{Folder, JOB, Row};
use flagmatch::release::disclosure::{
    Among, DetailBreakdown, Details, Night, Part, Place, Population, Rates, Released, Rule, Split, SupplierDetails,
};
use flagmatch::report::{Format, Report};
use jiff::civil::Date;
use serde_json::json;

const THRESHOLD: u64 = 10;
const DAYS: u32 = 7;
const NIGHTS: usize = 30;

/// The schemes. As the rules say publicly, every account flagged in the first is flagged in the second too.
const SCHEMES: [&str; 2] = ["core", "wide"];
const BOTH: u32 = 0b11;
const WIDE_ALONE: u32 = 0b10;
const NEITHER: u32 = 0;

/// The true counts of one cell: flagged in both schemes, in the wide one alone, in neither.
#[derive(Clone, Copy, Default)]
struct Counts {
    both: u64,
    wide_alone: u64,
    neither: u64,
}

type Nation = Vec<BTreeMap<Place, Counts>>;

/// SplitMix64, so that each nation is the same on every machine.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A count: often small, often near the threshold, sometimes large.
    fn count(&mut self) -> u64 {
        match self.below(4) {
            0 => self.below(THRESHOLD),
            1 => THRESHOLD - 3 + self.below(8),
            2 => self.below(60),
            _ => 40 + self.below(400),
        }
    }

    /// The same count a day later.
    fn drift(&mut self, count: u64) -> u64 {
        let most = match self.below(12) {
            0 => 30,
            1..=6 => 3,
            _ => 0,
        };
        (count + self.below(most + 1)).saturating_sub(self.below(most + 1))
    }
}

fn places() -> impl Iterator<Item = Place> {
    let areas = [*b"LS", *b"B\0", [0, 0]];
    let kinds = [(true, true), (true, false), (false, false)];
    areas.into_iter().flat_map(move |area| kinds.map(|(birth_date, flat)| Place { area, birth_date, flat }))
}

fn first_night(draw: &mut Draw) -> Nation {
    let suppliers = 2 + draw.below(4);
    let mut of_supplier = || {
        places()
            .map(|place| (place, Counts { both: draw.count(), wide_alone: draw.count(), neither: draw.count() }))
            .collect()
    };
    (0..suppliers).map(|_| of_supplier()).collect()
}

/// The first supplier's cells never change, so that thirty tables of one count can be compared.
fn next_night(nation: &Nation, draw: &mut Draw) -> Nation {
    let mut next = nation.clone();
    for supplier in next.iter_mut().skip(1) {
        for counts in supplier.values_mut() {
            counts.both = draw.drift(counts.both);
            counts.wide_alone = draw.drift(counts.wide_alone);
            counts.neither = draw.drift(counts.neither);
        }
    }
    next
}

fn day(night: usize) -> Date {
    Date::new(2026, 11, 1 + i8::try_from(night).unwrap()).unwrap()
}

const NAMES: [&str; 5] = ["north", "south", "east", "west", "isle"];

/// The tables that a run releases, with this many of the schemes.
fn release(nation: &Nation, schemes: usize, night: usize, last: &Rates) -> Rates {
    let all = (1 << schemes) - 1;
    let parts = nation.iter().zip(NAMES).map(|(cells, supplier)| {
        let populations = cells.iter().map(|(place, counts)| {
            let mut population = Population::default();
            population.add(all, BOTH & all, counts.both);
            population.add(all, NEITHER, counts.neither);
            if schemes == 2 {
                population.add(all, WIDE_ALONE, counts.wide_alone);
            }
            (*place, population)
        });
        Part { supplier, schemes: all, places: Some(populations.collect()) }
    });
    let night = Night { date: day(night), schemes: SCHEMES[..schemes].to_vec(), parts: parts.collect() };
    night.release(&Rule::new(THRESHOLD, DAYS), last)
}

/// Thirty days of a nation, and the tables published of each. The first table is the empty one before any run.
fn thirty_nights(seed: u64, schemes: usize) -> (Vec<Nation>, Vec<Rates>) {
    let mut draw = Draw(seed);
    let mut nations = vec![first_night(&mut draw)];
    let mut tables = vec![Rates::default()];
    for night in 0..NIGHTS {
        tables.push(release(&nations[night], schemes, night, &tables[night]));
        nations.push(next_night(&nations[night], &mut draw));
    }
    (nations, tables)
}

/// How far from the true count the adversary looks for other counts that fit.
const WINDOW: u64 = 24;

fn around(count: u64) -> impl Iterator<Item = u64> {
    count.saturating_sub(WINDOW)..=count + WINDOW
}

type Count = fn(&mut Counts) -> &mut u64;

/// The counts that a quantity of a cell may have, given a run's tables. Of this cell the adversary knows only what is
/// published, and that every flag of the narrow scheme is a flag of the wide one; all other cells are known exactly.
fn possible(
    (nations, tables): (&[Nation], &[Rates]),
    schemes: usize,
    night: usize,
    (supplier, place): (usize, Place),
    (quantity, unknown): (Count, &[Count]),
) -> BTreeSet<u64> {
    let mut world = nations[night].clone();
    let published = tables[night + 1].to_csv();
    let truth = world[supplier][&place];
    let of_place = |rates: &Rates| {
        let figures =
            |scheme| rates.of_supplier(scheme, NAMES[supplier]).and_then(|own| own.cells.get(&place).copied());
        SCHEMES.map(figures)
    };
    let seen = of_place(&tables[night + 1]);
    // Try the cell alone first, which is quick. A count that fits must then give the whole table.
    let mut alone: Nation = vec![BTreeMap::new(); supplier + 1];
    let mut gives_the_same = |cell: Counts| {
        alone[supplier].insert(place, cell);
        if of_place(&release(&alone, schemes, night, &tables[night])) != seen {
            return false;
        }
        world[supplier].insert(place, cell);
        release(&world, schemes, night, &tables[night]).to_csv() == published
    };
    let mut worlds = vec![truth];
    for part in unknown {
        let of_part = *part(&mut truth.clone());
        let others: Vec<u64> = [of_part].into_iter().chain(around(of_part)).collect();
        let vary = |cell: &Counts| {
            others
                .iter()
                .map(|other| {
                    let mut cell = *cell;
                    *part(&mut cell) = *other;
                    cell
                })
                .collect::<Vec<_>>()
        };
        worlds = worlds.iter().flat_map(vary).collect();
    }
    let mut fits = |count: u64| {
        worlds.iter().any(|cell| {
            let mut cell = *cell;
            *quantity(&mut cell) = count;
            gives_the_same(cell)
        })
    };
    around(*quantity(&mut truth.clone())).filter(|&count| fits(count)).collect()
}

/// Whether the remaining counts are all below the threshold, but are not every count below it.
fn tells_a_small_count(left: &BTreeSet<u64>) -> bool {
    left.iter().all(|count| *count < THRESHOLD) && !(0..THRESHOLD).all(|count| left.contains(&count))
}

/// Whether the count certainly changed, and by less than the threshold.
fn tells_a_small_change(before: &BTreeSet<u64>, after: &BTreeSet<u64>) -> bool {
    let (least, most) = (|set: &BTreeSet<u64>| *set.first().unwrap(), |set: &BTreeSet<u64>| *set.last().unwrap());
    let rises = least(after) > most(before) && most(after) - least(before) < THRESHOLD;
    let falls = least(before) > most(after) && most(before) - least(after) < THRESHOLD;
    rises || falls
}

/// Attacks a quantity of some cells over thirty runs of many nations.
fn attack(seeds: Range<u64>, schemes: usize, quantity: Count, unknown: &[Count]) {
    let mut released = 0;
    for seed in seeds {
        let (nations, tables) = thirty_nights(seed, schemes);
        let mut draw = Draw(!seed);
        let all: Vec<Place> = places().collect();
        // One cell that never changes, and one that does.
        for supplier in [0, 1] {
            let place = all[draw.below(all.len() as u64) as usize];
            let mut always: Option<BTreeSet<u64>> = None;
            let mut last: Option<(Date, BTreeSet<u64>)> = None;
            for night in 0..NIGHTS {
                let left = possible((&nations, &tables), schemes, night, (supplier, place), (quantity, unknown));
                let truth = *quantity(&mut nations[night][supplier][&place].clone());
                let about =
                    format!("seed {seed}, supplier {supplier}, {place:?}, night {night}: {truth} is one of {left:?}");
                assert!(left.contains(&truth), "the adversary reasons wrongly: {about}");
                assert!(!tells_a_small_count(&left), "a small count: {about}");
                assert!(left.len() >= 3, "a count to within two: {about}");
                let together: BTreeSet<u64> = match &always {
                    Some(others) if supplier == 0 => others.intersection(&left).copied().collect(),
                    _ => left.clone(),
                };
                assert!(!tells_a_small_count(&together), "a small count by all nights together: {about}: {together:?}");
                always = Some(together);
                let scheme = SCHEMES[schemes - 1];
                let figures =
                    tables[night + 1].of_supplier(scheme, NAMES[supplier]).and_then(|rates| rates.cells.get(&place));
                // The window cuts off larger counts, so only runs that released a new figure for this cell are
                // compared.
                if let Some(figures) = figures.filter(|figures| figures.as_of == day(night)) {
                    released += 1;
                    if let Some((of, before)) = &last {
                        assert!(!tells_a_small_change(before, &left), "a small change since {of}: {about}, {before:?}");
                    }
                    last = Some((figures.as_of, left));
                }
            }
        }
    }
    assert!(released > 20, "an attack on tables with nothing in them proves nothing: {released}");
}

#[test]
fn nobody_learns_how_few_are_flagged() {
    attack(0..24, 1, |counts| &mut counts.both, &[|counts| &mut counts.neither]);
}

#[test]
fn nobody_learns_how_few_are_not_flagged() {
    attack(100..124, 1, |counts| &mut counts.neither, &[|counts| &mut counts.both]);
}

#[test]
fn nobody_learns_how_few_one_scheme_flags_beyond_another() {
    let unknown: [Count; 2] = [|counts| &mut counts.both, |counts| &mut counts.neither];
    attack(200..212, 2, |counts| &mut counts.wide_alone, &unknown);
}

/// A published row, by column.
type Published = BTreeMap<String, String>;

fn rows(rates: &Rates) -> Vec<Published> {
    csv::Reader::from_reader(rates.to_csv().as_slice()).deserialize().map(Result::unwrap).collect()
}

fn number(row: &Published, column: &str) -> u64 {
    row[column].parse().unwrap()
}

/// Each total equals the sum of its published parts, so that no total reveals a suppressed part. A figure covers three
/// suppliers or more, or a single supplier if it is that supplier's own.
#[test]
fn totals_and_rates_tell_nothing_beyond_the_cells() {
    let (mut shown, mut withheld) = (0, 0);
    for seed in 300..340 {
        let (nations, tables) = thirty_nights(seed, 2);
        for (night, table) in tables.iter().enumerate().skip(1) {
            let rows = rows(table);
            let cells: Vec<&Published> = rows.iter().filter(|row| row["breakdown"] == "cell").collect();
            for cell in &cells {
                let unflagged = number(cell, "accounts") - number(cell, "flagged");
                for count in [number(cell, "flagged"), unflagged] {
                    assert!(count >= THRESHOLD && count % 5 == 0, "{cell:?}");
                }
            }
            for row in rows.iter().filter(|row| !["cell", "withdrawn"].contains(&row["breakdown"].as_str())) {
                let belongs = |cell: &&&Published| {
                    ["scheme", "supplier", "area", "birth_date", "home"]
                        .iter()
                        .all(|column| row[*column] == cell[*column] || row[*column].is_empty())
                };
                let mut flagged: BTreeMap<&str, u64> = BTreeMap::new();
                let mut unflagged: BTreeMap<&str, u64> = BTreeMap::new();
                for cell in cells.iter().filter(belongs) {
                    let supplier = cell["supplier"].as_str();
                    *flagged.entry(supplier).or_default() += number(cell, "flagged");
                    *unflagged.entry(supplier).or_default() += number(cell, "accounts") - number(cell, "flagged");
                }
                let sum = |counts: &BTreeMap<&str, u64>| counts.values().sum::<u64>();
                let largest = |counts: &BTreeMap<&str, u64>| counts.values().copied().max().unwrap_or(0);
                let mixed = |counts| flagged.len() >= 3 && largest(counts) * 100 <= sum(counts) * 80;
                let may = match row["breakdown"].as_str() {
                    "supplier" => !flagged.is_empty(),
                    _ => mixed(&flagged) && mixed(&unflagged),
                };
                assert_eq!(row["suppressed"], (!may).to_string(), "{row:?}");
                if !may {
                    withheld += 1;
                    assert!(["accounts", "flagged", "rate"].iter().all(|column| row[*column].is_empty()), "{row:?}");
                    continue;
                }
                shown += 1;
                let (flagged, accounts) = (sum(&flagged), sum(&flagged) + sum(&unflagged));
                assert_eq!((number(row, "flagged"), number(row, "accounts")), (flagged, accounts), "{row:?}");
                assert_eq!(row["rate"], format!("{:.4}", flagged as f64 / accounts as f64));
            }
            assert_eq!(nations[night - 1].len(), table_suppliers(&rows), "each supplier has its row");
        }
    }
    assert!(shown > 100 && withheld > 100, "{shown} shown, {withheld} withheld");
}

fn table_suppliers(rows: &[Published]) -> usize {
    rows.iter().filter(|row| row["breakdown"] == "supplier").map(|row| &row["supplier"]).collect::<BTreeSet<_>>().len()
}

/// Between two looks no cell appears or disappears, and a figure changes by the threshold or more, or not at all.
#[test]
fn from_night_to_night_only_large_moves_show() {
    let (mut moves, mut comings) = (0, 0);
    for seed in 400..440 {
        let (nations, tables) = thirty_nights(seed, 2);
        for night in 1..NIGHTS {
            let (before, after) = (&tables[night], &tables[night + 1]);
            for supplier in &NAMES[..nations[night].len()] {
                for scheme in SCHEMES {
                    let (before, after) =
                        (before.of_supplier(scheme, supplier).unwrap(), after.of_supplier(scheme, supplier).unwrap());
                    let is_look = night % DAYS as usize == 0;
                    assert_eq!(after.looked_at == day(night), is_look);
                    let same = before.cells.keys().eq(after.cells.keys());
                    assert!(is_look || same, "a cell came or went on night {night}");
                    comings += usize::from(!same);
                    for (place, figures) in &after.cells {
                        let Some(last) = before.cells.get(place) else { continue };
                        for (last, now) in [(last.flagged, figures.flagged), (last.unflagged, figures.unflagged)] {
                            let moved = last.get().abs_diff(now.get());
                            assert!(moved == 0 || moved >= THRESHOLD, "{moved} on night {night}");
                            moves += usize::from(moved > 0);
                        }
                    }
                }
            }
        }
    }
    assert!(moves > 100 && comings > 100, "{moves} moves, {comings} comings and goings");
}

fn one_cell(both: u64, wide_alone: u64, neither: u64) -> Nation {
    let place = Place { area: *b"LS", birth_date: true, flat: false };
    vec![BTreeMap::from([(place, Counts { both, wide_alone, neither })])]
}

fn figures(rates: &Rates, scheme: &str) -> Option<(u64, u64)> {
    let figures = rates.of_supplier(scheme, "north").unwrap().cells.values().next()?;
    Some((figures.flagged.get(), figures.unflagged.get()))
}

#[test]
fn a_cell_needs_its_flagged_and_its_not_flagged() {
    for (both, neither, expected) in [
        (12, 88, Some((10, 90))),
        (10, 10, Some((10, 10))),
        (9, 88, None),
        (88, 9, None),
        (0, 88, None),
        (88, 0, None),
        (0, 0, None),
    ] {
        let rates = release(&one_cell(both, 0, neither), 1, 0, &Rates::default());
        assert_eq!(figures(&rates, "core"), expected, "{both} and {neither}");
    }
}

/// A suppressed count may be replaced by another suppressed count: on no day does a byte of the tables change, whatever
/// was published before.
#[test]
fn a_count_that_is_suppressed_may_be_another_that_is() {
    let mut changed = 0;
    for seed in 600..612 {
        let (nations, tables) = thirty_nights(seed, 1);
        let mut draw = Draw(!seed);
        for night in 0..NIGHTS {
            let published = tables[night + 1].to_csv();
            let mut other = nations[night].clone();
            for counts in other.iter_mut().flat_map(BTreeMap::values_mut) {
                // A cell with one suppressed count is suppressed as a whole, so the other count may be anything.
                if counts.both < THRESHOLD {
                    (counts.both, counts.neither) = (draw.below(THRESHOLD), draw.count());
                    changed += 1;
                } else if counts.neither < THRESHOLD {
                    (counts.both, counts.neither) = (draw.count(), draw.below(THRESHOLD));
                    changed += 1;
                }
            }
            assert!(release(&other, 1, night, &tables[night]).to_csv() == published, "seed {seed}, night {night}");
        }
    }
    assert!(changed > 1000, "{changed}");
}

/// A cell that disappears for a week and returns with 15 instead of 10 would reveal that a few accounts were added.
#[test]
fn a_cell_that_comes_back_is_held_against_what_was_told_of_it() {
    let mut last = release(&one_cell(12, 0, 88), 1, 0, &Rates::default());
    for (night, both, expected) in [(7, 9, None), (14, 16, Some((10, 90))), (21, 3, None), (28, 19, Some((20, 90)))] {
        last = release(&one_cell(both, 0, 88), 1, night, &last);
        assert_eq!(figures(&last, "core"), expected, "night {night}");
    }
}

/// Otherwise a supplier that leaves a job and returns would be released anew, and a 10 could become a 15.
#[test]
fn a_supplier_that_leaves_and_comes_back_is_held_against_what_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rates.csv");
    let read_back = |rates: &Rates| {
        std::fs::write(&path, rates.to_csv()).unwrap();
        assert_eq!(&Rates::read(&path).unwrap(), rates);
    };
    let empty = |schemes: Vec<&'static str>, night| Night { date: day(night), schemes, parts: Vec::new() };
    let rule = Rule::new(THRESHOLD, DAYS);
    let first = release(&one_cell(12, 0, 88), 1, 0, &Rates::default());
    assert_eq!(figures(&first, "core"), Some((10, 90)));
    for schemes in [vec!["core"], vec!["other"], vec![]] {
        // The supplier left, or its scheme did.
        let without = empty(schemes, 1).release(&rule, &first);
        assert_eq!(figures(&without, "core"), None);
        let shown = |row: &&Published| row["supplier"] == "north" && row["suppressed"] == "false";
        assert_eq!(rows(&without).iter().filter(shown).count(), 0);
        read_back(&without);
        let still = empty(vec![], 2).release(&rule, &without);
        for (both, expected) in [(12, 10), (16, 10), (19, 20)] {
            let back = release(&one_cell(both, 0, 88), 1, 9, &still);
            assert_eq!(figures(&back, "core"), Some((expected, 90)), "{both}");
            read_back(&back);
        }
    }
    // A supplier also disappears from a scheme in which it no longer takes part.
    let both = release(&one_cell(40, 30, 500), 2, 0, &Rates::default());
    let one = release(&one_cell(44, 30, 500), 1, 1, &both);
    assert_eq!((figures(&one, "core"), figures(&one, "wide")), (Some((40, 500)), None));
    read_back(&one);
    let again = release(&one_cell(44, 30, 500), 2, 9, &one);
    assert_eq!((figures(&again, "core"), figures(&again, "wide")), (Some((40, 530)), Some((70, 500))));
}

/// A figure that changes between two looks must not come close to another scheme's.
#[test]
fn a_large_move_towards_another_scheme_waits_for_the_next_look() {
    let first = release(&one_cell(20, 40, 500), 2, 0, &Rates::default());
    assert_eq!((figures(&first, "core"), figures(&first, "wide")), (Some((20, 540)), Some((60, 500))));
    // 57 of 60 accounts are now in the narrow scheme too. Publishing 55 beside 60 would reveal that few are not.
    let second = release(&one_cell(57, 3, 500), 2, 1, &first);
    assert_eq!(second, first);
    let third = release(&one_cell(45, 15, 500), 2, 2, &second);
    assert_eq!((figures(&third, "core"), figures(&third, "wide")), (Some((45, 515)), Some((60, 500))));
    let look = release(&one_cell(57, 3, 500), 2, 7, &third);
    assert_eq!((figures(&look, "core"), figures(&look, "wide")), (Some((55, 505)), None));
}

#[test]
fn what_is_published_is_read_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rates.csv");
    assert_eq!(Rates::read(&path).unwrap(), Rates::default());
    for seed in 500..520 {
        let (_, tables) = thirty_nights(seed, 2);
        for table in &tables[1..] {
            std::fs::write(&path, table.to_csv()).unwrap();
            assert_eq!(&Rates::read(&path).unwrap(), table);
        }
    }
    let text = "scheme,breakdown,supplier,area,birth_date,home,accounts,flagged,rate,suppressed,as_of\n";
    for row in [
        "core,cell,north,LS,known,house,97,10,0.1031,false,2026-11-01\n",
        "core,cell,north,LS,known,house,10,20,2.0000,false,2026-11-01\n",
        "core,cell,north,LSX,known,house,100,10,0.1000,false,2026-11-01\n",
        "core,cell,north,LS,known,house,100,10,0.1000,false,2026-02-30\n",
        "core,supplier,north,,,,,,,true,\n",
        "core,supplier\n",
    ] {
        std::fs::write(&path, format!("{text}{row}")).unwrap();
        let error = Rates::read(&path).unwrap_err().to_string();
        assert!(error.ends_with("rates.csv, line 2: not a row of this table"), "{error}");
    }
}

/// The published answers to a question, from the true ones, for a supplier whose cells are looked at in this run.
fn told(rates: &Rates, parts: &[u64], (each_of, is_whole): (Option<u64>, bool)) -> Vec<u64> {
    const NAMES_OF_PARTS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let split = Split {
        breakdown: DetailBreakdown::Key,
        among: Among::Flagged,
        each_of: each_of.map(|all| (all, DetailBreakdown::NotKey)),
        is_whole,
        parts: NAMES_OF_PARTS.iter().copied().zip(parts.iter().copied()).collect(),
    };
    let own = rates.of_supplier("core", "south").unwrap();
    let details = SupplierDetails::look(own, &Rule::new(THRESHOLD, DAYS), &[split]);
    details.details.iter().map(|detail| detail.at_least.map_or(0, Released::get)).collect()
}

/// Random parts of the accounts in released cells. Some accounts are in no part.
fn some_parts(draw: &mut Draw, mut whole: u64) -> Vec<u64> {
    (0..6)
        .map(|_| {
            let part = draw.count().min(whole);
            whole -= part;
            part
        })
        .collect()
}

/// The adversary knows every part but one exactly, and all published cells. No attempt reveals a small count, or that a
/// count changed by a few between two looks.
#[test]
fn nobody_learns_a_small_count_of_how_accounts_were_found() {
    let (mut shown, mut withheld) = (0, 0);
    for seed in 600..640 {
        let (nations, tables) = thirty_nights(seed, 1);
        let mut draw = Draw(!seed);
        let mut last: Option<BTreeSet<u64>> = None;
        for night in (0..NIGHTS).step_by(DAYS as usize) {
            let rates = &tables[night + 1];
            let cells = &rates.of_supplier("core", "south").unwrap().cells;
            let whole = cells.keys().map(|place| nations[night][1][place].both).sum();
            let parts = some_parts(&mut draw, whole);
            let is_whole = draw.below(2) == 1;
            let public = told(rates, &parts, (None, is_whole));
            assert_eq!(public.len(), parts.len());
            let at = draw.below(parts.len() as u64) as usize;
            let left: BTreeSet<u64> = (0..=parts[at] + 100)
                .filter(|&count| {
                    let mut other = parts.clone();
                    other[at] = count;
                    told(rates, &other, (None, is_whole)) == public
                })
                .collect();
            let about = format!("seed {seed}, night {night}, part {at}: {} is one of {left:?}", parts[at]);
            assert!(left.contains(&parts[at]), "the adversary reasons wrongly: {about}");
            assert!(!tells_a_small_count(&left), "a small count: {about}");
            assert!(left.len() as u64 >= THRESHOLD, "a count to within a few: {about}");
            if public[at] == 0 {
                withheld += 1
            } else {
                shown += 1
            }
            if let Some(before) = last.replace(left.clone()) {
                assert!(!tells_a_small_change(&before, &left), "a small change: {about}, before {before:?}");
            }
        }
    }
    assert!(shown > 20 && withheld > 20, "{shown} shown, {withheld} withheld");
}

/// The parts together never exceed what the cells are already known to hold, so they narrow no cell. The same holds for
/// two questions about the same accounts.
#[test]
fn how_accounts_were_found_tells_nothing_of_the_cells() {
    let mut cut = 0;
    for seed in 700..760 {
        let (nations, tables) = thirty_nights(seed, 1);
        let mut draw = Draw(!seed);
        for night in (0..NIGHTS).step_by(DAYS as usize) {
            let rates = &tables[night + 1];
            let cells = &rates.of_supplier("core", "south").unwrap().cells;
            let true_of = |place: &Place| nations[night][1][place].both;
            let whole: u64 = cells.keys().map(true_of).sum();
            // The least count behind a figure: it may have been rounded up by two, and kept although the count fell by
            // a step.
            let surely: u64 = cells.values().map(|figures| figures.flagged.get().saturating_sub(7).max(10)).sum();
            assert!(surely <= whole);
            let parts = some_parts(&mut draw, whole);
            let public = told(rates, &parts, (None, draw.below(2) == 1));
            assert!(public.iter().sum::<u64>() <= surely, "{public:?} of {surely}");
            assert!(public.iter().zip(&parts).all(|(told, count)| told <= count && told % 20 == 0));
            cut += u64::from(public.iter().zip(&parts).any(|(told, count)| told + 20 <= *count));
            for found in &parts {
                let both = told(rates, &[*found], (Some(whole), false));
                assert!(both.iter().sum::<u64>() <= surely, "{both:?} of {surely}");
            }
        }
    }
    assert!(cut > 5, "a limit that never limits proves nothing: {cut}");
}

#[test]
fn what_is_told_of_accounts_is_read_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("details.csv");
    assert_eq!(Details::read(&path).unwrap(), Details::default());
    let rates = release(&one_cell(120, 0, 300), 1, 0, &Rates::default());
    let split = Split {
        breakdown: DetailBreakdown::Key,
        among: Among::Flagged,
        each_of: Some((120, DetailBreakdown::NotKey)),
        is_whole: false,
        parts: vec![("name, in quotes", 19), ("other", 118)],
    };
    let rule = Rule::new(THRESHOLD, DAYS);
    let own = SupplierDetails::look(rates.of_supplier("core", "north").unwrap(), &rule, &[split]);
    let files = SupplierDetails::of_files("north", day(0), &rule, &[("rows", 1234), ("rejected", 3)]);
    let details = Details { suppliers: vec![files, own] };
    let text = String::from_utf8(details.to_csv()).unwrap();
    // The other key found 118. That is cut to what the cell is sure to hold, less the 2 that it did not find.
    let expected = "scheme,supplier,breakdown,part,among,accounts,at_least,suppressed,as_of\n\
        ,north,file,rows,rows,,1200,false,2026-11-01\n\
        ,north,file,rejected,rows,,,true,2026-11-01\n\
        core,north,key,\"name, in quotes\",flagged,120,,true,2026-11-01\n\
        core,north,not-key,\"name, in quotes\",flagged,120,100,false,2026-11-01\n\
        core,north,key,other,flagged,120,100,false,2026-11-01\n\
        core,north,not-key,other,flagged,120,,true,2026-11-01\n";
    assert_eq!(text, expected);
    std::fs::write(&path, &text).unwrap();
    assert_eq!(Details::read(&path).unwrap(), details);
    let header = "scheme,supplier,breakdown,part,among,accounts,at_least,suppressed,as_of\n";
    for row in [
        "core,north,key,other,flagged,120,7,false,2026-11-01\n",
        "core,north,key,other,flagged,120,20,true,2026-11-01\n",
        "core,north,key,other,everybody,120,20,false,2026-11-01\n",
        "core,north,key,other,flagged,120,20,false,2026-02-30\n",
        "core,north\n",
    ] {
        std::fs::write(&path, format!("{header}{row}")).unwrap();
        let error = Details::read(&path).unwrap_err().to_string();
        assert!(error.ends_with("details.csv, line 2: not a row of this table"), "{error}");
    }
}

/// Customers of three suppliers at homes in Leeds, as pairs of (on a benefit, on none) for each supplier; and in
/// Hereford this many on a benefit.
fn write_inputs(folder: &Folder, leeds: [(usize, usize); 3], hereford: usize) {
    let mut awards = Vec::new();
    for (at, supplier) in ["north", "south", "east"].into_iter().enumerate() {
        let mut customers = Vec::new();
        let (on_benefit, others) = leeds[at];
        let in_hereford = if at == 0 { hereford + 30 } else { 0 };
        for number in 0..on_benefit + others + in_hereford {
            let is_leeds = number < on_benefit + others;
            let (postcode, town) = if is_leeds { ("LS8 2QN", "Leeds") } else { ("HR3 6ZZ", "Hereford") };
            let of_kind = if is_leeds { number } else { number - on_benefit - others };
            let is_on_benefit = of_kind < if is_leeds { on_benefit } else { hereford };
            let letters: String = [at * 400 + number, (at * 400 + number) / 20]
                .iter()
                .map(|digit| {
                    ["bar", "cel", "dor", "fin", "gus", "hob", "jan", "kel", "lom", "mip"][digit / 2 % 10].to_owned()
                        + ["a", "o"][digit % 2]
                })
                .collect();
            let born = format!("19{:02}-{:02}-{:02}", 30 + number % 60, 1 + number % 12, 1 + (number * 7 + at) % 28);
            let (street, uprn) = (
                format!("{} Mill Lane", at * 400 + number + 1),
                format!("{}", 100_020_000_000_u64 + (at * 400 + number) as u64),
            );
            let person = Row::new(&[
                ("forename", "Morgan"),
                ("surname", &format!("{}{letters}", ["Quo", "Zen", "Vil"][at])),
                ("date_of_birth", &born),
                ("address_line_1", &street),
                ("town", town),
                ("postcode", postcode),
                ("uprn", &uprn),
            ]);
            let reference = format!("{supplier}-{number}");
            customers.push(person.clone().with("customer_ref", &reference).with("supply_start", "2020-01-01"));
            if is_on_benefit {
                let award = person.with("claim_ref", &reference).with("person_ref", &reference);
                awards.push(award.with("benefit", "PCGC").with("award_start", "2024-05-01"));
            }
        }
        folder.customers(supplier, &customers);
    }
    folder.benefits(&awards);
    folder.job(&format!("{JOB}[[supplier]]\nid = \"east\"\nfiles = [\"suppliers/east.csv\"]\n"));
}

fn published(folder: &Folder) -> String {
    folder.read("out/latest/analyst/rates.csv")
}

/// Rows without their last column, the run's day.
fn without_days(text: &str) -> Vec<String> {
    text.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect()
}

#[test]
fn a_run_publishes_rates_of_its_flags() {
    let folder = Folder::empty();
    write_inputs(&folder, [(12, 28), (23, 41), (38, 99)], 4);
    folder.run_well();
    for (supplier, flagged) in [("north", 16), ("south", 23), ("east", 38)] {
        let flags = folder.flags(supplier, "whd");
        assert_eq!(flags.iter().filter(|(_, flag)| flag == "Y").count(), flagged, "the nation is as meant: {supplier}");
    }
    let first = published(&folder);
    let expected = [
        "scheme,breakdown,supplier,area,birth_date,home,accounts,flagged,rate,suppressed",
        "whd,cell,north,LS,known,house,40,10,0.2500,false",
        "whd,cell,south,LS,known,house,65,25,0.3846,false",
        "whd,cell,east,LS,known,house,140,40,0.2857,false",
        "whd,supplier,north,,,,40,10,0.2500,false",
        "whd,supplier,south,,,,65,25,0.3846,false",
        "whd,supplier,east,,,,140,40,0.2857,false",
        "whd,area,,LS,,,245,75,0.3061,false",
        "whd,birth_date,,,known,,245,75,0.3061,false",
        "whd,birth_date,,,unknown,,,,,true",
        "whd,home,,,,flat,,,,true",
        "whd,home,,,,house,245,75,0.3061,false",
        "whd,total,,,,,245,75,0.3061,false",
    ];
    assert_eq!(without_days(&first), expected);
    // Details count accounts of released cells alone: 23 and 38 of them here, and 12 of the north's 16, since the cell
    // of the other 4 is suppressed.
    let details = |folder: &Folder| folder.read("out/latest/analyst/details.csv");
    let told = details(&folder);
    let of_key = |text: &str| -> Vec<String> {
        let key = |line: &&str| line.contains(",key,birth-date+postcode,");
        without_days(&text.lines().filter(key).collect::<Vec<_>>().join("\n"))
    };
    assert_eq!(
        of_key(&told),
        [
            "whd,north,key,birth-date+postcode,flagged,10,,true",
            "whd,south,key,birth-date+postcode,flagged,25,,true",
            "whd,east,key,birth-date+postcode,flagged,40,20,false",
        ]
    );

    // Other small counts, and other counts that round to the same, change no byte.
    for (leeds, hereford) in [([(12, 28), (23, 41), (38, 99)], 7), ([(10, 30), (27, 41), (42, 98)], 0)] {
        let other = Folder::empty();
        write_inputs(&other, leeds, hereford);
        other.run_well();
        assert_eq!(without_days(&published(&other)), expected, "{leeds:?}, {hereford}");
        assert_eq!(of_key(&details(&other)), of_key(&told), "{leeds:?}, {hereford}");
        // A second run in the same week changes none either.
        write_inputs(&folder, leeds, hereford);
        folder.run_well();
        assert_eq!(published(&folder), first, "{leeds:?}, {hereford}");
        assert_eq!(details(&folder), told, "{leeds:?}, {hereford}");
    }

    // Suppliers outside a run keep their published figures.
    write_inputs(&folder, [(40, 28), (70, 41), (90, 99)], 4);
    folder.add_to_job("[gates]\naccounts_more = 1\nmatch_rate_higher = 2");
    let alone = folder.run(&["--supplier", "north"]);
    assert_eq!(alone.code, 0, "{}", alone.stderr);
    assert_eq!(folder.flags("north", "whd").iter().filter(|(_, flag)| flag == "Y").count(), 44);
    let rows = without_days(&published(&folder));
    assert_eq!(rows[1..4], ["whd,cell,north,LS,known,house,70,40,0.5714,false", expected[2], expected[3]]);

    // A damaged file of rates is not read as an empty one, which would release all cells anew.
    let run = std::fs::read_link(folder.path("out/latest")).unwrap();
    folder.write(&format!("out/{}/analyst/rates.csv", run.display()), "scheme\n");
    folder.run(&[]).is_fault(1, &["analyst/rates.csv", "was changed after it was published"]);
}

/// Fifteen accounts of the north's released cell, and eight of a suppressed cell, were found on another benefit.
/// Twenty-three could be published, fifteen cannot.
#[test]
fn accounts_of_suppressed_cells_are_in_no_detail() {
    let folder = Folder::empty();
    write_inputs(&folder, [(12, 28), (23, 41), (38, 99)], 4);
    let columns = ["forename", "surname", "date_of_birth", "address_line_1", "town", "postcode", "uprn"];
    let mut others = format!("claim_ref,benefit,{}\n", columns.join(","));
    let (leeds, hereford) = (12..27, 44..52);
    for row in folder.table("suppliers/north.csv") {
        let number: u64 = row["customer_ref"].trim_start_matches("north-").parse().unwrap();
        if leeds.contains(&number) || hereford.contains(&number) {
            let own: Vec<&str> = columns.iter().map(|column| row[*column].as_str()).collect();
            assert_eq!(row["town"] == "Leeds", leeds.contains(&number), "the nation is as meant");
            others += &format!("other-{number},HB,{}\n", own.join(","));
        }
    }
    folder.write("benefits-2.csv", others);
    folder.run_well();
    let found = folder.administrator("decisions", &[("supplier", "north"), ("reason", "not-eligible")]);
    assert_eq!(found.len(), 23, "all of them are found");
    let details = folder.table("out/latest/analyst/details.csv");
    let of = |supplier: &str| -> Vec<[String; 3]> {
        let asked = |row: &&Published| row["supplier"] == supplier && row["part"] == "not-eligible";
        let shown = |row: &Published| ["accounts", "at_least", "suppressed"].map(|column| row[column].clone());
        details.iter().filter(asked).map(shown).collect()
    };
    assert_eq!(of("north"), [["30", "", "true"].map(str::to_owned)]);
}

/// All of a run's files for analysts, without the run's id.
fn analyst_files(folder: &Folder) -> Vec<(String, String)> {
    let run = std::fs::read_link(folder.path("out/latest")).unwrap().display().to_string();
    let names = std::fs::read_dir(folder.path("out/latest/analyst")).unwrap();
    let mut names: Vec<String> = names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let read = |name: String| (name.clone(), folder.read(&format!("out/latest/analyst/{name}")).replace(&run, "RUN"));
    names.into_iter().map(read).collect()
}

/// What everybody can see of a supplier in a run.
#[derive(PartialEq, Eq)]
enum Told {
    /// The supplier has a delivery.
    Delivered(Vec<(String, String)>),
    /// The supplier has no delivery.
    RejectedSupplier(Vec<(String, String)>),
}

/// The gates look at true counts. The adversary has all that analysts have of two runs, and tries every count of the
/// north's 120 accounts and every fault of its second file. Where the north was held back, the adversary even knows the
/// first run's count. Every count must remain possible, although the gate on match rates quarantines a supplier with a
/// usual rate of zero for a single flag.
#[test]
fn a_supplier_that_is_held_back_tells_no_small_count() {
    let mut held = 0;
    let mut delivered: Vec<(usize, Told)> = Vec::new();
    for usual in [0, 2, 9] {
        let mut tried: Vec<(usize, Told)> = Vec::new();
        for tonight in [0, 1, 2, 5, 9] {
            for fault in ["none", "half a file", "no file", "rubbish"] {
                let folder = Folder::empty();
                write_inputs(&folder, [(usual, 120 - usual), (23, 41), (38, 99)], 0);
                folder.add_to_job("[gates]\nleast_accounts = 50");
                folder.run_well();
                write_inputs(&folder, [(tonight, 120 - tonight), (23, 41), (38, 99)], 0);
                folder.add_to_job("[gates]\nleast_accounts = 50");
                let rows = folder.read("suppliers/north.csv");
                let half: Vec<&str> = rows.lines().take(rows.lines().count() / 2).collect();
                match fault {
                    "none" => {}
                    "half a file" => folder.write("suppliers/north.csv", half.join("\n")),
                    "no file" => std::fs::remove_file(folder.path("suppliers/north.csv")).unwrap(),
                    _ => folder.write("suppliers/north.csv", "nothing\n"),
                }
                let said = folder.run(&[]);
                let files = analyst_files(&folder);
                tried.push(match said.code {
                    0 => (tonight, Told::Delivered(files)),
                    4 => (tonight, Told::RejectedSupplier(files)),
                    code => panic!("{usual} {tonight} {fault}: {code}: {}", said.stderr),
                });
            }
        }
        for (tonight, told) in &tried {
            let left: BTreeSet<usize> =
                tried.iter().filter(|(_, other)| other == told).map(|(count, _)| *count).collect();
            match told {
                Told::RejectedSupplier(_) => {
                    held += 1;
                    assert_eq!(left.len(), 5, "held back with {tonight} of a usual {usual} could only be {left:?}");
                    let is_another =
                        |(_, other): &&(usize, Told)| matches!(other, Told::RejectedSupplier(_)) && other != told;
                    assert_eq!(tried.iter().filter(is_another).count(), 0, "one cause is told from another");
                }
                Told::Delivered(_) => {}
            }
        }
        delivered.extend(tried.into_iter().filter(|(_, told)| matches!(told, Told::Delivered(_))));
    }
    // After a delivery the usual count must stay unknown too: otherwise the adversary would know a small count, and
    // that tonight's is close to it.
    assert!(delivered.len() > 5 && held > 40, "{} delivered, {held} held back", delivered.len());
    for (_, told) in &delivered {
        let left: BTreeSet<usize> =
            delivered.iter().filter(|(_, other)| other == told).map(|(count, _)| *count).collect();
        assert_eq!(left.len(), 5, "delivered, so that there could only be {left:?}");
    }
}

/// A report made from runs as analysts have them.
fn report_of(tables: &[Rates], format: Format) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut nights = Vec::new();
    for (night, rates) in tables.iter().enumerate() {
        let run = format!("202611{:02}T021500Z", night + 1);
        let place = folder.path().join(&run);
        std::fs::create_dir(&place).unwrap();
        std::fs::write(place.join("rates.csv"), rates.to_csv()).unwrap();
        std::fs::write(place.join("details.csv"), Details::default().to_csv()).unwrap();
        let scheme = |id: &str| json!({"id": id, "name": id, "qualifying_date": "2026-08-23"});
        let supplier = |id: &&str| json!({"id": id, "matched": night % 9 != 4, "held_back": night % 9 == 4});
        let record = json!({
            "run": run,
            "day": day(night).to_string(),
            "threshold": 0.98,
            "disclosure_threshold": THRESHOLD,
            "disclosure_days": DAYS,
            "gates": {"nights": 7, "match_rate_lower": 0.3, "match_rate_higher": 0.3},
            "schemes": SCHEMES.map(scheme),
            "suppliers": NAMES.iter().map(supplier).collect::<Vec<_>>(),
        });
        std::fs::write(place.join("night.json"), record.to_string()).unwrap();
        nights.push(place);
    }
    Report::read(&nights, false).unwrap().to(format).unwrap()
}

/// The adversary has the report, which has more than the tables of one run: trends, and the bounds of the gates. Every
/// count in it must be a released one, and other suppressed counts must change no byte of it.
#[test]
fn the_report_tells_no_more_than_the_tables() {
    let (mut counts, mut changed) = (0, 0);
    for seed in 800..804 {
        let (nations, tables) = thirty_nights(seed, 2);
        let mut draw = Draw(!seed);
        let mut others = vec![Rates::default()];
        for night in 0..NIGHTS {
            let mut other = nations[night].clone();
            for (supplier, cells) in other.iter_mut().enumerate() {
                for (place, counts) in cells.iter_mut() {
                    // A cell that is small in both schemes tonight and that no table shows.
                    let is_told = SCHEMES.iter().any(|scheme| {
                        tables[night + 1]
                            .of_supplier(scheme, NAMES[supplier])
                            .is_some_and(|own| own.cells.contains_key(place))
                    });
                    if !is_told && counts.both + counts.wide_alone < THRESHOLD {
                        (counts.both, counts.wide_alone, counts.neither) = (draw.below(5), draw.below(5), draw.count());
                        changed += 1;
                    }
                }
            }
            others.push(release(&other, 2, night, &others[night]));
        }
        for format in [Format::Csv, Format::Json, Format::Text, Format::Html] {
            assert!(report_of(&tables[1..], format) == report_of(&others[1..], format), "seed {seed}");
        }
        let tidy = report_of(&tables[1..], Format::Csv);
        for row in csv::Reader::from_reader(tidy.as_bytes()).deserialize::<Published>().map(Result::unwrap) {
            if ["accounts", "flagged", "at_least"].contains(&row["measure"].as_str()) && !row["value"].is_empty() {
                let count = number(&row, "value");
                assert!(count >= THRESHOLD && count.is_multiple_of(5), "{row:?}");
                counts += 1;
            }
        }
        // On the page, whole numbers in tables are counts, except the number of nights.
        let page = report_of(&tables[1..], Format::Html);
        for table in page.split("<table").skip(1).map(|rest| rest.split("</table>").next().unwrap()) {
            if table.contains("Times held back") {
                continue;
            }
            for cell in table.split("<td class=\"number\">").skip(1).map(|rest| rest.split('<').next().unwrap()) {
                let Ok(count) = cell.replace(',', "").parse::<u64>() else { continue };
                assert!(count >= THRESHOLD && count.is_multiple_of(5), "{cell} in {table}");
                counts += 1;
            }
        }
    }
    assert!(counts > 1000 && changed > 100, "{counts} counts, {changed} changed");
}
