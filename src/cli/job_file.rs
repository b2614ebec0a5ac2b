//! Runs `flagmatch job-file`: prints a job file to fill in, which follows from the declared settings.

use std::io::Write;
use std::process::ExitCode;

use super::exit::Fault;
use super::read_or_not;
use crate::job::{Absent, Declaration, Job, Setting};

const HEAD: &str = "\
# A job file for flagmatch, with every setting.
# Fill in what is \"\" or []. To change a default or add a section, take away the # that stands
# directly before a key or a [. Paths are relative to this file's folder.
";

pub(super) fn run(out: &mut dyn Write) -> Result<ExitCode, Fault> {
    let mut text = HEAD.to_owned();
    add(&mut text, &Job::declaration(), "");
    read_or_not(out.write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// Adds the settings of a section. `mark` stands before each that the job needs, and `#` before all others.
fn add(text: &mut String, section: &Declaration, mark: &str) {
    for setting in &section.settings {
        let is_needed = matches!(setting.absent, Absent::Required | Absent::Defaults);
        let mark = if is_needed { mark } else { "#" };
        if let Some(inner) = &setting.section {
            *text += "\n";
            explain(text, setting.meaning);
            *text += &format!("{mark}{}\n", section.header(setting.key, inner));
            add(text, inner, mark);
            continue;
        }
        // The columns of a file have no meaning of their own here.
        if !setting.meaning.is_empty() {
            explain(text, &format!("{} {}", setting.meaning, rule(setting)));
        }
        let value = match &setting.absent {
            Absent::Value(value) => value,
            _ if setting.must_be.starts_with("a list of") => "[]",
            _ => "\"\"",
        };
        *text += &format!("{mark}{} = {value}\n", setting.key);
    }
}

fn rule(Setting { must_be, absent, .. }: &Setting) -> String {
    match absent {
        Absent::Words(otherwise) => format!("It must be {must_be}; default: {otherwise}."),
        _ => format!("It must be {must_be}."),
    }
}

/// Adds a comment in lines of at most 100 columns, unless the same was said of an earlier section.
fn explain(text: &mut String, comment: &str) {
    let (mut lines, mut width) = (String::new(), usize::MAX);
    for word in comment.split(' ') {
        width = width.saturating_add(1 + word.chars().count());
        if width > 100 {
            lines += if lines.is_empty() { "#" } else { "\n#" };
            width = 2 + word.chars().count();
        }
        lines += &format!(" {word}");
    }
    lines += "\n";
    if !text.contains(&lines) {
        *text += &lines;
    }
}
