//! Formats figures and tables for people.

pub(super) use crate::text::{count, counted};

/// Formats a time in seconds, or in minutes and seconds.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min {:02.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

/// Formats a share in percent; a dash if there is nothing to take a share of.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

/// Formats a number with one decimal and commas.
pub(super) fn tenths(number: f64) -> String {
    let all = (number * 10.0).round() as u64;
    format!("{}.{}", count(all / 10), all % 10)
}

/// Aligns columns: the first to the left, the others to the right.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let fill = " ".repeat(widths[column] - cell.chars().count());
            match column {
                0 => line.extend([cell.as_str(), &fill]),
                _ => line.extend(["  ", &fill, cell]),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_commas() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn a_number_has_one_decimal() {
        for (number, text) in [(0.0, "0.0"), (0.96, "1.0"), (53.34, "53.3"), (12_345.67, "12,345.7")] {
            assert_eq!(tenths(number), text);
        }
    }

    #[test]
    fn times_are_in_minutes_from_one_on() {
        for (time, text) in [(0.04, "0.0 s"), (59.9, "59.9 s"), (61.0, "1 min 01 s"), (600.0, "10 min 00 s")] {
            assert_eq!(seconds(time), text);
        }
    }

    #[test]
    fn columns_are_set_under_each_other() {
        let rows = [["a", "10"], ["long", "5"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "a     10\nlong   5\n");
    }
}
