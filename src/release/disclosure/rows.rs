//! Makes the rows of `analyst/rates.csv` from released rates, with totals that are sums of the cells above them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::count::{Released, is_mixed};
use super::population::Place;
use super::rates::{Figures, Rates, SupplierRates};
use crate::release::rows::{Rate, RateRow, RatesTable};
use crate::release::table::Block;
use crate::release::values::values;

pub(super) const NO_AREA: &str = "none";

values! {
    /// What a row of rates is one part of.
    pub(crate) enum RateBreakdown {
        /// The protected partition.
        Cell = "cell",
        /// The same; the cell is suppressed now, and has its last released figures.
        Withdrawn = "withdrawn",
        Supplier = "supplier",
        Area = "area",
        BirthDate = "birth_date",
        Home = "home",
        Total = "total",
    }
}

values! {
    /// Whether the first holder's date of birth is known.
    pub(crate) enum BirthDate {
        Known = "known",
        Unknown = "unknown",
    }
}

values! {
    /// Whether the address has a flat.
    pub(crate) enum Home {
        Flat = "flat",
        House = "house",
    }
}

impl Place {
    /// The postcode area, or `none`.
    pub(super) fn area_name(&self) -> &str {
        let letters = self.area.iter().position(|letter| *letter == 0).unwrap_or(2);
        match std::str::from_utf8(&self.area[..letters]) {
            Ok(area) if !area.is_empty() => area,
            _ => NO_AREA,
        }
    }

    fn birth_date_is(&self) -> BirthDate {
        if self.birth_date { BirthDate::Known } else { BirthDate::Unknown }
    }

    fn home_is(&self) -> Home {
        if self.flat { Home::Flat } else { Home::House }
    }
}

/// What a row is about; an empty text and `None` mean all.
#[derive(Clone, Copy)]
struct About<'a> {
    breakdown: RateBreakdown,
    supplier: &'a str,
    area: &'a str,
    birth_date: Option<BirthDate>,
    home: Option<Home>,
}

impl About<'_> {
    fn all(breakdown: RateBreakdown) -> About<'static> {
        About { breakdown, supplier: "", area: "", birth_date: None, home: None }
    }
}

impl Rates {
    /// The file's bytes.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = Block::<RatesTable>::with_header();
        for of_scheme in self.suppliers.chunk_by(|one, other| one.scheme == other.scheme) {
            let scheme = &of_scheme[0].scheme;
            let mut write = |about, figures, as_of| row(scheme, about, figures, as_of, &mut out);
            for rates in of_scheme {
                let kinds = [(RateBreakdown::Cell, &rates.cells), (RateBreakdown::Withdrawn, &rates.withdrawn)];
                for (breakdown, figures) in kinds {
                    for (place, figures) in figures {
                        let about = About {
                            breakdown,
                            supplier: &rates.supplier,
                            area: place.area_name(),
                            birth_date: Some(place.birth_date_is()),
                            home: Some(place.home_is()),
                        };
                        write(about, Some(Sums::new([figures])), Some(figures.as_of));
                    }
                }
            }
            for rates in of_scheme {
                let about = About { supplier: &rates.supplier, ..About::all(RateBreakdown::Supplier) };
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
                over_suppliers(About { area: name, ..About::all(RateBreakdown::Area) }, &|place| place.area == area);
            }
            for birth_date in [BirthDate::Known, BirthDate::Unknown] {
                let about = About { birth_date: Some(birth_date), ..About::all(RateBreakdown::BirthDate) };
                over_suppliers(about, &|place| place.birth_date_is() == birth_date);
            }
            for home in [Home::Flat, Home::House] {
                let about = About { home: Some(home), ..About::all(RateBreakdown::Home) };
                over_suppliers(about, &|place| place.home_is() == home);
            }
            over_suppliers(About::all(RateBreakdown::Total), &|_| true);
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
    let rate = |sums: Sums| Rate(sums.flagged.get() as f64 / sums.accounts.get() as f64);
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
        rate: sums.map(rate),
        suppressed: sums.is_none() || breakdown == RateBreakdown::Withdrawn,
        as_of,
    });
}
