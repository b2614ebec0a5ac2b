//! Draws a waterfall: bars for steps that add up, each beginning where the one before it ended, and a last bar for
//! the sum, over an axis in bits.

use super::{BLUE, GREY, HPos, INK, RED, RULE, ReportError, Screen, VPos};
use super::{anchored, bold, fill, letters, line, svg, write};

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Step {
    pub(in crate::report) name: String,
    pub(in crate::report) level: String,
    pub(in crate::report) bits: f64,
}

/// The sums before each step, and the last sum.
pub(in crate::report) fn sums(steps: &[Step]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for step in steps {
        sums.push(sums[sums.len() - 1] + step.bits);
    }
    sums
}

/// The axis of a waterfall: its ends, and the round bits between them.
pub(in crate::report) fn axis(sums: &[f64], threshold: f64) -> ((f64, f64), Vec<f64>) {
    let all = || sums.iter().copied().chain([threshold]);
    let (least, most) = (all().fold(threshold, f64::min), all().fold(threshold, f64::max));
    let ticks = |step: f64| -> Vec<f64> {
        let (first, last) = ((least / step).ceil() as i64, (most / step).floor() as i64);
        (first..=last).map(|place| place as f64 * step).collect()
    };
    let steps = [50.0, 20.0, 10.0, 5.0, 2.0];
    let step = steps.into_iter().find(|step| ticks(*step).len() >= 3).unwrap_or(1.0);
    ((least, most), ticks(step))
}

/// Draws the steps from top to bottom, their sum, and where the threshold lies.
pub(in crate::report) fn waterfall(
    name: &str,
    steps: &[Step],
    threshold: f64,
    screen: Screen,
) -> Result<String, ReportError> {
    let (row, top, left) = match screen {
        Screen::Wide => (28, 30, 250),
        Screen::Phone => (44, 30, 14),
    };
    let rows = steps.len() as i32 + 1;
    let bottom = top + row * rows + 4;
    let right = screen.width() as i32 - 70;
    let sums = sums(steps);
    let ((least, most), ticks) = axis(&sums, threshold);
    let x = |bits: f64| left + ((bits - least) / (most - least).max(1.0) * f64::from(right - left)).round() as i32;
    svg((screen.width(), (bottom + 40) as u32), name, |area| {
        for bits in &ticks {
            line(area, (x(*bits), top - 6), (x(*bits), bottom + 4), RULE, 1)?;
            let style = anchored(letters(12, GREY), HPos::Center, VPos::Top);
            write(area, &bits.to_string(), (x(*bits), bottom + 7), style)?;
        }
        line(area, (left, bottom), (right, bottom), INK, 1)?;
        let style = anchored(letters(12, GREY), HPos::Right, VPos::Top);
        write(area, "odds in bits", (right, bottom + 23), style)?;
        line(area, (x(threshold), top - 6), (x(threshold), bottom), RED, 2)?;
        let style = anchored(bold(12, RED), HPos::Center, VPos::Center);
        write(area, "threshold", (x(threshold).clamp(40, right), top - 14), style)?;
        let sum = sums[sums.len() - 1];
        let parts = steps.iter().zip(sums.windows(2)).map(|(step, ends)| {
            let colour = if step.bits < 0.0 { GREY } else { BLUE };
            (format!("{}: {}", step.name, step.level), (ends[0], ends[1]), format!("{:+.1}", step.bits), colour)
        });
        let last = ("Sum".to_owned(), (0.0, sum), format!("{sum:.1}"), INK);
        for ((label, ends, text, colour), place) in parts.chain([last]).zip(0..) {
            let y = top + row * place;
            let is_last = place + 1 == rows;
            let font = |size| if is_last { bold(size, INK) } else { letters(size, INK) };
            let (from, to) = match screen {
                Screen::Wide => {
                    let style = anchored(font(14), HPos::Right, VPos::Center);
                    write(area, &label, (left - 12, y + row / 2), style)?;
                    (y + 4, y + row - 4)
                }
                Screen::Phone => {
                    write(area, &label, (left, y + 9), anchored(font(13), HPos::Left, VPos::Center))?;
                    (y + 19, y + row - 5)
                }
            };
            let (start, end) = (x(ends.0.min(ends.1)), x(ends.0.max(ends.1)));
            fill(area, (start, from), (end.max(start + 1), to), colour)?;
            let style = anchored(bold(13, INK), HPos::Left, VPos::Center);
            write(area, &text, (right + 12, (from + to) / 2), style)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_encloses_every_sum_and_the_last_bar_is_the_sum() {
        let step = |bits: f64| Step { name: "Surname".to_owned(), level: "exact".to_owned(), bits };
        let steps = [step(-25.0), step(18.25), step(14.0), step(-1.5)];
        let own = sums(&steps);
        assert_eq!(own, [0.0, -25.0, -6.75, 7.25, 5.75]);
        assert_eq!(axis(&own, 5.6), ((-25.0, 7.25), vec![-20.0, -10.0, 0.0]));
        for (most, step) in [(160.0, 50.0), (48.0, 20.0), (12.0, 10.0), (-8.0, 10.0)] {
            let (_, ticks) = axis(&[0.0, -25.0, most], 5.6);
            assert!((3..=7).contains(&ticks.len()) && ticks[1] - ticks[0] == step, "{most}: {ticks:?}");
        }
        for screen in Screen::BOTH {
            let picture = waterfall("weights", &steps, 5.6, screen).unwrap();
            let labels: Vec<&str> = picture.lines().map(str::trim).collect();
            for label in ["-20", "-10", "0", "Sum", "5.8", "odds in bits", "threshold"] {
                assert!(labels.contains(&label), "{label}: {picture}");
            }
        }
    }
}
