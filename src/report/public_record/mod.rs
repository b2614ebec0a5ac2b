//! Drafts the public records of a job: an algorithmic transparency record, and an entry in the register of information
//! sharing agreements.
//!
//! A draft says what follows from the job file and the program. What only the department knows is marked
//! [`TO_COMPLETE`]: nothing is guessed. No data is read, so a draft holds nothing about anybody.

mod data_share;
mod job_facts;
mod measured;
mod transparency;

use serde::Serialize;

use crate::job::Job;
pub(crate) use data_share::data_share;
pub(crate) use transparency::transparency;

/// Marks what a department has to write itself.
const TO_COMPLETE: &str = "TO COMPLETE";

/// A draft of one public record.
#[derive(Debug, Serialize)]
pub(crate) struct Draft {
    title: String,
    /// After which form it is made.
    form: &'static str,
    sections: Vec<Section>,
}

#[derive(Debug, Serialize)]
struct Section {
    title: &'static str,
    fields: Vec<Field>,
}

/// A field of the form.
#[derive(Debug, Serialize)]
struct Field {
    /// Its number in the form; empty if the form has none.
    number: &'static str,
    name: &'static str,
    /// What the job and the program say; may be empty.
    text: String,
    /// What the department has to write; empty if nothing is missing.
    to_complete: String,
}

impl Field {
    fn new(number: &'static str, name: &'static str) -> Field {
        Field { number, name, text: String::new(), to_complete: String::new() }
    }

    fn says(mut self, text: impl Into<String>) -> Field {
        self.text = text.into();
        self
    }

    fn lacks(mut self, what: impl Into<String>) -> Field {
        self.to_complete = what.into();
        self
    }

    /// What each scheme says; the schemes that say nothing are missing.
    fn of_schemes(mut self, job: &Job, missing: &str, says: impl Fn(&crate::job::Scheme) -> Option<String>) -> Field {
        let (mut texts, mut silent) = (Vec::new(), Vec::new());
        for scheme in &job.schemes {
            match says(scheme) {
                Some(text) if job.schemes.len() == 1 => texts.push(text),
                Some(text) => texts.push(format!("{}: {text}", scheme.name)),
                None => silent.push(scheme.name.as_str()),
            }
        }
        self.text = texts.join(" ");
        if !silent.is_empty() {
            self.to_complete = format!("{missing} of {}", silent.join(", "));
        }
        self
    }
}

impl Draft {
    /// The draft as one page of Markdown.
    pub(crate) fn markdown(&self) -> String {
        let fields = || self.sections.iter().flat_map(|section| &section.fields);
        let missing = fields().filter(|field| !field.to_complete.is_empty()).count();
        let mut page = format!(
            "# {}\n\n*A draft by flagmatch {}, {}. {missing} of {} fields are marked {TO_COMPLETE}. Check the others \
             before you publish: the record is yours.*\n",
            escaped(&self.title),
            env!("CARGO_PKG_VERSION"),
            self.form,
            fields().count(),
        );
        for Section { title, fields } in &self.sections {
            page += &format!("\n## {title}\n");
            for Field { number, name, text, to_complete } in fields {
                let number = if number.is_empty() { String::new() } else { format!("{number} ") };
                page += &format!("- **{number}{name}**:");
                if !text.is_empty() {
                    page += &format!(" {}", escaped(text));
                }
                if !to_complete.is_empty() {
                    page += &format!(" **[{TO_COMPLETE}: {}]**", escaped(to_complete));
                }
                page.push('\n');
            }
        }
        page
    }
}

/// Text on one line, without anything that Markdown takes for markup.
fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        for letter in word.chars() {
            if "\\`*_[]<>&|".contains(letter) {
                line.push('\\');
            }
            line.push(letter);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_job_is_no_markup() {
        for (text, shown) in [
            ("Rebate 2026-27", "Rebate 2026-27"),
            ("two\nlines,\t and more", "two lines, and more"),
            (
                "a *bold* _word_ [link](x) <b> `code` \\ | &amp;",
                "a \\*bold\\* \\_word\\_ \\[link\\](x) \\<b\\> \\`code\\` \\\\ \\| \\&amp;",
            ),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }
}
