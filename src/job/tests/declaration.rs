//! Holds docs/job-file.md and the reader to the declared settings.

use super::*;

/// The declarations of all sections but columns, outer ones first.
fn sections(outer: Declaration) -> Vec<Declaration> {
    let inner = outer.settings.iter().filter_map(|setting| setting.section.clone());
    let inner = inner.filter(|inner| inner.title != "columns").flat_map(sections).collect();
    [vec![outer], inner].concat()
}

/// A setting's row in the documentation.
fn row(setting: &Setting) -> String {
    let default = match &setting.absent {
        Absent::Required => "required".to_owned(),
        Absent::Value(value) => format!("`{value}`"),
        Absent::Defaults => "its defaults".to_owned(),
        Absent::Words(words) => (*words).to_owned(),
    };
    let key = setting.section.as_ref().map_or(setting.key, |section| section.title);
    format!("| `{key}` | {default} | {} | {} |", setting.must_be, setting.meaning)
}

/// The text of Markdown without the addresses of its links.
fn without_links(text: &str) -> String {
    let mut parts = text.split("](");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.remove(plain.rfind('[').unwrap());
        plain += part.split_once(')').unwrap().1;
    }
    plain
}

/// The rows of all tables under a heading.
fn documented(document: &str, heading: &str) -> Vec<String> {
    let (_, rest) = document.split_once(&format!("\n## {heading}")).unwrap_or_else(|| panic!("no heading {heading}"));
    let part = rest.split_once("\n## ").map_or(rest, |(part, _)| part);
    part.lines().filter(|line| line.starts_with("| `")).map(without_links).collect()
}

#[test]
fn the_documentation_has_each_setting_as_it_is_declared() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/job-file.md")).unwrap();
    let all = sections(Job::declaration());
    let inputs = all.iter().find(|section| section.title == "[benefits]").unwrap().clone();
    for section in all {
        // Every input has `files` and `columns`, which are documented once.
        let (heading, documented_once) = match section.title {
            "the job file" => ("Sections".to_owned(), None),
            "[benefits]" | "[properties]" | "[objections]" | "[decisions]" => ("Inputs".to_owned(), None),
            title => (format!("`{title}`"), Some(&inputs)),
        };
        let own = section.settings.iter();
        let own = own.filter(|own| documented_once.is_none_or(|inputs| inputs.setting(own.key).is_none()));
        let mut rows: Vec<String> = own.map(row).collect();
        if section.title == "the job file" {
            rows = rows.iter().map(|row| without_cell(row, 3)).collect();
        }
        assert_eq!(documented(&document, &heading).join("\n"), rows.join("\n"), "{heading}");
    }
}

fn without_cell(row: &str, cell: usize) -> String {
    let cells = row.split(" | ").enumerate().filter(|(number, _)| *number + 1 != cell);
    cells.map(|(_, text)| text).collect::<Vec<_>>().join(" | ")
}

/// The smallest job that has a section, in which a setting has a value.
fn with_setting(title: &str, key: &str, value: &str) -> String {
    let mut text = String::new();
    for section in sections(Job::declaration()) {
        if section.title != title && !LEAST.contains(&format!("{}\n", section.title)) {
            continue;
        }
        text += &format!("{}\n", section.title);
        for setting in section.settings.iter().filter(|setting| setting.section.is_none()) {
            let needed = match setting.key {
                own if own == key && section.title == title => value,
                _ if !matches!(setting.absent, Absent::Required) => continue,
                "qualifying_date" => "2026-08-23",
                "release_days" => "[1]",
                "benefits" | "files" => "['a']",
                _ => "'a'",
            };
            text += &format!("{} = {needed}\n", setting.key);
        }
    }
    text
}

#[test]
fn a_default_is_accepted_and_means_the_same_as_no_setting() {
    let mut defaults = 0;
    for section in sections(Job::declaration()) {
        for setting in &section.settings {
            let Absent::Value(default) = &setting.absent else { continue };
            let with = parse(&with_setting(section.title, setting.key, default));
            let without = parse(&with_setting(section.title, "", ""));
            assert_eq!(with.unwrap(), without.unwrap(), "{} {}", section.title, setting.key);
            defaults += 1;
        }
    }
    assert!(defaults > 30, "{defaults}");
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_the_declared_words() {
    for section in sections(Job::declaration()) {
        for setting in section.settings.iter().filter(|setting| setting.section.is_none()) {
            let error = parse(&with_setting(section.title, setting.key, "{ SECRET = 1 }")).unwrap_err().to_string();
            let (Setting { key, must_be, .. }, title) = (setting, section.title);
            assert!(error.ends_with(&format!(": \"{key}\" in {title} must be {must_be}")), "{error}");
        }
    }
}
