#!/usr/bin/env bash
# Measures `flagmatch run` on a synthetic nation: time, rows a second, peak memory.
#
#   benches/measure.sh [CUSTOMERS [BENEFITS [RUNS]]]      default 1000000, a third of that, 3
#
# The files are read once beforehand, so that they come from the page cache. Each run publishes into an
# empty directory. NATION=DIR keeps the nation there, or uses an existing one; THREADS=N sets --threads.
set -euo pipefail

customers=${1:-1000000}
benefits=${2:-$((customers / 3))}
runs=${3:-3}
case "$customers$benefits$runs" in
*[!0-9]*) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac

cd "$(dirname "$0")/.."
cargo build --release --quiet
program=target/release/flagmatch

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
nation=${NATION:-$scratch/nation}
if [ ! -e "$nation/job.toml" ]; then
    "$program" synth --customers "$customers" --benefits "$benefits" --suppliers 10 --seed 1 --out "$nation" >&2
fi
cat "$nation"/*.csv "$nation"/suppliers/*.csv >"$scratch/all"
bytes=$(wc -c <"$scratch/all")
rm "$scratch/all"

# Runs a command; leaves its wall-clock seconds, processor seconds and peak kilobytes in `measured`.
measure() {
    if [ -x /usr/bin/time ]; then
        /usr/bin/time -f '%e %U %S %M' -o "$scratch/time" "$@"
        read -r wall user system peak <"$scratch/time"
    else
        local TIMEFORMAT='%R %U %S'
        { time {
            "$@" &
            # The kernel keeps the peak itself. It must be read while the process exists.
            while kept=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$!/status" 2>/dev/null) && [ -n "$kept" ]; do
                echo "$kept" >"$scratch/peak"
                sleep 0.05
            done
            wait $!
        }; } 2>"$scratch/time"
        read -r wall user system <<<"$(tail -1 "$scratch/time")"
        peak=$(cat "$scratch/peak")
    fi
}

figure() { sed -n "s/^  \"$1\": \([0-9.e-]*\).*/\1/p" "$scratch/summary"; }

echo "$(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1 /proc/loadavg)"
echo "$customers customer rows and $benefits benefit rows, $((bytes / 1000000)) MB"
printf '%5s %12s %12s %12s %10s %10s %10s %10s\n' \
    run 'match s' 'rows/s' 'whole s' 'user s' 'system s' 'sync s' 'peak MiB'
for run in $(seq "$runs"); do
    out=$scratch/out-$run
    measure "$program" run "$nation/job.toml" --out "$out" ${THREADS:+--threads "$THREADS"} --json \
        >"$scratch/summary" 2>"$scratch/log"
    rm -rf "$out"
    awk -v run="$run" -v rows=$((customers + benefits)) -v seconds="$(figure seconds)" -v wall="$wall" \
        -v user="$user" -v system_="$system" -v sync="$(figure syncing_seconds)" -v peak="$peak" 'BEGIN {
        printf "%5d %12.2f %12d %12.2f %10.2f %10.2f %10.2f %10d\n",
            run, seconds, rows / seconds, wall, user, system_, sync, peak / 1024 }'
done
echo "match s: from the first file to the last flag, with decisions; whole s: with sums and making durable"
