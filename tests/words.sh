#!/usr/bin/env bash
# Lists words and names that the project does not use: prose that has to be read twice, and names of earlier versions.
# It prints nothing and succeeds where there are none. An exception is argued in the line that it allows.
set -euo pipefail
cd "$(dirname "$0")/.."

found=0
# $1: what it is, $2: a regular expression, $3...: where.
look() {
    local what=$1 pattern=$2
    shift 2
    local lines
    lines=$(grep -rnE "$pattern" "$@" --include='*.rs' --include='*.md' --include='*.sh' --include='*.toml' \
        --exclude-dir=fixtures --exclude-dir=target --exclude-dir=out --exclude=words.sh |
        grep -vF -f <(allowed) || true)
    if [ -n "$lines" ]; then
        printf '%s:\n%s\n' "$what" "$lines"
        found=1
    fi
}

# Parts of lines in which a word has its common sense.
allowed() {
    cat <<'ALLOWED'
alias = "in_play"
"not-in-play"
In outputs `not-in-play` is now
ALLOWED
}

all=(src tests benches docs examples README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md)
look 'names of earlier versions' '\b(crate|flagmatch)::night\b|\b(lookout|sightings|workbench|first_rows|row_part|by_hand::|gating|settlement|RowPart|FirstRows|Lookout|Sightings|Occupied\b.*struct|ReleasedByHand|ByHandError|NightError|HeldBack\b.*enum)' src
look 'held, for quarantined or not delivered' '\bHeld(Supplier|File|Folder|Back)\b' src tests
look 'constructors named of' '\bfn of\(' src
look 'prefetches named touch' '\bfn touch' src
look 'in play, for on supply' '\bin[-_ ]play\b' "${all[@]}"
look 'module headers that say what goes in and comes out' '\b[Ii]n go(es)? |, out comes? ' "${all[@]}"
look 'riddles' '\b(such a one|is to be had|all that there is|says nothing of it that|by one pair of hands|what is none\b|what is missing of what)' "${all[@]}"
look 'due, for eligible' '\b(are|is|be|found) due (a|the) rebate|\bfound due\b' "${all[@]}"
exit "$found"
