#!/bin/sh
# Compares flagmatch with DuckDB and Polars on one run, and prints a table.
# usage: benches/peers/nation.sh WORK [CUSTOMERS [BENEFITS [RUNS]]]    default 1000000, a third of that, 5
#   WORK  a folder for the Python environment, the nation and what is written; made if it is not there
# NATION=DIR uses an existing nation. The files are read once beforehand, so that they come from the page cache.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${1:?"usage: benches/peers/nation.sh WORK [CUSTOMERS [BENEFITS [RUNS]]]"}
customers=${2:-1000000}
benefits=${3:-$((customers / 3))}
runs=${4:-5}
mkdir -p "$work"
work=$(cd "$work" && pwd)
if ! "$work/environment/bin/python" -c "import duckdb, polars" 2>/dev/null; then
    python3 -m venv "$work/environment"
    "$work/environment/bin/pip" install --quiet duckdb==2.0.0 polars==2.1.0
fi
(cd "$root" && cargo build --release --quiet)
flagmatch=$root/target/release/flagmatch
nation=${NATION:-$work/nation-$customers-$benefits}
if [ ! -e "$nation/job.toml" ]; then
    "$flagmatch" synth --customers "$customers" --benefits "$benefits" --suppliers 10 --seed 1 --out "$nation" >&2
fi
cat "$nation"/*.csv "$nation"/suppliers/*.csv >/dev/null
"$work/environment/bin/python" "$here/nation.py" "$flagmatch" "$nation" "$work/out" "$runs"
