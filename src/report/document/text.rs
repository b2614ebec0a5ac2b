//! Formats a report as plain text, 80 columns wide. It has the sentences and tables of the page.

use super::{Document, Part, Rows, Section};
use crate::text::wrapped;

/// The width of the text.
const WIDTH: usize = 80;

impl Document {
    /// Formats the text.
    pub(in crate::report) fn to_text(&self) -> String {
        let mut lines = wrapped(self.heading, WIDTH);
        lines.extend(wrapped(&self.about, WIDTH));
        for text in self.warning.into_iter().chain(self.lead.iter().map(String::as_str)) {
            lines.push(String::new());
            lines.extend(wrapped(text, WIDTH));
        }
        let several = self.chapters.iter().filter(|own| own.name.is_some()).count() > 1;
        for chapter in &self.chapters {
            if let Some(name) = chapter.name.as_ref().filter(|_| several) {
                lines.extend([String::new(), format!("== {name} ==")]);
            }
            chapter.sections.iter().for_each(|section| add(section, &mut lines));
        }
        lines.push(String::new());
        lines.join("\n").replace('\u{a0}', " ")
    }
}

fn add(section: &Section, lines: &mut Vec<String>) {
    lines.extend([String::new(), section.heading.to_uppercase()]);
    for part in &section.parts {
        match part {
            Part::Text(text) | Part::Note(text) | Part::Picture { text, .. } => lines.extend(wrapped(text, WIDTH)),
            Part::List(items) => lines.extend(items.iter().flat_map(|item| {
                let item = wrapped(item, WIDTH - 2);
                item.into_iter()
                    .enumerate()
                    .map(|(place, line)| format!("{} {line}", if place == 0 { "-" } else { " " }))
            })),
            Part::Figures(all) => {
                lines.extend(all.iter().flat_map(|[what, figure]| wrapped(&format!("{figure}: {what}"), WIDTH)))
            }
            Part::Table(Rows { caption, head, rows }) | Part::Folded(Rows { caption, head, rows }) => {
                lines.push(String::new());
                lines.extend(wrapped(caption, WIDTH));
                let head = head.iter().map(|cell| (*cell).to_owned()).collect();
                lines.extend(table(&[&[head], &rows[..]].concat()));
                lines.push(String::new());
            }
        }
    }
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
}

/// Aligns columns: the first to the left, the others to the right. In a table that is too wide, long texts stand below each
/// other.
fn table(rows: &[Vec<String>]) -> Vec<String> {
    // Names may be broken wherever they have a blank.
    let plain = |row: &Vec<String>| row.iter().map(|cell| cell.replace('\u{a0}', " ")).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(plain).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..columns).map(width).collect();
    let others = widths[1..].iter().sum::<usize>() + 2 * columns.saturating_sub(1);
    let word = rows.iter().flat_map(|row| row[0].split(' ')).map(|word| word.chars().count()).max().unwrap_or(0);
    if others + word > WIDTH {
        return rows[1..].iter().flat_map(|row| wrapped(&row.join(": "), WIDTH)).collect();
    }
    // A long name goes on in the next line.
    widths[0] = widths[0].min(WIDTH - others);
    let line = |row: &Vec<String>| {
        let mut names = wrapped(&row[0], widths[0]);
        let last = names.pop().unwrap_or_default();
        let cells = row[1..].iter().zip(&widths[1..]).map(|(cell, width)| format!("  {cell:>width$}"));
        names.push(format!("{last:<width$}{}", cells.collect::<String>(), width = widths[0]).trim_end().to_owned());
        names
    };
    rows.iter().flat_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_never_wider_than_the_text() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>();
        let short = [row(&["Supplier", "Accounts"]), row(&["north", "12"]), row(&["south", "1,234"])];
        assert_eq!(table(&short), ["Supplier  Accounts", "north           12", "south        1,234"]);
        let name = "found under the threshold, ".repeat(4);
        let long = [row(&["Outcome", "Households"]), row(&[name.trim(), "12"])];
        let lines = table(&long);
        assert!(lines.len() == 3 && lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert!(lines[2].ends_with(" 12"), "{lines:?}");
        let day = [row(&["Day", "Why"]), row(&["28\u{a0}November\u{a0}2026", &"x".repeat(68)])];
        assert!(table(&day).iter().all(|line| line.chars().count() <= WIDTH), "{:?}", table(&day));
        let why = "accounts: 3; expected 8 to 12 ".repeat(4);
        let lines = table(&[row(&["Run", "Supplier", "Why"]), row(&["1", "north", why.trim()])]);
        assert!(lines[0].starts_with("1: north: accounts: 3;") && lines.len() == 2, "{lines:?}");
    }
}
