#!/usr/bin/env bash
# usage: verify_resume.sh KILN WORK_DIR
# Kills `kiln verify --resume` after its first step, lets it go on, and compares its digest with that of a whole run; a
# state of another run, and a digest that is another one, are found.
set -euo pipefail
kiln=$1 work=$2
fail() { echo "verify_resume: $*"; exit 1; }
verify() { "$kiln" verify hardsigmoid --isa baseline "$@"; }

rm -rf "$work"
mkdir -p "$work"
state=$work/state.json
"$kiln" verify hardsigmoid --isa baseline --stride 5 --threads 1 --resume "$state" >/dev/null 2>&1 &
sweep=$!
until [ -e "$state" ]; do kill -0 "$sweep" 2>/dev/null || fail "the run ended without leaving a state"; done
kill -9 "$sweep" 2>/dev/null || fail "the run was over before it could be interrupted"
wait "$sweep" 2>/dev/null || true
grep -q '"pieces"' "$state" || fail "the state is not whole: $(head -c 200 "$state")"

if verify --stride 6 --resume "$state" >"$work/log" 2>&1; then fail "the state of another run was taken"; fi
grep -q 'expected a run with --stride 6' "$work/log" || fail "another message: $(cat "$work/log")"

verify --stride 5 --resume "$state" --write-digests "$work/resumed.json" >/dev/null
[ ! -e "$state" ] || fail "the state outlived its run"
verify --stride 5 --digests "$work/resumed.json" >/dev/null || fail "a resumed run and a whole one differ"

echo '{"digests": {"hardsigmoid": {"exact": {"5": "0000000000000000"}}}}' >"$work/other.json"
if verify --stride 5 --digests "$work/other.json" >"$work/log" 2>&1; then fail "another digest passed"; fi
grep -q 'OTHER DIGEST' "$work/log" || fail "another message: $(cat "$work/log")"
rm -rf "$work"
