#!/bin/sh
# Measures how right flagmatch is, and prints markdown with counts and 95 % intervals.
# usage: benches/accuracy.sh WORK PART [FOLDER [SETTING...]]      WORK is a folder to work in
#   set FOLDER [SETTING...]     a linkage set: customers.csv, benefits.csv, truth.csv and job.toml; each SETTING is
#                               a line of the job's [matching], such as population=5000 or 'relatives="none"'
#   hard                        the sets of hard_sets.py
#   nation                      two synthetic nations of CUSTOMERS rows (a million), default and harder
#   calibration                 the same two, by band of the posterior, birth date and home
#   sensitivity                 both with other rates of twins, namesakes and family, in the table and in the data
#   recovery                    what training makes of nations whose rates of errors and twins are known
#   attack                      what one supplier can move in trained weights
#   peers [FOLDER [SETTING...]] beside Splink and GoldenMatch: FOLDER, or the hard sets and nations of 200,000
#   all                         all of these that need no FOLDER
# FLAGMATCH names the program, PYTHON an interpreter with splink and goldenmatch; PATIENCE stops a peer after so many
# seconds. Without them, the program is built, and the peers are installed in WORK.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
work=${1:?"usage: benches/accuracy.sh WORK PART [FOLDER [SETTING...]]"}
part=${2:-all}
shift $(($# < 2 ? $# : 2))
mkdir -p "$work"
work=$(cd "$work" && pwd)
flagmatch=${FLAGMATCH:-$root/target/release/flagmatch}
[ -x "$flagmatch" ] || (cd "$root" && cargo build --release)
python=${PYTHON:-$work/environment/bin/python}
case $part in
peers | all)
    if ! "$python" -c "import splink, goldenmatch" 2>/dev/null; then
        python3 -m venv "$work/environment"
        python=$work/environment/bin/python
        "$python" -m pip install --quiet splink==5.0.0 goldenmatch==3.22.0 duckdb==2.0.1
    fi
    ;;
esac
measure() {
    python3 -u "$here/accuracy.py" --flagmatch "$flagmatch" --python "$python" --customers "${CUSTOMERS:-1000000}" \
        --patience "${PATIENCE:-3600}" "$work" "$@"
}
if [ "$part" = all ]; then
    for part in hard nation calibration sensitivity recovery attack peers; do
        printf '## %s\n\n' "$part"
        measure "$part"
    done
else
    measure "$part" "$@"
fi
