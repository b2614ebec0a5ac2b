//! Runs tests that need a program or a right that not every machine has.
//!
//! Rust's own test harness decides at compile time which tests it ignores. Test files that use this module have
//! `harness = false` in `Cargo.toml` and decide when they run: a test whose need is not met is reported as ignored, by
//! name and with the reason. Once the program is installed the test runs, without a new build.
//!
//! A test is a function without `#[test]`. It is listed with its needs: `tests! { first; second needs AGE; }`. The
//! compiler warns of a function that is not listed, and `#[test]` fails.
//!
//! The alternative is a build script that looks for the programs and sets a `cfg` for `#[cfg_attr(.., ignore = "..")]`.
//! It would run for everybody who builds flagmatch, compile the whole crate again whenever a program is installed, and
//! make the binary depend on the tools of one machine.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Completion, Trial};

/// A need of a test beyond Rust, a C compiler and the programs of every Debian or Ubuntu.
#[derive(Clone, Copy)]
pub(crate) struct Need {
    is_met: fn() -> bool,
    /// Why the test is ignored, and what to do about it.
    otherwise: &'static str,
}

// `tests/run.sh` looks for the words "tests/run.sh installs it" in the reasons of ignored tests.
#[allow(dead_code, reason = "each test file has needs of its own")]
impl Need {
    pub(crate) const MINISIGN: Need =
        Need { is_met: || installed("minisign").is_some(), otherwise: "needs minisign; tests/run.sh installs it" };
    pub(crate) const AGE: Need = Need {
        is_met: || installed("age").is_some() && installed("age-keygen").is_some(),
        otherwise: "needs age and age-keygen; tests/run.sh installs it",
    };
    pub(crate) const FRICTIONLESS: Need = Need {
        is_met: || installed("frictionless").is_some(),
        otherwise: "needs frictionless; tests/run.sh installs it",
    };
    pub(crate) const DUCKDB: Need = Need {
        is_met: || runs("python3", &["-c", "import pandas, duckdb"]),
        otherwise: "needs pandas and duckdb for python3; tests/run.sh installs it",
    };
    pub(crate) const SQLITE: Need =
        Need { is_met: || installed("sqlite3").is_some(), otherwise: "needs sqlite3; tests/run.sh installs it" };
    // It is large, and not every machine that runs the tests may have it.
    pub(crate) const LIBREOFFICE: Need =
        Need { is_met: || installed("soffice").is_some(), otherwise: "needs LibreOffice Calc: libreoffice-calc" };
    pub(crate) const CHROMIUM: Need =
        Need { is_met: || browser().is_some(), otherwise: "needs Chromium that opens files; tests/run.sh installs it" };
    pub(crate) const PANDAS: Need =
        Need { is_met: || python().is_some(), otherwise: "needs Python with pandas; tests/run.sh installs it" };
    pub(crate) const R: Need = Need {
        is_met: || runs("Rscript", &["-e", "library(jsonlite); library(RSQLite)"]),
        otherwise: "needs R with jsonlite and RSQLite; tests/run.sh installs it",
    };
    pub(crate) const AXE: Need =
        Need { is_met: || axe().is_some(), otherwise: "needs axe-core; tests/run.sh installs it where there is npm" };
    pub(crate) const SYSTEMD: Need = Need {
        is_met: || installed("systemd-analyze").is_some(),
        otherwise: "needs systemd-analyze, which is part of systemd",
    };
    pub(crate) const ROOT: Need = Need {
        is_met: || runs("setpriv", &["--reuid=65534", "true"]),
        otherwise: "needs root, to become another user",
    };
    pub(crate) const SLOW: Need =
        Need { is_met: || cfg!(feature = "slow-tests"), otherwise: "takes a minute; runs with --features slow-tests" };
    pub(crate) const MOUNT: Need = Need {
        is_met: may_mount,
        otherwise: "needs the right to mount a disk: run it as root, or where users may create namespaces",
    };
}

/// The path of a program in one of the folders of PATH.
fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| is_program(file))
}

/// Whether a program ends well with these arguments.
fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    let status = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The script of axe-core.
#[allow(dead_code, reason = "only one test file uses it")]
pub(crate) fn axe() -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/node_modules/axe-core/axe.min.js");
    file.is_file().then_some(file)
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// Chromium, under any of its names, if it can open a page in the temporary folder. A snap may not do that, and the
/// program of that name may only print how to install the snap.
#[allow(dead_code, reason = "only one test file opens pages")]
pub(crate) fn browser() -> Option<&'static Path> {
    static BROWSER: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().ok()?;
        let page = folder.path().join("page.html");
        std::fs::write(&page, "<!DOCTYPE html><p>It opens").ok()?;
        let opens = |browser: &PathBuf| {
            let mut command = Command::new(browser);
            command.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
            command.arg(format!("--user-data-dir={}", folder.path().join("profile").display())).arg(&page);
            let shown = command.output().map(|output| String::from_utf8_lossy(&output.stdout).contains("It opens"));
            shown.unwrap_or(false)
        };
        ["chromium", "chromium-browser", "google-chrome"].into_iter().filter_map(installed).find(opens)
    });
    BROWSER.as_deref()
}

/// A Python that has pandas: the one in PATH, or the system's, for which packages install it.
#[allow(dead_code, reason = "only one test file runs Python")]
pub(crate) fn python() -> Option<&'static str> {
    ["python3", "/usr/bin/python3"].into_iter().find(|python| runs(python, &["-c", "import pandas"]))
}

/// Whether this user may mount a small disk that no other process sees.
fn may_mount() -> bool {
    let mount = "mount -t tmpfs -o size=64k none /tmp";
    runs("unshare", &["--mount", "--map-root-user", "sh", "-c", mount])
}

/// A test's name, the test and its needs.
pub(crate) type Test = (&'static str, fn(), &'static [Need]);

/// Runs the tests of a file. Its `main` calls this.
pub(crate) fn run(source: &str, tests: Vec<Test>) -> ExitCode {
    let has_attribute = source.lines().any(|line| line.trim() == "#[test]");
    assert!(!has_attribute, "this file has no harness that runs #[test]: name the test in tests! instead");
    let trials = tests.into_iter().map(|(name, test, needs)| {
        Trial::ignorable_test(name, move || {
            if let Some(need) = needs.iter().find(|need| !(need.is_met)()) {
                return Ok(Completion::ignored_with(need.otherwise));
            }
            test();
            Ok(Completion::Completed)
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// Makes the `main` of a test file from the names of its tests and their needs.
macro_rules! tests {
    ($($test:ident $(needs $($need:ident),+)?;)+) => {
        fn main() -> std::process::ExitCode {
            const SOURCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", file!()));
            $crate::needs::run(
                SOURCE,
                vec![$((stringify!($test), $test as fn(), &[$($($crate::needs::Need::$need),+)?])),+],
            )
        }
    };
}
pub(crate) use tests;
