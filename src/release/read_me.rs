//! Writes `README.txt` of a delivery: one page that tells its supplier what the files are, how to check them, and what
//! to do.

use jiff::ToSpan;
use jiff::civil::Date;

use super::archive::{ARCHIVE, PADDING};
use super::data_package::{MANIFEST, SIGNATURE, SUMS};
use super::layout::{CHANGES, FLAGS_ENDING};
use super::rows::{Receipts, Rejects};
use super::signature::Delivered;
use super::table::Table;
use crate::job::Scheme;
use crate::text::wrapped;

/// The name of the page.
pub(super) const READ_ME: &str = "README.txt";

/// The longest line.
const WIDTH: usize = 79;

/// What a page is about.
pub(super) struct ReadMe<'a> {
    pub(super) delivered: &'a Delivered,
    /// The day of the run.
    pub(super) day: Date,
    pub(super) schemes: &'a [Scheme],
    pub(super) is_signed: bool,
    pub(super) is_encrypted: bool,
    /// For how many days after a notice the supplier may report; `None` if it may not.
    pub(super) exception_days: Option<u32>,
}

/// The last day on which a notice of this day may be reported.
pub(super) fn last_day(day: Date, days: u32) -> Date {
    day.saturating_add(i64::from(days).days())
}

impl ReadMe<'_> {
    /// The text of the page.
    pub(super) fn text(&self) -> String {
        let Delivered { supplier, run, sequence, .. } = self.delivered;
        let mut page = Page::default();
        page.paragraph(&format!("Delivery {sequence} to {supplier}, run {run}, {} (UTC)", self.day));
        self.files(&mut page);
        self.check(&mut page);
        if self.is_encrypted {
            page.heading("OPEN IT");
            page.paragraph(
                "Check first. Then decrypt into another folder, which you make once (mkdir ../opened), with the identity \
                 that belongs to your age recipient. On Windows use PowerShell, which has tar too:",
            );
            page.command(&format!("age -d -i YOUR.identity -o ../opened/delivery.tar {ARCHIVE}"));
            page.command("tar -xf ../opened/delivery.tar -C ../opened");
        }
        page.heading("READ IT");
        page.paragraph(
            "References are text. Read every column as text, or leading zeros fall off, long numbers become 1.23E+11, \
             and =1+1 becomes 2. Do not open a file in a spreadsheet by double-click.",
        );
        page.items(&[
            ("pandas", "pd.read_csv(FILE, dtype=str, keep_default_na=False)"),
            ("DuckDB", "read_csv('FILE', header=true, all_varchar=true)"),
            ("SQLite", ".import --csv FILE flags   into a new table, all of text"),
            ("Spreadsheet", "import as text: UTF-8, comma, every column Text, no formulas"),
        ]);
        self.act(&mut page);
        self.report(&mut page);
        page.heading("A NIGHT WITHOUT A DELIVERY");
        page.paragraph(
            "It says nothing about any account: this delivery stands until the next. If your files could not be used, \
             the administrator sends you a notice that says which and why.",
        );
        self.purpose(&mut page);
        page.0
    }

    fn files(&self, page: &mut Page) {
        page.heading("THE FILES");
        let flags = self.schemes.iter().map(|scheme| {
            (format!("{}{FLAGS_ENDING}", scheme.id), format!("{}: each of your accounts, Y or N", scheme.name))
        });
        let mut files: Vec<(String, String)> = Vec::new();
        if self.is_encrypted {
            files.push((ARCHIVE.to_owned(), "encrypted for you; in it are:".to_owned()));
        }
        files.extend(flags);
        let mut push = |name: &str, text: &str| files.push((name.to_owned(), text.to_owned()));
        push(CHANGES, "what is new, changed or gone since your last delivery");
        push(Rejects::FILE, "rows and fields of yours that cannot be used");
        if self.exception_days.is_some() {
            push(Receipts::FILE, "what became of your reports, by line");
        }
        let programs = "the files and their columns, for programs";
        push(MANIFEST, if self.is_encrypted { "the same for programs; one is outside" } else { programs });
        if self.is_encrypted {
            push(PADDING, "zeros, so that the size tells nothing: ignore it");
        }
        push(SUMS, "the sum of each file");
        if self.is_signed {
            push(SIGNATURE, "the administrator's signature of the sums");
        }
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        page.items(&files);
    }

    fn check(&self, page: &mut Page) {
        page.heading("CHECK IT FIRST");
        page.paragraph("In this folder, before anything is put into it:");
        if self.is_signed {
            page.command(&format!("minisign -V -p ../administrator.pub -m {SUMS}"));
        }
        page.items(&[
            ("Linux", &format!("sha256sum --check --strict {SUMS}")),
            ("macOS", &format!("shasum -a 256 --check {SUMS}")),
            ("Windows", "in PowerShell:"),
        ]);
        page.command(&format!("gc {SUMS} | % {{ $s, $f = $_ -split '  ', 2"));
        page.command("  \"${f}: $(if ((Get-FileHash $f).Hash -eq $s) {'OK'} else {'FAILED'})\" }");
        if self.is_signed {
            page.paragraph("minisign must print \"Signature and comment signature verified\" and then");
            page.command("Trusted comment:");
            page.command(&self.delivered.to_string());
        } else {
            page.paragraph("It is not signed: sums show damage, not a forgery.");
        }
        page.paragraph(&format!(
            "Each file but {SUMS}{} must be there with OK, and no other. If anything differs, use nothing of it, and \
             tell the administrator. The number of deliveries goes up by one; if one is missing, use the flags, not \
             {CHANGES}.",
            if self.is_signed { " and its signature" } else { "" }
        ));
        let tools = match (self.is_signed, self.is_encrypted) {
            (true, true) => "minisign age",
            (true, false) => "minisign",
            (false, true) => "age",
            (false, false) => return,
        };
        let places = [("minisign", "jedisct1.github.io/minisign"), ("age", "age-encryption.org")];
        let places = places.into_iter().filter(|(tool, _)| tools.split(' ').any(|own| own == *tool));
        let places: Vec<String> = places.map(|(_, place)| format!("https://{place}")).collect();
        let key = match self.is_signed {
            true => " Take the public key from the administrator in a way that you trust, never with a delivery.",
            false => "",
        };
        page.paragraph(&format!(
            "The tools: apt install {tools} (Debian, Ubuntu); brew install {tools} (macOS); Windows: {}.{key}",
            places.join(" and ")
        ));
    }

    fn act(&self, page: &mut Page) {
        page.heading("ACT ON IT");
        page.items(&[
            ("Y", "the account is eligible: give it the scheme's rebate, once"),
            ("N", "nothing to do. It never says why: tell no customer a reason"),
            ("new", "your last delivery did not have the account: do as its Y or N says"),
            ("changed", "do as it says now. If it is N and the rebate is given, ask first"),
            ("gone", "your files no longer have the account, or flagmatch prepare left it"),
            ("", "out: its Y is over. If it left by mistake, send it again"),
        ]);
    }

    fn report(&self, page: &mut Page) {
        page.heading("REPORT WHAT YOU CANNOT ACT ON");
        let Some(days) = self.exception_days else {
            page.paragraph("Tell the administrator, who takes no files of reports in this scheme.");
            return;
        };
        page.paragraph(&format!(
            "A Y that is new here: until {}. A Y of an earlier delivery: until {days} days after the day (UTC) of the \
             run that first had it. Send a CSV file:",
            last_day(self.day, days)
        ));
        page.command("customer_ref,reason");
        page.paragraph(
            "with a reason of: not our customer, unable to identify, closed, deceased, other. Copy references with a \
             program, to the letter: a spreadsheet takes leading zeros off, and such a row changes nothing. \
             receipts.csv of your next delivery says what became of each row.",
        );
    }

    fn purpose(&self, page: &mut Page) {
        page.heading("WHAT THE FLAGS MAY BE USED FOR");
        for scheme in self.schemes {
            let purpose = scheme.purpose.as_deref().unwrap_or("what your agreement with the administrator says.");
            let power = scheme.legal_power.as_ref().map_or(String::new(), |power| format!(" Power: {power}."));
            let days = scheme.retention_days;
            let keep =
                days.map_or(String::new(), |days| format!(" Keep them at most until {}.", last_day(self.day, days)));
            page.paragraph(&format!("{}: {purpose}{power}{keep}", scheme.id));
        }
        page.paragraph("A Y is personal data: the household has a benefit of the scheme.");
    }
}

/// The page as it grows.
#[derive(Default)]
struct Page(String);

impl Page {
    fn heading(&mut self, text: &str) {
        self.line("");
        self.line(text);
    }

    fn line(&mut self, text: &str) {
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    fn paragraph(&mut self, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        wrapped(&words.join(" "), WIDTH).iter().for_each(|line| self.line(line));
    }

    fn command(&mut self, text: &str) {
        self.line(&format!("    {text}"));
    }

    /// Names and what they mean, beside them or, if they are long, under them.
    fn items(&mut self, items: &[(&str, &str)]) {
        const MOST: usize = 24;
        let names = items.iter().map(|(name, _)| name.chars().count());
        let width = names.filter(|length| *length <= MOST).max().unwrap_or(MOST);
        for (name, text) in items {
            let line = format!("  {name:width$}  {text}");
            if line.chars().count() <= WIDTH && name.chars().count() <= width {
                self.line(&line);
            } else {
                self.line(&format!("  {name}"));
                wrapped(text, WIDTH - width - 4).iter().for_each(|line| self.line(&format!("  {:width$}  {line}", "")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_goes_under_its_name_and_keeps_the_width() {
        let mut page = Page::default();
        page.items(&[("Y", "short"), ("a-scheme-of-a-long-name.flags.csv", &"word ".repeat(20)), ("gone", "x")]);
        page.paragraph(&"word\n".repeat(40));
        let lines: Vec<&str> = page.0.lines().collect();
        assert_eq!(lines[..2], ["  Y     short", "  a-scheme-of-a-long-name.flags.csv"]);
        assert!(lines.len() > 5 && lines.iter().all(|line| line.len() <= WIDTH && !line.ends_with(' ')), "{}", page.0);
    }
}
