//! Draws a distribution as columns, with a mark at the threshold.

use super::{BLUE, GREY, HPos, INK, RED, RULE, ReportError, Screen, VPos};
use super::{anchored, bold, fill, letters, line, svg, ticks, write};
use crate::report::words::count;

/// The count of one band.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Column {
    /// The lower end of the band.
    pub(in crate::report) from: f64,
    /// `None` if it is too noisy to show.
    pub(in crate::report) value: Option<u64>,
    pub(in crate::report) interval: Option<(u64, u64)>,
}

/// Draws bands of equal width, in order.
pub(in crate::report) fn histogram(
    name: &str,
    columns: &[Column],
    band: f64,
    threshold: f64,
    screen: Screen,
) -> Result<String, ReportError> {
    let (width, height) = (screen.width() as i32, 230);
    svg((screen.width(), height as u32), name, |area| {
        let (left, right, top, bottom) = (62, width - 12, 34, height - 44);
        let start = columns.first().map_or(0.0, |column| column.from).min(threshold - 2.0 * band);
        let end = columns.last().map_or(1.0, |column| column.from + band);
        let x = |bits: f64| left + ((bits - start) / (end - start) * f64::from(right - left)).round() as i32;
        let counts = ticks(0.0, columns.iter().filter_map(|column| column.value).max().unwrap_or(0).max(1) as f64);
        let most = counts[counts.len() - 1];
        let y = |value: f64| bottom - (value / most * f64::from(bottom - top)).round() as i32;
        for value in counts {
            line(area, (left, y(value)), (right, y(value)), RULE, 1)?;
            let text = count(value.round() as u64);
            write(area, &text, (left - 6, y(value)), anchored(letters(12, GREY), HPos::Right, VPos::Center))?;
        }
        for column in columns {
            let (from, to) = (x(column.from) + 1, x(column.from + band) - 1);
            if let Some(value) = column.value.filter(|value| *value > 0) {
                fill(area, (from, y(value as f64)), (to, bottom), BLUE)?;
                if let Some((low, high)) = column.interval {
                    let middle = (from + to) / 2;
                    line(area, (middle, y((low as f64).min(most))), (middle, y((high as f64).min(most))), INK, 1)?;
                }
            }
        }
        line(area, (left, bottom), (right, bottom), INK, 1)?;
        let step = if screen == Screen::Wide { 5.0 } else { 10.0 };
        // `ceil` can give -0.0, which adding 0.0 turns into 0.0.
        let mut tick = (start / step).ceil() * step + 0.0;
        while tick <= end {
            line(area, (x(tick), bottom), (x(tick), bottom + 4), INK, 1)?;
            let style = anchored(letters(12, GREY), HPos::Center, VPos::Top);
            write(area, &format!("{tick}"), (x(tick), bottom + 7), style)?;
            tick += step;
        }
        let style = anchored(letters(12, GREY), HPos::Right, VPos::Bottom);
        write(area, "match weight in bits", (right, height - 4), style)?;
        line(area, (x(threshold), top - 14), (x(threshold), bottom), RED, 2)?;
        let style = anchored(bold(13, RED), HPos::Left, VPos::Center);
        write(area, "threshold", (x(threshold) + 6, top - 16), style)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nought_has_no_sign() {
        let columns =
            [Column { from: -2.5, value: Some(3), interval: None }, Column { from: 0.0, value: None, interval: None }];
        for screen in [Screen::Wide, Screen::Phone] {
            let picture = histogram("weights", &columns, 2.5, 1.0, screen).unwrap();
            let labels: Vec<&str> = picture.lines().map(str::trim).collect();
            assert!(labels.contains(&"0") && !labels.contains(&"-0"), "{picture}");
        }
    }
}
