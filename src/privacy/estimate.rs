//! Brings noisy tables whose sums must agree into agreement, and gives each figure its 95 % interval.
//!
//! Everything here is worked out from noisy figures alone, so it spends nothing. It is linear and cuts nothing off at
//! 0: figures that are cut off are too large on average, and sums of them more so.

use crate::statistics::OF_95_PERCENT;

/// A figure with fewer standard deviations than this is too noisy to show.
const LEAST_DEVIATIONS: f64 = 5.0;

/// A table of noisy counts: each row a cell of the population, each column one thing that may have become of it.
#[derive(Debug, Clone)]
pub(crate) struct Noisy {
    columns: usize,
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
    totals: Vec<Estimate>,
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

impl Noisy {
    /// A table of noisy counts, row by row; `variance` is that of each.
    pub(crate) fn new(columns: usize, values: Vec<f64>, variance: u64) -> Noisy {
        Noisy { columns, values, variance: variance as f64 }
    }

    fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    fn total(&self, column: usize) -> f64 {
        self.values.iter().skip(column).step_by(self.columns).sum()
    }
}

/// Makes tables of one population agree. All have the same columns, whose totals are known from each table: they are
/// averaged, each table by its precision, and every table spreads its difference over its rows. That is the least
/// squares solution, since all counts of a table are equally noisy.
pub(crate) fn agree(tables: &[Noisy]) -> Vec<Agreed> {
    let columns = tables.first().map_or(0, |table| table.columns);
    let precision: Vec<f64> = tables.iter().map(|table| 1.0 / (table.rows() as f64 * table.variance)).collect();
    let all: f64 = precision.iter().sum();
    let totals: Vec<Estimate> = (0..columns)
        .map(|column| {
            let weighed = tables.iter().zip(&precision).map(|(table, weight)| table.total(column) * weight);
            Estimate { value: weighed.sum::<f64>() / all, variance: 1.0 / all }
        })
        .collect();
    let agreed = tables.iter().map(|table| {
        let rows = table.rows() as f64;
        let slip: Vec<f64> = (0..columns).map(|column| (totals[column].value - table.total(column)) / rows).collect();
        // What a count has beyond its column's mean does not depend on the total.
        let variance = table.variance * (1.0 - 1.0 / rows) + 1.0 / all / (rows * rows);
        let cells = table.values.iter().enumerate();
        let cells = cells.map(|(place, value)| Estimate { value: value + slip[place % columns], variance });
        Agreed { columns, cells: cells.collect(), totals: totals.clone() }
    });
    agreed.collect()
}

impl Agreed {
    /// The estimates of a row, by column.
    pub(crate) fn row(&self, row: usize) -> &[Estimate] {
        &self.cells[row * self.columns..(row + 1) * self.columns]
    }

    /// The totals of the columns, the same in all tables that agree.
    pub(crate) fn totals(&self) -> &[Estimate] {
        &self.totals
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
    /// problems in interval estimation*, 1954). The noise of the two is independent. Without a value, and with an
    /// interval from 0 to 1, if both together are too noisy to show.
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
        let value = (self.value / whole.value).clamp(0.0, 1.0);
        let low = ((first - root) / second).clamp(0.0, 1.0).min(value);
        let high = ((first + root) / second).clamp(0.0, 1.0).max(value);
        Shown { value: Some(value), low, high }
    }
}

/// Whole numbers next to some values, with the sum that is next to theirs: the largest remainders are rounded up
/// (Hamilton's method).
pub(crate) fn whole_numbers(values: &[f64]) -> Vec<i64> {
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

    fn drawn(noise: &mut Noise, truth: &[[f64; 2]]) -> Noisy {
        let counts = truth.iter().flatten().map(|count| count + noise.gaussian(VARIANCE) as f64);
        Noisy::new(2, counts.collect(), VARIANCE)
    }

    fn truths() -> Vec<f64> {
        BY_REGION.iter().chain(&BY_HOME).flatten().copied().collect()
    }

    fn estimates(noise: &mut Noise) -> Vec<Estimate> {
        let tables = agree(&[drawn(noise, &BY_REGION), drawn(noise, &BY_HOME)]);
        tables.iter().flat_map(|table| table.cells.iter().copied()).collect()
    }

    #[test]
    fn tables_of_one_population_have_the_same_totals() {
        let mut noise = Noise::from_seed(11);
        let tables = agree(&[drawn(&mut noise, &BY_REGION), drawn(&mut noise, &BY_HOME)]);
        for column in 0..2 {
            for table in &tables {
                let sum: f64 = table.cells.iter().skip(column).step_by(2).map(|cell| cell.value).sum();
                assert!((sum - tables[0].totals[column].value).abs() < 1e-6);
            }
        }
        assert_eq!(tables[1].row(1), &tables[1].cells[2..4]);
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
                let share = cells[0].share(cells[1]);
                let truth = truth[0] / (truth[0] + truth[1]);
                *shown += u32::from(share.value.is_some());
                *held += u32::from(share.value.is_some() && share.low <= truth && truth <= share.high);
            }
        }
        for (held, truth) in held.iter().zip(&truth) {
            let share = f64::from(*held) / f64::from(draws);
            let most = if *truth > 2.0 * (VARIANCE as f64).sqrt() { 0.96 } else { 1.0 };
            assert!((0.94..=most).contains(&share), "{truth}: {share}");
        }
        for ((held, shown), cells) in shares.iter().zip(truth.chunks(2)) {
            if f64::from(*shown) > 0.99 * f64::from(draws) {
                let share = f64::from(*held) / f64::from(*shown);
                assert!((0.94..=0.965).contains(&share), "{cells:?}: {share}");
            } else {
                assert!(cells[0] + cells[1] < 10.0 * (VARIANCE as f64).sqrt(), "{cells:?} is hidden too often");
            }
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
        assert_eq!((share.value, share.low), (Some(0.0), 0.0));
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
