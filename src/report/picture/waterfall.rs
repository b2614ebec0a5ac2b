//! Draws a waterfall: bars for steps that add up, each beginning where the one before it ended.

use super::{BLUE, GREY, HPos, INK, RED, RULE, ReportError, Screen, VPos};
use super::{anchored, bold, fill, letters, line, svg, write};

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Step {
    pub(in crate::report) name: String,
    pub(in crate::report) level: String,
    pub(in crate::report) bits: f64,
}

/// Draws the steps from top to bottom, and where the threshold lies.
pub(in crate::report) fn waterfall(
    name: &str,
    steps: &[Step],
    threshold: f64,
    screen: Screen,
) -> Result<String, ReportError> {
    let (row, top, left) = match screen {
        Screen::Wide => (28, 30, 250),
        Screen::Phone => (44, 30, 6),
    };
    let height = top + row * steps.len() as i32 + 10;
    let right = screen.width() as i32 - 70;
    let mut sums = vec![0.0];
    for step in steps {
        sums.push(sums[sums.len() - 1] + step.bits);
    }
    let least = sums.iter().copied().fold(threshold, f64::min);
    let most = sums.iter().copied().fold(threshold, f64::max);
    let x = |bits: f64| left + ((bits - least) / (most - least).max(1.0) * f64::from(right - left)).round() as i32;
    svg((screen.width(), height as u32), name, |area| {
        line(area, (x(0.0), top - 6), (x(0.0), height - 4), RULE, 1)?;
        line(area, (x(threshold), top - 6), (x(threshold), height - 4), RED, 2)?;
        let style = anchored(bold(12, RED), HPos::Center, VPos::Center);
        write(area, "threshold", (x(threshold).clamp(40, right), top - 14), style)?;
        for ((step, ends), place) in steps.iter().zip(sums.windows(2)).zip(0..) {
            let y = top + row * place;
            let label = format!("{}: {}", step.name, step.level);
            let (from, to) = match screen {
                Screen::Wide => {
                    let style = anchored(letters(14, INK), HPos::Right, VPos::Center);
                    write(area, &label, (left - 12, y + row / 2), style)?;
                    (y + 4, y + row - 4)
                }
                Screen::Phone => {
                    write(area, &label, (left, y + 9), anchored(letters(13, INK), HPos::Left, VPos::Center))?;
                    (y + 19, y + row - 5)
                }
            };
            let (start, end) = (x(ends[0].min(ends[1])), x(ends[0].max(ends[1])));
            fill(area, (start, from), (end.max(start + 1), to), if step.bits < 0.0 { GREY } else { BLUE })?;
            let style = anchored(bold(13, INK), HPos::Left, VPos::Center);
            write(area, &format!("{:+.1}", step.bits), (right + 12, (from + to) / 2), style)?;
        }
        Ok(())
    })
}
