#!/bin/sh
# Measures how right flagmatch is on two synthetic nations, and prints markdown.
# usage: benches/accuracy.sh [WORK]      WORK is a folder to work in; a temporary one by default
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    work=$(cd "$1" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
flagmatch=$root/target/release/flagmatch
[ -x "$flagmatch" ] || (cd "$root" && cargo build --release)
customers=${CUSTOMERS:-1000000}
benefits=${BENEFITS:-333333}
make() {
    [ -e "$work/$1/truth.csv" ] && return
    "$flagmatch" synth --customers "$customers" --benefits "$benefits" --suppliers 8 --seed 1 \
        $2 --out "$work/$1" >&2
}
make nation ""
make nation-harder --harder
python3 "$here/accuracy.py" --flagmatch "$flagmatch" "$work"
