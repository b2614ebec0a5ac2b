//! The promises of `docs/privacy.md` name the tests that hold them: each of these exists.

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
