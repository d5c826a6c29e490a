# shellcheck shell=bash
# How the scripts speak: one line a step with its time, and one sentence when they stop.

LYCEUM_STARTED_AT=${EPOCHREALTIME/[.,]/}

# Seconds since the script began, with one decimal.
elapsed() {
    local us=$(( ${EPOCHREALTIME/[.,]/} - LYCEUM_STARTED_AT ))
    printf '%d.%d' $(( us / 1000000 )) $(( us % 1000000 / 100000 ))
}

# A closed terminal is no reason to stop half-way: what cannot be said is not said.
say() { printf '[%6ss] %s\n' "$(elapsed)" "$*" 2>/dev/null || true; }

note() { printf '          %s\n' "$*" 2>/dev/null || true; }

# Says what is wrong and what to do about it, and ends the script.
stop() {
    printf 'lyceum: %s\n' "$1" >&2
    shift
    local line
    for line in "$@"; do printf '        %s\n' "$line" >&2; done
    exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command quietly: its output is shown only when it fails. It does not inherit descriptor 9, the lock of
# ./run, which a server or a compiler that stays behind would otherwise hold.
quietly() {
    local out code=0
    out=$(mktemp)
    "$@" >"$out" 2>&1 </dev/null 9>&- || code=$?
    if [ "$code" -ne 0 ]; then
        tail -n 40 "$out" >&2
    fi
    rm -f "$out"
    return "$code"
}
