//! Makes the rows of `analyst/rates.csv` from released rates, with totals that are sums of the cells above them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::count::{Released, is_mixed};
use super::population::Place;
use super::rates::{Figures, Rates, SupplierRates};
use crate::release::rows::{RateRow, RatesTable};
use crate::release::table::Block;

pub(super) const CELL: &str = "cell";
/// A cell that is suppressed now, with its last released figures.
pub(super) const WITHDRAWN: &str = "withdrawn";
pub(super) const SUPPLIER: &str = "supplier";
pub(super) const NO_AREA: &str = "none";
/// The names of a known date of birth and of an unknown one.
pub(super) const BIRTH_DATE: [&str; 2] = ["known", "unknown"];
pub(super) const HOME: [&str; 2] = ["flat", "house"];

impl Place {
    /// The postcode area, or `none`.
    pub(super) fn area_name(&self) -> &str {
        let letters = self.area.iter().position(|letter| *letter == 0).unwrap_or(2);
        match std::str::from_utf8(&self.area[..letters]) {
            Ok(area) if !area.is_empty() => area,
            _ => NO_AREA,
        }
    }

    fn birth_date_name(&self) -> &'static str {
        BIRTH_DATE[usize::from(!self.birth_date)]
    }

    fn home_name(&self) -> &'static str {
        HOME[usize::from(!self.flat)]
    }
}

/// What a row is about; an empty text means all.
#[derive(Clone, Copy, Default)]
struct About<'a> {
    breakdown: &'static str,
    supplier: &'a str,
    area: &'a str,
    birth_date: &'static str,
    home: &'static str,
}

impl Rates {
    /// The file's bytes.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = Block::<RatesTable>::with_header();
        for of_scheme in self.suppliers.chunk_by(|one, other| one.scheme == other.scheme) {
            let scheme = &of_scheme[0].scheme;
            let mut write = |about, figures, as_of| row(scheme, about, figures, as_of, &mut out);
            for rates in of_scheme {
                for (breakdown, figures) in [(CELL, &rates.cells), (WITHDRAWN, &rates.withdrawn)] {
                    for (place, figures) in figures {
                        let about = About {
                            breakdown,
                            supplier: &rates.supplier,
                            area: place.area_name(),
                            birth_date: place.birth_date_name(),
                            home: place.home_name(),
                        };
                        write(about, Some(Sums::new([figures])), Some(figures.as_of));
                    }
                }
            }
            for rates in of_scheme {
                let about = About { breakdown: SUPPLIER, supplier: &rates.supplier, ..About::default() };
                let sums = (!rates.cells.is_empty()).then(|| Sums::new(rates.cells.values()));
                write(about, sums, Some(rates.looked_at));
            }
            let mut over_suppliers = |about, belongs: &dyn Fn(&Place) -> bool| {
                let (sums, as_of) = over_suppliers(of_scheme, belongs);
                write(about, sums, as_of);
            };
            // Areas without released cells are not listed, so that the list does not reveal which there are.
            let places = || of_scheme.iter().flat_map(|rates| rates.cells.keys());
            let areas: BTreeMap<&str, [u8; 2]> = places().map(|place| (place.area_name(), place.area)).collect();
            for (name, area) in areas {
                over_suppliers(About { breakdown: "area", area: name, ..About::default() }, &|place| {
                    place.area == area
                });
            }
            for birth_date in BIRTH_DATE {
                let about = About { breakdown: "birth_date", birth_date, ..About::default() };
                over_suppliers(about, &|place| place.birth_date_name() == birth_date);
            }
            for home in HOME {
                let about = About { breakdown: "home", home, ..About::default() };
                over_suppliers(about, &|place| place.home_name() == home);
            }
            over_suppliers(About { breakdown: "total", ..About::default() }, &|_| true);
        }
        out.into_bytes()
    }
}

/// Sums of released cells.
#[derive(Clone, Copy)]
struct Sums {
    flagged: Released,
    accounts: Released,
}

impl Sums {
    fn new<'a>(figures: impl IntoIterator<Item = &'a Figures>) -> Sums {
        let (flagged, accounts): (Vec<Released>, Vec<Released>) =
            figures.into_iter().map(|figures| (figures.flagged, figures.accounts())).unzip();
        Sums { flagged: flagged.into_iter().sum(), accounts: accounts.into_iter().sum() }
    }
}

/// The sums of all suppliers, if they are enough and none has too large a share, and the oldest day in them.
fn over_suppliers(all: &[SupplierRates], belongs: &dyn Fn(&Place) -> bool) -> (Option<Sums>, Option<Date>) {
    let own = |rates: &SupplierRates| {
        rates.cells.iter().filter(|(place, _)| belongs(place)).map(|(_, figures)| *figures).collect::<Vec<_>>()
    };
    let figures: Vec<Vec<Figures>> = all.iter().map(own).collect();
    let counts = |count: fn(&Figures) -> Released| {
        figures.iter().map(|own| own.iter().map(count).sum()).collect::<Vec<Released>>()
    };
    let mixed = is_mixed(&counts(|figures| figures.flagged)) && is_mixed(&counts(|figures| figures.unflagged));
    let as_of = figures.iter().flatten().map(|figures| figures.as_of).min();
    (mixed.then(|| Sums::new(figures.iter().flatten())), as_of)
}

fn row(scheme: &str, about: About<'_>, sums: Option<Sums>, as_of: Option<Date>, out: &mut Block<RatesTable>) {
    let rate = |sums: Sums| format!("{:.4}", sums.flagged.get() as f64 / sums.accounts.get() as f64);
    let About { breakdown, supplier, area, birth_date, home } = about;
    out.push(&RateRow {
        scheme,
        breakdown,
        supplier,
        area,
        birth_date,
        home,
        accounts: sums.map(|sums| sums.accounts),
        flagged: sums.map(|sums| sums.flagged),
        rate: &sums.map_or(String::new(), rate),
        suppressed: sums.is_none() || breakdown == WITHDRAWN,
        as_of,
    });
}
