//! Checks that each test named in `docs/privacy.md` and `docs/method.md` exists, and figures of the latter.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

#[test]
fn each_test_that_holds_a_promise_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/privacy.md")).unwrap();
    let rows =
        text.lines().filter(|line| line.starts_with("| ") && (line.contains("`tests/") || line.contains("`src/")));
    let mut tests = 0;
    for row in rows {
        let mut source = String::new();
        for name in row.rsplit(" | ").next().unwrap().split('`').skip(1).step_by(2) {
            if name.ends_with(".rs") {
                source = fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            } else {
                tests += 1;
                // Test files without Rust's own harness list their tests in `tests!`.
                let marks = [
                    format!("#[test]\n    fn {name}()"),
                    format!("#[test]\nfn {name}()"),
                    format!("    {name};\n"),
                    format!("    {name} needs "),
                ];
                assert!(marks.iter().any(|mark| source.contains(mark)), "{name}");
            }
        }
    }
    assert!(tests > 20, "{tests}");
}

#[test]
fn each_case_of_a_rebate_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/method.md")).unwrap();
    let (_, section) = text.split_once("\n## 9.").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let season = fs::read_dir(root.join("tests/season")).unwrap().map(|entry| entry.unwrap().path());
    let files = season.chain([root.join("tests/published.rs"), root.join("src/scheme/allocation/tests.rs")]);
    let source: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let rows = section.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    let names = rows.flat_map(|row| row.rsplit(" | ").next().unwrap().split('`').skip(1).step_by(2));
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        assert!(source.contains(&format!("#[test]\nfn {name}()")), "{name}");
    }
}

/// The kinds of unseen persons in `docs/method.md` have the figures of the shipped table.
#[test]
fn each_kind_of_unseen_person_has_its_figures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = fs::read_to_string(root.join("src/matching/unseen/shipped.toml")).unwrap();
    let shipped: toml::Table = shipped.parse().unwrap();
    let text = fs::read_to_string(root.join("docs/method.md")).unwrap();
    let (_, section) = text.split_once("\n### Unseen persons\n").unwrap();
    let (section, _) = section.split_once("\n### ").unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut kinds = 0;
    for row in rows {
        kinds += 1;
        let mut cells = row.trim_end_matches('|').split('|').map(str::trim);
        let kind = cells.next().unwrap().trim_end_matches('`');
        let figures = shipped[kind].as_table().unwrap();
        let rate = match &figures["rate"] {
            toml::Value::Table(by_age) => {
                let [under_35, under_45, older, unknown] =
                    ["under-35", "under-45", "older", "unknown"].map(|age| &by_age[age]);
                format!("{under_35}, {under_45}, {older}; {unknown}")
            }
            rate => rate.to_string(),
        };
        let whole = |name: &str| figures[name].to_string().trim_end_matches(".0").to_owned();
        let field = |name: &str| match &figures[name] {
            toml::Value::String(same_or_any) if same_or_any == "same" || same_or_any == "any" => same_or_any.clone(),
            toml::Value::String(distribution) => format!("`{distribution}`"),
            mixed => format!("{} same", mixed["same"]),
        };
        let expected =
            [rate, whole("home"), whole("near"), whole("places"), field("given"), field("family"), field("birth-date")];
        assert_eq!(cells.skip(1).collect::<Vec<_>>(), expected, "{kind}");
    }
    assert_eq!(kinds, shipped.len() - 1, "each kind of the table, which has distributions too");
}
