//! Checks that each test named in `docs/privacy.md` and `docs/method.md` exists.

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
    let files = season.chain([root.join("tests/published.rs"), root.join("src/scheme/allocation_tests.rs")]);
    let source: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let rows = section.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    let names = rows.flat_map(|row| row.rsplit(" | ").next().unwrap().split('`').skip(1).step_by(2));
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        assert!(source.contains(&format!("#[test]\nfn {name}()")), "{name}");
    }
}
