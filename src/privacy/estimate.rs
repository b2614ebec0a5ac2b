//! Brings noisy tables whose sums must agree into agreement, and gives each figure its 95 % interval.
//!
//! Everything here is worked out from noisy figures alone, so it spends nothing. It is linear and cuts nothing off at
//! 0: figures that are cut off are too large on average, and sums of them more so.

use crate::statistics::OF_95_PERCENT;

/// A figure with fewer standard deviations than this is too noisy to show.
const LEAST_DEVIATIONS: f64 = 5.0;

/// A table of noisy counts: each row a part of the population, each column one thing that may have become of it.
#[derive(Debug, Clone)]
pub(crate) struct Noisy<C> {
    columns: Vec<C>,
    /// Row by row.
    values: Vec<f64>,
    /// Of each count.
    variance: f64,
}

/// A table that agrees with the others of the same population.
#[derive(Debug, Clone)]
pub(crate) struct Agreed {
    columns: usize,
    cells: Vec<Estimate>,
}

/// An estimate of a count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    value: f64,
    variance: f64,
}

/// What may be published of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shown {
    /// `None` if it is too noisy to show.
    pub(crate) value: Option<f64>,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl<C: Copy + PartialEq> Noisy<C> {
    /// A table of noisy counts, row by row; `variance` is that of each.
    pub(crate) fn new(columns: &[C], values: Vec<f64>, variance: u64) -> Noisy<C> {
        Noisy { columns: columns.to_vec(), values, variance: variance as f64 }
    }

    /// The noisy counts, for tests of what they reveal.
    #[cfg(test)]
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    fn rows(&self) -> f64 {
        (self.values.len() / self.columns.len()) as f64
    }

    /// The total of a column, if the table has it.
    fn total(&self, column: C) -> Option<Estimate> {
        let place = self.columns.iter().position(|own| *own == column)?;
        let value = self.values.iter().skip(place).step_by(self.columns.len()).sum();
        Some(Estimate { value, variance: self.rows() * self.variance })
    }
}

/// Makes tables of one population agree. The total of a column is known from each table that has it: these are
/// averaged, each by its precision, and every table spreads its difference over its rows. That is the least squares
/// solution, since all counts of a table are equally noisy.
pub(crate) fn agree<C: Copy + PartialEq>(tables: &[Noisy<C>]) -> Vec<Agreed> {
    let best_total = |column: C| {
        let told = tables.iter().filter_map(|table| table.total(column));
        let (sum, precision) = told
            .fold((0.0, 0.0), |(sum, precision), own| (sum + own.value / own.variance, precision + 1.0 / own.variance));
        Estimate { value: sum / precision, variance: 1.0 / precision }
    };
    let agreed = tables.iter().map(|table| {
        let rows = table.rows();
        let totals = table.columns.iter().map(|column| {
            let best = best_total(*column);
            (best, (best.value - table.total(*column).map_or(best.value, |own| own.value)) / rows)
        });
        let totals: Vec<(Estimate, f64)> = totals.collect();
        let cells = table.values.iter().enumerate().map(|(place, value)| {
            let (total, slip) = totals[place % table.columns.len()];
            // What a count has beyond its column's mean does not depend on the total.
            let variance = table.variance * (1.0 - 1.0 / rows) + total.variance / (rows * rows);
            Estimate { value: value + slip, variance }
        });
        Agreed { columns: table.columns.len(), cells: cells.collect() }
    });
    agreed.collect()
}

impl Agreed {
    /// The estimates of each row, by column.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[Estimate]> {
        self.cells.chunks(self.columns)
    }

    /// Each count as a whole number, row by row: figures that add up, next to the estimates.
    pub(crate) fn whole(&self) -> Vec<i64> {
        let mut whole = vec![0; self.cells.len()];
        for column in 0..self.columns {
            let of_column: Vec<f64> =
                self.cells.iter().skip(column).step_by(self.columns).map(|own| own.value).collect();
            let rounded = whole_numbers(&of_column);
            whole.iter_mut().skip(column).step_by(self.columns).zip(rounded).for_each(|(own, value)| *own = value);
        }
        whole
    }
}

impl Estimate {
    /// The sum of estimates whose noise is independent, such as those of one row.
    pub(crate) fn sum(all: &[Estimate]) -> Estimate {
        let add = |one: Estimate, other: &Estimate| Estimate {
            value: one.value + other.value,
            variance: one.variance + other.variance,
        };
        all.iter().fold(Estimate { value: 0.0, variance: 0.0 }, add)
    }

    /// Whether it is far enough above its noise to be shown.
    fn is_shown(self) -> bool {
        self.value >= LEAST_DEVIATIONS * self.variance.sqrt()
    }

    /// The count with its 95 % interval, which holds no count below 0.
    pub(crate) fn shown(self) -> Shown {
        let reach = OF_95_PERCENT * self.variance.sqrt();
        let (low, high) = ((self.value - reach).max(0.0), (self.value + reach).max(0.0));
        Shown { value: self.is_shown().then_some(self.value), low, high }
    }

    /// The share that this count has of itself and `rest` together, with its 95 % interval by Fieller's method (*Some
    /// problems in interval estimation*, 1954). The noise of the two is independent. Without a value if one of them is too
    /// noisy to show, and with an interval from 0 to 1 if both together are.
    pub(crate) fn share(self, rest: Estimate) -> Shown {
        let whole = Estimate::sum(&[self, rest]);
        if !whole.is_shown() {
            return Shown { value: None, low: 0.0, high: 1.0 };
        }
        // The shares θ for which |value − θ whole| is within reach of its own standard deviation solve a quadratic.
        let square = OF_95_PERCENT * OF_95_PERCENT;
        let second = whole.value * whole.value - square * whole.variance;
        let first = self.value * whole.value - square * self.variance;
        let last = self.value * self.value - square * self.variance;
        let root = (first * first - second * last).max(0.0).sqrt();
        let (low, high) = (((first - root) / second).clamp(0.0, 1.0), ((first + root) / second).clamp(0.0, 1.0));
        if !self.is_shown() || !rest.is_shown() {
            return Shown { value: None, low, high };
        }
        // A quotient of noisy numbers errs to one side on average; this takes the error out to second order.
        let (part, all) = (self.variance / whole.value.powi(2), whole.variance / whole.value.powi(2));
        let value = self.value / whole.value * (1.0 - all) + part;
        Shown { value: Some(value), low: low.min(value), high: high.max(value) }
    }
}

/// Whole numbers next to some values, with the sum that is next to theirs: the largest remainders are rounded up
/// (Hamilton's method).
fn whole_numbers(values: &[f64]) -> Vec<i64> {
    let mut whole: Vec<i64> = values.iter().map(|value| value.floor() as i64).collect();
    let left = values.iter().sum::<f64>().round() as i64 - whole.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|one, other| values[*other].fract().rem_euclid(1.0).total_cmp(&values[*one].fract().rem_euclid(1.0)));
    order.into_iter().take(usize::try_from(left).unwrap_or(0)).for_each(|place| whole[place] += 1);
    whole
}

#[cfg(test)]
mod tests {
    use super::super::noise::Noise;
    use super::*;
    use proptest::prelude::*;

    /// Two ways to cut one population: by four regions, and by two kinds of home. The columns are found and not found.
    const BY_REGION: [[f64; 2]; 4] = [[9_000.0, 3_000.0], [4_000.0, 1_500.0], [1_200.0, 90.0], [20.0, 0.0]];
    const BY_HOME: [[f64; 2]; 2] = [[10_220.0, 3_590.0], [4_000.0, 1_000.0]];
    const VARIANCE: u64 = 8_750;

    const COLUMNS: [&str; 2] = ["found", "not found"];

    fn drawn(noise: &mut Noise, truth: &[[f64; 2]]) -> Noisy<&'static str> {
        let counts = truth.iter().flatten().map(|count| count + noise.gaussian(VARIANCE) as f64);
        Noisy::new(&COLUMNS, counts.collect(), VARIANCE)
    }

    fn truths() -> Vec<f64> {
        BY_REGION.iter().chain(&BY_HOME).flatten().copied().collect()
    }

    fn estimates(noise: &mut Noise) -> Vec<Estimate> {
        let tables = agree(&[drawn(noise, &BY_REGION), drawn(noise, &BY_HOME)]);
        tables.iter().flat_map(|table| table.cells.iter().copied()).collect()
    }

    /// One table has only one of the columns.
    #[test]
    fn tables_of_one_population_have_the_same_totals() {
        let mut noise = Noise::from_seed(11);
        let of_found = Noisy::new(&["not found"], vec![4_100.0, 480.0, 70.0], 90);
        let tables = agree(&[drawn(&mut noise, &BY_REGION), drawn(&mut noise, &BY_HOME), of_found]);
        let total = |table: usize, column: usize| -> f64 { tables[table].rows().map(|row| row[column].value).sum() };
        for (one, other) in [((0, 0), (1, 0)), ((0, 1), (1, 1)), ((0, 1), (2, 0))] {
            assert!((total(one.0, one.1) - total(other.0, other.1)).abs() < 1e-6, "{one:?} and {other:?}");
            let whole = |(table, column): (usize, usize)| -> i64 {
                let columns = tables[table].columns;
                tables[table].whole().iter().skip(column).step_by(columns).sum()
            };
            assert_eq!(whole(one), whole(other), "{one:?} and {other:?}");
        }
        // The table with little noise decides.
        assert!((total(0, 1) - 4_650.0).abs() < 60.0);
    }

    /// What the other table says makes each figure more precise, and the stated variance is the true one.
    #[test]
    fn agreement_makes_figures_as_precise_as_they_say_and_leaves_them_unbiased() {
        let (draws, mut noise) = (20_000, Noise::from_seed(12));
        let truth = truths();
        let mut sums = vec![(0.0, 0.0); truth.len()];
        let mut stated = Vec::new();
        for _ in 0..draws {
            let found = estimates(&mut noise);
            for ((sum, square), (cell, truth)) in sums.iter_mut().zip(found.iter().zip(&truth)) {
                *sum += cell.value - truth;
                *square += (cell.value - truth).powi(2);
            }
            stated = found.iter().map(|cell| cell.variance).collect();
        }
        for ((sum, square), stated) in sums.into_iter().zip(stated) {
            let (mean, variance) = (sum / f64::from(draws), square / f64::from(draws));
            assert!(mean.abs() < 4.0 * (stated / f64::from(draws)).sqrt(), "bias {mean}");
            assert!((variance / stated - 1.0).abs() < 4.0 * (2.0 / f64::from(draws)).sqrt(), "{variance} for {stated}");
            assert!(stated < VARIANCE as f64);
        }
    }

    /// Counts and shares: 94 to 96 % of intervals hold the truth, and more where the truth is next to 0.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_promise() {
        let (draws, mut noise) = (20_000_u32, Noise::from_seed(13));
        let truth = truths();
        let mut held = vec![0_u32; truth.len()];
        let mut shares = vec![(0_u32, 0_u32); truth.len() / 2];
        for _ in 0..draws {
            let found = estimates(&mut noise);
            for (held, (cell, truth)) in held.iter_mut().zip(found.iter().zip(&truth)) {
                let Shown { low, high, .. } = cell.shown();
                *held += u32::from(low <= *truth && *truth <= high);
            }
            for ((held, shown), (cells, truth)) in shares.iter_mut().zip(found.chunks(2).zip(truth.chunks(2))) {
                let Shown { value, low, high } = cells[0].share(cells[1]);
                let share = truth[0] / (truth[0] + truth[1]);
                *shown += u32::from(value.is_some());
                *held += u32::from(low <= share && share <= high);
            }
        }
        for (held, truth) in held.iter().zip(&truth) {
            let share = f64::from(*held) / f64::from(draws);
            let most = if *truth > 2.0 * (VARIANCE as f64).sqrt() { 0.96 } else { 1.0 };
            assert!((0.94..=most).contains(&share), "{truth}: {share}");
        }
        for ((held, shown), cells) in shares.iter().zip(truth.chunks(2)) {
            let share = f64::from(*held) / f64::from(draws);
            let large = 10.0 * (VARIANCE as f64).sqrt();
            let most = if cells[0] + cells[1] > large { 0.965 } else { 1.0 };
            assert!((0.94..=most).contains(&share), "{cells:?}: {share}");
            let is_always_shown = f64::from(*shown) > 0.99 * f64::from(draws);
            assert_eq!(is_always_shown, cells[0].min(cells[1]) > large, "{cells:?}");
        }
    }

    #[test]
    fn a_figure_that_says_nothing_is_not_shown() {
        let of = |value: f64| Estimate { value, variance: 10_000.0 };
        for (value, is_shown, low, high) in [
            (-300.0, false, 0.0, 0.0),
            (100.0, false, 0.0, 296.0),
            (499.0, false, 303.0, 695.0),
            (500.0, true, 304.0, 696.0),
        ] {
            let shown = of(value).shown();
            assert_eq!(
                (shown.value.is_some(), shown.low.round(), shown.high.round()),
                (is_shown, low, high),
                "{value}"
            );
        }
        assert_eq!(of(200.0).share(of(200.0)), Shown { value: None, low: 0.0, high: 1.0 });
        let share = of(-50.0).share(of(9_000.0));
        assert_eq!((share.value, share.low), (None, 0.0));
        assert!((0.01..0.03).contains(&share.high), "{}", share.high);
        let share = of(3_000.0).share(of(9_000.0));
        assert!(share.value.is_some_and(|value| (value - 0.25).abs() < 1e-4), "{:?}", share.value);
    }

    proptest! {
        #[test]
        fn rounded_figures_add_up_and_stay_next_to_what_they_were(values in prop::collection::vec(-1e6_f64..1e6, 1..40)) {
            let whole = whole_numbers(&values);
            prop_assert_eq!(whole.iter().sum::<i64>(), values.iter().sum::<f64>().round() as i64);
            for (whole, value) in whole.iter().zip(&values) {
                prop_assert!((*whole as f64 - value).abs() < 1.0 + 1e-6);
            }
        }
    }
}
